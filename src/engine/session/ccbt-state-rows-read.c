/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-rows-private.h"
#include "session/ccbt-state-row-sums-private.h"
#include <string.h>

void
ccbt_state_row_free (CcbtStateRow *self)
{
  ccbt_torrent_record_unref (self->record);
  g_free (self);
}

static GBytes *
get_bytes (sqlite3_stmt *statement, int column)
{
  const void *data = sqlite3_column_blob (statement, column);
  const int len = sqlite3_column_bytes (statement, column);

  if (sqlite3_column_type (statement, column) == SQLITE_NULL)
    return NULL;
  return g_bytes_new (data, len);
}

static char *
get_text (sqlite3_stmt *statement, int column)
{
  const char *data = sqlite3_column_blob (statement, column);
  const int len = sqlite3_column_bytes (statement, column);

  if (sqlite3_column_type (statement, column) == SQLITE_NULL)
    return NULL;
  return data != NULL ? g_strndup (data, len) : g_strdup ("");
}

/* Returns: is it there, with the length of such a hash? */
static gboolean
get_hash (sqlite3_stmt *statement, int column, guint8 *out, int len)
{
  const void *data = sqlite3_column_blob (statement, column);

  if (data == NULL || sqlite3_column_bytes (statement, column) != len)
    return FALSE;
  memcpy (out, data, len);
  return TRUE;
}

/* A file of a newer version may sum up more than we know of. */
static gboolean
fits (CcbtStateDatabase *database, sqlite3_stmt *statement, int column, guint64 sum)
{
  return (guint64) sqlite3_column_int64 (statement, column) == sum
         || (database->mode == CCBT_STATE_READ_ONLY
             && database->version > CCBT_STATE_SCHEMA_VERSION);
}

static void
read_metainfo (CcbtStateDatabase *database, CcbtStateRow *row)
{
  sqlite3_stmt *statement
      = ccbt_state_database_get_statement (database, CCBT_STATE_READ_METAINFO, NULL);
  g_autoptr (GBytes) bytes = NULL;
  int result = SQLITE_ERROR;

  if (statement != NULL)
    {
      sqlite3_bind_int64 (statement, 1, row->id);
      result = sqlite3_step (statement);
    }
  if (result == SQLITE_ROW)
    bytes = get_bytes (statement, 0);
  if (bytes != NULL && fits (database, statement, 1, ccbt_state_sum_metainfo (row->id, bytes)))
    row->record->metainfo = g_steal_pointer (&bytes);
  else if (result != SQLITE_DONE)
    row->damage |= CCBT_STATE_DAMAGE_METAINFO;
  sqlite3_reset (statement);
}

static void
copy_progress (sqlite3_stmt *statement, CcbtTorrentRecord *record)
{
  record->downloaded = sqlite3_column_int64 (statement, 0);
  record->uploaded = sqlite3_column_int64 (statement, 1);
  record->wasted = sqlite3_column_int64 (statement, 2);
  record->verified = get_bytes (statement, 3);
  record->durable = get_bytes (statement, 4);
  record->boot_id = get_text (statement, 5);
  record->stamps = get_bytes (statement, 6);
  record->peers = get_bytes (statement, 7);
  record->active_seconds = sqlite3_column_int64 (statement, 8);
  record->seeding_seconds = sqlite3_column_int64 (statement, 9);
}

static void
clear_progress (CcbtTorrentRecord *record)
{
  record->downloaded = record->uploaded = record->wasted = 0;
  record->active_seconds = record->seeding_seconds = 0;
  g_clear_pointer (&record->verified, g_bytes_unref);
  g_clear_pointer (&record->durable, g_bytes_unref);
  g_clear_pointer (&record->boot_id, g_free);
  g_clear_pointer (&record->stamps, g_bytes_unref);
  g_clear_pointer (&record->peers, g_bytes_unref);
}

static void
read_progress (CcbtStateDatabase *database, CcbtStateRow *row)
{
  sqlite3_stmt *statement
      = ccbt_state_database_get_statement (database, CCBT_STATE_READ_PROGRESS, NULL);
  gboolean is_whole = FALSE;

  if (statement != NULL)
    sqlite3_bind_int64 (statement, 1, row->id);
  if (statement != NULL && sqlite3_step (statement) == SQLITE_ROW)
    {
      copy_progress (statement, row->record);
      is_whole = fits (database, statement, 10, ccbt_state_sum_progress (row->id, row->record));
    }
  if (!is_whole)
    {
      clear_progress (row->record);
      row->damage |= CCBT_STATE_DAMAGE_PROGRESS;
    }
  sqlite3_reset (statement);
}

/* @statement stands on a row of the list. */
static CcbtStateRow *
read_row (CcbtStateDatabase *database, sqlite3_stmt *statement)
{
  CcbtStateRow *row = g_new0 (CcbtStateRow, 1);
  CcbtTorrentRecord *record = ccbt_torrent_record_new ();
  CcbtInfoHash *hash = &record->info_hash;

  row->id = sqlite3_column_int64 (statement, 0);
  row->record = record;
  hash->has_v1 = get_hash (statement, 1, hash->v1.bytes, sizeof hash->v1.bytes);
  hash->has_v2 = get_hash (statement, 2, hash->v2.bytes, sizeof hash->v2.bytes);
  record->magnet = get_text (statement, 3);
  record->name = get_text (statement, 4);
  record->folder = get_text (statement, 5);
  record->is_paused = sqlite3_column_int (statement, 6);
  record->is_sequential = sqlite3_column_int (statement, 7);
  record->seeds = sqlite3_column_int (statement, 8);
  record->added_at = sqlite3_column_int64 (statement, 9);
  record->completed_at = sqlite3_column_int64 (statement, 10);
  record->priorities = get_bytes (statement, 11);
  record->trackers = get_bytes (statement, 12);
  record->options = get_bytes (statement, 13);
  if (!fits (database, statement, 14, ccbt_state_sum_list (record))
      || (!hash->has_v1 && !hash->has_v2))
    row->damage |= CCBT_STATE_DAMAGE_LIST;
  read_metainfo (database, row);
  read_progress (database, row);
  return row;
}

/* Reads until the end, an error, or a row with an id of at most @last. */
static gboolean
read_list (CcbtStateDatabase *database, CcbtStateStatement which, gint64 last, GPtrArray *rows,
           GError **error)
{
  sqlite3_stmt *statement = ccbt_state_database_get_statement (database, which, error);
  int result = SQLITE_DONE;

  if (statement == NULL)
    return FALSE;
  while ((result = sqlite3_step (statement)) == SQLITE_ROW
         && sqlite3_column_int64 (statement, 0) > last)
    g_ptr_array_add (rows, read_row (database, statement));
  if (result != SQLITE_ROW && result != SQLITE_DONE)
    ccbt_state_database_fail (database, error);
  sqlite3_reset (statement);
  return result == SQLITE_ROW || result == SQLITE_DONE;
}

GPtrArray *
ccbt_state_rows_read (CcbtStateDatabase *database, GError **error)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ccbt_state_row_free);
  g_autoptr (GPtrArray) from_end = g_ptr_array_new ();
  gint64 last = G_MININT64;

  if (read_list (database, CCBT_STATE_READ_LIST, last, rows, error))
    return rows;
  if (rows->len > 0)
    last = ((CcbtStateRow *) rows->pdata[rows->len - 1])->id;
  read_list (database, CCBT_STATE_READ_LIST_BACKWARDS, last, from_end, NULL);
  for (guint i = from_end->len; i > 0; i--)
    g_ptr_array_add (rows, from_end->pdata[i - 1]);
  return rows;
}

CcbtStateRow *
ccbt_state_rows_read_one (CcbtStateDatabase *database, gint64 id)
{
  sqlite3_stmt *statement = ccbt_state_database_get_statement (database, CCBT_STATE_READ_ONE, NULL);
  CcbtStateRow *row = NULL;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, id);
  if (sqlite3_step (statement) == SQLITE_ROW)
    row = read_row (database, statement);
  sqlite3_reset (statement);
  return row;
}

/* @statement stands on a row of the values. */
static GBytes *
read_value (CcbtStateDatabase *database, sqlite3_stmt *statement, char **name)
{
  g_autoptr (GBytes) value = get_bytes (statement, 1);

  *name = get_text (statement, 0);
  if (*name == NULL || value == NULL
      || !fits (database, statement, 2, ccbt_state_sum_value (*name, value)))
    return NULL;
  return g_steal_pointer (&value);
}

GBytes *
ccbt_state_rows_read_value (CcbtStateDatabase *database, const char *name)
{
  sqlite3_stmt *statement
      = ccbt_state_database_get_statement (database, CCBT_STATE_READ_VALUE, NULL);
  g_autofree char *stored_name = NULL;
  GBytes *value = NULL;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  if (sqlite3_step (statement) == SQLITE_ROW)
    value = read_value (database, statement, &stored_name);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return value;
}

gboolean
ccbt_state_rows_copy_values (CcbtStateDatabase *from, CcbtStateDatabase *to, GError **error)
{
  sqlite3_stmt *statement = ccbt_state_database_get_statement (from, CCBT_STATE_READ_VALUES, NULL);
  gboolean is_done = TRUE;

  while (is_done && statement != NULL && sqlite3_step (statement) == SQLITE_ROW)
    {
      g_autofree char *name = NULL;
      g_autoptr (GBytes) value = read_value (from, statement, &name);

      if (value != NULL)
        is_done = ccbt_state_rows_write_value (to, name, value, error);
    }
  if (statement != NULL)
    sqlite3_reset (statement);
  return is_done;
}
