/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage-steps.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* The names are looked at again at every opening, not only when preparing. */
static void
test_what_comes_in_the_way_later_is_refused_too (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CcbtStorage) storage = NULL;
  g_autofree char *path = NULL, *victim = NULL;

  fixture_init (&fixture, PIECE, SINGLE, 1);
  storage = fixture_prepare (&fixture, CCBT_ALLOCATION_SPARSE);
  write_all (storage, &fixture, PIECE);
  ccbt_storage_close (storage);
  path = fixture_path (&fixture, 0);
  victim = g_build_filename (fixture.base, "victim", NULL);
  g_assert_cmpint (g_rename (path, victim), ==, 0);
  g_assert_cmpint (symlink (victim, path), ==, 0);
  assert_read_fails (storage, 0, 8, CCBT_ERROR_DISK);
  memset (fixture.content->data, 0, 100);
  assert_write_fails (storage, &fixture, 0, 100, CCBT_ERROR_DISK, "data");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (mkfifo (path, 0666), ==, 0);
  assert_read_fails (storage, 0, 8, CCBT_ERROR_DISK); /* and does not wait for a writer */
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

static void
write_text (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, text, strlen (text)), ==, strlen (text));
  close (fd);
}

/* Who may not mount may do so in a user namespace. */
static gboolean
leave_mounts_of_others (void)
{
  g_autofree char *users = g_strdup_printf ("%u %u 1", getuid (), getuid ());
  g_autofree char *groups = g_strdup_printf ("%u %u 1", getgid (), getgid ());

  if (unshare (CLONE_NEWNS) != 0)
    {
      if (unshare (CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return FALSE;
      write_text ("/proc/self/setgroups", "deny");
      write_text ("/proc/self/uid_map", users);
      write_text ("/proc/self/gid_map", groups);
    }
  /* EINVAL: the root of a plain chroot is no mount. */
  return mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 || errno == EINVAL;
}

/* Mounts a small file system where the downloads go, seen by this process only. */
static gboolean
mount_small (const Fixture *fixture, const char *options)
{
  static gboolean is_apart;

  if (!is_apart && !leave_mounts_of_others ())
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
      g_assert_true (ccbt_storage_sync (opened, NULL)); /* it owes nothing any more */
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/storage/storage-trouble/" #name, test_##name)
  ADD (a_link_in_place_of_a_file_is_refused);
  ADD (a_link_in_place_of_a_folder_is_refused);
  ADD (the_users_own_folder_may_be_a_link);
  ADD (a_pipe_in_the_way_does_not_hang);
  ADD (what_comes_in_the_way_later_is_refused_too);
  ADD (a_folder_below_a_file_cannot_be_made);
  ADD (a_full_disk_is_no_space_and_works_again_with_room);
  ADD (full_allocation_finds_a_full_disk_at_once);
  ADD (a_file_too_large_for_the_system_is_no_space);
  ADD (a_read_only_disk_is_read_only_but_can_be_read);
  ADD (a_deleted_file_is_missing_and_not_made_again);
  ADD (a_file_cut_behind_our_back_is_missing);
  ADD (a_torrent_that_must_exist_is_not_made_anew);
  ADD (a_folder_that_went_away_is_missing_and_not_made_again);
#undef ADD
  return g_test_run ();
}
