/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-assembly.h"

#define BLOCKS_PER_EXTENT (CCBT_EXTENT_MAX / CCBT_BLOCK_SIZE)

/* What a block slot holds. */
typedef enum
{
  SLOT_EMPTY,
  SLOT_PINNED,    /* part of the block, from the lease's holder */
  SLOT_COMPLETE,  /* all of it, in memory */
  SLOT_ON_DISK,   /* all of it, spilled */
  SLOT_SUBMITTED, /* handed to the hash: immutable */
} Slot;

typedef struct
{
  CcbtAssembly *assembly; /* NULL once forgotten while a job is under way */
  CcbtDiskPool *disk;
  CcbtExtentPool *pool;
  guint32 piece;
  guint32 length;
  guint n_blocks;
  guint n_extents;
  guint8 *slots;          /* Slot, n_blocks */
  CcbtPeerHandle *leases; /* n_blocks */
  guint8 **extents;       /* n_extents; NULL where no buffer is */
  guint next_block;       /* first not handed to the hash */
  guint run_end;          /* of the job under way */
  gint64 touched;
  gboolean has_job;
  gboolean is_doomed; /* forgotten while a job is under way: nothing may land until it is over, or
                         its late write could undo a newer one */
  CcbtPieceHash *hash;
  CcbtDiskJob job;
  GArray *segments; /* CcbtDiskSegment of the job */
} Progress;

struct _CcbtAssembly
{
  const CcbtAssemblyOwner *questions;
  gpointer owner;
  CcbtPieceMap map;
  CcbtStorage *storage;
  CcbtDiskPool *disk;
  CcbtExtentPool *extents;
  GHashTable *pieces; /* index -> Progress */
  Progress *latest;   /* the one looked up last: blocks come in runs */
  gsize buffered;
  guint n_jobs; /* under way */
};

static void submit_run (Progress *progress);

static guint32
get_extent_length (const Progress *progress, guint extent)
{
  return MIN (CCBT_EXTENT_MAX, progress->length - extent * CCBT_EXTENT_MAX);
}

static void
free_extent (Progress *progress, guint extent)
{
  if (progress->extents[extent] == NULL)
    return;
  ccbt_extent_pool_give (progress->pool, g_steal_pointer (&progress->extents[extent]),
                         get_extent_length (progress, extent));
  if (progress->assembly != NULL)
    progress->assembly->buffered -= get_extent_length (progress, extent);
}

static void
free_progress (Progress *progress)
{
  for (guint i = 0; i < progress->n_extents; i++)
    free_extent (progress, i);
  g_clear_pointer (&progress->hash, ccbt_piece_hash_free);
  g_array_unref (progress->segments);
  g_free (progress->slots);
  g_free (progress->leases);
  g_free (progress->extents);
  g_free (progress);
}

/* Value destructor of the table: a job under way keeps the bytes until it is done. */
static void
let_go (gpointer data)
{
  Progress *progress = data;

  if (progress->assembly->latest == progress)
    progress->assembly->latest = NULL;
  if (!progress->has_job)
    {
      free_progress (progress);
      return;
    }
  for (guint i = 0; i < progress->n_extents; i++)
    if (progress->extents[i] != NULL)
      progress->assembly->buffered -= get_extent_length (progress, i);
  progress->assembly = NULL;
}

static Progress *
find_progress (CcbtAssembly *self, guint32 piece)
{
  if (self->latest == NULL || self->latest->piece != piece)
    self->latest = g_hash_table_lookup (self->pieces, GUINT_TO_POINTER (piece));
  return self->latest;
}

static Progress *
make_progress (CcbtAssembly *self, guint32 piece)
{
  Progress *progress = g_new0 (Progress, 1);

  progress->assembly = self;
  progress->disk = self->disk;
  progress->pool = self->extents;
  progress->piece = piece;
  progress->length = ccbt_piece_map_length (&self->map, piece);
  progress->n_blocks = ccbt_piece_map_blocks (&self->map, piece);
  progress->n_extents = (progress->length + CCBT_EXTENT_MAX - 1) / CCBT_EXTENT_MAX;
  progress->slots = g_new0 (guint8, progress->n_blocks);
  progress->leases = g_new0 (CcbtPeerHandle, progress->n_blocks);
  progress->extents = g_new0 (guint8 *, progress->n_extents);
  progress->segments = g_array_new (FALSE, FALSE, sizeof (CcbtDiskSegment));
  g_hash_table_insert (self->pieces, GUINT_TO_POINTER (piece), progress);
  self->latest = progress;
  return progress;
}

static guint8 *
get_place (Progress *progress, guint block)
{
  guint extent = block / BLOCKS_PER_EXTENT;

  if (progress->extents[extent] == NULL)
    {
      guint32 length = get_extent_length (progress, extent);

      progress->extents[extent] = ccbt_extent_pool_take (progress->pool, length);
      progress->assembly->buffered += length;
    }
  return progress->extents[extent] + (gsize) (block % BLOCKS_PER_EXTENT) * CCBT_BLOCK_SIZE;
}

static guint32
get_block_length (const Progress *progress, guint block)
{
  return MIN (CCBT_BLOCK_SIZE, progress->length - block * CCBT_BLOCK_SIZE);
}

/* --- Jobs --- */

/* Adds the block to the job, joining it with the one before where they are neighbours of one kind
 * in one extent. */
static void
add_segment (Progress *progress, guint block)
{
  guint8 *extent = progress->extents[block / BLOCKS_PER_EXTENT];
  gboolean on_disk = progress->slots[block] == SLOT_ON_DISK;
  CcbtDiskSegment segment = { .offset = block * CCBT_BLOCK_SIZE,
                              .length = get_block_length (progress, block),
                              .is_on_disk = on_disk };
  CcbtDiskSegment *last;

  if (!on_disk)
    segment.data = extent + (gsize) (block % BLOCKS_PER_EXTENT) * CCBT_BLOCK_SIZE;
  if (progress->segments->len > 0)
    {
      last = &g_array_index (progress->segments, CcbtDiskSegment, progress->segments->len - 1);
      if (last->is_on_disk == on_disk && last->offset + last->length == segment.offset
          && segment.offset % CCBT_EXTENT_MAX != 0)
        {
          last->length += segment.length;
          return;
        }
    }
  g_array_append_val (progress->segments, segment);
}

static void
start_job (Progress *progress, CcbtDiskJobKind kind, CcbtDiskDone done)
{
  progress->has_job = TRUE;
  progress->assembly->n_jobs++;
  progress->job = (CcbtDiskJob){ .kind = kind,
                                 .storage = progress->assembly->storage,
                                 .done = done,
                                 .owner = progress,
                                 .piece = progress->piece,
                                 .segments = (CcbtDiskSegment *) progress->segments->data,
                                 .n_segments = progress->segments->len,
                                 .hash = progress->hash,
                                 .is_last = kind == CCBT_DISK_HASH_WRITE
                                            && progress->run_end == progress->n_blocks };
  ccbt_disk_pool_submit (progress->disk, &progress->job);
}

/* Takes the error of a job that is done. Returns: FALSE when the piece is gone */
static gboolean
settle_job (Progress *progress, CcbtAssembly **assembly)
{
  g_autoptr (GError) error = g_steal_pointer (&progress->job.error);
  guint32 piece = progress->piece;

  progress->has_job = FALSE;
  *assembly = progress->assembly;
  if (progress->assembly == NULL)
    {
      free_progress (progress);
      return FALSE;
    }
  (*assembly)->n_jobs--;
  if (progress->is_doomed)
    {
      g_hash_table_remove ((*assembly)->pieces, GUINT_TO_POINTER (piece));
      return FALSE;
    }
  if (error == NULL)
    return TRUE;
  g_hash_table_remove ((*assembly)->pieces, GUINT_TO_POINTER (piece));
  (*assembly)->questions->failed ((*assembly)->owner, piece, error);
  return FALSE;
}

static void
run_done (CcbtDiskJob *job)
{
  Progress *progress = job->owner;
  CcbtAssembly *self;
  gboolean is_last = job->is_last, passed = job->passed;
  guint32 piece = progress->piece;

  if (!settle_job (progress, &self))
    return;
  for (guint extent = progress->next_block / BLOCKS_PER_EXTENT;
       extent * BLOCKS_PER_EXTENT < progress->run_end; extent++)
    free_extent (progress, extent);
  progress->next_block = progress->run_end;
  if (!is_last)
    {
      submit_run (progress);
      self->questions->written (self->owner);
      return;
    }
  g_hash_table_remove (self->pieces, GUINT_TO_POINTER (piece));
  self->questions->verdict (self->owner, piece, passed);
  self->questions->written (self->owner);
}

/* Hands the complete blocks in front to the disk pool, in whole extents. */
static void
submit_run (Progress *progress)
{
  guint end = progress->next_block;

  if (progress->has_job)
    return;
  while (end < progress->n_blocks
         && (progress->slots[end] == SLOT_COMPLETE || progress->slots[end] == SLOT_ON_DISK))
    end++;
  if (end < progress->n_blocks)
    end -= end % BLOCKS_PER_EXTENT;
  if (end <= progress->next_block)
    return;
  g_array_set_size (progress->segments, 0);
  for (guint block = progress->next_block; block < end; block++)
    {
      add_segment (progress, block);
      progress->slots[block] = SLOT_SUBMITTED;
    }
  if (progress->hash == NULL)
    progress->hash = ccbt_piece_hash_new ();
  progress->run_end = end;
  start_job (progress, CCBT_DISK_HASH_WRITE, run_done);
}

/* --- Spilling --- */

/* Frees the buffer of @extent when nothing in it is needed. */
static void
free_if_idle (Progress *progress, guint extent)
{
  guint end = MIN ((extent + 1) * BLOCKS_PER_EXTENT, progress->n_blocks);

  for (guint block = extent * BLOCKS_PER_EXTENT; block < end; block++)
    if (progress->slots[block] != SLOT_EMPTY && progress->slots[block] != SLOT_ON_DISK)
      return;
  free_extent (progress, extent);
}

static void
spill_done (CcbtDiskJob *job)
{
  Progress *progress = job->owner;
  CcbtAssembly *self;

  if (!settle_job (progress, &self))
    return;
  for (guint i = 0; i < progress->segments->len; i++)
    {
      const CcbtDiskSegment *segment = &g_array_index (progress->segments, CcbtDiskSegment, i);
      guint first = segment->offset / CCBT_BLOCK_SIZE;
      guint end = (segment->offset + segment->length + CCBT_BLOCK_SIZE - 1) / CCBT_BLOCK_SIZE;

      for (guint block = first; block < end; block++)
        progress->slots[block] = SLOT_ON_DISK;
      free_if_idle (progress, first / BLOCKS_PER_EXTENT);
    }
  submit_run (progress);
}

static void
spill_piece (Progress *progress)
{
  if (progress->has_job)
    return;
  g_array_set_size (progress->segments, 0);
  for (guint block = progress->next_block; block < progress->n_blocks; block++)
    if (progress->slots[block] == SLOT_COMPLETE)
      add_segment (progress, block);
  for (guint extent = 0; extent < progress->n_extents; extent++)
    free_if_idle (progress, extent);
  if (progress->segments->len > 0)
    start_job (progress, CCBT_DISK_WRITE, spill_done);
}

/* Returns: (transfer container): every piece in progress */
static GPtrArray *
list_pieces (CcbtAssembly *self)
{
  GPtrArray *pieces = g_ptr_array_sized_new (g_hash_table_size (self->pieces));
  GHashTableIter iter;
  gpointer progress;

  g_hash_table_iter_init (&iter, self->pieces);
  while (g_hash_table_iter_next (&iter, NULL, &progress))
    g_ptr_array_add (pieces, progress);
  return pieces;
}

static int
compare_touched (gconstpointer a, gconstpointer b)
{
  gint64 first = (*(Progress *const *) a)->touched, second = (*(Progress *const *) b)->touched;

  return first < second ? -1 : first > second;
}

void
ccbt_assembly_spill (CcbtAssembly *self, gint64 before, gsize keep)
{
  g_autoptr (GPtrArray) pieces = list_pieces (self);
  gsize buffered = self->buffered;

  g_ptr_array_sort (pieces, compare_touched);
  for (guint i = 0; i < pieces->len; i++)
    {
      Progress *progress = g_ptr_array_index (pieces, i);

      if (progress->touched >= before && buffered <= keep)
        break;
      for (guint extent = 0; extent < progress->n_extents && !progress->has_job; extent++)
        if (progress->extents[extent] != NULL)
          buffered -= MIN (buffered, get_extent_length (progress, extent));
      spill_piece (progress);
    }
}

/* --- Blocks --- */

guint8 *
ccbt_assembly_land (CcbtAssembly *self, CcbtPeerHandle peer, CcbtBlock block)
{
  Progress *progress = find_progress (self, block.piece);

  if (progress == NULL)
    progress = make_progress (self, block.piece);
  if (progress->is_doomed || progress->slots[block.block] != SLOT_EMPTY)
    return NULL;
  if (progress->leases[block.block] != CCBT_PEER_NONE && progress->leases[block.block] != peer)
    return NULL;
  progress->leases[block.block] = peer;
  return get_place (progress, block.block);
}

guint8 *
ccbt_assembly_continue (CcbtAssembly *self, CcbtPeerHandle peer, CcbtBlock block)
{
  Progress *progress = find_progress (self, block.piece);

  if (progress == NULL || progress->is_doomed || progress->slots[block.block] != SLOT_PINNED
      || progress->leases[block.block] != peer)
    return NULL;
  return get_place (progress, block.block);
}

void
ccbt_assembly_pin (CcbtAssembly *self, CcbtPeerHandle peer, CcbtBlock block, gboolean pinned)
{
  Progress *progress = find_progress (self, block.piece);
  Slot from = pinned ? SLOT_EMPTY : SLOT_PINNED;

  if (progress != NULL && progress->leases[block.block] == peer
      && progress->slots[block.block] == from)
    progress->slots[block.block] = pinned ? SLOT_PINNED : SLOT_EMPTY;
}

void
ccbt_assembly_release (CcbtAssembly *self, CcbtPeerHandle peer, CcbtBlock block)
{
  Progress *progress = find_progress (self, block.piece);

  if (progress == NULL || progress->leases[block.block] != peer)
    return;
  if (progress->slots[block.block] == SLOT_EMPTY || progress->slots[block.block] == SLOT_PINNED)
    {
      progress->slots[block.block] = SLOT_EMPTY;
      progress->leases[block.block] = CCBT_PEER_NONE;
    }
}

gboolean
ccbt_assembly_complete (CcbtAssembly *self, CcbtPeerHandle peer, CcbtBlock block,
                        const guint8 *copy, gint64 now)
{
  Progress *progress = find_progress (self, block.piece);

  if (progress == NULL)
    {
      if (copy == NULL)
        return FALSE; /* the piece was begun anew: its place went with it */
      progress = make_progress (self, block.piece);
    }
  if (progress->is_doomed)
    return FALSE;
  if (progress->slots[block.block] != SLOT_EMPTY && progress->slots[block.block] != SLOT_PINNED)
    return FALSE;
  if (copy == NULL && progress->leases[block.block] != peer)
    return FALSE;
  if (copy != NULL)
    memcpy (get_place (progress, block.block), copy, get_block_length (progress, block.block));
  progress->leases[block.block] = peer;
  progress->slots[block.block] = SLOT_COMPLETE;
  progress->touched = now;
  submit_run (progress);
  return TRUE;
}

void
ccbt_assembly_forget (CcbtAssembly *self, guint32 piece)
{
  Progress *progress = find_progress (self, piece);

  if (progress != NULL && progress->has_job)
    progress->is_doomed = TRUE;
  else if (progress != NULL)
    g_hash_table_remove (self->pieces, GUINT_TO_POINTER (piece));
}

void
ccbt_assembly_forget_all (CcbtAssembly *self)
{
  g_autoptr (GPtrArray) pieces = list_pieces (self);

  for (guint i = 0; i < pieces->len; i++)
    ccbt_assembly_forget (self, ((Progress *) g_ptr_array_index (pieces, i))->piece);
}

gboolean
ccbt_assembly_is_idle (CcbtAssembly *self)
{
  return self->n_jobs == 0;
}

gboolean
ccbt_assembly_has_piece (CcbtAssembly *self, guint32 piece)
{
  return find_progress (self, piece) != NULL;
}

gsize
ccbt_assembly_get_buffered (CcbtAssembly *self)
{
  return self->buffered;
}

CcbtAssembly *
ccbt_assembly_new (const CcbtAssemblyOwner *questions, gpointer owner, const CcbtPieceMap *map,
                   CcbtStorage *storage, CcbtDiskPool *disk, CcbtExtentPool *extents)
{
  CcbtAssembly *self = g_new0 (CcbtAssembly, 1);

  self->questions = questions;
  self->owner = owner;
  self->map = *map;
  self->storage = ccbt_storage_ref (storage);
  self->disk = disk;
  self->extents = extents;
  self->pieces = g_hash_table_new_full (NULL, NULL, NULL, let_go);
  return self;
}

void
ccbt_assembly_free (CcbtAssembly *self)
{
  g_hash_table_unref (self->pieces);
  ccbt_storage_unref (self->storage);
  g_free (self);
}

void
ccbt_assembly_set_storage (CcbtAssembly *self, CcbtStorage *storage)
{
  g_return_if_fail (ccbt_assembly_is_idle (self));

  ccbt_storage_ref (storage);
  ccbt_storage_unref (self->storage);
  self->storage = storage;
}
