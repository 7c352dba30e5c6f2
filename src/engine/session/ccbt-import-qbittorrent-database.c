/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-import-private.h"
#include "base/ccbt-torrent-options.h"
#include <sqlite3.h>

/* qBittorrent keeps torrents in a database when its user chose so: the same resume data, without the
 * parts that have columns of their own. */

#define QUERY                                                                                      \
  "SELECT name, category, tags, ratio_limit, seeding_time_limit, operating_mode, stopped, "        \
  "libtorrent_resume_data, metadata FROM torrents ORDER BY queue_position, id LIMIT 100000"

enum
{
  NAME,
  CATEGORY,
  TAGS,
  RATIO,
  SEEDING_TIME,
  MODE,
  STOPPED,
  RESUME,
  METADATA,
};

static GBytes *
copy_blob (sqlite3_stmt *row, int column)
{
  int len = sqlite3_column_bytes (row, column);

  return g_bytes_new (sqlite3_column_blob (row, column),
                      (gsize) CLAMP (len, 0, (int) ccbt_bencode_limits_file.max_size + 1));
}

static char *
copy_column (sqlite3_stmt *row, int column)
{
  return ccbt_import_copy_text (
      (CcbtSpan){ sqlite3_column_blob (row, column), (gsize) sqlite3_column_bytes (row, column) });
}

static void
take_columns (CcbtImportItem *item, sqlite3_stmt *row)
{
  g_auto (GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *name = copy_column (row, NAME);
  g_autofree char *category = copy_column (row, CATEGORY);
  g_autofree char *tag_text = copy_column (row, TAGS);
  g_auto (GStrv) tags = g_strsplit (tag_text, ",", CCBT_MAX_TAGS);
  g_autofree char *mode = copy_column (row, MODE);
  int ratio = sqlite3_column_int (row, RATIO);
  int minutes = sqlite3_column_int (row, SEEDING_TIME);

  g_variant_builder_add (&options, "{sv}", "category", g_variant_new_string (category));
  g_variant_builder_add (&options, "{sv}", "display-name", g_variant_new_string (name));
  g_variant_builder_add (&options, "{sv}", "tags",
                         g_variant_new_strv ((const char *const *) tags, -1));
  g_variant_builder_add (&options, "{sv}", "forced",
                         g_variant_new_boolean (g_str_equal (mode, "Forced")));
  if (ratio != -2000)
    g_variant_builder_add (&options, "{sv}", "ratio-goal",
                           g_variant_new_double (ratio > 0 ? ratio / 1000.0 : CCBT_GOAL_NONE));
  if (minutes != -2)
    g_variant_builder_add (&options, "{sv}", "seed-time-goal",
                           g_variant_new_int64 ((gint64) MAX (minutes, 0) * 60));
  ccbt_import_item_set_options (item, g_variant_builder_end (&options));
  item->record->is_paused |= sqlite3_column_int (row, STOPPED) != 0;
}

static CcbtImportItem *
read_row (sqlite3_stmt *row)
{
  g_autofree char *name = copy_column (row, NAME);
  g_autoptr (GBytes) metadata = copy_blob (row, METADATA);
  g_autoptr (GBytes) resume = copy_blob (row, RESUME);
  g_autoptr (GError) error = NULL;
  CcbtImportItem *item = ccbt_import_item_new (metadata, &error);
  g_autoptr (CcbtBencode) document = NULL;
  CcbtSpan span;

  if (item == NULL)
    return ccbt_import_item_new_failed (name, error->message);
  span.data = g_bytes_get_data (resume, &span.len);
  document = ccbt_bencode_parse (span, &ccbt_bencode_limits_file, NULL, &error);
  if (document == NULL)
    {
      ccbt_import_item_set_folder (item, (CcbtSpan){ NULL, 0 });
      ccbt_import_item_note (item, error->message);
    }
  else
    ccbt_import_take_libtorrent (item, ccbt_bencode_get_root (document));
  take_columns (item, row);
  return item;
}

/* It lies beside the folder of the files, or in it. */
static char *
find_database (const char *folder)
{
  g_autofree char *parent = g_path_get_dirname (folder);
  char *path = g_build_filename (folder, "torrents.db", NULL);

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return path;
  g_free (path);
  path = g_build_filename (parent, "torrents.db", NULL);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return path;
  g_free (path);
  return NULL;
}

GPtrArray *
ccbt_import_read_qbittorrent_database (const char *folder)
{
  g_autofree char *path = find_database (folder);
  GPtrArray *items = NULL;
  sqlite3 *connection = NULL;
  sqlite3_stmt *row = NULL;

  if (path == NULL)
    return NULL;
  if (sqlite3_open_v2 (path, &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL)
          == SQLITE_OK
      && sqlite3_db_config (connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) == SQLITE_OK
      && sqlite3_prepare_v2 (connection, QUERY, -1, &row, NULL) == SQLITE_OK)
    {
      items = g_ptr_array_new_with_free_func ((GDestroyNotify) ccbt_import_item_free);
      while (sqlite3_step (row) == SQLITE_ROW)
        g_ptr_array_add (items, read_row (row));
    }
  sqlite3_finalize (row);
  sqlite3_close (connection);
  return items;
}
