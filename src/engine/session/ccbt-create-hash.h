/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-create-files.h"
#include "storage/ccbt-folder-walk.h"
#include "storage/ccbt-piece-hash.h"

/* Hashes pieces of files that are listed, a stretch at a time so that other work of the disks gets
 * between. One worker at a time; several of them share the files and the pieces, each with
 * stretches of its own. */
typedef struct
{
  const CcbtSourceFiles *files;
  guint32 piece_length;
  CcbtSha1 *pieces; /* of the whole torrent */

  guint64 position; /* the next byte of the torrent */
  guint64 end;      /* of the stretch */

  CcbtPieceHash *hash;
  guint8 *buffer;
  CcbtFolderWalk walk;
  gboolean has_walk;
  guint file; /* that is open, when descriptor >= 0 */
  int descriptor;
  const CcbtSourceFile *changed; /* (out): why it failed, when that is why */
} CcbtSourceHasher;

void ccbt_source_hasher_init (CcbtSourceHasher *self, const CcbtSourceFiles *files,
                              guint32 piece_length, CcbtSha1 *pieces);
void ccbt_source_hasher_clear (CcbtSourceHasher *self);

/* From @position, where a piece begins, to @end, where one ends. */
void ccbt_source_hasher_set_stretch (CcbtSourceHasher *self, guint64 position, guint64 end);
/* Goes on by @most bytes, or to the end. Errors: BUSY: a file has changed; DISK. */
gboolean ccbt_source_hasher_run (CcbtSourceHasher *self, guint64 most, GError **error);

/* "... has changed": the sentence is the same wherever it is noticed. */
void ccbt_source_set_changed (GError **error, const CcbtSourceFile *file);
