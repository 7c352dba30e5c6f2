/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-watch-scan.h"
#include "base/ccbt-error.h"
#include <glib/gstdio.h>
#include <unistd.h>

#define NANOSECONDS G_GINT64_CONSTANT (1000000000)

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static char *
scan (const char *folder, gint64 now, gboolean *settled)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = ccbt_watch_scan (folder, now, settled, &error);
  GString *names = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < found->len; i++)
    {
      const CcbtWatchedFile *file = found->pdata[i];

      g_string_append_printf (names, "%s%s ", file->is_magnet ? "@" : "", file->name);
    }
  return g_string_free (names, FALSE);
}

static void
test_what_counts (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ccbt-watch-XXXXXX", NULL);
  g_autofree char *link = g_build_filename (folder, "l.torrent", NULL);
  g_autofree char *deeper = g_build_filename (folder, "d.torrent", NULL);
  g_autofree char *late = NULL, *early = NULL, *wrong_clock = NULL;
  gint64 now = g_get_real_time () * 1000;
  gboolean settled;
  const char *arguments[] = { "rm", "-rf", folder, NULL };

  put (folder, "b.torrent", "x");
  put (folder, "a.torrent", "x");
  put (folder, "c.magnet", "x");
  put (folder, ".hidden.torrent", "x");
  put (folder, "e.torrent.added", "x");
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  g_assert_cmpint (g_mkdir (deeper, 0700), ==, 0);
  late = scan (folder, now + 2 * NANOSECONDS, &settled);
  g_assert_cmpstr (late, ==, "a.torrent b.torrent @c.magnet ");
  g_assert_true (settled);
  /* Just written: perhaps not to its end. */
  early = scan (folder, now, &settled);
  g_assert_cmpstr (early, ==, "");
  g_assert_false (settled);
  /* The clock was put back by an hour. */
  wrong_clock = scan (folder, now - 3600 * NANOSECONDS, &settled);
  g_assert_cmpstr (wrong_clock, ==, late);
  g_assert_null (ccbt_watch_scan ("/nowhere/at/all", now, &settled, NULL));
  g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
}

static void
test_links (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ccbt-watch-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.magnet", NULL);
  g_autofree char *added = g_strconcat (path, ".added", NULL);
  g_autofree char *found = NULL;
  g_autofree char *long_text = g_strnfill (100000, 'x');
  g_autoptr (GError) error = NULL;

  put (folder, "x.magnet", "\r\n# mine\r\n  magnet:?xt=urn:btih:00 \r\nmagnet:?xt=urn:btih:11\n");
  found = ccbt_watch_read_magnet (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, "magnet:?xt=urn:btih:00");
  put (folder, "x.magnet", long_text);
  g_assert_null (ccbt_watch_read_magnet (path, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
  g_assert_true (ccbt_watch_put_away (path, "added", NULL));
  g_assert_true (g_file_test (added, G_FILE_TEST_EXISTS));
  g_assert_true (ccbt_watch_put_away (path, "added", NULL)); /* gone already */
  g_assert_true (ccbt_watch_put_away (added, NULL, NULL));
  g_assert_false (g_file_test (added, G_FILE_TEST_EXISTS));
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/watch-scan/what-counts", test_what_counts);
  g_test_add_func ("/watch-scan/links", test_links);
  return g_test_run ();
}
