/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <sqlite3.h>
#include "session/ccbt-state-store.h"

/* One open database file: its schema, its rows, its transactions. Knows no thread and no other
 * file; whoever uses it does so from one thread at a time. */

/* Stored in PRAGMA user_version. Raise it with every change of the tables, and write the step that
 * brings an older file up to it into ccbt-state-schema.c. */
#define CCBT_STATE_SCHEMA_VERSION 2

typedef enum
{
  CCBT_STATE_READ_WRITE,
  CCBT_STATE_READ_ONLY, /* the file and its folder are not touched */
  CCBT_STATE_SALVAGE, /* a damaged file that was moved aside: nothing is checked, nothing written */
} CcbtStateMode;

typedef enum
{
  CCBT_STATE_FIND,
  CCBT_STATE_READ_LIST,
  CCBT_STATE_READ_LIST_BACKWARDS,
  CCBT_STATE_READ_ONE,
  CCBT_STATE_READ_METAINFO,
  CCBT_STATE_READ_METAINFO_SUM,
  CCBT_STATE_READ_PROGRESS,
  CCBT_STATE_READ_VALUE,
  CCBT_STATE_READ_VALUES,
  CCBT_STATE_WRITE_LIST,
  CCBT_STATE_WRITE_METAINFO,
  CCBT_STATE_WRITE_PROGRESS,
  CCBT_STATE_WRITE_VALUE,
  CCBT_STATE_REMOVE_LIST,
  CCBT_STATE_REMOVE_METAINFO,
  CCBT_STATE_REMOVE_PROGRESS,
  CCBT_STATE_REMOVE_VALUE,
  CCBT_STATE_N_STATEMENTS,
} CcbtStateStatement;

struct _CcbtStateDatabase
{
  sqlite3 *connection;
  CcbtStateMode mode;
  gint64 version; /* of the file's schema */
  sqlite3_stmt *statements[CCBT_STATE_N_STATEMENTS];
};

/* An empty file gets the tables of this version when @may_create, and counts as damaged otherwise.
 * Errors: MALFORMED (damaged), UNSUPPORTED (newer version; not in READ_ONLY), NO_SPACE, READ_ONLY,
 * DISK. Returns: (transfer full) (nullable) */
CcbtStateDatabase *ccbt_state_database_open (const char *path, CcbtStateMode mode,
                                             gboolean may_create, GError **error);
void ccbt_state_database_close (CcbtStateDatabase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtStateDatabase, ccbt_state_database_close)

/* @synced: the commit returns when a power cut can no longer undo it; otherwise it survives a kill
 * of the process, and a power cut from the next synced commit or checkpoint on. */
gboolean ccbt_state_database_begin (CcbtStateDatabase *self, gboolean synced, GError **error);
gboolean ccbt_state_database_commit (CcbtStateDatabase *self, GError **error);
void ccbt_state_database_rollback (CcbtStateDatabase *self);

/* Moves what is committed from the log into the database file and syncs both. */
gboolean ccbt_state_database_checkpoint (CcbtStateDatabase *self, GError **error);
/* A consistent, compact copy in @path, which must be empty or not exist. Not synced. */
gboolean ccbt_state_database_copy (CcbtStateDatabase *self, const char *path, GError **error);

/* ccbt-state-schema.c */
gboolean ccbt_state_database_create_schema (CcbtStateDatabase *self, GError **error);
/* Brings a whole file of an older version up to this one, at once or not at all. */
gboolean ccbt_state_database_upgrade (CcbtStateDatabase *self, GError **error);
gboolean ccbt_state_database_check (CcbtStateDatabase *self, GError **error);

/* For the files of this part. */
gboolean ccbt_state_database_run (CcbtStateDatabase *self, const char *sql, GError **error);
gboolean ccbt_state_database_read_integer (CcbtStateDatabase *self, const char *sql, gint64 *out,
                                           GError **error);
/* Prepared at the first use, reset. Returns: (nullable): on an error */
sqlite3_stmt *ccbt_state_database_get_statement (CcbtStateDatabase *self, CcbtStateStatement which,
                                                 GError **error);
/* Runs a statement to its end and resets it. */
gboolean ccbt_state_database_finish (CcbtStateDatabase *self, sqlite3_stmt *statement,
                                     GError **error);
/* Sets @error from what SQLite, or the system below it, said last. Returns: FALSE */
gboolean ccbt_state_database_fail (CcbtStateDatabase *self, GError **error);
