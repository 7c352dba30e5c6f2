/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "disk-steps.h"
#include "storage/ccbt-window-cache.h"

#include <sys/uio.h>
#include <unistd.h>

#define MIB (1024u * 1024)
#define BLOCK (16 * KIB)

static const FixtureFile LONG[] = { { NULL, 6 * MIB + 5000 } };
static const FixtureFile MIXED[]
    = { { "a", 20000 }, { "b", 3000 }, { "pad", 10000, "p" }, { "c", 300000 } };

/* On disk, and read once: so it is open and in memory. */
static void
fill (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  const CcbtBuffer buffer = { bench->fixture.content->data, bench->fixture.content->len };

  ccbt_storage_write (bench->storage, 0, &buffer, 1, &error);
  g_assert_no_error (error);
}

/* Reads as the kernel does when it sends. */
static void
assert_content (Bench *bench, const CcbtWindowRange *range)
{
  gsize length = range->end - range->offset;
  g_autofree guint8 *data = g_malloc (length);
  struct iovec here = { data, length }, there = { (gpointer) range->data, length };

  g_assert_cmpint (process_vm_readv (getpid (), &here, 1, &there, 1, 0), ==, (gssize) length);
  g_assert_cmpmem (data, length, bench->fixture.content->data + range->offset, length);
}

static CcbtWindowAnswer
find (Bench *bench, guint64 offset, guint32 length, CcbtWindowRange *out)
{
  return ccbt_window_cache_find (ccbt_disk_pool_get_windows (bench->pool), bench->storage, offset,
                                 length, out);
}

static void
test_every_block_in_memory_is_found_where_it_is (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtWindowRange range;

  bench_init (&bench, 64 * KIB, LONG, G_N_ELEMENTS (LONG));
  fill (&bench);
  for (guint at = 0; at < bench.fixture.content->len; at += 10007)
    {
      guint32 length = MIN (CCBT_WINDOW_BLOCK_MAX, bench.fixture.content->len - at);

      ccbt_window_cache_begin (ccbt_disk_pool_get_windows (bench.pool));
      g_assert_cmpint (find (&bench, at, length, &range), ==, CCBT_WINDOW_READY);
      g_assert_cmpuint (range.offset, <=, at);
      g_assert_cmpuint (range.end, >=, at + length);
      g_assert_cmpuint (range.end, <=, bench.fixture.content->len);
      assert_content (&bench, &range);
    }
}

static void
test_what_is_not_open_has_to_be_read_first (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtWindowRange range;

  bench_init (&bench, 64 * KIB, LONG, G_N_ELEMENTS (LONG));
  fill (&bench);
  ccbt_storage_close (bench.storage);
  g_assert_cmpint (find (&bench, 0, BLOCK, &range), ==, CCBT_WINDOW_ABSENT);
}

static void
test_only_what_lies_in_one_file_is_found (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtWindowRange range;

  bench_init (&bench, 64 * KIB, MIXED, G_N_ELEMENTS (MIXED));
  fill (&bench);
  g_assert_cmpint (find (&bench, 0, 20000, &range), ==, CCBT_WINDOW_READY);
  assert_content (&bench, &range);
  g_assert_cmpint (find (&bench, 20000, 3000, &range), ==, CCBT_WINDOW_READY);
  assert_content (&bench, &range);
  g_assert_cmpint (find (&bench, 19000, 1001, &range), ==, CCBT_WINDOW_ABSENT);  /* a and b */
  g_assert_cmpint (find (&bench, 23000, 10000, &range), ==, CCBT_WINDOW_ABSENT); /* the pad */
  g_assert_cmpint (find (&bench, 33000 + 100001, 131072, &range), ==, CCBT_WINDOW_READY);
  assert_content (&bench, &range);
}

/* Where the file has not been written it has no pages. */
static void
test_what_is_not_in_memory_is_not_found (void)
{
  g_auto (Bench) bench = { 0 };
  g_autoptr (GError) error = NULL;
  CcbtWindowRange range;

  bench_init (&bench, 64 * KIB, LONG, G_N_ELEMENTS (LONG));
  g_assert_true (ccbt_storage_write (
      bench.storage, MIB, &(CcbtBuffer){ bench.fixture.content->data + MIB, BLOCK }, 1, &error));
  g_assert_cmpint (find (&bench, 3 * MIB, BLOCK, &range), ==, CCBT_WINDOW_ABSENT);
  g_assert_cmpint (find (&bench, MIB, BLOCK, &range), ==, CCBT_WINDOW_READY);
  assert_content (&bench, &range);
  g_assert_cmpint (find (&bench, MIB + BLOCK, BLOCK, &range), ==, CCBT_WINDOW_ABSENT);
}

static void
test_windows_are_few_and_go_when_unused (void)
{
  static const FixtureFile huge[] = { { NULL, 1 } };
  const guint n_files = 100;
  g_autofree FixtureFile *files = g_new0 (FixtureFile, n_files);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_auto (Bench) bench = { 0 };
  CcbtWindowCache *windows;
  CcbtWindowRange range;
  guint n_ready = 0;

  for (guint i = 0; i < n_files; i++)
    {
      g_ptr_array_add (names, g_strdup_printf ("%u", i));
      files[i] = huge[0];
      files[i].path = g_ptr_array_index (names, i);
      files[i].length = BLOCK;
    }
  bench_init (&bench, 64 * KIB, files, n_files);
  windows = ccbt_disk_pool_get_windows (bench.pool);
  fill (&bench);
  ccbt_window_cache_begin (windows);
  for (guint i = 0; i < n_files; i++)
    n_ready += find (&bench, i * BLOCK, BLOCK, &range) == CCBT_WINDOW_READY;
  g_assert_cmpuint (n_ready, ==, 32); /* none that is in use in this round goes */
  g_assert_cmpint (find (&bench, 99 * BLOCK, BLOCK, &range), ==, CCBT_WINDOW_BUSY);
  for (guint i = 0; i < n_files; i++)
    {
      ccbt_window_cache_begin (windows);
      g_assert_cmpint (find (&bench, i * BLOCK, BLOCK, &range), ==, CCBT_WINDOW_READY);
      assert_content (&bench, &range);
      g_assert_cmpuint (ccbt_window_cache_get_n (windows), <=, 32);
    }
  for (guint i = 0; i < 3; i++)
    ccbt_window_cache_sweep (windows);
  g_assert_cmpuint (ccbt_window_cache_get_n (windows), ==, 0);
}

static void
test_a_closed_storage_loses_its_windows_at_once (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtWindowCache *windows;
  CcbtWindowRange range;

  bench_init (&bench, 64 * KIB, LONG, G_N_ELEMENTS (LONG));
  windows = ccbt_disk_pool_get_windows (bench.pool);
  fill (&bench);
  g_assert_cmpint (find (&bench, 0, BLOCK, &range), ==, CCBT_WINDOW_READY);
  ccbt_storage_close (bench.storage);
  g_assert_cmpint (find (&bench, 0, BLOCK, &range), ==, CCBT_WINDOW_ABSENT);
  ccbt_window_cache_sweep (windows);
  g_assert_cmpuint (ccbt_window_cache_get_n (windows), ==, 0);
}

static void
test_a_cut_file_is_noticed_after_sending (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtWindowCache *windows;
  CcbtWindowRange range;
  g_autofree char *path = NULL;

  bench_init (&bench, 64 * KIB, LONG, G_N_ELEMENTS (LONG));
  windows = ccbt_disk_pool_get_windows (bench.pool);
  path = fixture_path (&bench.fixture, 0);
  fill (&bench);
  g_assert_cmpint (find (&bench, 3 * MIB, BLOCK, &range), ==, CCBT_WINDOW_READY);
  g_assert_true (ccbt_window_cache_check (windows, &range, 3 * MIB + BLOCK));
  g_assert_cmpint (truncate (path, 3 * MIB + 100), ==, 0);
  g_assert_true (ccbt_window_cache_check (windows, &range, 3 * MIB + 100));
  g_assert_false (ccbt_window_cache_check (windows, &range, 3 * MIB + 101));
}

static void
test_a_deleted_file_is_sent_as_it_was_and_then_left (void)
{
  g_auto (Bench) bench = { 0 };
  CcbtWindowRange range;
  g_autofree char *path = NULL;

  bench_init (&bench, 64 * KIB, LONG, G_N_ELEMENTS (LONG));
  path = fixture_path (&bench.fixture, 0);
  fill (&bench);
  g_assert_cmpint (find (&bench, 0, BLOCK, &range), ==, CCBT_WINDOW_READY);
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_content (&bench, &range);
  g_assert_true (ccbt_window_cache_check (ccbt_disk_pool_get_windows (bench.pool), &range, BLOCK));
  g_assert_cmpint (find (&bench, 0, BLOCK, &range), ==, CCBT_WINDOW_ABSENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/storage/window-cache/" #name, test_##name)
  ADD (every_block_in_memory_is_found_where_it_is);
  ADD (what_is_not_open_has_to_be_read_first);
  ADD (only_what_lies_in_one_file_is_found);
  ADD (what_is_not_in_memory_is_not_found);
  ADD (windows_are_few_and_go_when_unused);
  ADD (a_closed_storage_loses_its_windows_at_once);
  ADD (a_cut_file_is_noticed_after_sending);
  ADD (a_deleted_file_is_sent_as_it_was_and_then_left);
#undef ADD
  return g_test_run ();
}
