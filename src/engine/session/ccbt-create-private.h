/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-create-hash.h"
#include "session/ccbt-create.h"
#include "session/ccbt-session-private.h"
#include "wire/ccbt-metainfo-writer.h"

/* Among the files of making torrents:
 *   ccbt-create.c          one of them from beginning to end
 *   ccbt-create-options.c  what is asked for
 *   ccbt-create-files.c    the files, listed on a worker
 *   ccbt-create-hash.c     the pieces, hashed on workers
 *   ccbt-create-write.c    the .torrent, written on a worker, and the record of what is seeded */

typedef enum
{
  CCBT_CREATE_LISTING,
  CCBT_CREATE_HASHING,
  CCBT_CREATE_WRITING,
  CCBT_CREATE_DONE,
  CCBT_CREATE_FAILED,
  CCBT_CREATE_CANCELLED,
} CcbtCreateState;

/* One piece or several in a row, on one worker at a time. */
typedef struct
{
  CcbtCreation *creation;
  CcbtSourceHasher hasher;
  guint64 counted; /* up to there, in the progress */
  CcbtDiskJob job;
} CcbtCreateLane;

struct _CcbtCreation
{
  CcbtSession *session;
  guint32 number;
  CcbtCreateOptions *options;
  CcbtCreateState state;
  gint is_cancelled; /* atomic: workers look at it */
  GError *error;
  CcbtDiskJob job; /* listing, then writing */

  /* The worker's while listing. */
  CcbtSourceFiles *files;
  guint32 piece_length;

  CcbtSha1 *pieces;
  CcbtCreateLane *lanes;
  guint n_lanes, n_running;
  guint64 next; /* byte of the torrent that no lane has yet */
  guint64 hashed;
  char *changed; /* (nullable): path of the file that has */

  gint64 now; /* wall clock, microseconds, when writing begins */
  /* The worker's while writing. */
  GBytes *torrent;
  CcbtInfoHash info_hash;

  CcbtTorrentId id; /* of what is seeded; 0 = none */
  gboolean was_there;
};

/* ccbt-create-write.c */
/* Workers: is there room for the torrent file where it goes? Errors: EXISTS, NOT_FOUND, READ_ONLY. */
gboolean ccbt_create_check_output (const CcbtCreateOptions *options, GError **error);
/* Workers: chooses the piece length, and judges the files. Errors: INVALID, TOO_LARGE. */
gboolean ccbt_create_check_files (CcbtCreation *self, GError **error);
/* Workers: looks at the files once more and writes. Errors: BUSY: a file has changed; those of disks. */
gboolean ccbt_create_write (CcbtCreation *self, GError **error);
/* Everything hashed is had, as long as the files stay as they were listed. Returns: (transfer full) */
CcbtTorrentRecord *ccbt_create_make_record (CcbtCreation *self);
