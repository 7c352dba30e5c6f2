/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-metainfo.h"

typedef struct
{
  char *url;
  guint tier;
} CcbtMetainfoTracker;

struct _CcbtMetainfo
{
  gatomicrefcount references;
  GBytes *bytes; /* the whole file: hashes below point into it */
  GBytes *info;
  CcbtInfoHash info_hash;
  char *name;
  guint64 total_size;
  guint64 payload_size;
  guint32 piece_length;
  guint32 n_pieces;
  const guint8 *pieces; /* n_pieces x 20 bytes; NULL when v2 only */
  GArray *files;        /* CcbtMetainfoFile */
  GHashTable *layers;   /* pieces root -> hashes, both into `bytes`; NULL without */
  gboolean is_multi_file;
  gboolean is_private;
  char *comment;
  char *created_by;
  gint64 creation_date;
  GArray *trackers; /* CcbtMetainfoTracker */
  char **web_seeds;
  char **http_seeds;
  char **nodes;
};

/* Each fills its part of @self. Errors: MALFORMED, TOO_LARGE, UNSUPPORTED. */
gboolean ccbt_metainfo_read_info (CcbtMetainfo *self, CcbtBencodeValue info, GError **error);
gboolean ccbt_metainfo_read_layers (CcbtMetainfo *self, CcbtBencodeValue layers, GError **error);

/* What stands around the info dictionary; nothing in it makes a torrent unusable. */
void ccbt_metainfo_read_extras (CcbtMetainfo *self, CcbtBencodeValue root);

/* Pieces of a file that starts at a piece boundary. */
guint32 ccbt_metainfo_count_file_pieces (const CcbtMetainfo *self, guint64 length);
