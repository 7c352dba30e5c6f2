/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* torrent: one swarm: what is had, from whom to get the rest, whom to give it. It must not know
 * other torrents, nor who is asking for it. */

#include "picker/ccbt-picker.h"
#include "storage/ccbt-disk-pool.h"
#include "storage/ccbt-extent-pool.h"

/* The bytes of pieces in progress, from a block's first byte to the verdict over its piece.
 *
 * A piece is a list of pooled extents of 256 KiB. Each block slot has one owner, its lease: only
 * that peer's bytes land in it; what anybody else brings of the same block lands elsewhere and is
 * copied in if it is complete first. Runs of complete extents are handed to the disk pool, which
 * hashes and writes them while they are in cache; from then on their bytes are immutable, and
 * nothing lands in them any more. So a late twin can never change what was hashed. */
typedef struct _CcbtAssembly CcbtAssembly;

typedef struct
{
  /* Every byte of @piece was hashed and written: @passed says whether it matches. */
  void (*verdict) (gpointer owner, guint32 piece, gboolean passed);
  /* Some bytes went to disk: there may be room for more. */
  void (*written) (gpointer owner);
  /* Writing or reading back failed; the piece in progress is forgotten. */
  void (*failed) (gpointer owner, guint32 piece, const GError *error);
} CcbtAssemblyOwner;

CcbtAssembly *ccbt_assembly_new (const CcbtAssemblyOwner *questions, gpointer owner,
                                 const CcbtPieceMap *map, CcbtStorage *storage, CcbtDiskPool *disk,
                                 CcbtExtentPool *extents);
/* Forgets all pieces in progress. Jobs under way end by themselves; no question is asked any more.
 */
void ccbt_assembly_free (CcbtAssembly *self);
/* The same files at another place; only while it is idle. Pieces in progress go on there. */
void ccbt_assembly_set_storage (CcbtAssembly *self, CcbtStorage *storage);

/* The place for the block, of its full length; takes the lease when it is free. Returns: NULL when
 * the block is complete already or another peer holds the lease. The place is valid until the loop
 * turns. */
guint8 *ccbt_assembly_land (CcbtAssembly *self, CcbtPeerHandle peer, CcbtBlock block);
/* The same place again for a block the peer has pinned there. NULL when it is no longer so (another
 * brought the block, the piece was begun anew): what came so far is lost. */
guint8 *ccbt_assembly_continue (CcbtAssembly *self, CcbtPeerHandle peer, CcbtBlock block);
/* Part of the block is in its place: keep the place (TRUE), or no longer (FALSE). */
void ccbt_assembly_pin (CcbtAssembly *self, CcbtPeerHandle peer, CcbtBlock block, gboolean pinned);
/* The peer will not bring the block any more. */
void ccbt_assembly_release (CcbtAssembly *self, CcbtPeerHandle peer, CcbtBlock block);
/* The block is complete: in its place (@copy NULL; the peer holds the lease) or in @copy, which is
 * copied in. Returns: FALSE when it was complete before: the bytes are of no use. */
gboolean ccbt_assembly_complete (CcbtAssembly *self, CcbtPeerHandle peer, CcbtBlock block,
                                 const guint8 *copy, gint64 now);

/* Writes blocks early and frees their buffers: pieces untouched since @before, and the least
 * recently touched ones until buffers fall under @keep bytes. Never while a read is being handled.
 */
void ccbt_assembly_spill (CcbtAssembly *self, gint64 before, gsize keep);

/* Forgets the piece; for pieces whose blocks will be fetched anew. */
void ccbt_assembly_forget (CcbtAssembly *self, guint32 piece);
void ccbt_assembly_forget_all (CcbtAssembly *self);
/* Is no disk job under way? Only then may files be checked, moved or handed to another assembly. */
gboolean ccbt_assembly_is_idle (CcbtAssembly *self);
gboolean ccbt_assembly_has_piece (CcbtAssembly *self, guint32 piece);
gsize ccbt_assembly_get_buffered (CcbtAssembly *self); /* bytes in extents */
