/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-state-database-private.h"

/* What lies beside the database: backups, and databases that were replaced. All of these run on the
 * state writer's thread (ccbt_state_store_run_async()), so that no backup moves meanwhile. @argument
 * is what each says; @path: of the database. Returns: (transfer full), not floating; NULL on an error */

/* (aa{sv}): name s, kind s ("backup", "damaged", "replaced"), date x (microseconds), size t */
GVariant *ccbt_state_checkpoints_list (CcbtStateDatabase *database, const char *path,
                                       const char *argument, GError **error);
/* @argument: a name as listed; "": the database in use. (a{sv}): whole b, torrents u, damaged u, and,
 * when it is not whole, text s. Errors: NOT_FOUND */
GVariant *ccbt_state_checkpoints_verify (CcbtStateDatabase *database, const char *path,
                                         const char *argument, GError **error);
/* @argument: the path of a file that is not there yet; "": the newest of those that take turns.
 * (s): its path. Errors: EXISTS, NO_SPACE, READ_ONLY, DISK */
GVariant *ccbt_state_checkpoints_backup (CcbtStateDatabase *database, const char *path,
                                         const char *argument, GError **error);
/* Makes a whole backup, by its name or its path, the database of the next start. (): that it will
 * be. Errors: NOT_FOUND, MALFORMED (it is not whole), NO_SPACE, READ_ONLY, DISK */
GVariant *ccbt_state_checkpoints_restore (CcbtStateDatabase *database, const char *path,
                                          const char *argument, GError **error);
/* Removes databases that were replaced, and copies that were cut short. (ut): files, bytes */
GVariant *ccbt_state_checkpoints_clean (CcbtStateDatabase *database, const char *path,
                                        const char *argument, GError **error);

/* Where the one to be restored waits for the next start. Returns: (transfer full) */
char *ccbt_state_checkpoints_get_restore_path (const char *database_path);
