/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"
#include "base/ccbt-error.h"
#include "base/ccbt-random.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_KILLS 20
#define NUMBERS_PER_RUN 100000

static const char *program;

/* --- What the killed process does --- */

static void
say (const char *what, guint n)
{
  printf ("%s %u\n", what, n);
  fflush (stdout);
}

/* Adds, reports progress and removes, and says what is on the disk as soon as it is. */
G_NORETURN static void
write_until_killed (const char *folder, guint n)
{
  CcbtStateStore *store = open_store (folder);

  for (;; n++)
    {
      g_autoptr (CcbtTorrentRecord) record = make_record (n);

      ccbt_state_store_put (store, record);
      ccbt_state_store_put_progress (store, record);
      flush_well (store);
      say ("added", n);
      if (n % 4 == 3)
        {
          const CcbtInfoHash hash = make_hash (n - 1);

          say ("removing", n - 1);
          ccbt_state_store_remove (store, &hash);
          flush_well (store);
          say ("removed", n - 1);
        }
    }
}

/* Reports progress and asks for nothing: it must be written all the same. */
G_NORETURN static void
wait_until_killed (const char *folder, guint n)
{
  CcbtStateStore *store = open_store (folder);
  g_autoptr (CcbtTorrentRecord) progress = make_record (n);

  put_number (store, n);
  flush_well (store);
  progress->uploaded = 12345;
  ccbt_state_store_put_progress (store, progress);
  say ("added", n);
  for (;;)
    g_usleep (G_USEC_PER_SEC);
}

/* --- The one who kills --- */

typedef struct
{
  GPid pid;
  FILE *output;
} Child;

static Child
start_child (const char *mode, const char *folder, guint n)
{
  g_autofree char *number = g_strdup_printf ("%u", n);
  const char *arguments[] = { program, mode, folder, number, NULL };
  g_autoptr (GError) error = NULL;
  Child child;
  int descriptor;

  g_spawn_async_with_pipes (NULL, (char **) arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                            &child.pid, NULL, &descriptor, NULL, &error);
  g_assert_no_error (error);
  child.output = fdopen (descriptor, "r");
  return child;
}

static void
kill_child (Child *child)
{
  int status;

  g_assert_cmpint (kill (child->pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child->pid, &status, 0), ==, child->pid);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
}

typedef enum
{
  NEVER_SAID,
  THERE,
  EITHER, /* killed during the removal */
  GONE,
} Expected;

/* Takes in one line of what the child says. Returns: FALSE at the end */
static gboolean
read_line (Child *child, GHashTable *expected)
{
  char line[64];
  const char *number;
  Expected state;

  if (fgets (line, sizeof line, child->output) == NULL)
    return FALSE;
  number = strchr (line, ' ');
  g_assert_nonnull (number);
  state = g_str_has_prefix (line, "added")      ? THERE
          : g_str_has_prefix (line, "removing") ? EITHER
                                                : GONE;
  g_hash_table_insert (expected, GUINT_TO_POINTER (atoi (number) + 1), GINT_TO_POINTER (state));
  return TRUE;
}

static void
check_list (const char *folder, GHashTable *expected)
{
  CcbtStateStore *store = open_store (folder);
  g_autoptr (GPtrArray) records = load_records (store);
  g_autoptr (GHashTable) found = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer key, state;

  g_assert_null (ccbt_state_store_get_warning (store));
  for (guint i = 0; i < records->len; i++)
    {
      const CcbtTorrentRecord *record = records->pdata[i];
      g_autoptr (CcbtTorrentRecord) original = make_record ((guint) record->wasted);

      assert_same_record (record, original);
      g_hash_table_add (found, GUINT_TO_POINTER (record->wasted + 1));
    }
  g_hash_table_iter_init (&iter, expected);
  while (g_hash_table_iter_next (&iter, &key, &state))
    if (GPOINTER_TO_INT (state) != EITHER)
      g_assert_cmpint (g_hash_table_contains (found, key), ==, GPOINTER_TO_INT (state) == THERE);
  ccbt_state_store_close (store);
}

static void
test_killed_at_any_moment_loses_nothing_flushed (void)
{
  g_autofree char *folder = make_folder ();
  g_autoptr (GHashTable) expected = g_hash_table_new (NULL, NULL);
  CcbtRandom random;

  ccbt_random_init (&random, 20);
  for (guint run = 0; run < N_KILLS; run++)
    {
      Child child = start_child ("--write-until-killed", folder, run * NUMBERS_PER_RUN);

      /* Every fourth may die while it still opens the store. */
      if (run % 4 != 0)
        g_assert_true (read_line (&child, expected));
      g_usleep (ccbt_random_below (&random, 150) * 1000);
      kill_child (&child);
      while (read_line (&child, expected))
        ;
      fclose (child.output);
      check_list (folder, expected);
    }
  g_assert_cmpuint (g_hash_table_size (expected), >=, N_KILLS * 3 / 4);
  remove_folder (folder);
}

static void
test_progress_is_written_without_a_flush (void)
{
  g_autofree char *folder = make_folder ();
  Child child = start_child ("--wait-until-killed", folder, 6);
  char line[64];
  CcbtStateStore *store;
  g_autoptr (GPtrArray) records = NULL;

  g_assert_nonnull (fgets (line, sizeof line, child.output));
  g_usleep (4 * G_USEC_PER_SEC); /* twice the time it is batched for */
  kill_child (&child);
  fclose (child.output);
  store = open_store (folder);
  records = load_records (store);
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpuint (((CcbtTorrentRecord *) records->pdata[0])->uploaded, ==, 12345);
  ccbt_state_store_close (store);
  remove_folder (folder);
}

/* --- A full disk: no file may grow past a size --- */

static void
limit_files (rlim_t size)
{
  struct rlimit limit;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = size;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
put_large (CcbtStateStore *store, guint n)
{
  g_autoptr (CcbtTorrentRecord) record = make_record (n);

  g_bytes_unref (record->metainfo);
  record->metainfo = make_bytes (n, 2000000);
  ccbt_state_store_put (store, record);
}

static guint
count_stored (const char *folder)
{
  CcbtStateStore *store = open_store (folder);
  g_autoptr (GPtrArray) records = load_records (store);

  g_assert_null (ccbt_state_store_get_warning (store));
  ccbt_state_store_close (store);
  return records->len;
}

static void
assert_full (CcbtStateStore *store)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (flush_store (store, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_NO_SPACE);
}

static void
test_full_disk_keeps_the_last_state_and_is_got_over (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *copy = g_strconcat (folder, "-copy", NULL);
  CcbtStateStore *store = open_store (folder);

  for (guint n = 0; n < 10; n++)
    put_number (store, n);
  flush_well (store);

  limit_files (300000);
  put_large (store, 10);
  assert_full (store);
  put_number (store, 11);
  assert_full (store);
  limit_files (RLIM_INFINITY);
  copy_folder (folder, copy);
  g_assert_cmpuint (count_stored (copy), ==, 10);

  flush_well (store);
  copy_folder (folder, copy);
  g_assert_cmpuint (count_stored (copy), ==, 12);
  ccbt_state_store_close (store);
  g_assert_cmpuint (count_stored (folder), ==, 12);
  remove_folder (folder);
  remove_folder (copy);
}

/* Without anybody asking: once there is room, what waits is written. */
static void
test_full_disk_is_tried_again (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *copy = g_strconcat (folder, "-copy", NULL);
  CcbtStateStore *store = open_store (folder);
  g_autofree char *trouble = NULL;
  guint n_stored = 0;

  put_number (store, 0);
  flush_well (store);
  limit_files (300000);
  put_large (store, 1);
  assert_full (store);
  assert_full (store);
  trouble = ccbt_state_store_take_trouble (store);
  g_assert_nonnull (trouble);
  g_assert_null (ccbt_state_store_take_trouble (store)); /* told once */
  limit_files (RLIM_INFINITY);
  for (guint i = 0; i < 20 && n_stored != 2; i++)
    {
      g_usleep (G_USEC_PER_SEC);
      copy_folder (folder, copy);
      n_stored = count_stored (copy);
    }
  g_assert_cmpuint (n_stored, ==, 2);
  ccbt_state_store_close (store);
  remove_folder (folder);
  remove_folder (copy);
}

int
main (int argc, char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "--write-until-killed"))
    write_until_killed (argv[2], atoi (argv[3]));
  if (argc == 4 && g_str_equal (argv[1], "--wait-until-killed"))
    wait_until_killed (argv[2], atoi (argv[3]));

  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/state-crash/killed-at-any-moment-loses-nothing-flushed",
                   test_killed_at_any_moment_loses_nothing_flushed);
  g_test_add_func ("/state-crash/progress-is-written-without-a-flush",
                   test_progress_is_written_without_a_flush);
  g_test_add_func ("/state-crash/full-disk-keeps-the-last-state-and-is-got-over",
                   test_full_disk_keeps_the_last_state_and_is_got_over);
  g_test_add_func ("/state-crash/full-disk-is-tried-again", test_full_disk_is_tried_again);
  return g_test_run ();
}
