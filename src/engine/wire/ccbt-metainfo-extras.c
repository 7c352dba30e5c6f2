/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-metainfo-private.h"

#include "base/ccbt-text.h"
#include "wire/ccbt-url.h"

#define MAX_TRACKERS 200u /* threat B29 */
#define MAX_SEEDS 100u
#define MAX_NODES 20u
#define MAX_HOST 253u
#define MAX_COMMENT 4096u
#define MAX_CREATED_BY 256u
#define MAX_DATE G_GINT64_CONSTANT (253402300799) /* the last second of the year 9999 */

/* --- Trackers --- */

typedef struct
{
  CcbtMetainfo *metainfo;
  GHashTable *known; /* URLs, borrowed from the trackers */
  guint tier;
} TrackerReader;

/* Returns: whether a tracker was added */
static gboolean
add_tracker (TrackerReader *self, CcbtBencodeValue value)
{
  GArray *trackers = self->metainfo->trackers;
  CcbtMetainfoTracker tracker = { .tier = self->tier };
  CcbtSpan text;

  if (trackers->len >= MAX_TRACKERS || !ccbt_bencode_value_get_string (value, &text))
    return FALSE;
  tracker.url = ccbt_url_clean (text, CCBT_URL_HTTP | CCBT_URL_UDP);
  if (tracker.url == NULL)
    return FALSE;
  if (g_hash_table_contains (self->known, tracker.url))
    {
      g_free (tracker.url);
      return FALSE;
    }
  g_hash_table_add (self->known, tracker.url);
  g_array_append_val (trackers, tracker);
  return TRUE;
}

/* A tier: a list of URLs; one URL alone is taken for a tier of one. */
static void
read_tier (TrackerReader *self, CcbtBencodeValue tier)
{
  gboolean is_used = FALSE;
  CcbtBencodeIter iter;
  CcbtBencodeValue item;

  if (ccbt_bencode_value_get_kind (tier) == CCBT_BENCODE_STRING)
    is_used = add_tracker (self, tier);
  ccbt_bencode_iter_init (&iter, tier);
  while (self->metainfo->trackers->len < MAX_TRACKERS
         && ccbt_bencode_iter_next (&iter, NULL, &item))
    is_used |= add_tracker (self, item);
  if (is_used)
    self->tier++;
}

/* BEP 12: with a usable “announce-list”, “announce” is ignored. */
static void
read_trackers (CcbtMetainfo *self, CcbtBencodeValue root)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  TrackerReader reader = { .metainfo = self, .known = known };
  CcbtBencodeIter iter;
  CcbtBencodeValue tier;

  ccbt_bencode_iter_init (&iter, ccbt_bencode_value_lookup (root, "announce-list"));
  while (self->trackers->len < MAX_TRACKERS && ccbt_bencode_iter_next (&iter, NULL, &tier))
    read_tier (&reader, tier);
  if (self->trackers->len == 0)
    add_tracker (&reader, ccbt_bencode_value_lookup (root, "announce"));
}

/* --- Web seeds --- */

static void
add_seed (GPtrArray *seeds, CcbtBencodeValue value)
{
  g_autofree char *url = NULL;
  CcbtSpan text;

  if (!ccbt_bencode_value_get_string (value, &text))
    return;
  url = ccbt_url_clean (text, CCBT_URL_HTTP);
  if (url != NULL && !g_ptr_array_find_with_equal_func (seeds, url, g_str_equal, NULL))
    g_ptr_array_add (seeds, g_steal_pointer (&url));
}

/* @value: a list of URLs, or one URL; anything else holds none. Returns: (transfer full): a strv */
static char **
read_seeds (CcbtBencodeValue value)
{
  GPtrArray *seeds = g_ptr_array_new ();
  CcbtBencodeIter iter;
  CcbtBencodeValue item;

  add_seed (seeds, value);
  if (ccbt_bencode_value_get_kind (value) == CCBT_BENCODE_LIST)
    {
      ccbt_bencode_iter_init (&iter, value);
      while (seeds->len < MAX_SEEDS && ccbt_bencode_iter_next (&iter, NULL, &item))
        add_seed (seeds, item);
    }
  g_ptr_array_add (seeds, NULL);
  return (char **) g_ptr_array_free (seeds, FALSE);
}

/* --- Nodes of the DHT --- */

/* Letters, digits and what stands in names and numeric addresses: nothing else is a host. */
static gboolean
is_host (CcbtSpan host)
{
  if (host.len == 0 || host.len > MAX_HOST)
    return FALSE;
  for (gsize i = 0; i < host.len; i++)
    if (!g_ascii_isalnum (host.data[i]) && strchr (".-_:", host.data[i]) == NULL)
      return FALSE;
  return host.data[0] != '-';
}

/* @node: a list of host and port. Returns: (transfer full) (nullable) */
static char *
read_node (CcbtBencodeValue node)
{
  CcbtBencodeIter iter;
  CcbtBencodeValue host_value, port_value;
  CcbtSpan host;
  gint64 port;
  gboolean is_ipv6;

  ccbt_bencode_iter_init (&iter, node);
  if (!ccbt_bencode_iter_next (&iter, NULL, &host_value)
      || !ccbt_bencode_iter_next (&iter, NULL, &port_value)
      || !ccbt_bencode_value_get_string (host_value, &host) || !is_host (host)
      || !ccbt_bencode_value_get_integer (port_value, &port) || port < 1 || port > 65535)
    return NULL;
  is_ipv6 = memchr (host.data, ':', host.len) != NULL;
  return g_strdup_printf (is_ipv6 ? "[%.*s]:%d" : "%.*s:%d", (int) host.len,
                          (const char *) host.data, (int) port);
}

/* Returns: (transfer full): a strv */
static char **
read_nodes (CcbtBencodeValue value)
{
  GPtrArray *nodes = g_ptr_array_new ();
  CcbtBencodeIter iter;
  CcbtBencodeValue item;

  if (ccbt_bencode_value_get_kind (value) == CCBT_BENCODE_LIST)
    {
      ccbt_bencode_iter_init (&iter, value);
      while (nodes->len < MAX_NODES && ccbt_bencode_iter_next (&iter, NULL, &item))
        {
          char *node
              = ccbt_bencode_value_get_kind (item) == CCBT_BENCODE_LIST ? read_node (item) : NULL;

          if (node != NULL)
            g_ptr_array_add (nodes, node);
        }
    }
  g_ptr_array_add (nodes, NULL);
  return (char **) g_ptr_array_free (nodes, FALSE);
}

/* --- Texts --- */

/* @key_utf8: what old programs wrote beside @key in another encoding. Returns: (transfer full)
 * (nullable) */
static char *
read_text (CcbtBencodeValue root, const char *key_utf8, const char *key, gsize max_chars)
{
  CcbtSpan text;

  if (!ccbt_bencode_value_lookup_string (root, key_utf8, &text)
      && !ccbt_bencode_value_lookup_string (root, key, &text))
    return NULL;
  return ccbt_text_make_printable (text, max_chars);
}

void
ccbt_metainfo_read_extras (CcbtMetainfo *self, CcbtBencodeValue root)
{
  gint64 date = 0;

  read_trackers (self, root);
  g_strfreev (self->web_seeds);
  self->web_seeds = read_seeds (ccbt_bencode_value_lookup (root, "url-list"));
  g_strfreev (self->http_seeds);
  self->http_seeds = read_seeds (ccbt_bencode_value_lookup (root, "httpseeds"));
  g_strfreev (self->nodes);
  self->nodes = read_nodes (ccbt_bencode_value_lookup (root, "nodes"));
  self->comment = read_text (root, "comment.utf-8", "comment", MAX_COMMENT);
  self->created_by = read_text (root, "created by.utf-8", "created by", MAX_CREATED_BY);
  if (ccbt_bencode_value_lookup_integer (root, "creation date", &date) && date > 0
      && date <= MAX_DATE)
    self->creation_date = date;
}
