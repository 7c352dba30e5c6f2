/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-database-private.h"
#include "base/ccbt-error.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const statement_texts[CCBT_STATE_N_STATEMENTS] = {
  [CCBT_STATE_FIND] = "SELECT id FROM torrents WHERE v1 = ?1 "
                      "UNION SELECT id FROM torrents WHERE v2 = ?2 ORDER BY 1",
#define LIST_COLUMNS                                                                               \
  "id, v1, v2, magnet, name, folder, is_paused, is_sequential, seeds, added_at, "                  \
  "completed_at, priorities, trackers, options, checksum"
  [CCBT_STATE_READ_LIST] = "SELECT " LIST_COLUMNS " FROM torrents ORDER BY id",
  [CCBT_STATE_READ_LIST_BACKWARDS] = "SELECT " LIST_COLUMNS " FROM torrents ORDER BY id DESC",
  [CCBT_STATE_READ_ONE] = "SELECT " LIST_COLUMNS " FROM torrents WHERE id = ?1",
  [CCBT_STATE_READ_METAINFO] = "SELECT bytes, checksum FROM metainfo WHERE torrent = ?1",
  [CCBT_STATE_READ_METAINFO_SUM] = "SELECT checksum FROM metainfo WHERE torrent = ?1",
  [CCBT_STATE_READ_PROGRESS]
  = "SELECT downloaded, uploaded, wasted, verified, durable, boot_id, stamps, peers, "
    "active_seconds, seeding_seconds, checksum FROM progress WHERE torrent = ?1",
  [CCBT_STATE_READ_VALUE] = "SELECT name, value, checksum FROM session_values WHERE name = ?1",
  [CCBT_STATE_READ_VALUES] = "SELECT name, value, checksum FROM session_values",
  [CCBT_STATE_WRITE_LIST]
  = "REPLACE INTO torrents (" LIST_COLUMNS ") "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
  [CCBT_STATE_WRITE_METAINFO] = "REPLACE INTO metainfo (torrent, bytes, checksum) "
                                "VALUES (?1, ?2, ?3)",
  [CCBT_STATE_WRITE_PROGRESS]
  = "REPLACE INTO progress (torrent, downloaded, uploaded, wasted, verified, durable, boot_id, "
    "stamps, peers, active_seconds, seeding_seconds, checksum) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
  [CCBT_STATE_WRITE_VALUE] = "REPLACE INTO session_values (name, value, checksum) "
                             "VALUES (?1, ?2, ?3)",
  [CCBT_STATE_REMOVE_LIST] = "DELETE FROM torrents WHERE id = ?1",
  [CCBT_STATE_REMOVE_METAINFO] = "DELETE FROM metainfo WHERE torrent = ?1",
  [CCBT_STATE_REMOVE_PROGRESS] = "DELETE FROM progress WHERE torrent = ?1",
  [CCBT_STATE_REMOVE_VALUE] = "DELETE FROM session_values WHERE name = ?1",
};

/* SQLite tells a full disk only for ENOSPC; a quota (EDQUOT) and a file size limit (EFBIG) are the
 * same to the user. */
static CcbtError
get_error_code (int result, int system_error)
{
  const gboolean is_io = (result & 0xff) == SQLITE_IOERR || (result & 0xff) == SQLITE_CANTOPEN;

  if ((result & 0xff) == SQLITE_FULL
      || (is_io && (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG)))
    return CCBT_ERROR_NO_SPACE;
  if ((result & 0xff) == SQLITE_READONLY || (result & 0xff) == SQLITE_PERM
      || (is_io && (system_error == EROFS || system_error == EACCES || system_error == EPERM)))
    return CCBT_ERROR_READ_ONLY;
  /* SQLITE_ERROR: a statement does not fit the tables that are there. */
  if ((result & 0xff) == SQLITE_CORRUPT || (result & 0xff) == SQLITE_NOTADB
      || (result & 0xff) == SQLITE_ERROR || (result & 0xff) == SQLITE_FORMAT
      || result == SQLITE_IOERR_SHORT_READ)
    return CCBT_ERROR_MALFORMED;
  return CCBT_ERROR_DISK;
}

/* SQLite keeps the system's error number of some calls only, and forgets none when the next one
 * works: where errno was cleared before the call, it says more. */
static int
get_system_error (sqlite3 *connection, int result, int errno_value)
{
  if ((result & 0xff) != SQLITE_IOERR && (result & 0xff) != SQLITE_CANTOPEN)
    return 0;
  return errno_value != 0 ? errno_value : sqlite3_system_errno (connection);
}

gboolean
ccbt_state_database_fail (CcbtStateDatabase *self, GError **error)
{
  const int errno_value = errno;
  const int result = sqlite3_extended_errcode (self->connection);
  const int system_error = get_system_error (self->connection, result, errno_value);
  const char *path = sqlite3_db_filename (self->connection, "main");

  g_set_error (error, CCBT_ERROR, get_error_code (result, system_error), "%s: %s%s%s",
               path != NULL ? path : "state database", sqlite3_errmsg (self->connection),
               system_error != 0 ? ": " : "", system_error != 0 ? g_strerror (system_error) : "");
  return FALSE;
}

gboolean
ccbt_state_database_run (CcbtStateDatabase *self, const char *sql, GError **error)
{
  errno = 0;
  if (sqlite3_exec (self->connection, sql, NULL, NULL, NULL) != SQLITE_OK)
    return ccbt_state_database_fail (self, error);
  return TRUE;
}

gboolean
ccbt_state_database_read_integer (CcbtStateDatabase *self, const char *sql, gint64 *out,
                                  GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean is_done = FALSE;

  if (sqlite3_prepare_v2 (self->connection, sql, -1, &statement, NULL) == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    {
      *out = sqlite3_column_int64 (statement, 0);
      is_done = TRUE;
    }
  if (!is_done)
    ccbt_state_database_fail (self, error);
  sqlite3_finalize (statement);
  return is_done;
}

static gboolean
prepare (CcbtStateDatabase *self, const char *text, sqlite3_stmt **out)
{
  return sqlite3_prepare_v3 (self->connection, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL)
         == SQLITE_OK;
}

/* A file that is only read may be of version 1, which has some columns less. Its own word for the
 * version is not asked: it may be damaged. */
static gboolean
prepare_for_older (CcbtStateDatabase *self, const char *text, sqlite3_stmt **out)
{
  g_autoptr (GString) older = g_string_new (text);

  if (self->mode == CCBT_STATE_READ_WRITE)
    return FALSE;
  g_string_replace (older, ", options,", ", NULL,", 0);
  g_string_replace (older, "active_seconds, seeding_seconds", "0, 0", 0);
  return prepare (self, older->str, out);
}

sqlite3_stmt *
ccbt_state_database_get_statement (CcbtStateDatabase *self, CcbtStateStatement which,
                                   GError **error)
{
  sqlite3_stmt **slot = &self->statements[which];
  const char *text = statement_texts[which];

  if (*slot != NULL)
    sqlite3_reset (*slot);
  else if (!prepare (self, text, slot) && !prepare_for_older (self, text, slot))
    ccbt_state_database_fail (self, error);
  return *slot;
}

gboolean
ccbt_state_database_finish (CcbtStateDatabase *self, sqlite3_stmt *statement, GError **error)
{
  int result;

  errno = 0;
  do
    result = sqlite3_step (statement);
  while (result == SQLITE_ROW);
  if (result != SQLITE_DONE)
    ccbt_state_database_fail (self, error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement); /* they point into the record */
  return result == SQLITE_DONE;
}

/* Without a log to apply, "immutable" lets SQLite read without making any file beside this one. */
static char *
make_uri (const char *path, CcbtStateMode mode)
{
  g_autofree char *escaped = g_uri_escape_string (path, "/", FALSE);
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  struct stat info;
  const gboolean has_log = stat (log, &info) == 0 && info.st_size > 0;

  return g_strdup_printf ("file:%s%s", escaped,
                          mode == CCBT_STATE_READ_ONLY && !has_log ? "?immutable=1" : "");
}

static gboolean
set_up_connection (CcbtStateDatabase *self, GError **error)
{
  sqlite3_extended_result_codes (self->connection, 1);
  sqlite3_busy_timeout (self->connection, 2000); /* a person looking into it with another tool */
  sqlite3_db_config (self->connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  /* Evidence is kept as it was found. */
  if (self->mode == CCBT_STATE_SALVAGE)
    sqlite3_db_config (self->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  /* Nobody else has business here, and without sharing the log's index lives in memory: one file
   * less that can be damaged, and it works where memory cannot be mapped. */
  if (self->mode != CCBT_STATE_READ_ONLY
      && !ccbt_state_database_run (self, "PRAGMA locking_mode = EXCLUSIVE", error))
    return FALSE;
  return ccbt_state_database_run (self, "PRAGMA cell_size_check = ON", error)
         && ccbt_state_database_read_integer (self, "PRAGMA user_version", &self->version, error);
}

/* SQLite refuses to write a file whose header names a later file format, which no version of ours
 * makes: one flipped bit there, not a read-only folder. */
static gboolean
check_file_format (CcbtStateDatabase *self, GError **error)
{
  if (sqlite3_db_readonly (self->connection, "main") != 1)
    return TRUE;
  if (access (sqlite3_db_filename (self->connection, "main"), W_OK) == 0)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "damaged: unknown file format");
  else
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_READ_ONLY, "%s: %s",
                 sqlite3_db_filename (self->connection, "main"), g_strerror (errno));
  return FALSE;
}

static gboolean
prepare_for_writing (CcbtStateDatabase *self, gboolean may_create, GError **error)
{
  gint64 n_pages;

  if (self->version > CCBT_STATE_SCHEMA_VERSION)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_UNSUPPORTED,
                   "schema %" G_GINT64_FORMAT ", this program knows up to %d", self->version,
                   CCBT_STATE_SCHEMA_VERSION);
      return FALSE;
    }
  if (!check_file_format (self, error)
      || !ccbt_state_database_read_integer (self, "PRAGMA page_count", &n_pages, error))
    return FALSE;
  if (n_pages == 0 && may_create && !ccbt_state_database_create_schema (self, error))
    return FALSE;
  if (n_pages > 0 && self->version < CCBT_STATE_SCHEMA_VERSION
      && (!ccbt_state_database_check (self, error) || !ccbt_state_database_upgrade (self, error)))
    return FALSE;
  /* The limit gives back the room of a log that grew while thousands of torrents were added. */
  return ccbt_state_database_check (self, error)
         && ccbt_state_database_run (self,
                                     "PRAGMA journal_mode = WAL; "
                                     "PRAGMA journal_size_limit = 4194304",
                                     error);
}

CcbtStateDatabase *
ccbt_state_database_open (const char *path, CcbtStateMode mode, gboolean may_create, GError **error)
{
  g_autoptr (CcbtStateDatabase) self = g_new0 (CcbtStateDatabase, 1);
  g_autofree char *uri = make_uri (path, mode);
  const int access = mode == CCBT_STATE_READ_ONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

  self->mode = mode;
  errno = 0;
  if (sqlite3_open_v2 (uri, &self->connection, access | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL)
      != SQLITE_OK)
    {
      ccbt_state_database_fail (self, error);
      return NULL;
    }
  if (!set_up_connection (self, error))
    return NULL;
  if (mode == CCBT_STATE_READ_WRITE && !prepare_for_writing (self, may_create, error))
    return NULL;
  if (mode == CCBT_STATE_READ_ONLY && self->version <= CCBT_STATE_SCHEMA_VERSION
      && !ccbt_state_database_check (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ccbt_state_database_close (CcbtStateDatabase *self)
{
  for (guint i = 0; i < CCBT_STATE_N_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->connection);
  g_free (self);
}

/* With a log, FULL syncs it at every commit and NORMAL only before a checkpoint; in both a kill of
 * the process loses nothing. Progress is not worth a sync every two seconds for as long as anything
 * is seeded: it keeps drives awake, and what a power cut takes of it is checked again. */
gboolean
ccbt_state_database_begin (CcbtStateDatabase *self, gboolean synced, GError **error)
{
  return ccbt_state_database_run (self,
                                  synced ? "PRAGMA synchronous = FULL; BEGIN IMMEDIATE"
                                         : "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
                                  error);
}

gboolean
ccbt_state_database_commit (CcbtStateDatabase *self, GError **error)
{
  return ccbt_state_database_run (self, "COMMIT", error);
}

void
ccbt_state_database_rollback (CcbtStateDatabase *self)
{
  /* After some errors SQLite has rolled back by itself. */
  if (!sqlite3_get_autocommit (self->connection))
    ccbt_state_database_run (self, "ROLLBACK", NULL);
}

gboolean
ccbt_state_database_checkpoint (CcbtStateDatabase *self, GError **error)
{
  errno = 0;
  if (sqlite3_wal_checkpoint_v2 (self->connection, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL)
      != SQLITE_OK)
    return ccbt_state_database_fail (self, error);
  return TRUE;
}

gboolean
ccbt_state_database_copy (CcbtStateDatabase *self, const char *path, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (self->connection, "VACUUM INTO ?1", -1, &statement, NULL) != SQLITE_OK)
    return ccbt_state_database_fail (self, error);
  sqlite3_bind_text (statement, 1, path, -1, SQLITE_STATIC);
  errno = 0;
  if (sqlite3_step (statement) != SQLITE_DONE)
    {
      ccbt_state_database_fail (self, error);
      sqlite3_finalize (statement);
      return FALSE;
    }
  sqlite3_finalize (statement);
  return TRUE;
}
