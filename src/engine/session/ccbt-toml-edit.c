/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-toml-private.h"
#include "base/ccbt-error.h"
#include <string.h>

static gboolean
is_bare_word (const char *word)
{
  return *word != '\0' && word[strspn (word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-")] == '\0';
}

static gboolean
check_key (const char *key, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (key, ".", -1);
  gboolean is_good = g_strv_length (parts) >= 2;

  for (guint i = 0; is_good && parts[i] != NULL; i++)
    is_good = is_bare_word (parts[i]);
  if (!is_good)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "“%s” is not a key of a table", key);
  return is_good;
}

static gboolean
check_value (const char *value, GError **error)
{
  g_auto (CcbtTomlValue) parsed = { 0 };
  g_autoptr (GError) problem = NULL;

  if (strchr (value, '\n') == NULL
      && ccbt_toml_value_parse (value, strlen (value), &parsed, &problem))
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "found %s",
               problem != NULL ? problem->message : "a value of several lines");
  return FALSE;
}

/* "network = 3" leaves no room for network.listen_port, nor does "network.listen_port.x = 3". */
static gboolean
check_neighbours (CcbtToml *self, const char *key, GError **error)
{
  GPtrArray *entries = ccbt_toml_get_entries (self);

  for (guint i = 0; i < entries->len; i++)
    {
      const CcbtTomlEntry *entry = entries->pdata[i];
      const gsize len = MIN (strlen (entry->key), strlen (key));
      const gboolean is_above = key[len] == '.' && strncmp (entry->key, key, len) == 0;
      const gboolean is_below = entry->key[len] == '.' && strncmp (entry->key, key, len) == 0;

      if (is_above || is_below)
        {
          g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                       "line %u sets %s, so %s cannot be set", entry->line, entry->key, key);
          return FALSE;
        }
    }
  return TRUE;
}

static const char *
get_newline (CcbtToml *self)
{
  const char *text = ccbt_toml_get_text (self, NULL);
  const char *first = strchr (text, '\n');

  return first != NULL && first > text && first[-1] == '\r' ? "\r\n" : "\n";
}

static gsize
find_line_end (CcbtToml *self, gsize offset)
{
  gsize len;
  const char *text = ccbt_toml_get_text (self, &len);
  CcbtTomlCursor cursor = { .at = text + offset, .end = text + len };

  ccbt_toml_skip_line (&cursor);
  return cursor.at - text;
}

/* The last key of the same table, however it is spelt: [network] listen_port, or
 * network.listen_port. Returns: (nullable) */
static const CcbtTomlEntry *
find_sibling (CcbtToml *self, const char *key)
{
  GPtrArray *entries = ccbt_toml_get_entries (self);
  const gsize table_len = strrchr (key, '.') + 1 - key;

  for (guint i = entries->len; i > 0; i--)
    {
      const CcbtTomlEntry *entry = entries->pdata[i - 1];

      if (strncmp (entry->key, key, table_len) == 0 && strchr (entry->key + table_len, '.') == NULL
          && entry->table_len <= table_len)
        return entry;
    }
  return NULL;
}

static void
insert_behind (CcbtToml *self, gsize offset, const char *key, const char *value)
{
  g_autofree char *line = g_strdup_printf ("%s%s = %s", get_newline (self), key, value);

  ccbt_toml_replace (self, offset, offset, line);
}

static void
append_table (CcbtToml *self, const char *key, const char *value)
{
  const char *name = strrchr (key, '.') + 1;
  const char *newline = get_newline (self);
  gsize len;
  const char *text = ccbt_toml_get_text (self, &len);
  const gboolean is_in_line = len > 0 && text[len - 1] != '\n';
  g_autofree char *addition
      = g_strdup_printf ("%s%s[%.*s]%s%s = %s%s", is_in_line ? newline : "", len > 0 ? newline : "",
                         (int) (name - 1 - key), key, newline, name, value, newline);

  ccbt_toml_replace (self, len, len, addition);
}

static void
add_value (CcbtToml *self, const char *key, const char *value)
{
  const CcbtTomlEntry *sibling = find_sibling (self, key);
  const char *name = strrchr (key, '.') + 1;
  g_autofree char *table = g_strndup (key, name - 1 - key);
  gsize behind;

  if (sibling != NULL)
    insert_behind (self, find_line_end (self, sibling->end), key + sibling->table_len, value);
  else if (ccbt_toml_find_table (self, table, &behind))
    insert_behind (self, behind, name, value);
  else
    append_table (self, key, value);
}

gboolean
ccbt_toml_set (CcbtToml *self, const char *key, const char *value, GError **error)
{
  const CcbtTomlEntry *entry;
  gsize len;

  if (!check_key (key, error) || !check_value (value, error)
      || !check_neighbours (self, key, error))
    return FALSE;
  ccbt_toml_get_text (self, &len);
  if (len + strlen (key) + strlen (value) + 16 > CCBT_TOML_MAX_SIZE)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE, "the file would pass %d bytes",
                   CCBT_TOML_MAX_SIZE);
      return FALSE;
    }
  entry = ccbt_toml_lookup (self, key);
  if (entry != NULL)
    ccbt_toml_replace (self, entry->start, entry->end, value);
  else
    add_value (self, key, value);
  return TRUE;
}

gboolean
ccbt_toml_remove (CcbtToml *self, const char *key)
{
  const CcbtTomlEntry *entry = ccbt_toml_lookup (self, key);
  const char *text;
  gsize start, end, len;

  if (entry == NULL)
    return FALSE;
  text = ccbt_toml_get_text (self, &len);
  start = entry->start;
  while (start > 0 && text[start - 1] != '\n')
    start--;
  end = find_line_end (self, entry->end);
  while (end < len && text[end++] != '\n')
    ;
  ccbt_toml_replace (self, start, end, "");
  return TRUE;
}
