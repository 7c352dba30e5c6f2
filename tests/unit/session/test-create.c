/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-create-files.h"
#include "session/ccbt-create-hash.h"
#include "session/ccbt-create.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *box;
  char *root; /* "shared" in it */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *made = g_dir_make_tmp ("ccbt-test-create-XXXXXX", &error);

  g_assert_no_error (error);
  self->box = realpath (made, NULL);
  self->root = g_build_filename (self->box, "shared", NULL);
  g_assert_cmpint (g_mkdir (self->root, 0755), ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autofree char *quoted = g_shell_quote (self->box);
  g_autofree char *command = g_strdup_printf ("rm -rf -- %s", quoted);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  free (self->box);
  g_free (self->root);
}

/* @length bytes that depend on @path. */
static void
put (Fixture *self, const char *path, gsize length)
{
  g_autofree char *full = g_build_filename (self->root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);
  g_autofree char *bytes = g_malloc (length + 1);
  guint seed = g_str_hash (path);

  for (gsize i = 0; i < length; i++)
    bytes[i] = (char) (seed = seed * 1103515245u + 12345u, seed >> 16);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (full, bytes, (gssize) length, NULL));
}

static CcbtSourceFiles *
list_good (Fixture *self, gboolean with_hidden)
{
  g_autoptr (GError) error = NULL;
  CcbtSourceFiles *files = ccbt_source_files_list (self->root, with_hidden, NULL, NULL, &error);

  g_assert_no_error (error);
  return files;
}

static void
assert_refused (Fixture *self, const char *path, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ccbt_source_files_list (path, FALSE, NULL, NULL, &error));
  g_assert_error (error, domain, code);
}

static void
assert_paths (const CcbtSourceFiles *files, const char *const *paths)
{
  guint64 offset = 0;

  g_assert_cmpuint (files->files->len, ==, g_strv_length ((char **) paths));
  for (guint i = 0; paths[i] != NULL; i++)
    {
      const CcbtSourceFile *file = &g_array_index (files->files, CcbtSourceFile, i);

      g_assert_cmpstr (file->path, ==, paths[i]);
      g_assert_cmpuint (file->offset, ==, offset);
      offset += (guint64) file->stamp.size;
    }
  g_assert_cmpuint (files->total_size, ==, offset);
}

static void
test_order_is_of_the_names (Fixture *self, gconstpointer data)
{
  static const char *const expected[]
      = { "shared/B", "shared/a/x", "shared/a/y/z", "shared/a.txt", "shared/empty", NULL };
  g_autoptr (CcbtSourceFiles) files = NULL;

  put (self, "a.txt", 3);
  put (self, "empty", 0);
  put (self, "a/y/z", 5);
  put (self, "a/x", 7);
  put (self, "B", 1);
  files = list_good (self, FALSE);
  assert_paths (files, expected);
  g_assert_true (files->is_folder);
  g_assert_cmpstr (files->name, ==, "shared");
  g_assert_cmpstr (files->parent, ==, self->box);
  g_assert_null (files->renamed);
}

static void
test_links_and_specials_are_left_out (Fixture *self, gconstpointer data)
{
  static const char *const expected[] = { "shared/plain", NULL };
  static const char *const all[] = { "shared/.folder/in", "shared/.hidden", "shared/plain", NULL };
  g_autofree char *link = g_build_filename (self->root, "link", NULL);
  g_autofree char *loop = g_build_filename (self->root, "loop", NULL);
  g_autofree char *pipe_path = g_build_filename (self->root, "pipe", NULL);
  g_autoptr (CcbtSourceFiles) files = NULL;
  g_autoptr (CcbtSourceFiles) hidden = NULL;

  put (self, "plain", 10);
  put (self, ".hidden", 10);
  put (self, ".folder/in", 10);
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  g_assert_cmpint (symlink ("..", loop), ==, 0);
  g_assert_cmpint (mkfifo (pipe_path, 0644), ==, 0);
  files = list_good (self, FALSE);
  assert_paths (files, expected);
  g_assert_cmpuint (files->n_skipped[CCBT_SKIPPED_LINK], ==, 2);
  g_assert_cmpuint (files->n_skipped[CCBT_SKIPPED_HIDDEN], ==, 2);
  g_assert_cmpuint (files->n_skipped[CCBT_SKIPPED_SPECIAL], ==, 1);
  g_assert_cmpuint (files->skipped->len, ==, 5);
  hidden = list_good (self, TRUE);
  assert_paths (hidden, all);
}

static void
test_what_is_named_may_be_a_link (Fixture *self, gconstpointer data)
{
  static const char *const expected[] = { "one", NULL };
  g_autofree char *link = g_build_filename (self->box, "link", NULL);
  g_autofree char *target = g_build_filename (self->root, "one", NULL);
  g_autoptr (CcbtSourceFiles) files = NULL;

  put (self, "one", 10);
  g_assert_cmpint (symlink (target, link), ==, 0);
  files = ccbt_source_files_list (link, FALSE, NULL, NULL, NULL);
  assert_paths (files, expected);
  g_assert_false (files->is_folder);
  g_assert_cmpstr (files->parent, ==, self->root);
}

static void
test_names_must_be_utf8 (Fixture *self, gconstpointer data)
{
  put (self, "good", 1);
  put (self, "f/b\xe4se", 1);
  assert_refused (self, self->root, CCBT_ERROR, CCBT_ERROR_INVALID);
}

static void
test_what_is_no_file (Fixture *self, gconstpointer data)
{
  g_autofree char *absent = g_build_filename (self->box, "absent", NULL);
  g_autofree char *pipe_path = g_build_filename (self->box, "pipe", NULL);

  g_assert_cmpint (mkfifo (pipe_path, 0644), ==, 0);
  assert_refused (self, absent, CCBT_ERROR, CCBT_ERROR_NOT_FOUND);
  assert_refused (self, pipe_path, CCBT_ERROR, CCBT_ERROR_INVALID);
  assert_refused (self, "/", CCBT_ERROR, CCBT_ERROR_INVALID);
}

static void
test_depth_is_bounded (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint i = 0; i < CCBT_METAINFO_MAX_DEPTH; i++)
    g_string_append (path, "d/");
  g_string_append (path, "file");
  put (self, path->str, 1);
  assert_refused (self, self->root, CCBT_ERROR, CCBT_ERROR_TOO_LARGE);
}

static void
test_listing_is_given_up (Fixture *self, gconstpointer data)
{
  const gint cancelled = 1;
  g_autoptr (GError) error = NULL;

  put (self, "file", 1);
  g_assert_null (ccbt_source_files_list (self->root, FALSE, NULL, &cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_the_torrent_is_not_in_itself (Fixture *self, gconstpointer data)
{
  static const char *const expected[] = { "shared/a", NULL };
  g_autofree char *output = g_build_filename (self->root, "old.torrent", NULL);
  g_autoptr (CcbtSourceFiles) files = NULL;

  put (self, "a", 1);
  put (self, "old.torrent", 100);
  files = ccbt_source_files_list (self->root, FALSE, output, NULL, NULL);
  assert_paths (files, expected);
}

static void
test_names_that_others_get_in_another_way (Fixture *self, gconstpointer data)
{
  g_autoptr (CcbtSourceFiles) files = NULL;

  put (self, "a", 1);
  put (self, "what\\ever", 1);
  files = list_good (self, FALSE);
  g_assert_cmpstr (files->renamed, ==, "shared/what\\ever");
}

/* --- Hashing --- */

/* All bytes in a row. */
static GByteArray *
join (Fixture *self, const CcbtSourceFiles *files)
{
  GByteArray *all = g_byte_array_new ();

  for (guint i = 0; i < files->files->len; i++)
    {
      const CcbtSourceFile *file = &g_array_index (files->files, CcbtSourceFile, i);
      g_autofree char *full = g_build_filename (files->parent, file->path, NULL);
      g_autofree char *bytes = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (full, &bytes, &length, NULL));
      g_byte_array_append (all, (const guint8 *) bytes, (guint) length);
    }
  return all;
}

static void
test_pieces_run_over_files (Fixture *self, gconstpointer data)
{
  const guint32 piece_length = 16384;
  const guint64 slices[] = { 1000, 16384, 50000, 1 << 30 };
  g_autoptr (CcbtSourceFiles) files = NULL;
  g_autoptr (GByteArray) all = NULL;
  g_autofree CcbtSha1 *pieces = NULL;
  guint n_pieces;

  put (self, "a", 5000);
  put (self, "b", 0);
  put (self, "c", 40000);
  put (self, "d", 16384);
  put (self, "e", 0);
  files = list_good (self, FALSE);
  all = join (self, files);
  n_pieces = (all->len + piece_length - 1) / piece_length;
  for (guint i = 0; i < G_N_ELEMENTS (slices); i++)
    {
      CcbtSourceHasher hasher;

      g_clear_pointer (&pieces, g_free);
      pieces = g_new0 (CcbtSha1, n_pieces);
      ccbt_source_hasher_init (&hasher, files, piece_length, pieces);
      /* The second half first, as another worker might. */
      ccbt_source_hasher_set_stretch (&hasher, 2 * piece_length, all->len);
      while (hasher.position < hasher.end)
        g_assert_true (ccbt_source_hasher_run (&hasher, slices[i], NULL));
      ccbt_source_hasher_set_stretch (&hasher, 0, 2 * piece_length);
      while (hasher.position < hasher.end)
        g_assert_true (ccbt_source_hasher_run (&hasher, slices[i], NULL));
      ccbt_source_hasher_clear (&hasher);
      for (guint j = 0; j < n_pieces; j++)
        {
          g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
          guint8 digest[20];
          gsize length = sizeof digest;

          g_checksum_update (sum, all->data + j * piece_length,
                             MIN (piece_length, all->len - j * piece_length));
          g_checksum_get_digest (sum, digest, &length);
          g_assert_cmpmem (pieces[j].bytes, 20, digest, 20);
        }
    }
}

static void
assert_notices (Fixture *self, const char *change)
{
  g_autoptr (CcbtSourceFiles) files = list_good (self, FALSE);
  CcbtSha1 pieces[4];
  CcbtSourceHasher hasher;
  g_autoptr (GError) error = NULL;
  g_autofree char *quoted = g_shell_quote (self->root);
  g_autofree char *script = g_strdup_printf ("cd %s && %s", quoted, change);
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  int status = -1;

  g_assert_null (ccbt_source_files_find_changed (files));
  ccbt_source_hasher_init (&hasher, files, 16384, pieces);
  ccbt_source_hasher_set_stretch (&hasher, 0, files->total_size);
  g_assert_true (ccbt_source_hasher_run (&hasher, 100, NULL)); /* "a" is open */
  g_assert_true (
      g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  if (!ccbt_source_hasher_run (&hasher, G_MAXUINT32, &error))
    {
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_BUSY);
      g_assert_nonnull (hasher.changed);
    }
  g_assert_nonnull (ccbt_source_files_find_changed (files));
  ccbt_source_hasher_clear (&hasher);
}

static void
test_changes_are_noticed (Fixture *self, gconstpointer data)
{
  static const char *const changes[] = {
    "truncate -s 10 a",      "printf x >> b",       "rm b",           "rm b && ln -s /etc/passwd b",
    "touch -d 2001-01-01 b", "cp -p b c && mv c b", "rm b && mkdir b"
  };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *folder = g_build_filename (self->root, "b", NULL);

      g_rmdir (folder);
      g_unlink (folder);
      put (self, "a", 20000);
      put (self, "b", 20000);
      assert_notices (self, changes[i]);
    }
}

/* --- What is asked for --- */

static gboolean
is_understood (const char *text)
{
  g_autoptr (GVariant) arguments = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtCreateOptions) options = NULL;

  g_assert_nonnull (arguments);
  options = ccbt_create_options_read (arguments, &error);
  g_assert_true (options != NULL || error != NULL);
  return options != NULL;
}

static void
test_options (void)
{
  g_assert_true (is_understood ("{'path': <'/a'>, 'output': <'/b'>}"));
  g_assert_true (is_understood ("{'path': <'/a'>, 'seed': <true>}"));
  g_assert_true (is_understood ("{'path': <'/a'>, 'seed': <true>, 'piece-length': <uint32 65536>, "
                                "'trackers': <[['http://a.example/'], @as []]>, 'web-seeds': "
                                "<['http://a.example/']>, 'private': <true>, 'source': <'s'>}"));
  g_assert_false (is_understood ("{'path': <'/a'>}"));
  g_assert_false (is_understood ("{'path': <'a'>, 'seed': <true>}"));
  g_assert_false (is_understood ("{'path': <'/a'>, 'output': <'b'>}"));
  g_assert_false (is_understood ("{'output': <'/b'>}"));
  g_assert_false (is_understood ("{'path': <'/a'>, 'seed': <true>, 'piece-length': <uint32 3>}"));
  g_assert_false (is_understood ("{'path': <'/a'>, 'seed': <true>, 'privat': <true>}"));
  g_assert_false (is_understood ("{'path': <'/a'>, 'seed': <true>, 'private': <'yes'>}"));
  g_assert_false (is_understood ("{'path': <'/a'>, 'seed': <true>, 'trackers': <[['x']]>}"));
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/create/order-is-of-the-names", test_order_is_of_the_names);
  ADD ("/create/links-and-specials-are-left-out", test_links_and_specials_are_left_out);
  ADD ("/create/what-is-named-may-be-a-link", test_what_is_named_may_be_a_link);
  ADD ("/create/names-must-be-utf8", test_names_must_be_utf8);
  ADD ("/create/what-is-no-file", test_what_is_no_file);
  ADD ("/create/depth-is-bounded", test_depth_is_bounded);
  ADD ("/create/listing-is-given-up", test_listing_is_given_up);
  ADD ("/create/the-torrent-is-not-in-itself", test_the_torrent_is_not_in_itself);
  ADD ("/create/names-that-others-get-in-another-way", test_names_that_others_get_in_another_way);
  ADD ("/create/pieces-run-over-files", test_pieces_run_over_files);
  ADD ("/create/changes-are-noticed", test_changes_are_noticed);
  g_test_add_func ("/create/options", test_options);
  return g_test_run ();
}
