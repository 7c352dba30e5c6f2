/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage-steps.h"

static void
test_skipped_files_stay_out_of_the_folder (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  storage = fixture_open (&fixture, CCBT_ALLOCATION_FULL);
  skip_only (storage, &fixture, 1);
  assert_prepare (storage, FALSE);
  g_assert_false (g_file_test (fixture.parts_path, G_FILE_TEST_EXISTS));
  write_all (storage, &fixture, PIECE);
  assert_all (storage, &fixture, 9999);
  g_assert_false (fixture_file_exists (&fixture, 1));
  g_assert_true (g_file_test (fixture.parts_path, G_FILE_TEST_EXISTS));
  fixture_assert_file (&fixture, 0);
  fixture_assert_file (&fixture, 2);
}

static void
test_a_file_wanted_again_gets_its_parts (void)
{
  for (CcbtAllocation allocation = CCBT_ALLOCATION_SPARSE; allocation <= CCBT_ALLOCATION_NONE;
       allocation++)
    {
      g_auto (Fixture) fixture = { 0 };
      g_autoptr (CcbtStorage) storage = NULL;

      fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
      storage = fixture_open (&fixture, allocation);
      skip_only (storage, &fixture, 2);
      assert_prepare (storage, FALSE);
      write_range (storage, &fixture, 0, 2 * PIECE, NULL); /* ends within the skipped file */
      skip_only (storage, &fixture, G_MAXUINT);
      assert_range (storage, &fixture, 0, 2 * PIECE); /* also before it is prepared */
      assert_prepare (storage, TRUE);
      g_assert_false (g_file_test (fixture.parts_path, G_FILE_TEST_EXISTS));
      assert_range (storage, &fixture, 0, 2 * PIECE);
      write_range (storage, &fixture, 2 * PIECE, fixture.content->len - 2 * PIECE, NULL);
      for (guint file = 0; file < G_N_ELEMENTS (ROW); file++)
        fixture_assert_file (&fixture, file);
    }
}

static void
test_parts_outlive_a_restart (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE);
  skip_only (storage, &fixture, 1);
  assert_prepare (storage, FALSE);
  write_all (storage, &fixture, PIECE);
  g_clear_pointer (&storage, ccbt_storage_unref);

  storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE);
  skip_only (storage, &fixture, 1);
  assert_prepare (storage, TRUE);
  assert_all (storage, &fixture, PIECE);
  g_clear_pointer (&storage, ccbt_storage_unref);

  storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE); /* chosen while not running */
  assert_range (storage, &fixture, 20000, 3000);
  assert_prepare (storage, TRUE);
  fixture_assert_file (&fixture, 1);
  assert_all (storage, &fixture, PIECE);
}

/* The parts of b share a page with places of a and c that were never written there: to copy by
 * pages would put zeros over good bytes. */
static void
test_preparing_again_does_not_touch_the_neighbours_of_parts (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  storage = fixture_open (&fixture, CCBT_ALLOCATION_NONE);
  skip_only (storage, &fixture, 1);
  assert_prepare (storage, FALSE);
  write_all (storage, &fixture, PIECE);
  for (guint i = 0; i < 3; i++)
    {
      assert_prepare (storage, TRUE);
      assert_all (storage, &fixture, PIECE);
      g_clear_pointer (&storage, ccbt_storage_unref);
      storage = fixture_open (&fixture, CCBT_ALLOCATION_NONE);
      skip_only (storage, &fixture, i == 0 ? 1 : G_MAXUINT);
    }
  for (guint file = 0; file < G_N_ELEMENTS (ROW); file++)
    fixture_assert_file (&fixture, file);
}

static void
test_a_skipped_file_that_exists_goes_on_being_used (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  write_range (storage, &fixture, 0, PIECE, NULL);
  skip_only (storage, &fixture, 1);
  assert_prepare (storage, TRUE);
  write_range (storage, &fixture, PIECE, fixture.content->len - PIECE, NULL);
  fixture_assert_file (&fixture, 1);
  g_assert_false (g_file_test (fixture.parts_path, G_FILE_TEST_EXISTS));
}

static void
test_a_file_skipped_before_it_was_made_is_not_made (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_NONE);
  skip_only (storage, &fixture, 1);
  write_all (storage, &fixture, PIECE);
  g_assert_false (fixture_file_exists (&fixture, 1));
  assert_all (storage, &fixture, PIECE);
}

static void
test_the_end_of_an_export_that_broke_off_is_made_up_for (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *id = NULL, *broken = NULL;

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE);
  skip_only (storage, &fixture, 1);
  assert_prepare (storage, FALSE);
  write_all (storage, &fixture, PIECE);
  id = ccbt_info_hash_to_string (ccbt_metainfo_get_info_hash (fixture.metainfo));
  broken = g_strdup_printf ("%s/data/.ccbt-%s-1", fixture.folder, id);
  g_assert_true (g_file_set_contents (broken, "half", 4, NULL)); /* what kill -9 leaves */
  skip_only (storage, &fixture, G_MAXUINT);
  assert_prepare (storage, TRUE);
  fixture_assert_file (&fixture, 1);
  g_assert_false (g_file_test (broken, G_FILE_TEST_EXISTS));
}

static void
test_a_parts_file_deleted_behind_our_back_is_missing_until_prepared (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE);
  skip_only (storage, &fixture, 1);
  assert_prepare (storage, FALSE);
  write_all (storage, &fixture, PIECE);
  g_assert_cmpint (g_unlink (fixture.parts_path), ==, 0);
  assert_write_fails (storage, &fixture, 20000, 100, CCBT_ERROR_FILES_MISSING, "skipped files");
  assert_read_fails (storage, 20000, 100, CCBT_ERROR_FILES_MISSING);
  assert_prepare (storage, TRUE);
  g_assert_true (ccbt_storage_sync (storage, NULL));
  write_all (storage, &fixture, PIECE);
  assert_all (storage, &fixture, PIECE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/storage/skipped-files/" #name, test_##name)
  ADD (skipped_files_stay_out_of_the_folder);
  ADD (a_file_wanted_again_gets_its_parts);
  ADD (parts_outlive_a_restart);
  ADD (preparing_again_does_not_touch_the_neighbours_of_parts);
  ADD (a_skipped_file_that_exists_goes_on_being_used);
  ADD (a_file_skipped_before_it_was_made_is_not_made);
  ADD (the_end_of_an_export_that_broke_off_is_made_up_for);
  ADD (a_parts_file_deleted_behind_our_back_is_missing_until_prepared);
#undef ADD
  return g_test_run ();
}
