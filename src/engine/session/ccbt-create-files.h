/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include "storage/ccbt-storage.h"

/* The files that a new torrent is made of, as a worker finds them: in the order of their names,
 * component by component, whatever order the file system has. */

typedef struct
{
  char *path;          /* below the parent folder; its first component is the torrent's name */
  guint64 offset;      /* of its first byte in the torrent */
  CcbtFileStamp stamp; /* when it was listed */
  guint64 device, inode;
} CcbtSourceFile;

/* Why something in the folder is not part of the torrent. */
typedef enum
{
  CCBT_SKIPPED_LINK,    /* a symbolic link: what it points to may lie elsewhere */
  CCBT_SKIPPED_HIDDEN,  /* its name begins with a dot */
  CCBT_SKIPPED_SPECIAL, /* a pipe, a socket, a device */
  CCBT_SKIPPED_OUTPUT,  /* the torrent file that will be written over */
  CCBT_N_SKIPPED,
} CcbtSkipped;

#define CCBT_SOURCE_MAX_NAMED 100u

typedef struct
{
  char *parent; /* the real path of the folder that the file or the folder lies in */
  char *name;
  gboolean is_folder;
  GArray *files; /* CcbtSourceFile */
  guint64 total_size;
  guint n_skipped[CCBT_N_SKIPPED];
  GPtrArray *skipped; /* paths of the first of them; not always UTF-8 */
  char *renamed;      /* (nullable): the first path that those who download will have under another
                         name, since not every system takes it as it is */
} CcbtSourceFiles;

/* Lists @path, absolute: a file or a folder; a symbolic link is resolved there, and nowhere below.
 * @output: (nullable): the file to be written. @cancelled: (nullable): set to 1 from any thread to give up. Errors:
 * INVALID (names that are not UTF-8), NOT_FOUND, TOO_LARGE, DISK, G_IO_ERROR_CANCELLED. Returns:
 * (transfer full) (nullable) */
CcbtSourceFiles *ccbt_source_files_list (const char *path, gboolean with_hidden, const char *output,
                                         const gint *cancelled, GError **error);
void ccbt_source_files_free (CcbtSourceFiles *self);
/* Forgets the files, and keeps what can be said of them altogether. */
void ccbt_source_files_forget (CcbtSourceFiles *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtSourceFiles, ccbt_source_files_free)

/* The first file at or after @offset that has bytes there. */
guint ccbt_source_files_find (const CcbtSourceFiles *self, guint64 offset);

/* Has @descriptor what was listed as @file? */
gboolean ccbt_source_file_is_same (const CcbtSourceFile *file, int descriptor);
/* Looks at all of them once more. Returns: (nullable): the first that has changed, or is gone */
const CcbtSourceFile *ccbt_source_files_find_changed (const CcbtSourceFiles *self);
