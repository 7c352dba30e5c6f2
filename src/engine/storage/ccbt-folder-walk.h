/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Ways from the user's folder down to the files of a torrent, one component at a time and through
 * no symbolic link (threats B10, B18): whatever else lies in the folder, nothing outside of it is
 * reached. The folder itself is the user's and may be a link. Keeps the folder of the last path
 * open, since neighbours come in rows. */
typedef struct
{
  int root;
  int parent;        /* root, or the folder of the last path */
  char *parent_path; /* relative; NULL for root */
} CcbtFolderWalk;

/* @folder: absolute. Returns: 0 or errno; only after 0 there is something to end */
int ccbt_folder_walk_begin (CcbtFolderWalk *self, const char *folder);
void ccbt_folder_walk_end (CcbtFolderWalk *self);

/* Goes to the folder that @path lies in. @make: make folders that are not there. @name: (out): the
 * last component, within @path. Returns: a descriptor, good until the next call (only for the
 * ...at() functions), or -errno */
int ccbt_folder_walk_enter (CcbtFolderWalk *self, const char *path, gboolean make,
                            const char **name);

/* Opens the plain file @path. @flags: as for open(); with O_CREAT the folders are made too.
 * Returns: a descriptor of the caller's, or -errno; ELOOP, ENOTDIR and EISDIR mean that something
 * is in the way */
int ccbt_folder_walk_open (CcbtFolderWalk *self, const char *path, int flags);
