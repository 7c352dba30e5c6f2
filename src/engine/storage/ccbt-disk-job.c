/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each kind of job does. Runs on workers. */
#include "storage/ccbt-disk-job-private.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#define WRITE_AT_ONCE                                                                              \
  ((gsize) 1024 * 1024) /* hashed bytes are written while they are in the processor's cache */
#define BUFFERS_AT_ONCE 64u

static guint8 *
get_buffer (CcbtDiskWorkspace *workspace)
{
  gpointer buffer;

  if (workspace->buffer == NULL)
    {
      if (posix_memalign (&buffer, 4096, CCBT_DISK_BUFFER_SIZE) != 0)
        g_error ("no memory for a disk buffer");
      workspace->buffer = buffer;
    }
  return workspace->buffer;
}

static CcbtPieceHash *
get_hash (CcbtDiskWorkspace *workspace)
{
  if (workspace->hash == NULL)
    workspace->hash = ccbt_piece_hash_new ();
  return workspace->hash;
}

void
ccbt_disk_workspace_clear (CcbtDiskWorkspace *self)
{
  free (self->buffer);
  g_clear_pointer (&self->hash, ccbt_piece_hash_free);
}

static guint64
get_piece_offset (const CcbtDiskJob *job, guint32 piece)
{
  return (guint64) piece
         * ccbt_metainfo_get_piece_length (ccbt_storage_get_metainfo (job->storage));
}

static guint32
get_piece_length (const CcbtDiskJob *job, guint32 piece)
{
  CcbtMetainfo *metainfo = ccbt_storage_get_metainfo (job->storage);
  guint64 left = ccbt_metainfo_get_total_size (metainfo) - get_piece_offset (job, piece);

  return (guint32) MIN (ccbt_metainfo_get_piece_length (metainfo), left);
}

static gboolean
matches (const CcbtDiskJob *job, guint32 piece, const CcbtSha1 *digest)
{
  CcbtMetainfo *metainfo = ccbt_storage_get_metainfo (job->storage);
  const guint8 *expected = ccbt_metainfo_get_piece_hash (metainfo, piece);

  return expected != NULL && memcmp (expected, digest->bytes, sizeof digest->bytes) == 0;
}

static gboolean
read_range (CcbtDiskJob *job, guint64 offset, guint8 *data, gsize length, GError **error)
{
  const CcbtBuffer buffer = { data, (guint32) length };

  return ccbt_storage_read (job->storage, offset, &buffer, 1, error);
}

/* Reads and hashes through the workspace's buffer. */
static gboolean
hash_range (CcbtDiskJob *job, CcbtDiskWorkspace *workspace, CcbtPieceHash *hash, guint64 offset,
            guint64 length, GError **error)
{
  guint8 *buffer = get_buffer (workspace);

  while (length > 0)
    {
      gsize n = (gsize) MIN (length, CCBT_DISK_BUFFER_SIZE);

      if (!read_range (job, offset, buffer, n, error))
        return FALSE;
      ccbt_piece_hash_update (hash, buffer, n);
      offset += n;
      length -= n;
    }
  return TRUE;
}

/* --- Hashing, writing and reading segments --- */

static gboolean
hash_from_disk (CcbtDiskJob *job, CcbtDiskWorkspace *workspace, const CcbtDiskSegment *segment)
{
  guint64 offset = get_piece_offset (job, job->piece) + segment->offset;

  if (segment->data == NULL)
    return hash_range (job, workspace, job->hash, offset, segment->length, &job->error);
  if (!read_range (job, offset, segment->data, segment->length, &job->error))
    return FALSE;
  ccbt_piece_hash_update (job->hash, segment->data, segment->length);
  return TRUE;
}

/* Segments from @first on that follow each other without a gap and lie in memory, as buffers.
 * Returns: how many */
static guint
gather (const CcbtDiskJob *job, guint first, CcbtBuffer *buffers)
{
  gsize length = 0;
  guint n = 0;

  for (guint i = first; i < job->n_segments && n < BUFFERS_AT_ONCE && length < WRITE_AT_ONCE; i++)
    {
      const CcbtDiskSegment *segment = &job->segments[i];

      if (segment->offset != job->segments[first].offset + length
          || (segment->is_on_disk && job->kind == CCBT_DISK_HASH_WRITE))
        break;
      buffers[n++] = (CcbtBuffer){ segment->data, segment->length };
      length += segment->length;
    }
  return n;
}

static void
hash_write (CcbtDiskJob *job, CcbtDiskWorkspace *workspace)
{
  guint64 piece_offset = get_piece_offset (job, job->piece);
  CcbtSha1 digest;

  for (guint i = 0; i < job->n_segments && job->error == NULL;)
    {
      CcbtBuffer buffers[BUFFERS_AT_ONCE];
      guint n = gather (job, i, buffers);

      for (guint j = 0; j < n; j++)
        ccbt_piece_hash_update (job->hash, buffers[j].data, buffers[j].length);
      if (n > 0)
        ccbt_storage_write (job->storage, piece_offset + job->segments[i].offset, buffers, n,
                            &job->error);
      else
        hash_from_disk (job, workspace, &job->segments[i]);
      i += MAX (n, 1);
    }
  if (!job->is_last || job->error != NULL)
    return;
  digest = ccbt_piece_hash_finish (job->hash);
  job->passed = matches (job, job->piece, &digest);
}

static void
transfer_segments (CcbtDiskJob *job, gboolean (*transfer) (CcbtStorage *, guint64,
                                                           const CcbtBuffer *, guint, GError **))
{
  guint64 piece_offset = get_piece_offset (job, job->piece);

  for (guint i = 0; i < job->n_segments && job->error == NULL;)
    {
      CcbtBuffer buffers[BUFFERS_AT_ONCE];
      guint n = gather (job, i, buffers);

      transfer (job->storage, piece_offset + job->segments[i].offset, buffers, n, &job->error);
      i += n;
    }
}

/* --- Checking --- */

/* Judges one piece from disk. Returns: FALSE on an error that is no absence */
static gboolean
check_piece (CcbtDiskJob *job, CcbtDiskWorkspace *workspace, guint32 piece)
{
  g_autoptr (GError) error = NULL;
  CcbtPieceHash *hash = get_hash (workspace);
  CcbtSha1 digest;

  ccbt_piece_hash_reset (hash);
  if (hash_range (job, workspace, hash, get_piece_offset (job, piece),
                  get_piece_length (job, piece), &error))
    {
      digest = ccbt_piece_hash_finish (hash);
      job->passed_pieces[piece - job->first_piece] = matches (job, piece, &digest);
      return TRUE;
    }
  job->passed_pieces[piece - job->first_piece] = FALSE;
  if (g_error_matches (error, CCBT_ERROR, CCBT_ERROR_FILES_MISSING))
    return TRUE;
  g_propagate_error (&job->error, g_steal_pointer (&error));
  return FALSE;
}

/* Judges @n small pieces with one read. */
static gboolean
check_pieces (CcbtDiskJob *job, CcbtDiskWorkspace *workspace, guint32 piece, guint32 n)
{
  CcbtPieceHash *hash = get_hash (workspace);
  guint64 offset = get_piece_offset (job, piece);
  guint32 last = piece + n - 1;
  guint8 *data = get_buffer (workspace);
  gsize length = (gsize) (get_piece_offset (job, last) - offset) + get_piece_length (job, last);

  if (!read_range (job, offset, data, length, NULL))
    {
      gboolean goes_on = TRUE; /* something is missing: piece by piece, to know of which */

      for (guint32 i = 0; i < n && goes_on; i++)
        goes_on = check_piece (job, workspace, piece + i);
      return goes_on;
    }
  ccbt_piece_hash_reset (hash);
  for (guint32 i = 0; i < n; i++)
    {
      CcbtSha1 digest;

      ccbt_piece_hash_update (hash, data, get_piece_length (job, piece + i));
      digest = ccbt_piece_hash_finish (hash);
      job->passed_pieces[piece + i - job->first_piece] = matches (job, piece + i, &digest);
      data += get_piece_length (job, piece + i);
    }
  return TRUE;
}

static gboolean
is_cancelled (CcbtDiskJob *job)
{
  if (!g_atomic_int_get (&job->is_cancelled))
    return FALSE;
  g_set_error_literal (&job->error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  return TRUE;
}

/* What is done already is in n_checked, so it can stop and go on anywhere between pieces. */
static gboolean
check (CcbtDiskJob *job, CcbtDiskWorkspace *workspace)
{
  guint32 piece_length = ccbt_metainfo_get_piece_length (ccbt_storage_get_metainfo (job->storage));
  guint32 most = MAX (1, (guint32) (CCBT_DISK_BUFFER_SIZE / piece_length));
  guint32 done = (guint32) g_atomic_int_get (&job->n_checked);

  ccbt_storage_advise (job->storage, get_piece_offset (job, job->first_piece + done),
                       (guint64) (job->n_pieces - done) * piece_length);
  while (done < job->n_pieces && !is_cancelled (job))
    {
      guint32 n = MIN (most, job->n_pieces - done);
      gboolean goes_on = n > 1 ? check_pieces (job, workspace, job->first_piece + done, n)
                               : check_piece (job, workspace, job->first_piece + done);

      if (!goes_on)
        break;
      done += n;
      g_atomic_int_set (&job->n_checked, (gint) done);
      if (done < job->n_pieces && job->is_background && workspace->should_yield (workspace->data))
        return FALSE;
    }
  return TRUE;
}

/* --- The others --- */

static void
digest_blocks (CcbtDiskJob *job, CcbtDiskWorkspace *workspace)
{
  CcbtPieceHash *hash = get_hash (workspace);
  guint64 offset = get_piece_offset (job, job->piece);
  guint32 length = get_piece_length (job, job->piece);

  for (guint32 at = 0; at < length; at += CCBT_BLOCK_SIZE)
    {
      ccbt_piece_hash_reset (hash);
      if (!hash_range (job, workspace, hash, offset + at, MIN (CCBT_BLOCK_SIZE, length - at),
                       &job->error))
        return;
      job->block_digests[at / CCBT_BLOCK_SIZE] = ccbt_piece_hash_finish (hash);
    }
}

static void
run_file_job (CcbtDiskJob *job)
{
  switch (job->kind)
    {
    case CCBT_DISK_PREPARE:
      if (!ccbt_storage_prepare (job->storage, job->flag, &job->error))
        return;
      G_GNUC_FALLTHROUGH;
    case CCBT_DISK_STAMPS:
      if (job->stamps != NULL)
        ccbt_storage_get_stamps (job->storage, job->stamps);
      return;
    case CCBT_DISK_SYNC:
      ccbt_storage_sync (job->storage, &job->error);
      return;
    case CCBT_DISK_DELETE:
      if (job->flag)
        ccbt_storage_delete (job->storage, &job->error);
      ccbt_storage_close (job->storage);
      return;
    default:
      g_assert_not_reached ();
    }
}

gboolean
ccbt_disk_job_run (CcbtDiskJob *job, CcbtDiskWorkspace *workspace)
{
  if (is_cancelled (job))
    return TRUE;
  switch (job->kind)
    {
    case CCBT_DISK_HASH_WRITE:
      hash_write (job, workspace);
      break;
    case CCBT_DISK_WRITE:
      transfer_segments (job, ccbt_storage_write);
      break;
    case CCBT_DISK_READ:
      transfer_segments (job, ccbt_storage_read);
      break;
    case CCBT_DISK_CHECK:
      return check (job, workspace);
    case CCBT_DISK_DIGEST_BLOCKS:
      digest_blocks (job, workspace);
      break;
    case CCBT_DISK_CALL:
      job->call (job);
      break;
    default:
      run_file_job (job);
    }
  return TRUE;
}
