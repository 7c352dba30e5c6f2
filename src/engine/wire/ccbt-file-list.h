/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-metainfo.h"
#include "wire/ccbt-path-name.h"

/* The files of a torrent while it is read: v1 lists (BEP 3, 47) and v2 trees (BEP 52) both end up
 * here. */
typedef struct
{
  GArray *files; /* CcbtMetainfoFile, owning path and symlink_target; links are targets in the
                    torrent until ccbt_file_list_finish() */
  CcbtPathNames *names;
  guint64 end;          /* offset after the last file */
  guint64 payload_size; /* bytes of files that are no pads */
  gsize path_bytes;     /* of all paths */
  const char
      *root; /* safe name of the torrent: first component of every path; NULL for a single file */
  gboolean has_links;
} CcbtFileList;

/* @root: (nullable): borrowed as long as the list is read */
void ccbt_file_list_init (CcbtFileList *self, const char *root);
void ccbt_file_list_clear (CcbtFileList *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CcbtFileList, ccbt_file_list_clear)

/* The file of a single-file torrent: "length" and "attr" are in @info itself. */
gboolean ccbt_file_list_read_single (CcbtFileList *self, CcbtBencodeValue info, const char *name,
                                     GError **error);

/* @files: the value of the key “files”. */
gboolean ccbt_file_list_read_v1 (CcbtFileList *self, CcbtBencodeValue files, GError **error);

/* @tree: the value of the key “file tree”. */
gboolean ccbt_file_list_read_v2 (CcbtFileList *self, CcbtBencodeValue tree, guint32 piece_length,
                                 GError **error);

/* Is @tree one file and nothing else? */
gboolean ccbt_file_list_is_single_v2 (CcbtBencodeValue tree);

/* Counts @path to those whose lengths are bounded altogether. Errors: TOO_LARGE. */
gboolean ccbt_file_list_count_path (CcbtFileList *self, const char *path, GError **error);

/* Names the pads and resolves the links, for which all other files must be known. */
gboolean ccbt_file_list_finish (CcbtFileList *self, GError **error);

/* Compares the two halves of a hybrid and gives the files of @self the roots of @v2's. Errors:
 * MALFORMED when they do not describe the same files at the same places (threat B23). */
gboolean ccbt_file_list_merge_v2 (CcbtFileList *self, const CcbtFileList *v2, GError **error);
