/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage-steps.h"
#include "storage/ccbt-file-cache.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

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
  enum
  {
    N_FILES = 500
  };
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/storage/file-cache/" #name, test_##name)
  ADD (hundreds_of_files_need_few_descriptors);
  ADD (idle_files_are_closed_when_descriptors_run_out);
#undef ADD
  return g_test_run ();
}
