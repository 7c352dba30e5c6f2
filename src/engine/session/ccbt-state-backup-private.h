/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-state-database-private.h"

/* Copies of the database beside it: PATH.backup-1, the newest, to PATH.backup-2. Each is whole or
 * not there. */
#define CCBT_STATE_N_BACKUPS 2

/* @number: from 1. Returns: (transfer full) */
char *ccbt_state_backup_get_path (const char *database_path, guint number);
/* As people write it. Returns: (transfer full) */
char *ccbt_state_backup_get_date (const char *database_path, guint number);
/* Of the newest. Returns: microseconds; G_MAXINT64 when there is none */
gint64 ccbt_state_backup_get_age (const char *database_path);
gboolean ccbt_state_backup_exists (const char *database_path);
/* Returns: (transfer full) (nullable): read-only; NULL when it is not there or damaged */
CcbtStateDatabase *ccbt_state_backup_open (const char *database_path, guint number);

/* A synced copy of @database in @target, which is replaced as a whole or not at all. */
gboolean ccbt_state_backup_copy (CcbtStateDatabase *database, const char *target, GError **error);
/* The oldest goes. */
gboolean ccbt_state_backup_make (CcbtStateDatabase *database, const char *database_path,
                                 GError **error);
