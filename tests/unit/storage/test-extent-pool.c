/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-extent-pool.h"

#include <string.h>

#define KIB 1024u

static void
test_what_was_given_last_is_taken_first (void)
{
  CcbtExtentPool *pool = ccbt_extent_pool_new ();
  guint8 *a = ccbt_extent_pool_take (pool, 16 * KIB), *b = ccbt_extent_pool_take (pool, 16 * KIB);

  g_assert_true (a != b);
  ccbt_extent_pool_give (pool, a, 16 * KIB);
  ccbt_extent_pool_give (pool, b, 16 * KIB);
  g_assert_true (ccbt_extent_pool_take (pool, 16 * KIB) == b);
  g_assert_true (ccbt_extent_pool_take (pool, 16 * KIB) == a);
  ccbt_extent_pool_give (pool, a, 16 * KIB);
  ccbt_extent_pool_give (pool, b, 16 * KIB);
  ccbt_extent_pool_free (pool);
}

static void
test_sizes_round_up_to_the_next_class (void)
{
  static const struct
  {
    guint32 size, counted;
  } cases[]
      = { { 1, 16 * KIB },       { 16 * KIB, 16 * KIB },       { 16 * KIB + 1, 32 * KIB },
          { 100000, 128 * KIB }, { 128 * KIB + 1, 256 * KIB }, { CCBT_EXTENT_MAX, 256 * KIB } };
  CcbtExtentPool *pool = ccbt_extent_pool_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 *extent = ccbt_extent_pool_take (pool, cases[i].size);

      g_assert_cmpuint (ccbt_extent_pool_get_in_use (pool), ==, cases[i].counted);
      g_assert_cmpuint ((gsize) extent % 4096, ==, 0);
      memset (extent, 0xa5, cases[i].counted); /* a sanitizer sees whether it is all there */
      ccbt_extent_pool_give (pool, extent, cases[i].size);
      g_assert_cmpuint (ccbt_extent_pool_get_in_use (pool), ==, 0);
    }
  ccbt_extent_pool_free (pool);
}

static void
test_a_buffer_serves_every_size_of_its_class (void)
{
  CcbtExtentPool *pool = ccbt_extent_pool_new ();
  guint8 *extent = ccbt_extent_pool_take (pool, 20000);

  ccbt_extent_pool_give (pool, extent, 20000);
  g_assert_true (ccbt_extent_pool_take (pool, 32 * KIB) == extent);
  ccbt_extent_pool_give (pool, extent, 32 * KIB);
  ccbt_extent_pool_free (pool);
}

static void
test_trimming_keeps_what_it_is_told (void)
{
  CcbtExtentPool *pool = ccbt_extent_pool_new ();
  guint8 *large = ccbt_extent_pool_take (pool, CCBT_EXTENT_MAX);
  guint8 *small = ccbt_extent_pool_take (pool, 16 * KIB);

  ccbt_extent_pool_give (pool, large, CCBT_EXTENT_MAX);
  ccbt_extent_pool_give (pool, small, 16 * KIB);
  ccbt_extent_pool_trim (pool, 16 * KIB); /* the large one goes, the small one stays */
  g_assert_true (ccbt_extent_pool_take (pool, 16 * KIB) == small);
  ccbt_extent_pool_trim (pool, 0); /* what is out stays out */
  memset (small, 1, 16 * KIB);
  g_assert_cmpuint (ccbt_extent_pool_get_in_use (pool), ==, 16 * KIB);
  ccbt_extent_pool_give (pool, small, 16 * KIB);
  ccbt_extent_pool_free (pool);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/storage/extent-pool/" #name, test_##name)
  ADD (what_was_given_last_is_taken_first);
  ADD (sizes_round_up_to_the_next_class);
  ADD (a_buffer_serves_every_size_of_its_class);
  ADD (trimming_keeps_what_it_is_told);
#undef ADD
  return g_test_run ();
}
