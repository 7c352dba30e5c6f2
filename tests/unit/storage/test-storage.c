/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage-steps.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* --- The system's calls, with trouble on demand: these stand in front of the C library's --- */

static gboolean makes_trouble; /* short transfers, EINTR and EAGAIN in turn */
static guint n_calls;
static guint n_syncs;
static gboolean sync_fails;

/* Returns: whether the call is to fail; otherwise @vectors is cut to a few bytes */
static gboolean
trouble (const struct iovec **vectors, int *n_vectors)
{
  static struct iovec cut;

  n_calls++;
  if (!makes_trouble)
    return FALSE;
  if (n_calls % 3 != 0)
    {
      errno = n_calls % 3 == 1 ? EINTR : EAGAIN;
      return TRUE;
    }
  cut = (struct iovec){ (*vectors)->iov_base, MIN ((*vectors)->iov_len, 1 + n_calls % 1000) };
  *vectors = &cut;
  *n_vectors = 1;
  return FALSE;
}

ssize_t
pwritev (int descriptor, const struct iovec *vectors, int n_vectors, off_t offset)
{
  if (trouble (&vectors, &n_vectors))
    return -1;
  return syscall (SYS_pwritev, descriptor, vectors, n_vectors, offset, 0);
}

ssize_t
preadv (int descriptor, const struct iovec *vectors, int n_vectors, off_t offset)
{
  if (trouble (&vectors, &n_vectors))
    return -1;
  return syscall (SYS_preadv, descriptor, vectors, n_vectors, offset, 0);
}

int
fdatasync (int descriptor)
{
  n_syncs++;
  errno = EIO;
  return sync_fails ? -1 : 0;
}

/* --- Files --- */

static void
test_bytes_land_in_their_files_whatever_the_cut (void)
{
  static const guint steps[] = { 1 << 20, PIECE, 4999, 7 };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_auto (Fixture) fixture = { 0 };
      g_autoptr (CcbtStorage) storage = NULL;

      fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
      storage = fixture_prepare (&fixture, (CcbtAllocation) (i % 3));
      write_all (storage, &fixture, steps[i]);
      assert_all (storage, &fixture, steps[i]);
      assert_all (storage, &fixture, 12345);
      for (guint file = 0; file < G_N_ELEMENTS (MANY); file++)
        if (file != PAD)
          fixture_assert_file (&fixture, file);
    }
}

static void
test_pads_read_as_zeros_and_are_never_stored (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *folder = NULL;
  guint64 pad;

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_FULL);
  pad = ccbt_metainfo_get_file (fixture.metainfo, PAD)->offset;
  assert_range (storage, &fixture, pad, (guint) MANY[PAD].length);
  memset (fixture.content->data + pad, 0x55, MANY[PAD].length); /* a hostile sender's bytes */
  write_all (storage, &fixture, PIECE);
  memset (fixture.content->data + pad, 0, MANY[PAD].length);
  assert_all (storage, &fixture, PIECE);
  g_assert_false (fixture_file_exists (&fixture, PAD));
  folder = g_build_filename (fixture.folder, "data", ".pad", NULL);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

static void
test_preparing_makes_empty_files_and_sizes_by_allocation (void)
{
  for (CcbtAllocation allocation = CCBT_ALLOCATION_SPARSE; allocation <= CCBT_ALLOCATION_NONE;
       allocation++)
    {
      g_auto (Fixture) fixture = { 0 };
      g_autoptr (CcbtStorage) storage = NULL;
      g_autofree char *path = NULL;
      GStatBuf status;

      fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
      storage = fixture_prepare (&fixture, allocation);
      fixture_assert_file (&fixture, EMPTY);
      fixture_assert_file (&fixture, DEEP_EMPTY);
      path = fixture_path (&fixture, BIG);
      g_assert_cmpint (get_size (path), ==, allocation == CCBT_ALLOCATION_NONE ? -1 : 50000);
      if (allocation == CCBT_ALLOCATION_FULL && g_stat (path, &status) == 0)
        g_assert_cmpint (status.st_blocks * 512, >=, 50000);
      if (allocation == CCBT_ALLOCATION_SPARSE && g_stat (path, &status) == 0)
        g_assert_cmpint (status.st_blocks, ==, 0);
    }
}

static void
test_preparing_leaves_what_is_there (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  write_all (storage, &fixture, PIECE);
  assert_prepare (storage, TRUE);
  g_clear_pointer (&storage, ccbt_storage_unref);
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_FULL);
  assert_all (storage, &fixture, PIECE);
}

static void
test_a_longer_file_of_the_name_ends_where_the_torrent_says (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *path = NULL, *longer = g_malloc0 (300000);

  fixture_init (&fixture, PIECE, SINGLE, 1);
  path = fixture_path (&fixture, 0);
  g_assert_cmpint (g_mkdir_with_parents (fixture.folder, 0777), ==, 0);
  g_assert_true (g_file_set_contents (path, longer, 300000, NULL));
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  g_assert_cmpint (get_size (path), ==, 300000); /* looking is no reason to cut */
  write_all (storage, &fixture, PIECE);
  fixture_assert_file (&fixture, 0);
}

static void
test_a_job_over_one_file_is_one_system_call (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  CcbtBuffer buffers[64];
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, PIECE, SINGLE, 1);
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  for (guint i = 0; i < G_N_ELEMENTS (buffers); i++)
    buffers[i] = (CcbtBuffer){ fixture.content->data + 1000 + i * 3000, 3000 };
  n_calls = 0;
  ccbt_storage_write (storage, 1000, buffers, G_N_ELEMENTS (buffers), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_calls, ==, 1);
  assert_range (storage, &fixture, 1000, 64 * 3000);
}

static void
test_more_buffers_than_one_call_takes_are_all_written (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree CcbtBuffer *buffers = g_new0 (CcbtBuffer, 2000);
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  for (guint i = 0; i < 2000; i++)
    buffers[i] = (CcbtBuffer){ fixture.content->data + i * 30, 30 };
  ccbt_storage_write (storage, 0, buffers, 2000, &error);
  g_assert_no_error (error);
  assert_range (storage, &fixture, 0, 60000);
}

/* C15 */
static void
test_short_and_interrupted_transfers_are_retried_exactly (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_NONE);
  n_calls = 0;
  makes_trouble = TRUE;
  write_all (storage, &fixture, PIECE);
  assert_all (storage, &fixture, 20000);
  makes_trouble = FALSE;
  g_assert_cmpuint (n_calls, >, 100);
  for (guint file = 0; file < G_N_ELEMENTS (MANY); file++)
    if (file != PAD)
      fixture_assert_file (&fixture, file);
}

/* --- All files at once --- */

static void
test_a_sync_takes_what_was_written_since_the_last (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  n_syncs = 0;
  g_assert_true (ccbt_storage_sync (storage, NULL));
  g_assert_cmpuint (n_syncs, ==, 0);
  write_range (storage, &fixture, 0, 100, NULL);
  write_range (storage, &fixture, 30000, 100, NULL);
  ccbt_storage_close (storage); /* also when it was closed meanwhile */
  g_assert_true (ccbt_storage_sync (storage, NULL));
  g_assert_cmpuint (n_syncs, ==, 2);
  g_assert_true (ccbt_storage_sync (storage, NULL));
  g_assert_cmpuint (n_syncs, ==, 2);

  write_range (storage, &fixture, 0, 100, NULL);
  sync_fails = TRUE;
  g_assert_false (ccbt_storage_sync (storage, &error));
  sync_fails = FALSE;
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_DISK);
  n_syncs = 0;
  g_assert_true (ccbt_storage_sync (storage, NULL)); /* what failed is owed */
  g_assert_cmpuint (n_syncs, ==, 1);
}

/* By a run that was killed: nobody knows which. Those that are not there are left out. */
static void
test_a_sync_takes_what_others_wrote_when_told (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  CcbtFileStamp stamps[G_N_ELEMENTS (ROW)] = { { .size = 20000 }, { .size = -1 }, { .size = 5 } };

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  n_syncs = 0;
  ccbt_storage_mark_unsynced (storage, stamps);
  g_assert_true (ccbt_storage_sync (storage, NULL));
  g_assert_cmpuint (n_syncs, ==, 2);
  g_assert_true (ccbt_storage_sync (storage, NULL));
  g_assert_cmpuint (n_syncs, ==, 2);
}

/* C19 */
static void
test_stamps_tell_size_time_and_absence (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *path = NULL;
  CcbtFileStamp before[G_N_ELEMENTS (MANY)], after[G_N_ELEMENTS (MANY)];
  const struct timespec times[] = { { 1000000000, 5 }, { 1000000000, 7 } };

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE);
  ccbt_storage_get_stamps (storage, before);
  for (guint i = 0; i < G_N_ELEMENTS (MANY); i++)
    g_assert_cmpint (before[i].size, ==, -1);
  assert_prepare (storage, FALSE);
  ccbt_storage_get_stamps (storage, before);
  g_assert_cmpint (before[PAD].size, ==, -1);
  g_assert_cmpint (before[EMPTY].size, ==, 0);
  g_assert_cmpint (before[BIG].size, ==, 50000);
  path = fixture_path (&fixture, BIG);
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  ccbt_storage_get_stamps (storage, after);
  g_assert_cmpint (after[BIG].modified, ==, G_GINT64_CONSTANT (1000000000000000007));
  g_assert_cmpint (after[FIRST].modified, ==, before[FIRST].modified);
}

/* C34 */
static void
test_deleting_removes_own_files_and_empty_folders_only (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *deep = NULL, *sub = NULL, *theirs = NULL, *top = NULL;

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE);
  skip_only (storage, &fixture, ONE);
  assert_prepare (storage, FALSE);
  write_all (storage, &fixture, PIECE);
  g_assert_true (g_file_test (fixture.parts_path, G_FILE_TEST_EXISTS));
  top = g_build_filename (fixture.folder, "data", NULL);
  sub = g_build_filename (top, "sub", NULL);
  deep = g_build_filename (sub, "deep", NULL);
  theirs = g_build_filename (sub, "theirs.txt", NULL);
  g_assert_true (g_file_set_contents (theirs, "mine", 4, NULL));
  g_assert_true (ccbt_storage_delete (storage, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (MANY); i++)
    g_assert_false (fixture_file_exists (&fixture, i));
  g_assert_false (g_file_test (fixture.parts_path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (deep, G_FILE_TEST_EXISTS));
  g_assert_cmpint (get_size (theirs), ==, 4);
  g_assert_cmpint (g_unlink (theirs), ==, 0);
  g_assert_true (ccbt_storage_delete (storage, NULL)); /* again is no error */
  g_assert_false (g_file_test (top, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (fixture.folder, G_FILE_TEST_IS_DIR));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/storage/storage/" #name, test_##name)
  ADD (bytes_land_in_their_files_whatever_the_cut);
  ADD (pads_read_as_zeros_and_are_never_stored);
  ADD (preparing_makes_empty_files_and_sizes_by_allocation);
  ADD (preparing_leaves_what_is_there);
  ADD (a_longer_file_of_the_name_ends_where_the_torrent_says);
  ADD (a_job_over_one_file_is_one_system_call);
  ADD (more_buffers_than_one_call_takes_are_all_written);
  ADD (short_and_interrupted_transfers_are_retried_exactly);
  ADD (a_sync_takes_what_was_written_since_the_last);
  ADD (a_sync_takes_what_others_wrote_when_told);
  ADD (stamps_tell_size_time_and_absence);
  ADD (deleting_removes_own_files_and_empty_folders_only);
#undef ADD
  return g_test_run ();
}
