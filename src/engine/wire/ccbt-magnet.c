/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-magnet-private.h"

#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include "wire/ccbt-metainfo.h"
#include "wire/ccbt-url.h"

#define MAX_BYTES (64u * 1024)
#define MAX_NAME 255u /* characters */
#define MAX_TRACKERS 100u
#define MAX_SEEDS 100u
#define MAX_PEERS 100u
#define MAX_SELECTED 100000u

/* --- The parameters --- */

/* What follows "magnet:?", or NULL when @text is no magnet link. */
static const char *
skip_scheme (const char *text)
{
  if (g_ascii_strncasecmp (text, "magnet:", 7) != 0)
    return NULL;
  text += 7;
  for (int i = 0; i < 3 && *text == '/'; i++)
    text++;
  return *text == '?' ? text + 1 : NULL;
}

gboolean
ccbt_magnet_looks_like (const char *text)
{
  return skip_scheme (text) != NULL;
}

/* Percent-encoded text; what is no valid escape stays as it is. */
static GString *
decode (const char *text, gsize len, gboolean plus_is_space)
{
  GString *decoded = g_string_sized_new (len);

  for (gsize i = 0; i < len; i++)
    {
      guint8 byte;

      if (text[i] == '%' && i + 2 < len && ccbt_hex_decode (text + i + 1, 2, &byte, 1))
        {
          g_string_append_c (decoded, (char) byte);
          i += 2;
        }
      else
        g_string_append_c (decoded, plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  return decoded;
}

static CcbtSpan
get_span (const GString *text)
{
  return (CcbtSpan){ (const guint8 *) text->str, text->len };
}

/* Is @key @name, or @name with a number as in "tr.1"? */
static gboolean
is_key (const char *key, gsize key_len, const char *name)
{
  gsize name_len = strlen (name);

  if (key_len < name_len || g_ascii_strncasecmp (key, name, name_len) != 0)
    return FALSE;
  if (key_len == name_len)
    return TRUE;
  if (key[name_len] != '.' || key_len == name_len + 1)
    return FALSE;
  for (gsize i = name_len + 1; i < key_len; i++)
    if (!g_ascii_isdigit (key[i]))
      return FALSE;
  return TRUE;
}

/* --- so --- */

typedef struct
{
  guint32 first;
  guint32 last; /* inclusive */
} Range;

static int
compare_ranges (gconstpointer a, gconstpointer b)
{
  const Range *left = a, *right = b;

  return (left->first > right->first) - (left->first < right->first);
}

/* "7" or "7-9". Returns: FALSE for anything else and for indices no torrent of ours has */
static gboolean
read_range (const char *text, Range *out)
{
  const char *dash = strchr (text, '-');
  g_autofree char *first = dash != NULL ? g_strndup (text, (gsize) (dash - text)) : g_strdup (text);
  guint64 low, high;

  if (!g_ascii_string_to_unsigned (first, 10, 0, CCBT_METAINFO_MAX_FILES - 1, &low, NULL))
    return FALSE;
  high = low;
  if (dash != NULL
      && !g_ascii_string_to_unsigned (dash + 1, 10, low, CCBT_METAINFO_MAX_FILES - 1, &high, NULL))
    return FALSE;
  *out = (Range){ (guint32) low, (guint32) high };
  return TRUE;
}

/* Ranges are sorted before they are spread out: many that overlap cost no more than one. */
static void
read_selection (CcbtMagnet *self, const char *text)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  guint32 next = 0;

  for (char **part = parts; *part != NULL; part++)
    {
      Range range;

      if (read_range (*part, &range))
        g_array_append_val (ranges, range);
    }
  g_array_sort (ranges, compare_ranges);
  for (guint i = 0; i < ranges->len; i++)
    {
      const Range *range = &g_array_index (ranges, Range, i);

      for (guint32 index = MAX (next, range->first);
           index <= range->last && self->selected->len < MAX_SELECTED; index++)
        g_array_append_val (self->selected, index);
      next = MAX (next, range->last + 1);
    }
}

/* --- Everything else --- */

static void
add_url (GPtrArray *urls, guint max_urls, CcbtSpan text, CcbtUrlFlags flags)
{
  g_autofree char *url = NULL;

  if (urls->len >= max_urls)
    return;
  url = ccbt_url_clean (text, flags | CCBT_URL_REFUSE_FOREIGN);
  if (url != NULL && !g_ptr_array_find_with_equal_func (urls, url, g_str_equal, NULL))
    g_ptr_array_add (urls, g_steal_pointer (&url));
}

static void
add_peer (CcbtMagnet *self, const char *text)
{
  CcbtAddress address = { .port = 0 };

  if (self->peers->len < MAX_PEERS && ccbt_address_parse (text, &address) && address.port != 0)
    g_array_append_val (self->peers, address);
}

/* @key and @raw are still encoded. Parameters that are not known are left alone.
 * @salt: (inout): the text of "s", which means something beside a public key only */
static gboolean
read_parameter (CcbtMagnet *self, const char *key, gsize key_len, const char *raw, gsize raw_len,
                char **salt, GError **error)
{
  gboolean is_name = is_key (key, key_len, "dn");
  GString *text = decode (raw, raw_len, is_name);
  gboolean is_good = TRUE;

  if (is_name && self->name == NULL && text->len > 0)
    self->name = ccbt_text_make_printable (get_span (text), MAX_NAME);
  else if (is_key (key, key_len, "xt"))
    is_good = ccbt_magnet_read_topic (self, text->str, error);
  else if (is_key (key, key_len, "xs"))
    is_good = ccbt_magnet_read_source (self, text->str, error);
  else if (is_key (key, key_len, "s") && *salt == NULL)
    *salt = g_strdup (text->str);
  else if (is_key (key, key_len, "tr"))
    add_url (self->trackers, MAX_TRACKERS, get_span (text), CCBT_URL_HTTP | CCBT_URL_UDP);
  else if (is_key (key, key_len, "ws"))
    add_url (self->web_seeds, MAX_SEEDS, get_span (text), CCBT_URL_HTTP);
  else if (is_key (key, key_len, "x.pe"))
    add_peer (self, text->str);
  else if (is_key (key, key_len, "so") && self->selected->len == 0)
    read_selection (self, text->str);
  g_string_free (text, TRUE);
  return is_good;
}

/* Links copied out of HTML have "&amp;" for "&". */
static gboolean
read_parameters (CcbtMagnet *self, const char *p, GError **error)
{
  g_autofree char *salt = NULL;
  gsize left = strcspn (p, "#");

  while (left > 0)
    {
      const char *end = memchr (p, '&', left);
      gsize len = end != NULL ? (gsize) (end - p) : left;
      const char *equals;

      left -= MIN (left, len + 1);
      if (len > 4 && g_ascii_strncasecmp (p, "amp;", 4) == 0)
        {
          p += 4;
          len -= 4;
        }
      equals = memchr (p, '=', len);
      if (equals != NULL
          && !read_parameter (self, p, (gsize) (equals - p), equals + 1,
                              len - (gsize) (equals - p) - 1, &salt, error))
        return FALSE;
      p += len + 1;
    }
  return !self->has_public_key || salt == NULL || ccbt_magnet_read_salt (self, salt, error);
}

static CcbtMagnet *
new_magnet (void)
{
  CcbtMagnet *self = g_new0 (CcbtMagnet, 1);

  self->trackers = g_ptr_array_new_with_free_func (g_free);
  self->web_seeds = g_ptr_array_new_with_free_func (g_free);
  self->peers = g_array_new (FALSE, FALSE, sizeof (CcbtAddress));
  self->selected = g_array_new (FALSE, FALSE, sizeof (guint32));
  return self;
}

CcbtMagnet *
ccbt_magnet_parse (const char *text, GError **error)
{
  g_autoptr (CcbtMagnet) self = NULL;
  const char *parameters = skip_scheme (text);

  if (parameters == NULL)
    {
      ccbt_magnet_fail (error, CCBT_ERROR_MALFORMED,
                        "This is no magnet link: it does not begin with “magnet:?”.");
      return NULL;
    }
  if (strnlen (text, MAX_BYTES + 1) > MAX_BYTES)
    {
      ccbt_magnet_fail (error, CCBT_ERROR_TOO_LARGE, "The magnet link is longer than 64 KiB.");
      return NULL;
    }
  self = new_magnet ();
  if (!read_parameters (self, parameters, error))
    return NULL;
  if (!ccbt_magnet_has_info_hash (self) && !self->has_public_key)
    {
      ccbt_magnet_fail (
          error, CCBT_ERROR_MALFORMED,
          "The magnet link names no torrent: “xt=urn:btih:”, “xt=urn:btmh:” and “xs=urn:btpk:” "
          "are missing.");
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
ccbt_magnet_free (CcbtMagnet *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_ptr_array_unref (self->trackers);
  g_ptr_array_unref (self->web_seeds);
  g_array_unref (self->peers);
  g_array_unref (self->selected);
  g_free (self);
}

gboolean
ccbt_magnet_has_info_hash (const CcbtMagnet *self)
{
  return self->info_hash.has_v1 || self->info_hash.has_v2;
}

static void
append_hex (GString *link, const char *prefix, const guint8 *bytes, gsize len)
{
  g_autofree char *hex = ccbt_hex_encode (bytes, len);

  if (link->str[link->len - 1] != '?')
    g_string_append_c (link, '&');
  g_string_append_printf (link, "%s%s", prefix, hex);
}

static char *
finish_link (GString *link, const char *name, const char *const *trackers)
{
  if (name != NULL)
    {
      g_string_append (link, "&dn=");
      g_string_append_uri_escaped (link, name, NULL, FALSE);
    }
  for (; trackers != NULL && *trackers != NULL; trackers++)
    {
      g_string_append (link, "&tr=");
      g_string_append_uri_escaped (link, *trackers, NULL, FALSE);
    }
  return g_string_free (link, FALSE);
}

char *
ccbt_magnet_build (const CcbtInfoHash *info_hash, const char *name, const char *const *trackers)
{
  GString *link = g_string_new ("magnet:?");

  if (info_hash->has_v1)
    append_hex (link, "xt=urn:btih:", info_hash->v1.bytes, sizeof info_hash->v1);
  if (info_hash->has_v2)
    append_hex (link, "xt=urn:btmh:1220", info_hash->v2.bytes, sizeof info_hash->v2);
  return finish_link (link, name, trackers);
}

char *
ccbt_magnet_build_mutable (const guint8 public_key[32], CcbtSpan salt, const char *name,
                           const char *const *trackers)
{
  GString *link = g_string_new ("magnet:?");

  append_hex (link, "xs=urn:btpk:", public_key, 32);
  if (salt.len > 0)
    append_hex (link, "s=", salt.data, salt.len);
  return finish_link (link, name, trackers);
}
