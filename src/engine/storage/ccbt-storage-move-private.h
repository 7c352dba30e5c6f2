/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "storage/ccbt-storage-move.h"
#include "storage/ccbt-storage-private.h"

typedef enum
{
  CCBT_MOVED_ABSENT, /* not at the old place: nothing to do */
  CCBT_MOVED_NOT,    /* not yet */
  CCBT_MOVED_LINKED, /* has its name at the new place */
  CCBT_MOVED_COPIED, /* is complete under the name of its copy */
} CcbtMovedFile;

/* The file that is being copied. */
typedef struct
{
  int from, to;       /* -1 = none */
  struct stat status; /* of the old one as it began */
  guint64 at;         /* bytes from its start */
  gboolean is_verifying;
  guint8 *buffers; /* two of CCBT_MOVE_BUFFER_SIZE */
} CcbtMoveCopy;

#define CCBT_MOVE_BUFFER_SIZE ((gsize) 256 * 1024)

struct _CcbtStorageMove
{
  CcbtStorage *storage;
  char *folder;
  char *journal;
  gint is_cancelled; /* atomic */
  guint64 total;     /* atomic: bytes, each counted for its copy and for its comparison */
  guint64 done;      /* atomic */

  gboolean must_exist;
  gboolean is_empty; /* the old place was never made: there is nothing to do */
  gboolean is_planned;
  gboolean made_folder;
  gboolean is_named; /* copies have, or are getting, their right names */
  guint8 *files;     /* CcbtMovedFile */
  guint next;
  CcbtMoveCopy copy;
};

/* The name of a copy until all are complete, in the same folder. (transfer full) */
char *ccbt_storage_move_make_name (CcbtStorageMove *self, guint file);
gboolean ccbt_storage_move_is_cancelled (CcbtStorageMove *self, GError **error);
void ccbt_storage_move_add_done (CcbtStorageMove *self, guint64 n_bytes);

/* Begins to copy: makes the new file, under its own name for copies. Returns: 0 or errno */
int ccbt_storage_move_copy_begin (CcbtStorageMove *self, CcbtFolderWalk *from, CcbtFolderWalk *to,
                                  guint file);
/* Copies, syncs or compares a few MiB more. Returns: COMPLETE when the file is */
CcbtMoveStep ccbt_storage_move_copy_step (CcbtStorageMove *self, guint file, GError **error);
void ccbt_storage_move_copy_end (CcbtStorageMove *self);
