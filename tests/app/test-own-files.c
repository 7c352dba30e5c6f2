/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-test.h"
#include "ccbt-own-files.h"
#include "fake-engine.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define HASH_1 "0000000000000000000000000000000000000001"

/* A folder of the user's, beside the trash: what is in it goes there by a rename. */
typedef struct
{
  char *base;
  char *trash;
  CcbtOwnFilesResult result;
  GError *error;
  gboolean is_done;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->base = g_build_filename (g_get_home_dir (), "own-files-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (fixture->base));
  fixture->trash = g_build_filename (g_get_user_data_dir (), "Trash", "files", NULL);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) folder
      = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_all (inner);
    }
  g_remove (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *trash = g_path_get_dirname (fixture->trash);

  remove_all (fixture->base);
  remove_all (trash);
  g_clear_error (&fixture->error);
  g_free (fixture->base);
  g_free (fixture->trash);
}

/* Makes files below the folder, with their name in them. */
static void
make (Fixture *fixture, const char *const *paths)
{
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (fixture->base, paths[i], NULL);
      g_autofree char *folder = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
      g_assert_true (g_file_set_contents (path, paths[i], -1, NULL));
    }
}

static void
link_to (Fixture *fixture, const char *target, const char *path)
{
  g_autofree char *whole = g_build_filename (fixture->base, path, NULL);

  g_assert_cmpint (symlink (target, whole), ==, 0);
}

static gboolean
is_there (const char *folder, const char *path)
{
  g_autofree char *whole = g_build_filename (folder, path, NULL);

  return g_file_test (whole, G_FILE_TEST_EXISTS) || g_file_test (whole, G_FILE_TEST_IS_SYMLINK);
}

static void
assert_trashed (Fixture *fixture, const char *path, const char *in_trash)
{
  g_assert_false (is_there (fixture->base, path));
  g_assert_true (is_there (fixture->trash, in_trash));
}

static void
assert_stays (Fixture *fixture, const char *path)
{
  if (!is_there (fixture->base, path))
    g_error ("%s is gone", path);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *fixture = data;

  ccbt_own_files_trash_finish (result, &fixture->result, &fixture->error);
  fixture->is_done = TRUE;
}

static GVariant *
list (Fixture *fixture, const char *folder, const char *const *paths, gboolean stays_with_data)
{
  g_autofree char *root = g_build_filename (fixture->base, folder, NULL);
  GVariantBuilder files;

  g_variant_builder_init (&files, G_VARIANT_TYPE ("a(sb)"));
  for (guint i = 0; paths[i] != NULL; i++)
    g_variant_builder_add (&files, "(sb)", paths[i], stays_with_data);
  return g_variant_new ("(s^ay@a(sb))", HASH_1, root, g_variant_builder_end (&files));
}

/* @first, @second: of list(); @second: (nullable) */
static void
trash (Fixture *fixture, GVariant *first, GVariant *second)
{
  GVariant *torrents[] = { first, second };

  fixture->is_done = FALSE;
  ccbt_own_files_trash_async (g_variant_new_array (NULL, torrents, second != NULL ? 2 : 1), done_cb,
                              fixture);
  while (!fixture->is_done)
    g_main_context_iteration (NULL, TRUE);
}

static const char *const album[] = { "Album/one", "Album/disc/two", "Album/disc/deep/three", NULL };

static void
test_pure_folder_goes_as_one (Fixture *fixture, gconstpointer data)
{
  make (fixture, album);
  make (fixture, (const char *const[]){ "beside", NULL });
  trash (fixture, list (fixture, NULL, album, FALSE), NULL);
  g_assert_no_error (fixture->error);
  assert_trashed (fixture, "Album", "Album/disc/deep/three");
  assert_stays (fixture, "beside");
  g_assert_true (fixture->result.has_trashed);
  g_assert_false (fixture->result.has_left);
}

static void
test_foreign_file_stays (Fixture *fixture, gconstpointer data)
{
  make (fixture, album);
  make (fixture, (const char *const[]){ "Album/disc/mine", NULL });
  trash (fixture, list (fixture, NULL, album, FALSE), NULL);
  g_assert_no_error (fixture->error);
  assert_stays (fixture, "Album/disc/mine");
  assert_trashed (fixture, "Album/one", "one");
  assert_trashed (fixture, "Album/disc/two", "two");
  assert_trashed (fixture, "Album/disc/deep", "deep/three");
  g_assert_true (fixture->result.has_left);
}

/* Of a file that others use the engine says nothing. */
static void
test_shared_file_stays (Fixture *fixture, gconstpointer data)
{
  make (fixture, album);
  trash (fixture, list (fixture, NULL, (const char *const[]){ "Album/one", NULL }, FALSE), NULL);
  assert_trashed (fixture, "Album/one", "one");
  assert_stays (fixture, "Album/disc/two");
  assert_stays (fixture, "Album/disc/deep/three");
}

static void
test_single_file_goes_alone (Fixture *fixture, gconstpointer data)
{
  const char *const film[] = { "film", NULL };

  make (fixture, film);
  trash (fixture, list (fixture, NULL, film, FALSE), NULL);
  assert_trashed (fixture, "film", "film");
  assert_stays (fixture, ""); /* the user's folder, though nothing is left in it */
}

static void
test_links_are_not_followed (Fixture *fixture, gconstpointer data)
{
  make (fixture, (const char *const[]){ "outside/two", "outside/one", "Album/other", NULL });
  link_to (fixture, "../outside", "Album/disc");
  link_to (fixture, "../outside/one", "Album/one");
  trash (fixture, list (fixture, NULL, album, FALSE), NULL);
  assert_stays (fixture, "outside/two");
  assert_stays (fixture, "outside/one");
  assert_stays (fixture, "Album/disc");
  assert_stays (fixture, "Album/one");
  assert_stays (fixture, "Album/other");
  g_assert_false (fixture->result.has_trashed);
}

static void
test_a_link_for_the_content_stays (Fixture *fixture, gconstpointer data)
{
  make (fixture, (const char *const[]){ "outside/one", "outside/disc/two", NULL });
  link_to (fixture, "outside", "Album");
  trash (fixture, list (fixture, NULL, album, FALSE), NULL);
  assert_stays (fixture, "Album");
  assert_stays (fixture, "outside/one");
  assert_stays (fixture, "outside/disc/two");
}

/* The user's own folder may be one. */
static void
test_the_users_folder_may_be_a_link (Fixture *fixture, gconstpointer data)
{
  make (fixture, (const char *const[]){ "real/Album/one", NULL });
  link_to (fixture, "real", "linked");
  trash (fixture, list (fixture, "linked", album, FALSE), NULL);
  g_assert_no_error (fixture->error);
  assert_trashed (fixture, "real/Album", "Album/one");
  assert_stays (fixture, "linked");
}

static void
test_nothing_outside_is_touched (Fixture *fixture, gconstpointer data)
{
  const char *const wicked[] = { "../outside", "Album/../../outside", "/outside", "", NULL };

  make (fixture, (const char *const[]){ "outside", "place/Album/one", NULL });
  trash (fixture, list (fixture, "place", wicked, FALSE), NULL);
  assert_stays (fixture, "outside");
  assert_stays (fixture, "place/Album/one");
  g_assert_false (fixture->result.has_trashed);
}

static void
test_what_was_there_before_stays (Fixture *fixture, gconstpointer data)
{
  g_autofree char *hole = g_build_filename (fixture->base, "Album", "hole", NULL);
  const char *const files[] = { "Album/one", "Album/hole", "Album/empty", NULL };
  int descriptor;

  make (fixture, files);
  descriptor = g_open (hole, O_RDWR | O_TRUNC, 0);
  g_assert_cmpint (ftruncate (descriptor, 1 << 20), ==, 0);
  close (descriptor);
  g_free (hole);
  hole = g_build_filename (fixture->base, "Album", "empty", NULL);
  g_assert_cmpint (truncate (hole, 0), ==, 0);
  trash (fixture, list (fixture, NULL, files, TRUE), NULL);
  assert_stays (fixture, "Album/one");
  assert_trashed (fixture, "Album/hole", "hole");
  assert_trashed (fixture, "Album/empty", "empty");
}

static void
test_empty_folders_go (Fixture *fixture, gconstpointer data)
{
  g_autofree char *deep = g_build_filename (fixture->base, "Album", "disc", "deep", NULL);

  g_assert_cmpint (g_mkdir_with_parents (deep, 0700), ==, 0);
  trash (fixture, list (fixture, NULL, album, FALSE), NULL);
  g_assert_no_error (fixture->error);
  g_assert_false (is_there (fixture->base, "Album"));
  g_assert_false (is_there (fixture->trash, "Album"));
  g_assert_false (fixture->result.has_trashed);
  g_assert_false (fixture->result.has_left);
}

static void
test_a_foreign_empty_folder_stays (Fixture *fixture, gconstpointer data)
{
  g_autofree char *foreign = g_build_filename (fixture->base, "Album", "mine", NULL);

  make (fixture, album);
  g_assert_cmpint (g_mkdir (foreign, 0700), ==, 0);
  trash (fixture, list (fixture, NULL, album, FALSE), NULL);
  assert_stays (fixture, "Album/mine");
  assert_trashed (fixture, "Album/disc", "disc/deep/three");
}

/* What torrents share goes when all of them do, and the folder that was theirs alone goes whole. */
static void
test_torrents_that_go_together (Fixture *fixture, gconstpointer data)
{
  const char *const other[] = { "Album/one", "Album/four", NULL };

  make (fixture, album);
  make (fixture, other);
  trash (fixture, list (fixture, NULL, album, FALSE), list (fixture, NULL, other, FALSE));
  g_assert_no_error (fixture->error);
  assert_trashed (fixture, "Album", "Album/four");
  g_assert_true (is_there (fixture->trash, "Album/disc/two"));
}

static void
answer (const char *response)
{
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (app_test_find_dialog ()), response);
  app_test_run_for (400);
}

static void
test_window_asks_the_engine_first (AppTest *app, gconstpointer data)
{
  Fixture fixture = { 0 };
  CcbtTorrentStatus *status = fake_torrent_new (1, "Sintel", CCBT_TORRENT_STATE_SEEDING, 1);

  set_up (&fixture, NULL);
  make (&fixture,
        (const char *const[]){ "Sintel/Subtitles/Sintel.de.srt", "Sintel/Subtitles/Sintel.en.srt",
                               "Sintel/Poster.jpg", "Sintel/mine", NULL });
  g_free (status->folder);
  status->folder = g_strdup (fixture.base);
  app_test_put (status);
  app_test_act (app, "win.remove-with-files", HASH_1);
  answer ("trash");
  app_test_assert_calls ("torrent.list-own-files (['" HASH_1 "'],)\n"
                         "torrent.remove ('" HASH_1 "', false)\n");
  assert_trashed (&fixture, "Sintel/Subtitles", "Subtitles/Sintel.en.srt");
  assert_stays (&fixture, "Sintel/Poster.jpg"); /* shared */
  assert_stays (&fixture, "Sintel/mine");
  g_assert_true (app_test_shows (
      app->window, "Files moved to the trash; what else is in the folder stays there"));
  tear_down (&fixture, NULL);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/own-files/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  ADD ("pure-folder-goes-as-one", test_pure_folder_goes_as_one);
  ADD ("foreign-file-stays", test_foreign_file_stays);
  ADD ("shared-file-stays", test_shared_file_stays);
  ADD ("single-file-goes-alone", test_single_file_goes_alone);
  ADD ("links-are-not-followed", test_links_are_not_followed);
  ADD ("a-link-for-the-content-stays", test_a_link_for_the_content_stays);
  ADD ("the-users-folder-may-be-a-link", test_the_users_folder_may_be_a_link);
  ADD ("nothing-outside-is-touched", test_nothing_outside_is_touched);
  ADD ("what-was-there-before-stays", test_what_was_there_before_stays);
  ADD ("empty-folders-go", test_empty_folders_go);
  ADD ("a-foreign-empty-folder-stays", test_a_foreign_empty_folder_stays);
  ADD ("torrents-that-go-together", test_torrents_that_go_together);
  APP_TEST_ADD ("/own-files/window", test_window_asks_the_engine_first);
  return app_test_run ();
}
