/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-rows-private.h"
#include "session/ccbt-state-row-sums-private.h"

/* NULL and empty are different things; SQLite takes a blob at a NULL pointer for NULL. What is
 * bound is borrowed until the statement is finished. */
static void
bind_data (sqlite3_stmt *statement, int parameter, gconstpointer data, gsize len)
{
  if (len == 0)
    sqlite3_bind_zeroblob (statement, parameter, 0);
  else
    sqlite3_bind_blob64 (statement, parameter, data, len, SQLITE_STATIC);
}

static void
bind_bytes (sqlite3_stmt *statement, int parameter, GBytes *bytes)
{
  gsize len;
  gconstpointer data;

  if (bytes == NULL)
    {
      sqlite3_bind_null (statement, parameter);
      return;
    }
  data = g_bytes_get_data (bytes, &len);
  bind_data (statement, parameter, data, len);
}

static void
bind_hash (sqlite3_stmt *statement, int v1_parameter, const CcbtInfoHash *hash)
{
  if (hash->has_v1)
    bind_data (statement, v1_parameter, hash->v1.bytes, sizeof hash->v1.bytes);
  else
    sqlite3_bind_null (statement, v1_parameter);
  if (hash->has_v2)
    bind_data (statement, v1_parameter + 1, hash->v2.bytes, sizeof hash->v2.bytes);
  else
    sqlite3_bind_null (statement, v1_parameter + 1);
}

/* Two ids at most: a v1 and a v2 magnet link can turn out to be one hybrid.
 * Returns: their number; -1 on an error */
static int
find_ids (CcbtStateDatabase *database, const CcbtInfoHash *hash, gint64 ids[2], GError **error)
{
  sqlite3_stmt *statement = ccbt_state_database_get_statement (database, CCBT_STATE_FIND, error);
  int n_ids = 0;
  int result;

  if (statement == NULL)
    return -1;
  bind_hash (statement, 1, hash);
  while ((result = sqlite3_step (statement)) == SQLITE_ROW && n_ids < 2)
    ids[n_ids++] = sqlite3_column_int64 (statement, 0);
  if (result != SQLITE_DONE && result != SQLITE_ROW)
    {
      ccbt_state_database_fail (database, error);
      n_ids = -1;
    }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return n_ids;
}

static gboolean
run_with_id (CcbtStateDatabase *database, CcbtStateStatement which, gint64 id, GError **error)
{
  sqlite3_stmt *statement = ccbt_state_database_get_statement (database, which, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  return ccbt_state_database_finish (database, statement, error);
}

static gboolean
remove_id (CcbtStateDatabase *database, gint64 id, GError **error)
{
  return run_with_id (database, CCBT_STATE_REMOVE_LIST, id, error)
         && run_with_id (database, CCBT_STATE_REMOVE_METAINFO, id, error)
         && run_with_id (database, CCBT_STATE_REMOVE_PROGRESS, id, error);
}

/* @id: in: 0 = a new one; out: the row it went to */
static gboolean
write_list (CcbtStateDatabase *database, gint64 *id, const CcbtTorrentRecord *record,
            GError **error)
{
  sqlite3_stmt *statement
      = ccbt_state_database_get_statement (database, CCBT_STATE_WRITE_LIST, error);

  if (statement == NULL)
    return FALSE;
  if (*id != 0)
    sqlite3_bind_int64 (statement, 1, *id);
  bind_hash (statement, 2, &record->info_hash);
  sqlite3_bind_text (statement, 4, record->magnet, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 5, record->name, -1, SQLITE_STATIC);
  if (record->folder != NULL)
    bind_data (statement, 6, record->folder, strlen (record->folder));
  sqlite3_bind_int (statement, 7, record->is_paused != FALSE);
  sqlite3_bind_int (statement, 8, record->is_sequential != FALSE);
  sqlite3_bind_int (statement, 9, record->seeds != FALSE);
  sqlite3_bind_int64 (statement, 10, record->added_at);
  sqlite3_bind_int64 (statement, 11, record->completed_at);
  bind_bytes (statement, 12, record->priorities);
  bind_bytes (statement, 13, record->trackers);
  bind_bytes (statement, 14, record->options);
  sqlite3_bind_int64 (statement, 15, (gint64) ccbt_state_sum_list (record));
  if (!ccbt_state_database_finish (database, statement, error))
    return FALSE;
  *id = sqlite3_last_insert_rowid (database->connection);
  return TRUE;
}

/* -1: an error; 0: another metainfo or none is stored; 1: this one is */
static int
has_metainfo (CcbtStateDatabase *database, gint64 id, guint64 sum, GError **error)
{
  sqlite3_stmt *statement
      = ccbt_state_database_get_statement (database, CCBT_STATE_READ_METAINFO_SUM, error);
  int has_it;

  if (statement == NULL)
    return -1;
  sqlite3_bind_int64 (statement, 1, id);
  switch (sqlite3_step (statement))
    {
    case SQLITE_ROW:
      has_it = (guint64) sqlite3_column_int64 (statement, 0) == sum;
      break;
    case SQLITE_DONE:
      has_it = 0;
      break;
    default:
      ccbt_state_database_fail (database, error);
      has_it = -1;
    }
  sqlite3_reset (statement);
  return has_it;
}

/* Pausing a torrent must not write its megabytes of piece hashes again. */
static gboolean
write_metainfo (CcbtStateDatabase *database, gint64 id, GBytes *metainfo, GError **error)
{
  const guint64 sum = ccbt_state_sum_metainfo (id, metainfo);
  const int has_it = has_metainfo (database, id, sum, error);
  sqlite3_stmt *statement;

  if (has_it != 0)
    return has_it == 1;
  statement = ccbt_state_database_get_statement (database, CCBT_STATE_WRITE_METAINFO, error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  bind_bytes (statement, 2, metainfo);
  sqlite3_bind_int64 (statement, 3, (gint64) sum);
  return ccbt_state_database_finish (database, statement, error);
}

static gboolean
write_progress (CcbtStateDatabase *database, gint64 id, const CcbtTorrentRecord *record,
                GError **error)
{
  sqlite3_stmt *statement
      = ccbt_state_database_get_statement (database, CCBT_STATE_WRITE_PROGRESS, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, id);
  sqlite3_bind_int64 (statement, 2, (gint64) record->downloaded);
  sqlite3_bind_int64 (statement, 3, (gint64) record->uploaded);
  sqlite3_bind_int64 (statement, 4, (gint64) record->wasted);
  bind_bytes (statement, 5, record->verified);
  bind_bytes (statement, 6, record->durable);
  sqlite3_bind_text (statement, 7, record->boot_id, -1, SQLITE_STATIC);
  bind_bytes (statement, 8, record->stamps);
  bind_bytes (statement, 9, record->peers);
  sqlite3_bind_int64 (statement, 10, (gint64) record->active_seconds);
  sqlite3_bind_int64 (statement, 11, (gint64) record->seeding_seconds);
  sqlite3_bind_int64 (statement, 12, (gint64) ccbt_state_sum_progress (id, record));
  return ccbt_state_database_finish (database, statement, error);
}

static gboolean
write_all (CcbtStateDatabase *database, gint64 id, const CcbtTorrentRecord *record, GError **error)
{
  return write_list (database, &id, record, error)
         && (record->metainfo == NULL || write_metainfo (database, id, record->metainfo, error))
         && write_progress (database, id, record, error);
}

gboolean
ccbt_state_rows_write (CcbtStateDatabase *database, const CcbtTorrentRecord *record, GError **error)
{
  gint64 ids[2] = { 0, 0 };
  const int n_ids = find_ids (database, &record->info_hash, ids, error);

  if (n_ids < 0 || (n_ids == 2 && !remove_id (database, ids[1], error)))
    return FALSE;
  return write_all (database, ids[0], record, error);
}

gboolean
ccbt_state_rows_write_at (CcbtStateDatabase *database, gint64 id, const CcbtTorrentRecord *record,
                          GError **error)
{
  return remove_id (database, id, error)
         && ccbt_state_rows_remove (database, &record->info_hash, error)
         && write_all (database, id, record, error);
}

gboolean
ccbt_state_rows_write_progress (CcbtStateDatabase *database, const CcbtTorrentRecord *record,
                                GError **error)
{
  gint64 ids[2];
  const int n_ids = find_ids (database, &record->info_hash, ids, error);

  if (n_ids <= 0)
    return n_ids == 0;
  return write_progress (database, ids[0], record, error);
}

gboolean
ccbt_state_rows_remove (CcbtStateDatabase *database, const CcbtInfoHash *info_hash, GError **error)
{
  gint64 ids[2];
  const int n_ids = find_ids (database, info_hash, ids, error);

  for (int i = 0; i < n_ids; i++)
    if (!remove_id (database, ids[i], error))
      return FALSE;
  return n_ids >= 0;
}

gboolean
ccbt_state_rows_write_value (CcbtStateDatabase *database, const char *name, GBytes *value,
                             GError **error)
{
  sqlite3_stmt *statement = ccbt_state_database_get_statement (
      database, value != NULL ? CCBT_STATE_WRITE_VALUE : CCBT_STATE_REMOVE_VALUE, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  if (value != NULL)
    {
      bind_bytes (statement, 2, value);
      sqlite3_bind_int64 (statement, 3, (gint64) ccbt_state_sum_value (name, value));
    }
  return ccbt_state_database_finish (database, statement, error);
}
