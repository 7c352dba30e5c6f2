/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-names.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <glib/gi18n.h>
#include <string.h>

#define MIN_HEX 4
#define MAX_LISTED 10

typedef enum
{
  NO_MATCH,
  PART, /* of the name, or the beginning of the info-hash */
  EXACT,
} Match;

static gboolean
is_hex_prefix (const char *name, const char *info_hash)
{
  return strlen (name) >= MIN_HEX && strspn (name, "0123456789abcdefABCDEF") == strlen (name)
         && g_ascii_strncasecmp (info_hash, name, strlen (name)) == 0;
}

static Match
match (GVariant *torrent, const char *wanted)
{
  g_autofree char *folded_wanted = NULL, *folded_name = NULL;
  const char *info_hash = "", *name = "";
  guint32 id = 0;

  g_variant_lookup (torrent, "info-hash", "&s", &info_hash);
  g_variant_lookup (torrent, "name", "&s", &name);
  g_variant_lookup (torrent, "id", "u", &id);
  if (wanted[0] == '#')
    {
      guint64 number;

      if (g_ascii_string_to_unsigned (wanted + 1, 10, 0, G_MAXUINT32, &number, NULL))
        return number == id ? EXACT : NO_MATCH;
    }
  if (g_str_equal (wanted, name) || g_ascii_strcasecmp (wanted, info_hash) == 0)
    return EXACT;
  if (is_hex_prefix (wanted, info_hash))
    return PART;
  folded_wanted = g_utf8_casefold (wanted, -1);
  folded_name = g_utf8_casefold (name, -1);
  return strstr (folded_name, folded_wanted) != NULL ? PART : NO_MATCH;
}

static char *
pick (GVariant *torrents, const char *wanted, Match at_least, guint *n, GString *listed)
{
  GVariantIter iter;
  GVariant *torrent;
  char *found = NULL;

  *n = 0;
  g_variant_iter_init (&iter, torrents);
  while ((torrent = g_variant_iter_next_value (&iter)) != NULL)
    {
      const char *info_hash = "", *name = "";

      if (match (torrent, wanted) >= at_least
          && g_variant_lookup (torrent, "info-hash", "&s", &info_hash))
        {
          g_variant_lookup (torrent, "name", "&s", &name);
          g_free (found);
          found = g_strdup (info_hash);
          if ((*n)++ < MAX_LISTED)
            {
              g_autofree char *printable
                  = ccbt_text_make_printable (ccbt_span_from_string (name), 60);

              g_string_append_printf (listed, "\n  %.12s  %s", info_hash, printable);
            }
        }
      g_variant_unref (torrent);
    }
  return found;
}

char *
btbt_names_resolve (GVariant *torrents, const char *name, GError **error)
{
  g_autofree char *printable = ccbt_text_make_printable (ccbt_span_from_string (name), 100);

  if (name[0] != '\0' && g_utf8_validate (name, -1, NULL))
    for (Match at_least = EXACT; at_least >= PART; at_least--)
      {
        g_autoptr (GString) listed = g_string_new (NULL);
        g_autofree char *found = NULL;
        guint n;

        found = pick (torrents, name, at_least, &n, listed);
        if (n == 1)
          return g_steal_pointer (&found);
        if (n > 1)
          {
            g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                         _ ("“%s” can mean %u torrents; say more, or use the info-hash:%s"),
                         printable, n, listed->str);
            return NULL;
          }
      }
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_NOT_FOUND, _ ("no torrent is called “%s”"), printable);
  return NULL;
}
