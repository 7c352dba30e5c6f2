/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-error.h"
#include "wire/ccbt-metainfo.h"

/* The files of one torrent below one folder: names, holes and descriptors. Reference-counted; reads
 * and writes run on disk pool workers, everything else on the engine thread. Descriptors come from
 * one cache per process, bounded, with least-recently-used closing. Paths are walked component by
 * component with O_NOFOLLOW below the folder (threats B10, B18); symbolic links of a torrent are
 * not created. Pad files are never stored: they read as zeros.
 *
 * Skipped files: what falls into one (pieces at its borders) is kept in one sparse "parts" file in
 * the state folder, at the piece's own offset, and never in the user's folder. A skipped file that
 * exists already in the folder (it was wanted once) goes on being used. */
typedef struct _CcbtStorage CcbtStorage;

typedef enum
{
  CCBT_ALLOCATION_SPARSE, /* the file gets its size by ftruncate */
  CCBT_ALLOCATION_FULL,   /* fallocate; where the file system cannot, sparse */
  CCBT_ALLOCATION_NONE,   /* the file grows as it is written */
} CcbtAllocation;

/* @folder: absolute, in the file system's encoding. @parts_path: where the parts file goes when it
 * is needed. Touches no file. Returns: (transfer full) */
CcbtStorage *ccbt_storage_new (CcbtMetainfo *metainfo, const char *folder, const char *parts_path,
                               CcbtAllocation allocation);
CcbtStorage *ccbt_storage_ref (CcbtStorage *self);
void ccbt_storage_unref (CcbtStorage *self);
/* How many hold it; jobs of the pool do from submit to done. */
guint ccbt_storage_count_references (CcbtStorage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtStorage, ccbt_storage_unref)

const char *ccbt_storage_get_folder (CcbtStorage *self);
CcbtMetainfo *ccbt_storage_get_metainfo (CcbtStorage *self);

/* Engine thread, before jobs that depend on it are submitted. @skipped: one per file. Files that
 * become wanted need CCBT_DISK_PREPARE afterwards, which moves their bytes out of the parts file.
 */
void ccbt_storage_set_skipped (CcbtStorage *self, const gboolean *skipped);

/* --- What follows blocks: workers of the disk pool only (and tests). --- */

/* Errors of all: NO_SPACE (ENOSPC, EDQUOT, EFBIG), READ_ONLY (EROFS, EACCES, EPERM), FILES_MISSING,
 * DISK; the message names the file. Short transfers, EINTR and EAGAIN are retried exactly (C15). */

typedef struct
{
  guint8 *data;
  guint32 length;
} CcbtBuffer;

/* Writes @buffers in a row at @offset of the torrent, coalesced to one pwritev a file where they
 * are. */
gboolean ccbt_storage_write (CcbtStorage *self, guint64 offset, const CcbtBuffer *buffers,
                             guint n_buffers, GError **error);
/* Reads exactly what @buffers hold. A file shorter than asked or absent: FILES_MISSING. */
gboolean ccbt_storage_read (CcbtStorage *self, guint64 offset, const CcbtBuffer *buffers,
                            guint n_buffers, GError **error);
/* Tells the system that the range is about to be read from front to back. */
void ccbt_storage_advise (CcbtStorage *self, guint64 offset, guint64 length);
/* Makes folders, zero-length files and (by allocation) sizes of the wanted files; exports parts of
 * files that became wanted. When @must_exist (the torrent has downloaded pieces) and the folder or
 * all of its files are gone: FILES_MISSING, nothing is made (C16, C17). */
gboolean ccbt_storage_prepare (CcbtStorage *self, gboolean must_exist, GError **error);
/* fdatasync of every file written since the last sync, and of folders with new names. */
gboolean ccbt_storage_sync (CcbtStorage *self, GError **error);
void ccbt_storage_close (CcbtStorage *self);
/* Whether deleting leaves a file where it is: for files that are not the torrent's alone, or were
 * there before it. */
typedef enum
{
  CCBT_KEEP_NOT,
  CCBT_KEEP_DATA, /* when it holds any: one that is empty, or a hole, was made by us */
  CCBT_KEEP,
} CcbtKeep;

/* Engine thread, before the job that deletes is submitted. */
void ccbt_storage_set_kept (CcbtStorage *self, guint file, CcbtKeep keep);
/* Removes the torrent's own files, the parts file, and then folders of its own that are empty
 * (C34). */
gboolean ccbt_storage_delete (CcbtStorage *self, GError **error);

/* Size and time of change of each file: lets a restart see what was touched meanwhile (C19). */
typedef struct
{
  gint64 size;     /* bytes; -1 = absent */
  gint64 modified; /* nanoseconds since 1970 */
} CcbtFileStamp;

void ccbt_storage_get_stamps (CcbtStorage *self, CcbtFileStamp *stamps); /* one per file */

/* Engine thread, before the job that syncs is submitted: the next sync covers every file that
 * @stamps say is there, whoever wrote it. */
void ccbt_storage_mark_unsynced (CcbtStorage *self, const CcbtFileStamp *stamps);

/* Sets @pieces[i] (one byte per piece) to 1 where the wanted files hold data for all of the piece
 * and no hole, as the file system says; to 0 elsewhere. On file systems without holes, data may be
 * said to be there that was never written. */
void ccbt_storage_find_written (CcbtStorage *self, guint8 *pieces);
