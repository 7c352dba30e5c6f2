/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <sys/stat.h>
#include "storage/ccbt-file-cache.h"
#include "storage/ccbt-file-map.h"
#include "storage/ccbt-folder-walk.h"
#include "storage/ccbt-storage.h"

/* Where the bytes of a file are. Moves only as written here, by compare and exchange where two
 * threads could meet: UNDECIDED -> FILE, NEW or PARTS   at the first access, or when preparing NEW
 * -> FILE                       before it is made: from now on it stays there, whoever skips it NEW
 * -> UNDECIDED                  skipped before it was made PARTS -> FILE or NEW              wanted
 * again: preparing has moved its bytes any -> UNDECIDED                  preparing, for skipped
 * files: perhaps the drive is back */
typedef enum
{
  CCBT_PLACE_UNDECIDED,
  CCBT_PLACE_NEW,   /* in its own file, which nobody has seen or made yet */
  CCBT_PLACE_FILE,  /* in its own file */
  CCBT_PLACE_PARTS, /* in the parts file */
} CcbtPlace;

/* One file of the torrent, and, behind the last, the parts file. All atomic but `open`, which is
 * the cache's. */
typedef struct
{
  CcbtOpenFile *open;
  gint64 known_size; /* it had at least so many bytes: with fewer, somebody has cut it (C16); -1 =
                        not seen yet */
  gint place;        /* CcbtPlace */
  gint is_skipped;
  gint is_dirty;     /* written since the last sync */
  gint has_new_name; /* made since the last sync */
  gint keep;         /* CcbtKeep */
} CcbtStorageFile;

struct _CcbtStorage
{
  gatomicrefcount references;
  CcbtMetainfo *metainfo;
  CcbtFileMap *map;
  char *folder;
  char *parts_path;
  char *export_name; /* begins the names of files that are being moved out of the parts file */
  CcbtAllocation allocation;
  guint n_files;
  CcbtStorageFile *files; /* n_files + 1 */

  /* Held by readers for what happens in the parts file and for deciding about places, by the writer
   * while bytes move out of the parts file. Workers only. */
  GRWLock parts_lock;
};

/* FALSE: a pad or a link, of which nothing is kept on disk. */
gboolean ccbt_storage_is_stored (CcbtStorage *self, guint file);
/* Length of a file of the torrent; no limit for the parts file. */
guint64 ccbt_storage_get_length (CcbtStorage *self, guint file);
/* What people call the file. */
const char *ccbt_storage_get_name (CcbtStorage *self, guint file);

gint64 ccbt_storage_get_known_size (CcbtStorage *self, guint file);
void ccbt_storage_set_known_size (CcbtStorage *self, guint file, gint64 size);

/* Opens the file, or finds it open. @may_make: whether it is made when it is not there and never
 * was. Returns: 0 or errno */
int ccbt_storage_open (CcbtStorage *self, guint file, gboolean is_writable, CcbtOpenFile **out);

/* The plain file @path below the folder. Returns: 0 or errno; EISDIR when it is something else */
int ccbt_storage_look (CcbtFolderWalk *walk, const char *path, struct stat *out);

/* Opens the parts file apart from the cache. Returns: a descriptor or -errno */
int ccbt_storage_open_parts (CcbtStorage *self, int flags);
/* Does the parts file hold anything of the range? Finds the first and the end of the bytes that are
 * there. */
gboolean ccbt_storage_find_parts (int parts, guint64 offset, guint64 end, guint64 *data_offset,
                                  guint64 *data_end);

/* With the writer's lock: moves the bytes of a file, which must not exist yet, from @parts into it.
 * @was_moved: (out): FALSE when there were none */
gboolean ccbt_storage_export_parts (CcbtStorage *self, CcbtFolderWalk *walk, int parts, guint file,
                                    gboolean *was_moved, GError **error);
/* Gives the file its size, as the allocation says. Returns: 0 or errno */
int ccbt_storage_allocate (CcbtStorage *self, int descriptor, const struct stat *status,
                           guint64 length);

/* Sets of the torrent's folders, as paths below the user's, which is ".". */
void ccbt_storage_add_folders (GHashTable *folders, const char *path);
/* Returns: 0 or errno */
int ccbt_storage_sync_folders (CcbtFolderWalk *walk, GHashTable *folders);
/* Inner ones first; the user's and those that are not empty stay. */
void ccbt_storage_remove_folders (CcbtFolderWalk *walk, GHashTable *folders);
