/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent-fixture.h"
#include "storage/ccbt-file-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
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

/* --- Helpers --- */

#define PIECE 16384u

/* Tiny files, empty files, a pad and borders everywhere but between pieces. */
static const FixtureFile MANY[] = {
  { "first.bin", 10000 }, { "empty.bin", 0 },        { "one.bin", 1 },
  { "two.bin", 2 },       { "sub/big.bin", 50000 },  { ".pad/5533", 5533, "p" },
  { "sub/last.bin", 100 }, { "sub/deep/empty", 0 },
};
enum { FIRST, EMPTY, ONE, TWO, BIG, PAD, LAST, DEEP_EMPTY };

static const FixtureFile SINGLE[] = { { NULL, 200000 } };

/* Three files that share pieces, and pages. */
static const FixtureFile ROW[] = { { "a", 20000 }, { "b", 3000 }, { "c", 40000 } };

static gboolean
write_range (CcbtStorage *storage, const Fixture *fixture, guint64 offset, guint length,
             GError **error)
{
  guint third = length / 3;
  guint8 *data = fixture->content->data + offset;
  const CcbtBuffer buffers[] = { { data, third },
                                 { data + third, 0 },
                                 { data + third, length - third } };

  return ccbt_storage_write (storage, offset, buffers, G_N_ELEMENTS (buffers), error);
}

static void
write_all (CcbtStorage *storage, const Fixture *fixture, guint step)
{
  g_autoptr (GError) error = NULL;

  for (guint at = 0; at < fixture->content->len; at += step)
    {
      write_range (storage, fixture, at, MIN (step, fixture->content->len - at), &error);
      g_assert_no_error (error);
    }
}

static gboolean
read_range (CcbtStorage *storage, guint64 offset, guint8 *data, guint length, GError **error)
{
  guint half = length / 2;
  const CcbtBuffer buffers[] = { { data, half }, { data + half, length - half } };

  return ccbt_storage_read (storage, offset, buffers, G_N_ELEMENTS (buffers), error);
}

static void
assert_range (CcbtStorage *storage, const Fixture *fixture, guint64 offset, guint length)
{
  g_autofree guint8 *data = g_malloc (length);
  g_autoptr (GError) error = NULL;

  memset (data, 0xee, length);
  read_range (storage, offset, data, length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (data, length, fixture->content->data + offset, length);
}

static void
assert_all (CcbtStorage *storage, const Fixture *fixture, guint step)
{
  for (guint at = 0; at < fixture->content->len; at += step)
    assert_range (storage, fixture, at, MIN (step, fixture->content->len - at));
}

static void
assert_prepare (CcbtStorage *storage, gboolean must_exist)
{
  g_autoptr (GError) error = NULL;

  ccbt_storage_prepare (storage, must_exist, &error);
  g_assert_no_error (error);
}

/* One sentence that names the file. */
static void
assert_write_fails (CcbtStorage *storage, const Fixture *fixture, guint64 offset, guint length,
                    int code, const char *named)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (write_range (storage, fixture, offset, length, &error));
  g_assert_error (error, CCBT_ERROR, code);
  g_assert_nonnull (strstr (error->message, named));
  g_assert_null (strchr (error->message, '\n'));
}

static void
assert_read_fails (CcbtStorage *storage, guint64 offset, guint length, int code)
{
  g_autofree guint8 *data = g_malloc (length);
  g_autoptr (GError) error = NULL;

  g_assert_false (read_range (storage, offset, data, length, &error));
  g_assert_error (error, CCBT_ERROR, code);
}

static goffset
get_size (const char *path)
{
  GStatBuf status;

  return g_stat (path, &status) == 0 ? status.st_size : -1;
}

static void
skip_only (CcbtStorage *storage, const Fixture *fixture, guint file)
{
  g_autofree gboolean *skipped = g_new0 (gboolean,
                                         ccbt_metainfo_get_n_files (fixture->metainfo));

  if (file != G_MAXUINT)
    skipped[file] = TRUE;
  ccbt_storage_set_skipped (storage, skipped);
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
      storage = fixture_prepare (&fixture, (CcbtAllocation)(i % 3));
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
  assert_range (storage, &fixture, pad, (guint)MANY[PAD].length);
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

/* --- Skipped files --- */

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

/* The parts of b share a page with places of a and c that were never written there: to copy by pages would put zeros
 * over good bytes. */
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
  g_autofree char *id = NULL, *broken = NULL, *folder = NULL;

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

/* --- What others put in the way --- */

/* B18 */
static void
test_a_link_in_place_of_a_file_is_refused (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *path = NULL, *victim = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, PIECE, SINGLE, 1);
  path = fixture_path (&fixture, 0);
  victim = g_build_filename (fixture.base, "victim", NULL);
  g_assert_cmpint (g_mkdir_with_parents (fixture.folder, 0777), ==, 0);
  g_assert_true (g_file_set_contents (victim, "precious", 8, NULL));
  g_assert_cmpint (symlink (victim, path), ==, 0);
  storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE);
  g_assert_false (ccbt_storage_prepare (storage, FALSE, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_DISK);
  assert_write_fails (storage, &fixture, 0, 1000, CCBT_ERROR_DISK, "data");
  assert_read_fails (storage, 0, 8, CCBT_ERROR_DISK);
  g_assert_cmpint (get_size (victim), ==, 8);
  g_assert_true (ccbt_storage_delete (storage, NULL));
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_SYMLINK)); /* not ours to remove */
  g_assert_cmpint (get_size (victim), ==, 8);
}

/* B18 */
static void
test_a_link_in_place_of_a_folder_is_refused (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *outside = NULL, *link = NULL, *victim = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  outside = g_build_filename (fixture.base, "outside", NULL);
  victim = g_build_filename (outside, "big.bin", NULL);
  link = g_build_filename (fixture.folder, "data", "sub", NULL);
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_NONE);
  g_assert_true (ccbt_storage_delete (storage, NULL));
  g_assert_cmpint (g_mkdir_with_parents (outside, 0777), ==, 0);
  g_assert_true (g_file_set_contents (victim, "precious", 8, NULL));
  *strrchr (link, '/') = '\0';
  g_assert_cmpint (g_mkdir_with_parents (link, 0777), ==, 0);
  link[strlen (link)] = '/';
  g_assert_cmpint (symlink (outside, link), ==, 0);
  g_assert_false (ccbt_storage_prepare (storage, FALSE, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_DISK);
  assert_write_fails (storage, &fixture, 10003, 1000, CCBT_ERROR_DISK, "sub/big.bin");
  assert_read_fails (storage, 10003, 8, CCBT_ERROR_DISK);
  ccbt_storage_delete (storage, NULL);
  g_assert_cmpint (get_size (victim), ==, 8);
}

static void
test_the_users_own_folder_may_be_a_link (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *real = NULL;

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  real = g_build_filename (fixture.base, "real", NULL);
  g_assert_cmpint (g_mkdir (real, 0777), ==, 0);
  g_assert_cmpint (symlink (real, fixture.folder), ==, 0);
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  write_all (storage, &fixture, PIECE);
  assert_all (storage, &fixture, PIECE);
}

static void
test_a_pipe_in_the_way_does_not_hang (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *path = NULL;

  fixture_init (&fixture, PIECE, SINGLE, 1);
  path = fixture_path (&fixture, 0);
  g_assert_cmpint (g_mkdir_with_parents (fixture.folder, 0777), ==, 0);
  g_assert_cmpint (mkfifo (path, 0666), ==, 0);
  storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE);
  assert_read_fails (storage, 0, 8, CCBT_ERROR_DISK);
  assert_write_fails (storage, &fixture, 0, 8, CCBT_ERROR_DISK, "data");
}

static void
test_a_folder_below_a_file_cannot_be_made (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  path = g_build_filename (fixture.folder, "data", NULL);
  g_assert_cmpint (g_mkdir_with_parents (fixture.folder, 0777), ==, 0);
  g_assert_true (g_file_set_contents (path, "mine", 4, NULL));
  storage = fixture_open (&fixture, CCBT_ALLOCATION_SPARSE);
  g_assert_false (ccbt_storage_prepare (storage, FALSE, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_DISK);
  g_assert_cmpint (get_size (path), ==, 4);
}

/* --- Disks that fail --- */

/* Mounts a small file system where the downloads go, seen by this process only. */
static gboolean
mount_small (const Fixture *fixture, const char *options)
{
  static gboolean is_apart;

  if (!is_apart && (unshare (CLONE_NEWNS) != 0
                    || mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0))
    return FALSE;
  is_apart = TRUE;
  g_mkdir_with_parents (fixture->folder, 0777);
  return mount ("none", fixture->folder, "tmpfs", 0, options) == 0;
}

/* C10 */
static void
test_a_full_disk_is_no_space_and_works_again_with_room (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;

  fixture_init (&fixture, PIECE, SINGLE, 1);
  if (!mount_small (&fixture, "size=64k"))
    {
      g_test_skip ("may not mount");
      return;
    }
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  write_range (storage, &fixture, 0, PIECE, NULL);
  assert_write_fails (storage, &fixture, PIECE, 100000, CCBT_ERROR_NO_SPACE, "data");
  assert_range (storage, &fixture, 0, PIECE);
  g_assert_cmpint (mount ("none", fixture.folder, "tmpfs", MS_REMOUNT, "size=1m"), ==, 0);
  write_all (storage, &fixture, PIECE);
  fixture_assert_file (&fixture, 0);
  ccbt_storage_close (storage);
  umount (fixture.folder);
}

static void
test_full_allocation_finds_a_full_disk_at_once (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, PIECE, SINGLE, 1);
  if (!mount_small (&fixture, "size=64k"))
    {
      g_test_skip ("may not mount");
      return;
    }
  storage = fixture_open (&fixture, CCBT_ALLOCATION_FULL);
  g_assert_false (ccbt_storage_prepare (storage, FALSE, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_NO_SPACE);
  umount (fixture.folder);
}

/* C12 */
static void
test_a_file_too_large_for_the_system_is_no_space (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  struct rlimit old, small;

  fixture_init (&fixture, PIECE, SINGLE, 1);
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_NONE);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  small = (struct rlimit){ .rlim_cur = 50000, .rlim_max = old.rlim_max };
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  assert_write_fails (storage, &fixture, 0, 100000, CCBT_ERROR_NO_SPACE, "data");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  write_all (storage, &fixture, PIECE);
  fixture_assert_file (&fixture, 0);
}

/* C13 */
static void
test_a_read_only_disk_is_read_only_but_can_be_read (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  if (!mount_small (&fixture, "size=1m"))
    {
      g_test_skip ("may not mount");
      return;
    }
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  write_all (storage, &fixture, PIECE);
  ccbt_storage_close (storage);
  g_assert_cmpint (mount ("none", fixture.folder, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
  assert_write_fails (storage, &fixture, 0, 100, CCBT_ERROR_READ_ONLY, "first.bin");
  assert_prepare (storage, TRUE); /* a seed from a read-only disk */
  assert_all (storage, &fixture, PIECE);
  g_assert_false (ccbt_storage_delete (storage, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_READ_ONLY);
  umount (fixture.folder);
}

/* C16 */
static void
test_a_deleted_file_is_missing_and_not_made_again (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *path = NULL;

  for (CcbtAllocation allocation = CCBT_ALLOCATION_SPARSE; allocation <= CCBT_ALLOCATION_NONE;
       allocation++)
    {
      g_auto (Fixture) own = { 0 };
      g_autoptr (CcbtStorage) opened = NULL;
      g_autofree char *own_path = NULL;

      fixture_init (&own, PIECE, ROW, G_N_ELEMENTS (ROW));
      opened = fixture_prepare (&own, allocation);
      write_all (opened, &own, PIECE);
      own_path = fixture_path (&own, 2);
      g_assert_cmpint (g_unlink (own_path), ==, 0);
      assert_write_fails (opened, &own, 30000, 1000, CCBT_ERROR_FILES_MISSING, "data/c");
      assert_read_fails (opened, 30000, 1000, CCBT_ERROR_FILES_MISSING);
      g_assert_false (g_file_test (own_path, G_FILE_TEST_EXISTS));
      assert_range (opened, &own, 0, PIECE); /* the others are still there */
      assert_prepare (opened, TRUE);
      write_all (opened, &own, PIECE);
      fixture_assert_file (&own, 2);
    }

  /* Not opened since: found out by its name. */
  fixture_init (&fixture, PIECE, SINGLE, 1);
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_NONE);
  write_all (storage, &fixture, PIECE);
  ccbt_storage_close (storage);
  path = fixture_path (&fixture, 0);
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_write_fails (storage, &fixture, 0, 1000, CCBT_ERROR_FILES_MISSING, "data");
}

/* C16 */
static void
test_a_file_cut_behind_our_back_is_missing (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *path = NULL;

  fixture_init (&fixture, PIECE, SINGLE, 1);
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  write_all (storage, &fixture, PIECE);
  path = fixture_path (&fixture, 0);
  g_assert_cmpint (truncate (path, 50000), ==, 0);
  assert_range (storage, &fixture, 0, PIECE);
  assert_read_fails (storage, 49999, 2, CCBT_ERROR_FILES_MISSING);
  assert_read_fails (storage, 150000, 1000, CCBT_ERROR_FILES_MISSING);
  assert_write_fails (storage, &fixture, 150000, 1000, CCBT_ERROR_FILES_MISSING, "shorter");
  g_assert_cmpint (get_size (path), ==, 50000);
  assert_prepare (storage, TRUE);
  write_all (storage, &fixture, PIECE);
  fixture_assert_file (&fixture, 0);
}

/* C17, C18 */
static void
test_a_torrent_that_must_exist_is_not_made_anew (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *top = NULL;

  fixture_init (&fixture, PIECE, MANY, G_N_ELEMENTS (MANY));
  storage = fixture_open (&fixture, CCBT_ALLOCATION_FULL);
  g_assert_false (ccbt_storage_prepare (storage, TRUE, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_FILES_MISSING);
  g_assert_false (g_file_test (fixture.folder, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  g_mkdir_with_parents (fixture.folder, 0777); /* a mount point without its drive */
  g_assert_false (ccbt_storage_prepare (storage, TRUE, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_FILES_MISSING);
  top = g_build_filename (fixture.folder, "data", NULL);
  g_assert_false (g_file_test (top, G_FILE_TEST_EXISTS));
}

static void
test_a_folder_that_went_away_is_missing_and_not_made_again (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *away = NULL;

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  away = g_build_filename (fixture.base, "away", NULL);
  storage = fixture_open (&fixture, CCBT_ALLOCATION_NONE);
  skip_only (storage, &fixture, 1);
  assert_prepare (storage, FALSE);
  g_assert_cmpint (g_rename (fixture.folder, away), ==, 0);
  assert_write_fails (storage, &fixture, 0, 100, CCBT_ERROR_FILES_MISSING, "data/a");
  /* Also for a skipped one, which may be on the drive that is gone. */
  assert_write_fails (storage, &fixture, 20000, 100, CCBT_ERROR_FILES_MISSING, "data/b");
  g_assert_false (g_file_test (fixture.folder, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (fixture.parts_path, G_FILE_TEST_EXISTS));
}

/* --- Descriptors --- */

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_hundreds_of_files_need_few_descriptors (void)
{
  enum { N_FILES = 500 };
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree FixtureFile *files = g_new0 (FixtureFile, N_FILES);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  struct rlimit old, small;
  guint n_before = count_descriptors ();

  for (guint i = 0; i < N_FILES; i++)
    {
      g_ptr_array_add (names, g_strdup_printf ("folder-%u/file-%u", i % 7, i));
      files[i] = (FixtureFile){ g_ptr_array_index (names, i), 100 + i };
    }
  fixture_init (&fixture, PIECE, files, N_FILES);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &old), ==, 0);
  small = (struct rlimit){ .rlim_cur = 64, .rlim_max = old.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &small), ==, 0);
  g_assert_cmpuint (ccbt_file_cache_get_limit (), ==, 16);
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_NONE);
  write_all (storage, &fixture, PIECE);
  g_assert_cmpuint (ccbt_file_cache_get_n_open (), <=, 16);
  assert_all (storage, &fixture, 1000);
  g_assert_cmpuint (ccbt_file_cache_get_n_open (), <=, 16);
  g_assert_true (ccbt_storage_sync (storage, NULL));
  ccbt_storage_close (storage);
  g_assert_cmpuint (ccbt_file_cache_get_n_open (), ==, 0);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &old), ==, 0);
  g_assert_cmpuint (count_descriptors (), ==, n_before);
  for (guint i = 0; i < N_FILES; i++)
    fixture_assert_file (&fixture, i);
}

/* Other parts of the program have all the descriptors. */
static void
test_idle_files_are_closed_when_descriptors_run_out (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (int));
  struct rlimit old, small;
  int other;

  fixture_init (&fixture, PIECE, ROW, G_N_ELEMENTS (ROW));
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  write_range (storage, &fixture, 0, 23000, NULL); /* a and b are open now, c is not */
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &old), ==, 0);
  small = (struct rlimit){ .rlim_cur = 64, .rlim_max = old.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &small), ==, 0);
  while ((other = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    g_array_append_val (others, other);
  close (g_array_index (others, int, others->len - 1)); /* one for the way through the folders */
  close (g_array_index (others, int, others->len - 2));
  g_array_set_size (others, others->len - 2);
  write_range (storage, &fixture, 23000, 40000, NULL);
  for (guint i = 0; i < others->len; i++)
    close (g_array_index (others, int, i));
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &old), ==, 0);
  fixture_assert_file (&fixture, 2);
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
  g_autofree char *deep = NULL, *sub = NULL, *theirs = NULL, *pad_folder = NULL, *top = NULL;

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
  ADD (skipped_files_stay_out_of_the_folder);
  ADD (a_file_wanted_again_gets_its_parts);
  ADD (parts_outlive_a_restart);
  ADD (preparing_again_does_not_touch_the_neighbours_of_parts);
  ADD (a_skipped_file_that_exists_goes_on_being_used);
  ADD (a_file_skipped_before_it_was_made_is_not_made);
  ADD (the_end_of_an_export_that_broke_off_is_made_up_for);
  ADD (a_link_in_place_of_a_file_is_refused);
  ADD (a_link_in_place_of_a_folder_is_refused);
  ADD (the_users_own_folder_may_be_a_link);
  ADD (a_pipe_in_the_way_does_not_hang);
  ADD (a_folder_below_a_file_cannot_be_made);
  ADD (a_full_disk_is_no_space_and_works_again_with_room);
  ADD (full_allocation_finds_a_full_disk_at_once);
  ADD (a_file_too_large_for_the_system_is_no_space);
  ADD (a_read_only_disk_is_read_only_but_can_be_read);
  ADD (a_deleted_file_is_missing_and_not_made_again);
  ADD (a_file_cut_behind_our_back_is_missing);
  ADD (a_torrent_that_must_exist_is_not_made_anew);
  ADD (a_folder_that_went_away_is_missing_and_not_made_again);
  ADD (hundreds_of_files_need_few_descriptors);
  ADD (idle_files_are_closed_when_descriptors_run_out);
  ADD (a_sync_takes_what_was_written_since_the_last);
  ADD (stamps_tell_size_time_and_absence);
  ADD (deleting_removes_own_files_and_empty_folders_only);
#undef ADD
  return g_test_run ();
}
