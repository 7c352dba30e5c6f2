/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-database-private.h"
#include "base/ccbt-error.h"
#include <string.h>

/* "ccbt": file(1) and we can tell what this is. */
#define APPLICATION_ID 0x63636274

/* Version 2. Three tables for a torrent, by how often they change: the list with the user's
 * actions, the metainfo never, progress every few seconds. Ids are never used twice, so that a row
 * of a backup cannot be taken for that of another torrent. The check compares these very texts with
 * those in the file: spell a change of them as a new version. The columns after the checksums came
 * with version 2, and stand as SQLite writes an added column. */
static const char *const table_texts[] = {
  "CREATE TABLE torrents (\n"
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
  "  v1 BLOB UNIQUE,\n"
  "  v2 BLOB UNIQUE,\n"
  "  magnet TEXT,\n"
  "  name TEXT,\n"
  "  folder BLOB,\n"
  "  is_paused INTEGER NOT NULL,\n"
  "  is_sequential INTEGER NOT NULL,\n"
  "  seeds INTEGER NOT NULL,\n"
  "  added_at INTEGER NOT NULL,\n"
  "  completed_at INTEGER NOT NULL,\n"
  "  priorities BLOB,\n"
  "  trackers BLOB,\n"
  "  checksum INTEGER NOT NULL, options BLOB)",
  "CREATE TABLE metainfo (\n"
  "  torrent INTEGER PRIMARY KEY,\n"
  "  bytes BLOB NOT NULL,\n"
  "  checksum INTEGER NOT NULL)",
  "CREATE TABLE progress (\n"
  "  torrent INTEGER PRIMARY KEY,\n"
  "  downloaded INTEGER NOT NULL,\n"
  "  uploaded INTEGER NOT NULL,\n"
  "  wasted INTEGER NOT NULL,\n"
  "  verified BLOB,\n"
  "  durable BLOB,\n"
  "  boot_id TEXT,\n"
  "  stamps BLOB,\n"
  "  peers BLOB,\n"
  "  checksum INTEGER NOT NULL, active_seconds INTEGER NOT NULL DEFAULT 0,"
  " seeding_seconds INTEGER NOT NULL DEFAULT 0)",
  "CREATE TABLE session_values (\n"
  "  name TEXT PRIMARY KEY,\n"
  "  value BLOB NOT NULL,\n"
  "  checksum INTEGER NOT NULL) WITHOUT ROWID",
};

gboolean
ccbt_state_database_create_schema (CcbtStateDatabase *self, GError **error)
{
  g_autofree char *finish = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                             APPLICATION_ID, CCBT_STATE_SCHEMA_VERSION);
  gboolean is_done = ccbt_state_database_begin (self, TRUE, error);

  for (guint i = 0; is_done && i < G_N_ELEMENTS (table_texts); i++)
    is_done = ccbt_state_database_run (self, table_texts[i], error);
  is_done = is_done && ccbt_state_database_run (self, finish, error)
            && ccbt_state_database_commit (self, error);
  if (is_done)
    self->version = CCBT_STATE_SCHEMA_VERSION;
  else
    ccbt_state_database_rollback (self);
  return is_done;
}

static gboolean
set_damaged (GError **error, const char *what)
{
  g_autofree char *line = g_strdelimit (g_strdup (what), "\n", ' ');

  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "damaged: %s", line);
  return FALSE;
}

/* From version 1. What is new stays out of the checksum of a record until it is set, so that no
 * record has to be written again. */
static const char upgrade_text[]
    = "ALTER TABLE torrents ADD COLUMN options BLOB; "
      "ALTER TABLE progress ADD COLUMN active_seconds INTEGER NOT NULL DEFAULT 0; "
      "ALTER TABLE progress ADD COLUMN seeding_seconds INTEGER NOT NULL DEFAULT 0; "
      "PRAGMA user_version = 2";
G_STATIC_ASSERT (CCBT_STATE_SCHEMA_VERSION == 2);

gboolean
ccbt_state_database_upgrade (CcbtStateDatabase *self, GError **error)
{
  if (!ccbt_state_database_begin (self, TRUE, error))
    return FALSE;
  if (!ccbt_state_database_run (self, upgrade_text, error)
      || !ccbt_state_database_commit (self, error))
    {
      ccbt_state_database_rollback (self);
      return FALSE;
    }
  self->version = CCBT_STATE_SCHEMA_VERSION;
  return TRUE;
}

/* @text: as in the file. Of version 1, a table ends with its checksum. */
static gboolean
fits_table (const char *text, const char *table, gint64 version)
{
  const char *end = strstr (table, "checksum INTEGER NOT NULL");
  const gsize len = (gsize) (end - table) + strlen ("checksum INTEGER NOT NULL");

  if (version != 1 || table[len] != ',')
    return g_str_equal (text, table);
  return strncmp (text, table, len) == 0 && g_str_equal (text + len, ")");
}

static gboolean
is_table_text (const char *text, gint64 version)
{
  for (guint i = 0; i < G_N_ELEMENTS (table_texts); i++)
    if (fits_table (text, table_texts[i], version))
      return TRUE;
  return FALSE;
}

/* One flipped bit in the text of a table can rename a column or change how its values are stored.
 */
static gboolean
check_tables (CcbtStateDatabase *self, GError **error)
{
  sqlite3_stmt *statement = NULL;
  guint n_tables = 0;
  int result;

  if (sqlite3_prepare_v2 (self->connection,
                          "SELECT sql FROM sqlite_schema WHERE type <> 'index' "
                          "AND name <> 'sqlite_sequence'",
                          -1, &statement, NULL)
      != SQLITE_OK)
    return ccbt_state_database_fail (self, error);
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      const char *text = (const char *) sqlite3_column_text (statement, 0);

      if (text == NULL || !is_table_text (text, self->version))
        break;
      n_tables++;
    }
  sqlite3_finalize (statement);
  if (result != SQLITE_DONE || n_tables != G_N_ELEMENTS (table_texts))
    return set_damaged (error, "its tables are not those of this version");
  return TRUE;
}

/* @sql: one of SQLite's checks, which answers "ok" or with what is wrong. */
static gboolean
run_check (CcbtStateDatabase *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;
  const char *answer = NULL;
  gboolean is_whole = FALSE;

  if (sqlite3_prepare_v2 (self->connection, sql, -1, &statement, NULL) == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    answer = (const char *) sqlite3_column_text (statement, 0);
  if (answer == NULL)
    ccbt_state_database_fail (self, error);
  else
    is_whole = g_str_equal (answer, "ok") || set_damaged (error, answer);
  sqlite3_finalize (statement);
  return is_whole;
}

/* Structure only: the values are covered by the sum of each record, so that one bad value does not
 * condemn the file. */
gboolean
ccbt_state_database_check (CcbtStateDatabase *self, GError **error)
{
  gint64 id;

  if (!ccbt_state_database_read_integer (self, "PRAGMA application_id", &id, error))
    return FALSE;
  if (id != APPLICATION_ID || self->version < 1 || self->version > CCBT_STATE_SCHEMA_VERSION)
    return set_damaged (error, "it is not marked as a list of torrents");
  /* The second looks into the indexes of the list too: a torrent must be found by its hash. */
  return check_tables (self, error) && run_check (self, "PRAGMA quick_check (1)", error)
         && run_check (self, "PRAGMA integrity_check (torrents)", error);
}
