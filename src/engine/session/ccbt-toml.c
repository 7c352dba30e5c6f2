/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-toml-private.h"
#include "base/ccbt-error.h"
#include <string.h>

struct _CcbtToml
{
  GString *text;
  GPtrArray *entries;  /* CcbtTomlEntry */
  GHashTable *by_key;  /* of the above */
  GHashTable *tables;  /* name of a [table] -> offset behind its header's line, gsize */
  GPtrArray *problems; /* CcbtTomlProblem */
};

/* --- Reading --- */

typedef struct
{
  CcbtToml *toml;
  CcbtTomlCursor cursor;
  const char *counted; /* `line` is right for this place */
  guint line;
  char *table; /* "network." or ""; owned */
} Reader;

static void
free_entry (gpointer data)
{
  CcbtTomlEntry *self = data;

  g_free (self->key);
  ccbt_toml_value_clear (&self->value);
  g_free (self);
}

static void
free_problem (gpointer data)
{
  CcbtTomlProblem *self = data;

  g_free (self->text);
  g_free (self);
}

static void
add_problem (Reader *reader, char *text)
{
  CcbtTomlProblem *problem = g_new0 (CcbtTomlProblem, 1);

  problem->line = reader->line;
  problem->text = text;
  if (reader->toml->problems->len < CCBT_TOML_MAX_PROBLEMS)
    g_ptr_array_add (reader->toml->problems, problem);
  else
    free_problem (problem);
}

static gboolean
is_bare (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
}

static gboolean
read_key_part (CcbtTomlCursor *cursor, GString *key, GError **error)
{
  const char *start = cursor->at;
  g_autofree char *quoted = NULL;

  if (cursor->at < cursor->end && (*cursor->at == '"' || *cursor->at == '\''))
    {
      quoted = ccbt_toml_read_string (cursor, FALSE, error);
      if (quoted == NULL)
        return FALSE;
      g_string_append (key, quoted);
      return TRUE;
    }
  while (cursor->at < cursor->end && is_bare (*cursor->at))
    cursor->at++;
  g_string_append_len (key, start, cursor->at - start);
  return cursor->at > start || ccbt_toml_fail (error, "text where a key belongs");
}

/* a.b."c" with blanks between. Returns: (transfer full) (nullable): its parts joined by dots */
static char *
read_key (CcbtTomlCursor *cursor, GError **error)
{
  g_autoptr (GString) key = g_string_new (NULL);

  for (;;)
    {
      ccbt_toml_skip_blanks (cursor);
      if (!read_key_part (cursor, key, error))
        return NULL;
      ccbt_toml_skip_blanks (cursor);
      if (cursor->at >= cursor->end || *cursor->at != '.')
        return g_string_free (g_steal_pointer (&key), FALSE);
      cursor->at++;
      g_string_append_c (key, '.');
    }
}

static gboolean
skip_character (CcbtTomlCursor *cursor, char c, GError **error)
{
  if (cursor->at < cursor->end && *cursor->at == c)
    {
      cursor->at++;
      return TRUE;
    }
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "no “%c” where one belongs", c);
  return FALSE;
}

/* Nothing but a comment may follow. */
static gboolean
check_rest_of_line (CcbtTomlCursor *cursor, GError **error)
{
  ccbt_toml_skip_blanks (cursor);
  if (ccbt_toml_is_at_line_end (cursor) || *cursor->at == '#')
    return TRUE;
  return ccbt_toml_fail (error, "text behind the value");
}

/* [table] or [[table]]. Nothing says which table the keys below a broken header belong to; they go
 * where no setting is. */
static gboolean
read_header (Reader *reader, GError **error)
{
  CcbtTomlCursor *cursor = &reader->cursor;
  gboolean is_array;
  g_autofree char *name = NULL;

  g_free (reader->table);
  reader->table = g_strdup ("?.");
  cursor->at++;
  is_array = cursor->at < cursor->end && *cursor->at == '[';
  cursor->at += is_array;
  name = read_key (cursor, error);
  if (name == NULL || !skip_character (cursor, ']', error)
      || (is_array && !skip_character (cursor, ']', error)) || !check_rest_of_line (cursor, error))
    return FALSE;
  g_free (reader->table);
  reader->table = g_strconcat (name, is_array ? "[]." : ".", NULL);
  if (!is_array)
    {
      CcbtTomlCursor ahead = *cursor;
      gsize *behind = g_new (gsize, 1);

      ccbt_toml_skip_line (&ahead);
      *behind = ahead.at - reader->toml->text->str;
      g_hash_table_insert (reader->toml->tables, g_steal_pointer (&name), behind);
    }
  return TRUE;
}

static gboolean
read_assignment (Reader *reader, CcbtTomlEntry *entry, GError **error)
{
  CcbtTomlCursor *cursor = &reader->cursor;
  const char *text = reader->toml->text->str;
  g_autofree char *name = read_key (cursor, error);

  if (name == NULL || !skip_character (cursor, '=', error))
    return FALSE;
  entry->key = g_strconcat (reader->table, name, NULL);
  entry->table_len = strlen (reader->table);
  entry->line = reader->line;
  ccbt_toml_skip_blanks (cursor);
  entry->start = cursor->at - text;
  if (!ccbt_toml_read_value (cursor, &entry->value, error))
    {
      g_prefix_error (error, "%s: found ", entry->key);
      return FALSE;
    }
  entry->end = cursor->at - text;
  if (check_rest_of_line (cursor, error))
    return TRUE;
  g_prefix_error (error, "%s: found ", entry->key);
  return FALSE;
}

static gboolean
read_entry (Reader *reader, GError **error)
{
  CcbtTomlEntry *entry = g_new0 (CcbtTomlEntry, 1);
  const CcbtTomlEntry *earlier;

  if (!read_assignment (reader, entry, error))
    {
      free_entry (entry);
      return FALSE;
    }
  earlier = g_hash_table_lookup (reader->toml->by_key, entry->key);
  if (earlier != NULL && strstr (entry->key, "[].") == NULL)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                   "%s: found a second time, allowed once; line %u counts", entry->key,
                   earlier->line);
      free_entry (entry);
      return FALSE;
    }
  g_ptr_array_add (reader->toml->entries, entry);
  g_hash_table_insert (reader->toml->by_key, entry->key, entry);
  return TRUE;
}

static void
count_lines (Reader *reader)
{
  for (; reader->counted < reader->cursor.at; reader->counted++)
    reader->line += *reader->counted == '\n';
}

/* One line, or several when a value spans them. After a problem the next line is read as if nothing
 * had been. */
static void
read_line (Reader *reader)
{
  g_autoptr (GError) error = NULL;
  CcbtTomlCursor *cursor = &reader->cursor;
  const char *start = cursor->at;
  gboolean is_good = TRUE;

  count_lines (reader);
  ccbt_toml_skip_blanks (cursor);
  if (!ccbt_toml_is_at_line_end (cursor) && *cursor->at == '[')
    is_good = read_header (reader, &error);
  else if (!ccbt_toml_is_at_line_end (cursor) && *cursor->at != '#')
    is_good = read_entry (reader, &error);
  if (!is_good)
    {
      add_problem (reader, g_strdup (error->message));
      cursor->at = start;
    }
  ccbt_toml_skip_line (cursor);
  while (cursor->at < cursor->end && *cursor->at++ != '\n')
    ;
}

static void
read_all (CcbtToml *self)
{
  Reader reader = { .toml = self, .line = 1, .table = g_strdup ("") };

  g_hash_table_remove_all (self->by_key);
  g_hash_table_remove_all (self->tables);
  g_ptr_array_set_size (self->entries, 0);
  g_ptr_array_set_size (self->problems, 0);
  reader.counted = reader.cursor.at = self->text->str;
  reader.cursor.end = self->text->str + self->text->len;
  if (g_str_has_prefix (self->text->str, "\xef\xbb\xbf"))
    reader.cursor.at += 3;
  while (reader.cursor.at < reader.cursor.end)
    read_line (&reader);
  g_free (reader.table);
}

CcbtToml *
ccbt_toml_new (const char *text, gsize len)
{
  CcbtToml *self = g_new0 (CcbtToml, 1);

  self->text = g_string_new_len (text, len);
  self->entries = g_ptr_array_new_with_free_func (free_entry);
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  self->tables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->problems = g_ptr_array_new_with_free_func (free_problem);
  read_all (self);
  return self;
}

void
ccbt_toml_free (CcbtToml *self)
{
  g_hash_table_unref (self->by_key);
  g_hash_table_unref (self->tables);
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->problems);
  g_string_free (self->text, TRUE);
  g_free (self);
}

GPtrArray *
ccbt_toml_get_entries (CcbtToml *self)
{
  return self->entries;
}

GPtrArray *
ccbt_toml_get_problems (CcbtToml *self)
{
  return self->problems;
}

const CcbtTomlEntry *
ccbt_toml_lookup (CcbtToml *self, const char *key)
{
  return g_hash_table_lookup (self->by_key, key);
}

const char *
ccbt_toml_get_text (CcbtToml *self, gsize *len)
{
  if (len != NULL)
    *len = self->text->len;
  return self->text->str;
}

gboolean
ccbt_toml_find_table (CcbtToml *self, const char *name, gsize *behind)
{
  const gsize *found = g_hash_table_lookup (self->tables, name);

  if (found != NULL)
    *behind = *found;
  return found != NULL;
}

void
ccbt_toml_replace (CcbtToml *self, gsize start, gsize end, const char *text)
{
  g_string_erase (self->text, start, end - start);
  g_string_insert (self->text, start, text);
  read_all (self);
}
