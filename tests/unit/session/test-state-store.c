/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"
#include "base/ccbt-error.h"
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static void
test_every_field_survives (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autoptr (GPtrArray) records = NULL;

  g_assert_null (ccbt_state_store_get_warning (store));
  for (guint n = 0; n < 60; n++)
    put_number (store, n);
  ccbt_state_store_close (store);

  store = open_store (fixture->folder);
  records = load_records (store);
  g_assert_null (ccbt_state_store_get_warning (store));
  g_assert_cmpuint (records->len, ==, 60);
  for (guint n = 0; n < records->len; n++)
    {
      g_autoptr (CcbtTorrentRecord) expected = make_record (n);

      assert_same_record (records->pdata[n], expected);
    }
  ccbt_state_store_close (store);
}

static void
test_nothing_and_empty_stay_apart (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autoptr (CcbtTorrentRecord) bare = ccbt_torrent_record_new ();
  g_autoptr (CcbtTorrentRecord) empty = make_record (1);
  g_autoptr (GPtrArray) records = NULL;

  bare->info_hash = make_hash (2);
  g_clear_pointer (&empty->verified, g_bytes_unref);
  empty->verified = g_bytes_new (NULL, 0);
  g_free (empty->name);
  empty->name = g_strdup ("");
  ccbt_state_store_put (store, bare);
  ccbt_state_store_put (store, empty);
  ccbt_state_store_close (store);

  store = open_store (fixture->folder);
  records = load_records (store);
  g_assert_cmpuint (records->len, ==, 2);
  assert_same_record (records->pdata[0], bare);
  assert_same_record (records->pdata[1], empty);
  ccbt_state_store_close (store);
}

static void
test_removed_stays_removed (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autoptr (CcbtTorrentRecord) late = make_record (1);
  g_autoptr (GPtrArray) records = NULL;
  CcbtInfoHash hash = make_hash (1);

  for (guint n = 0; n < 3; n++)
    put_number (store, n);
  flush_well (store);
  ccbt_state_store_remove (store, &hash);
  /* What a torrent says while it closes must not bring it back. */
  ccbt_state_store_put_progress (store, late);
  ccbt_state_store_close (store);

  store = open_store (fixture->folder);
  records = load_records (store);
  g_assert_cmpuint (records->len, ==, 2);
  g_assert_cmpint (((CcbtTorrentRecord *) records->pdata[0])->wasted, ==, 0);
  g_assert_cmpint (((CcbtTorrentRecord *) records->pdata[1])->wasted, ==, 2);
  ccbt_state_store_close (store);
}

static void
test_added_again_comes_last (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autoptr (GPtrArray) records = NULL;
  CcbtInfoHash hash = make_hash (0);

  put_number (store, 0);
  put_number (store, 1);
  flush_well (store);
  ccbt_state_store_remove (store, &hash);
  put_number (store, 0);
  ccbt_state_store_close (store);

  store = open_store (fixture->folder);
  records = load_records (store);
  g_assert_cmpuint (records->len, ==, 2);
  g_assert_cmpint (((CcbtTorrentRecord *) records->pdata[1])->wasted, ==, 0);
  ccbt_state_store_close (store);
}

static void
test_progress_leaves_the_rest_alone (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autoptr (CcbtTorrentRecord) expected = make_record (7);
  g_autoptr (CcbtTorrentRecord) other = make_record (8);
  g_autoptr (GPtrArray) records = NULL;

  put_number (store, 7);
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (CcbtTorrentRecord) progress = ccbt_torrent_record_new ();

      progress->info_hash = make_hash (7);
      progress->uploaded = i;
      progress->verified = g_bytes_ref (other->verified);
      ccbt_state_store_put_progress (store, progress);
    }
  flush_well (store);
  ccbt_state_store_close (store);

  store = open_store (fixture->folder);
  records = load_records (store);
  g_assert_cmpuint (records->len, ==, 1);
  assert_same_list (records->pdata[0], expected);
  assert_same_bytes (((CcbtTorrentRecord *) records->pdata[0])->metainfo, expected->metainfo);
  g_assert_cmpuint (((CcbtTorrentRecord *) records->pdata[0])->uploaded, ==, 999);
  assert_same_bytes (((CcbtTorrentRecord *) records->pdata[0])->verified, other->verified);
  ccbt_state_store_close (store);
}

static void
test_magnet_becomes_hybrid (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autoptr (CcbtTorrentRecord) by_v1 = make_record (2);
  g_autoptr (CcbtTorrentRecord) by_v2 = make_record (2);
  g_autoptr (CcbtTorrentRecord) hybrid = make_record (2);
  g_autoptr (GPtrArray) records = NULL;

  by_v1->info_hash.has_v2 = FALSE;
  by_v2->info_hash.has_v1 = FALSE;
  ccbt_state_store_put (store, by_v1);
  ccbt_state_store_put (store, by_v2);
  flush_well (store);
  records = load_records (store);
  g_assert_cmpuint (records->len, ==, 2);
  g_clear_pointer (&records, g_ptr_array_unref);

  ccbt_state_store_put (store, hybrid);
  ccbt_state_store_close (store);
  store = open_store (fixture->folder);
  records = load_records (store);
  g_assert_cmpuint (records->len, ==, 1);
  assert_same_record (records->pdata[0], hybrid);
  ccbt_state_store_close (store);
}

static void
test_record_without_metainfo_keeps_the_stored_one (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autoptr (CcbtTorrentRecord) whole = make_record (3);
  g_autoptr (CcbtTorrentRecord) bare = make_record (3);
  g_autoptr (GPtrArray) records = NULL;

  g_clear_pointer (&bare->metainfo, g_bytes_unref);
  ccbt_state_store_put (store, whole);
  flush_well (store);
  ccbt_state_store_put (store, bare);
  flush_well (store);
  records = load_records (store);
  assert_same_record (records->pdata[0], whole);
  ccbt_state_store_close (store);
}

static void
test_values_survive (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autoptr (GBytes) value = make_bytes (3, 5000);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) loaded = NULL;
  g_autoptr (GBytes) loaded_empty = NULL;

  ccbt_state_store_put_value (store, "key", value);
  ccbt_state_store_put_value (store, "gone", value);
  ccbt_state_store_put_value (store, "empty", empty);
  flush_well (store);
  ccbt_state_store_put_value (store, "gone", NULL);
  ccbt_state_store_close (store);

  store = open_store (fixture->folder);
  loaded = ccbt_state_store_load_value (store, "key");
  loaded_empty = ccbt_state_store_load_value (store, "empty");
  assert_same_bytes (loaded, value);
  assert_same_bytes (loaded_empty, empty);
  g_assert_null (ccbt_state_store_load_value (store, "gone"));
  g_assert_null (ccbt_state_store_load_value (store, "never"));
  ccbt_state_store_close (store);
}

static void
test_second_open_names_the_holder (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autoptr (GError) error = NULL;
  g_autofree char *pid = g_strdup_printf ("process %d", (int) getpid ());

  g_assert_null (ccbt_state_store_open (fixture->folder, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, pid));
  ccbt_state_store_close (store);
  ccbt_state_store_close (open_store (fixture->folder));
}

static guint
get_mode (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 0777;
}

static void
test_files_are_private (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "a", "b", NULL);
  const mode_t old_mask = umask (0);
  CcbtStateStore *store = open_store (folder);

  put_number (store, 1);
  flush_well (store);
  g_assert_cmpint (get_mode (folder, "."), ==, 0700);
  g_assert_cmpint (get_mode (folder, "parts"), ==, 0700);
  g_assert_cmpint (get_mode (folder, "lock"), ==, 0600);
  g_assert_cmpint (get_mode (folder, "state.db"), ==, 0600);
  g_assert_cmpint (get_mode (folder, "state.db-wal"), ==, 0600);
  g_assert_true (g_str_has_suffix (ccbt_state_store_get_parts_dir (store), "/parts"));
  ccbt_state_store_close (store);
  g_assert_cmpint (get_mode (folder, "state.db.backup-1"), ==, 0600);
  umask (old_mask);
}

/* Runs @sql on the database as another program would. */
static void
run_sql_in (const char *folder, const char *file, const char *sql)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  sqlite3 *connection;

  g_assert_cmpint (sqlite3_open (path, &connection), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (connection, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (connection);
}

static void
run_sql (const char *folder, const char *sql)
{
  run_sql_in (folder, "state.db", sql);
}

static char *
read_database (const char *folder, gsize *len)
{
  g_autofree char *path = g_build_filename (folder, "state.db", NULL);
  char *content;

  g_assert_true (g_file_get_contents (path, &content, len, NULL));
  return content;
}

static void
test_newer_version_is_only_read (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize before_len, after_len;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) error = NULL;

  put_number (store, 1);
  put_number (store, 2);
  ccbt_state_store_close (store);
  run_sql (fixture->folder, "ALTER TABLE torrents ADD COLUMN colour TEXT;"
                            "UPDATE torrents SET colour = 'red', checksum = checksum + 1;"
                            "PRAGMA user_version = 99");
  before = read_database (fixture->folder, &before_len);

  store = open_store (fixture->folder);
  g_assert_true (ccbt_state_store_is_read_only (store));
  g_assert_nonnull (strstr (ccbt_state_store_get_warning (store), "newer version"));
  records = load_records (store);
  g_assert_cmpuint (records->len, ==, 2);
  put_number (store, 3);
  g_assert_false (flush_store (store, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_READ_ONLY);
  ccbt_state_store_close (store);
  after = read_database (fixture->folder, &after_len);
  g_assert_cmpmem (before, before_len, after, after_len);
}

static const char downgrade[] = "ALTER TABLE torrents DROP COLUMN options;"
                                "ALTER TABLE progress DROP COLUMN active_seconds;"
                                "ALTER TABLE progress DROP COLUMN seeding_seconds;"
                                "PRAGMA user_version = 1";
static const guint old_numbers[] = { 0, 2, 3, 5 };

static void
make_version_1 (const char *folder)
{
  CcbtStateStore *store = open_store (folder);

  for (guint i = 0; i < G_N_ELEMENTS (old_numbers); i++)
    put_number (store, old_numbers[i]);
  ccbt_state_store_close (store);
  run_sql (folder, downgrade);
  run_sql_in (folder, "state.db.backup-1", downgrade);
}

static void
assert_old_records (CcbtStateStore *store, guint n_more)
{
  g_autoptr (GPtrArray) records = load_records (store);

  g_assert_false (ccbt_state_store_is_read_only (store));
  g_assert_cmpuint (records->len, ==, G_N_ELEMENTS (old_numbers) + n_more);
  for (guint i = 0; i < G_N_ELEMENTS (old_numbers); i++)
    {
      g_autoptr (CcbtTorrentRecord) expected = make_record (old_numbers[i]);

      assert_same_record (records->pdata[i], expected);
    }
}

static void
test_version_1_is_brought_up (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (CcbtTorrentRecord) expected = make_record (4);

  make_version_1 (fixture->folder);
  store = open_store (fixture->folder);
  assert_old_records (store, 0);
  g_assert_null (ccbt_state_store_get_warning (store));
  put_number (store, 4); /* has options */
  ccbt_state_store_close (store);

  store = open_store (fixture->folder);
  assert_old_records (store, 1);
  records = load_records (store);
  assert_same_record (records->pdata[G_N_ELEMENTS (old_numbers)], expected);
  g_assert_null (ccbt_state_store_get_warning (store));
  ccbt_state_store_close (store);
}

static void
test_version_1_is_mended_from_its_backup (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store;

  make_version_1 (fixture->folder);
  run_sql (fixture->folder, "UPDATE torrents SET name = 'another' WHERE id = 2");
  store = open_store (fixture->folder);
  assert_old_records (store, 0);
  g_assert_nonnull (ccbt_state_store_get_warning (store));
  ccbt_state_store_close (store);
}

static void
test_version_1_comes_back_from_its_backup (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "state.db", NULL);
  CcbtStateStore *store;

  make_version_1 (fixture->folder);
  g_assert_cmpint (truncate (path, 5000), ==, 0);
  store = open_store (fixture->folder);
  assert_old_records (store, 0);
  g_assert_nonnull (ccbt_state_store_get_warning (store));
  ccbt_state_store_close (store);
}

static gboolean
has_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_backups_follow_the_list (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  g_autoptr (CcbtTorrentRecord) progress = make_record (1);

  ccbt_state_store_close (store);
  g_assert_false (has_file (fixture->folder, "state.db.backup-1"));

  store = open_store (fixture->folder);
  put_number (store, 1);
  ccbt_state_store_close (store);
  g_assert_true (has_file (fixture->folder, "state.db.backup-1"));
  g_assert_false (has_file (fixture->folder, "state.db.backup-2"));

  store = open_store (fixture->folder);
  ccbt_state_store_put_progress (store, progress);
  ccbt_state_store_close (store);
  g_assert_false (has_file (fixture->folder, "state.db.backup-2"));

  store = open_store (fixture->folder);
  put_number (store, 2);
  ccbt_state_store_close (store);
  g_assert_true (has_file (fixture->folder, "state.db.backup-2"));
  g_assert_false (has_file (fixture->folder, "state.db.backup-3"));
  g_assert_false (has_file (fixture->folder, "state.db.backup-new"));
}

/* Below /proc nobody may make anything, the superuser neither. */
static void
test_unwritable_folder_is_an_error (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ccbt_state_store_open ("/proc/self/ccbt", &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == CCBT_ERROR);
}

static void
test_a_file_in_place_of_the_folder_is_an_error (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "file", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  g_assert_null (ccbt_state_store_open (path, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_DISK);
}

static void
test_boot_id_is_stable (void)
{
  g_assert_cmpuint (strlen (ccbt_state_store_get_boot_id ()), ==, 36);
  g_assert_true (ccbt_state_store_get_boot_id () == ccbt_state_store_get_boot_id ());
}

#define ADD(path, function)                                                                        \
  g_test_add ("/state-store/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("every-field-survives", test_every_field_survives);
  ADD ("nothing-and-empty-stay-apart", test_nothing_and_empty_stay_apart);
  ADD ("removed-stays-removed", test_removed_stays_removed);
  ADD ("added-again-comes-last", test_added_again_comes_last);
  ADD ("progress-leaves-the-rest-alone", test_progress_leaves_the_rest_alone);
  ADD ("magnet-becomes-hybrid", test_magnet_becomes_hybrid);
  ADD ("record-without-metainfo-keeps-the-stored-one",
       test_record_without_metainfo_keeps_the_stored_one);
  ADD ("values-survive", test_values_survive);
  ADD ("second-open-names-the-holder", test_second_open_names_the_holder);
  ADD ("files-are-private", test_files_are_private);
  ADD ("version-1-is-brought-up", test_version_1_is_brought_up);
  ADD ("version-1-is-mended-from-its-backup", test_version_1_is_mended_from_its_backup);
  ADD ("version-1-comes-back-from-its-backup", test_version_1_comes_back_from_its_backup);
  ADD ("newer-version-is-only-read", test_newer_version_is_only_read);
  ADD ("backups-follow-the-list", test_backups_follow_the_list);
  g_test_add_func ("/state-store/unwritable-folder-is-an-error",
                   test_unwritable_folder_is_an_error);
  ADD ("a-file-in-place-of-the-folder-is-an-error", test_a_file_in_place_of_the_folder_is_an_error);
  g_test_add_func ("/state-store/boot-id-is-stable", test_boot_id_is_stable);
  return g_test_run ();
}
