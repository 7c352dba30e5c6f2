/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-metainfo.h"
#include "wire/ccbt-path-name.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_path (const char *path)
{
  g_auto (GStrv) components = g_strsplit (path, "/", -1);

  for (char **p = components; *p != NULL; p++)
    {
      g_autofree char *safe = ccbt_path_name_make_safe (ccbt_span_from_string (*p));

      g_assert (**p != '\0' && strlen (*p) <= 255);
      if (strlen (*p) <= CCBT_PATH_NAME_MAX_BYTES)
        g_assert_cmpstr (safe, ==, *p);
    }
}

/* What the rest of the engine relies on. */
static void
check (CcbtMetainfo *metainfo)
{
  g_autoptr (GHashTable) paths = g_hash_table_new (g_str_hash, g_str_equal);
  guint32 n_pieces = ccbt_metainfo_get_n_pieces (metainfo);
  guint64 total = ccbt_metainfo_get_total_size (metainfo);
  guint64 piece_length = ccbt_metainfo_get_piece_length (metainfo);
  guint64 end = 0;
  guint32 n_hashes;

  g_assert (n_pieces > 0 && total > (n_pieces - 1) * piece_length
            && total <= n_pieces * piece_length);
  for (guint i = 0; i < ccbt_metainfo_get_n_files (metainfo); i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (metainfo, i);

      check_path (file->path);
      g_assert (g_hash_table_add (paths, (char *) file->path));
      g_assert (file->offset >= end);
      end = file->offset + file->length;
      ccbt_metainfo_get_piece_layer (metainfo, i, &n_hashes);
    }
  g_assert (end == total);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (CcbtMetainfo) metainfo = ccbt_metainfo_parse (bytes, NULL);
  g_autoptr (CcbtMetainfo) info = ccbt_metainfo_parse_info (bytes, NULL);

  if (metainfo != NULL)
    check (metainfo);
  if (info != NULL)
    check (info);
  return 0;
}
