/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "storage/ccbt-storage.h"

/* Brings the files of a torrent to another folder, in three parts, so that at any instant, a power
 * cut's included, the folder that is recorded for the torrent holds all of them:
 *
 *   1. steps: everything is made at the new place too, by a hard link, a shared copy or a copy that
 *      is synced and compared with what it was made of. The old place is not touched.
 *   2. the caller records the new folder and waits until that is safe.
 *   3. clean: the old names go. Or, without 2: undo: the new ones go.
 *
 * A journal file says meanwhile from where to where; the run after a kill finds it, asks which of
 * the two folders was recorded, and does the part of 3 that fits. Copies have a name of their own
 * beside their place until all are complete. What is at the new place already is never touched:
 * then nothing is begun.
 *
 * New, free, cancel and progress: the engine thread. The others: workers, one at a time. */
typedef struct _CcbtStorageMove CcbtStorageMove;

typedef enum
{
  CCBT_MOVE_FAILED,
  CCBT_MOVE_MORE,     /* call it again */
  CCBT_MOVE_COMPLETE, /* all is at both places */
} CcbtMoveStep;

/* @storage: at the old place; a reference is kept. @folder: absolute. @journal: path of the journal,
 * in the state folder. Touches no file. Returns: (transfer full) */
CcbtStorageMove *ccbt_storage_move_new (CcbtStorage *storage, const char *folder,
                                        const char *journal);
void ccbt_storage_move_free (CcbtStorageMove *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtStorageMove, ccbt_storage_move_free)

/* The torrent has data: when nothing is at the old place, that fails (FILES_MISSING). */
void ccbt_storage_move_set_must_exist (CcbtStorageMove *self);
/* Any thread: the step under way fails with G_IO_ERROR_CANCELLED, soon. */
void ccbt_storage_move_cancel (CcbtStorageMove *self);
/* 0.0-1.0; any thread */
double ccbt_storage_move_get_progress (CcbtStorageMove *self);
const char *ccbt_storage_move_get_folder (CcbtStorageMove *self);

/* A few MiB at a time. Errors: EXISTS: something is at the new place (the message names it), and
 * those of the storage. After a failure: undo. */
CcbtMoveStep ccbt_storage_move_step (CcbtStorageMove *self, GError **error);
/* The old place is the right one: removes what was made at the new one, and the journal. */
void ccbt_storage_move_undo (CcbtStorageMove *self);
/* The new place is the right one, and recorded: removes the old names, those in @kept (nullable, one
 * per file) excepted, then empty folders, then the journal. A file that is not like the one at the
 * new place stays. Returns: FALSE when any stays for that reason, or cannot be removed */
gboolean ccbt_storage_move_clean (CcbtStorageMove *self, const gboolean *kept, GError **error);

/* What a run before this one left under way. @named: (out): for ccbt_storage_move_set_named().
 * Returns: FALSE when there is no journal, or it makes no sense */
gboolean ccbt_storage_move_read_journal (const char *journal, char **from, char **to,
                                         gboolean *named);
void ccbt_storage_move_set_named (CcbtStorageMove *self, gboolean named);
