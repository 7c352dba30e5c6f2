/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage-steps.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/ccbt-storage-move.h"

/* A torrent that is complete, and where it is to go. */
typedef struct
{
  Fixture torrent;
  CcbtStorage *storage;
  char *base; /* of the new place, removed at the end */
  char *to;
  char *journal;
} Moving;

/* A new folder on another file system than @base: where shared memory is, or another place that Linux keeps in memory.
 * (transfer full) */
static char *
make_elsewhere (const char *base)
{
  static const char *const places[] = { "/dev/shm", "/run", "/tmp", "/var/tmp" };
  GStatBuf here, there;

  g_assert_cmpint (g_stat (base, &here), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *made = g_build_filename (places[i], "ccbt-move-XXXXXX", NULL);

      if (g_stat (places[i], &there) == 0 && here.st_dev != there.st_dev
          && g_mkdtemp (made) != NULL)
        return g_steal_pointer (&made);
    }
  g_error ("no second file system can be written to");
}

/* @across: to another file system. */
static void
moving_init (Moving *self, gboolean across, const FixtureFile *files, guint n_files)
{
  fixture_init (&self->torrent, PIECE, files, n_files);
  self->storage = fixture_prepare (&self->torrent, CCBT_ALLOCATION_SPARSE);
  write_all (self->storage, &self->torrent, PIECE);
  self->base = across ? make_elsewhere (self->torrent.base)
                      : g_mkdtemp (g_build_filename (self->torrent.base, "other-XXXXXX", NULL));
  g_assert_nonnull (self->base);
  self->to = g_build_filename (self->base, "new", NULL);
  self->journal = g_build_filename (self->torrent.base, "journal", NULL);
}

static void
moving_clear (Moving *self)
{
  ccbt_storage_unref (self->storage);
  if (self->base != NULL)
    nftw (self->base, remove_cb, 16, FTW_DEPTH | FTW_PHYS);
  g_free (self->base);
  g_free (self->to);
  g_free (self->journal);
  fixture_clear (&self->torrent);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Moving, moving_clear)

static CcbtMoveStep
run (CcbtStorageMove *move, GError **error)
{
  CcbtMoveStep step;

  do
    step = ccbt_storage_move_step (move, error);
  while (step == CCBT_MOVE_MORE);
  return step;
}

static gboolean
exists (const char *folder, const char *path)
{
  g_autofree char *full = g_build_filename (folder, path, NULL);
  struct stat status;

  return lstat (full, &status) == 0;
}

static void
count_cb (const char *folder, guint *n)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      (*n)++;
      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        count_cb (path, n);
    }
}

/* Everything below the folder. */
static guint
count_names (const char *folder)
{
  guint n = 0;

  count_cb (folder, &n);
  return n;
}

static void
assert_complete_in (Moving *self, const char *folder)
{
  g_autoptr (CcbtStorage) storage = ccbt_storage_new (
      self->torrent.metainfo, folder, self->torrent.parts_path, CCBT_ALLOCATION_SPARSE);

  assert_all (storage, &self->torrent, 12345);
}

/* The next run, which knows the journal only. */
static CcbtStorageMove *
take_up (Moving *self)
{
  g_autofree char *from = NULL, *to = NULL;
  g_autoptr (CcbtStorage) storage = NULL;
  CcbtStorageMove *move;
  gboolean named;

  g_assert_true (ccbt_storage_move_read_journal (self->journal, &from, &to, &named));
  g_assert_cmpstr (from, ==, self->torrent.folder);
  g_assert_cmpstr (to, ==, self->to);
  storage = ccbt_storage_new (self->torrent.metainfo, from, self->torrent.parts_path,
                              CCBT_ALLOCATION_SPARSE);
  move = ccbt_storage_move_new (storage, to, self->journal);
  ccbt_storage_move_set_named (move, named);
  return move;
}

static void
test_files_move (gconstpointer across)
{
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL;
  g_autoptr (GError) error = NULL;
  struct stat before, after;
  g_autofree char *old = NULL, *new = NULL;

  moving_init (&moving, GPOINTER_TO_INT (across), MANY, G_N_ELEMENTS (MANY));
  old = fixture_path (&moving.torrent, BIG);
  new = g_build_filename (moving.to, "data/sub/big.bin", NULL);
  g_assert_cmpint (chmod (old, 0640), ==, 0);
  g_assert_cmpint (stat (old, &before), ==, 0);
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  g_assert_cmpint (run (move, &error), ==, CCBT_MOVE_COMPLETE);
  g_assert_no_error (error);
  g_assert_cmpfloat (ccbt_storage_move_get_progress (move), ==, 1.0);
  /* Both places hold all of it: whichever is recorded, nothing is lost. */
  assert_complete_in (&moving, moving.torrent.folder);
  assert_complete_in (&moving, moving.to);
  g_assert_true (ccbt_storage_move_clean (move, NULL, &error));
  g_assert_no_error (error);
  assert_complete_in (&moving, moving.to);
  g_assert_cmpuint (count_names (moving.torrent.folder), ==, 0);
  g_assert_false (g_file_test (moving.journal, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count_names (moving.to), ==, 10); /* 7 files, 3 folders */
  g_assert_cmpint (stat (new, &after), ==, 0);
  g_assert_cmpint (after.st_mode, ==, before.st_mode);
  g_assert_cmpint (after.st_mtim.tv_sec, ==, before.st_mtim.tv_sec);
  g_assert_true (GPOINTER_TO_INT (across) || after.st_ino == before.st_ino); /* renamed */
}

static void
test_what_is_there_is_never_overwritten (gconstpointer across)
{
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL, *path = NULL, *text = NULL;

  moving_init (&moving, GPOINTER_TO_INT (across), MANY, G_N_ELEMENTS (MANY));
  folder = g_build_filename (moving.to, "data", "sub", NULL);
  path = g_build_filename (folder, "last.bin", NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  g_assert_cmpint (run (move, &error), ==, CCBT_MOVE_FAILED);
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, "last.bin"));
  g_assert_cmpuint (count_names (moving.to), ==, 3); /* nothing was begun */
  ccbt_storage_move_undo (move);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  assert_complete_in (&moving, moving.torrent.folder);
}

/* One that comes while others are copied. */
static void
test_what_comes_meanwhile_is_never_overwritten (gconstpointer across)
{
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL, *path = NULL, *text = NULL;

  moving_init (&moving, GPOINTER_TO_INT (across), MANY, G_N_ELEMENTS (MANY));
  folder = g_build_filename (moving.to, "data", "sub", NULL);
  path = g_build_filename (folder, "last.bin", NULL);
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  g_assert_cmpint (ccbt_storage_move_step (move, &error), ==, CCBT_MOVE_MORE);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  g_assert_cmpint (run (move, &error), ==, CCBT_MOVE_FAILED);
  ccbt_storage_move_undo (move);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  g_assert_cmpuint (count_names (moving.to), ==, 3);
  assert_complete_in (&moving, moving.torrent.folder);
}

/* Power cut after any number of steps: the old place is recorded. */
static void
test_every_step_can_be_the_last (gconstpointer across)
{
  gboolean is_over = FALSE;

  for (guint n = 0; !is_over; n++)
    {
      g_auto (Moving) moving = { 0 };
      g_autoptr (CcbtStorageMove) move = NULL, next = NULL;
      g_autoptr (GError) error = NULL;

      moving_init (&moving, GPOINTER_TO_INT (across), MANY, G_N_ELEMENTS (MANY));
      move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
      for (guint i = 0; i <= n && !is_over; i++)
        is_over = ccbt_storage_move_step (move, &error) != CCBT_MOVE_MORE;
      g_assert_no_error (error);
      next = take_up (&moving);
      ccbt_storage_move_undo (next);
      assert_complete_in (&moving, moving.torrent.folder);
      g_assert_cmpuint (count_names (moving.to), ==, 0);
      g_assert_false (g_file_test (moving.journal, G_FILE_TEST_EXISTS));
    }
}

/* Power cut after the new place was recorded. */
static void
test_the_next_run_cleans_the_old_place (gconstpointer across)
{
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL, next = NULL;
  g_autoptr (GError) error = NULL;

  moving_init (&moving, GPOINTER_TO_INT (across), MANY, G_N_ELEMENTS (MANY));
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  g_assert_cmpint (run (move, &error), ==, CCBT_MOVE_COMPLETE);
  next = take_up (&moving);
  g_assert_true (ccbt_storage_move_clean (next, NULL, &error));
  assert_complete_in (&moving, moving.to);
  g_assert_cmpuint (count_names (moving.torrent.folder), ==, 0);
}

static void
test_cancelled_it_leaves_nothing (gconstpointer across)
{
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL;
  g_autoptr (GError) error = NULL;

  moving_init (&moving, GPOINTER_TO_INT (across), MANY, G_N_ELEMENTS (MANY));
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (ccbt_storage_move_step (move, &error), ==, CCBT_MOVE_MORE);
  g_assert_cmpuint (count_names (moving.to), >, 0);
  ccbt_storage_move_cancel (move);
  g_assert_cmpint (ccbt_storage_move_step (move, &error), ==, CCBT_MOVE_FAILED);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ccbt_storage_move_undo (move);
  assert_complete_in (&moving, moving.torrent.folder);
  g_assert_false (g_file_test (moving.to, G_FILE_TEST_EXISTS)); /* we made it */
}

/* Nothing outside of either folder is read, written or removed. */
static void
test_links_lead_nowhere (gconstpointer across)
{
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *outside = NULL, *link = NULL;

  moving_init (&moving, GPOINTER_TO_INT (across), MANY, G_N_ELEMENTS (MANY));
  outside = g_build_filename (moving.torrent.base, "outside", NULL);
  link = g_build_filename (moving.to, "data", NULL);
  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (moving.to, 0700), ==, 0);
  g_assert_cmpint (symlink (outside, link), ==, 0);
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  g_assert_cmpint (run (move, &error), ==, CCBT_MOVE_FAILED);
  ccbt_storage_move_undo (move);
  g_assert_cmpuint (count_names (outside), ==, 0);
  g_assert_true (exists (moving.to, "data"));
  assert_complete_in (&moving, moving.torrent.folder);
}

/* Put in the way after planning. */
static void
test_a_link_that_comes_meanwhile_leads_nowhere (gconstpointer across)
{
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *outside = NULL, *link = NULL;

  moving_init (&moving, GPOINTER_TO_INT (across), MANY, G_N_ELEMENTS (MANY));
  outside = g_build_filename (moving.torrent.base, "outside", NULL);
  link = g_build_filename (moving.to, "data", NULL);
  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  g_assert_cmpint (ccbt_storage_move_step (move, &error), ==, CCBT_MOVE_MORE);
  g_assert_cmpint (symlink (outside, link), ==, 0);
  g_assert_cmpint (run (move, &error), ==, CCBT_MOVE_FAILED);
  ccbt_storage_move_undo (move);
  g_assert_cmpuint (count_names (outside), ==, 0);
  assert_complete_in (&moving, moving.torrent.folder);
}

static void
test_what_is_not_the_torrents_stays (gconstpointer across)
{
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL;
  g_autoptr (GError) error = NULL;
  gboolean kept[G_N_ELEMENTS (MANY)] = { [FIRST] = TRUE };
  g_autofree char *mine = NULL;

  moving_init (&moving, GPOINTER_TO_INT (across), MANY, G_N_ELEMENTS (MANY));
  mine = g_build_filename (moving.torrent.folder, "data", "sub", "mine.txt", NULL);
  g_assert_true (g_file_set_contents (mine, "mine", -1, NULL));
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  g_assert_cmpint (run (move, &error), ==, CCBT_MOVE_COMPLETE);
  g_assert_true (ccbt_storage_move_clean (move, kept, &error));
  g_assert_true (g_file_test (mine, G_FILE_TEST_EXISTS));
  g_assert_true (fixture_file_exists (&moving.torrent, FIRST));
  g_assert_cmpuint (count_names (moving.torrent.folder), ==, 4); /* those and their two folders */
  assert_complete_in (&moving, moving.to);
}

static void
test_what_changed_is_not_removed (gconstpointer across)
{
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *new = NULL;

  moving_init (&moving, GPOINTER_TO_INT (across), MANY, G_N_ELEMENTS (MANY));
  new = g_build_filename (moving.to, "data/sub/big.bin", NULL);
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  g_assert_cmpint (run (move, &error), ==, CCBT_MOVE_COMPLETE);
  g_assert_cmpint (g_unlink (new), ==, 0);
  g_assert_false (ccbt_storage_move_clean (move, NULL, &error));
  g_assert_nonnull (strstr (error->message, "big.bin"));
  fixture_assert_file (&moving.torrent, BIG);
}

static void
test_holes_stay_holes (void)
{
  static const FixtureFile large[] = { { NULL, 40 * 1024 * 1024 } };
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *old = NULL, *new = NULL, *a = NULL, *b = NULL;
  gsize a_len, b_len;
  struct stat status;

  moving_init (&moving, TRUE, large, 1);
  old = fixture_path (&moving.torrent, 0);
  new = g_build_filename (moving.to, "data", NULL);
  g_assert_cmpint (truncate (old, 0), ==, 0);
  g_assert_cmpint (truncate (old, 40 * 1024 * 1024), ==, 0);
  {
    g_autofree char *bytes = g_strnfill (100000, 'x');
    int descriptor = open (old, O_WRONLY);

    g_assert_cmpint (pwrite (descriptor, bytes, 100000, 20 * 1024 * 1024), ==, 100000);
    close (descriptor);
  }
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  g_assert_cmpint (run (move, &error), ==, CCBT_MOVE_COMPLETE);
  g_assert_no_error (error);
  g_assert_cmpint (stat (new, &status), ==, 0);
  g_assert_cmpint (status.st_size, ==, 40 * 1024 * 1024);
  g_assert_cmpint (status.st_blocks * 512, <, 2 * 1024 * 1024);
  g_assert_true (g_file_get_contents (old, &a, &a_len, NULL));
  g_assert_true (g_file_get_contents (new, &b, &b_len, NULL));
  g_assert_cmpmem (a, a_len, b, b_len);
}

/* A download that writes on while it is copied would be torn. */
static void
test_what_changes_meanwhile_fails (void)
{
  static const FixtureFile large[] = { { NULL, 12 * 1024 * 1024 } };
  g_auto (Moving) moving = { 0 };
  g_autoptr (CcbtStorageMove) move = NULL;
  g_autoptr (GError) error = NULL;

  moving_init (&moving, TRUE, large, 1);
  move = ccbt_storage_move_new (moving.storage, moving.to, moving.journal);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (ccbt_storage_move_step (move, &error), ==, CCBT_MOVE_MORE);
  moving.torrent.content->data[0] ^= 1;
  write_all (moving.storage, &moving.torrent, 1 << 20);
  g_assert_cmpint (run (move, &error), ==, CCBT_MOVE_FAILED);
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_DISK);
  ccbt_storage_move_undo (move);
  g_assert_false (g_file_test (moving.to, G_FILE_TEST_EXISTS));
  assert_complete_in (&moving, moving.torrent.folder);
}

static void
test_hostile_journals_are_no_journals (void)
{
  static const struct
  {
    const char *bytes;
    gsize len;
  } bad[] = {
    { "", 0 },
    { "ccbt-move-1", 11 },
    { "ccbt-move-1\0copying\0/a\0/b", 25 },
    { "ccbt-move-1\0copying\0/a\0", 23 },
    { "ccbt-move-1\0copying\0a\0/b\0", 25 },
    { "ccbt-move-1\0copying\0/a\0b\0", 25 },
    { "ccbt-move-2\0copying\0/a\0/b\0", 26 },
  };
  g_autofree char *base = g_dir_make_tmp ("ccbt-journal-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (base, "journal", NULL);
  g_autofree char *from = NULL, *to = NULL;
  gboolean named = FALSE;

  g_assert_false (ccbt_storage_move_read_journal (path, &from, &to, &named));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_true (g_file_set_contents (path, bad[i].bytes, (gssize) bad[i].len, NULL));
      g_assert_false (ccbt_storage_move_read_journal (path, &from, &to, &named));
    }
  g_assert_true (g_file_set_contents (path, "ccbt-move-1\0named\0/a\0/b\0", 24, NULL));
  g_assert_true (ccbt_storage_move_read_journal (path, &from, &to, &named));
  g_assert_true (named);
  g_unlink (path);
  g_rmdir (base);
}

static void
add_both (const char *name, GTestDataFunc func)
{
  g_autofree char *same = g_strconcat ("/storage-move/same/", name, NULL);
  g_autofree char *across = g_strconcat ("/storage-move/across/", name, NULL);

  g_test_add_data_func (same, GINT_TO_POINTER (FALSE), func);
  g_test_add_data_func (across, GINT_TO_POINTER (TRUE), func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_both ("files-move", test_files_move);
  add_both ("never-overwrites", test_what_is_there_is_never_overwritten);
  add_both ("never-overwrites-later", test_what_comes_meanwhile_is_never_overwritten);
  add_both ("every-step-can-be-the-last", test_every_step_can_be_the_last);
  add_both ("next-run-cleans", test_the_next_run_cleans_the_old_place);
  add_both ("cancel", test_cancelled_it_leaves_nothing);
  add_both ("links", test_links_lead_nowhere);
  add_both ("links-later", test_a_link_that_comes_meanwhile_leads_nowhere);
  add_both ("not-the-torrents", test_what_is_not_the_torrents_stays);
  add_both ("changed", test_what_changed_is_not_removed);
  g_test_add_func ("/storage-move/holes", test_holes_stay_holes);
  g_test_add_func ("/storage-move/changes-meanwhile", test_what_changes_meanwhile_fails);
  g_test_add_func ("/storage-move/hostile-journals", test_hostile_journals_are_no_journals);
  return g_test_run ();
}
