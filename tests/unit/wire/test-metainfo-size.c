/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "metainfo-fixture.h"

/* --- Size and time --- */

/* B20 */
static void
test_200000_files_are_read_in_time (void)
{
  g_autoptr (GString) info = g_string_new ("d5:filesl");
  g_autoptr (CcbtMetainfo) metainfo = NULL;
  gint64 start;

  for (guint i = 0; i < 199999; i++)
    g_string_append_printf (info, "d6:lengthi0e4:pathl4:%04x6:%06uee", i / 100, i);
  g_string_append (info, "d6:lengthi1e4:pathl1:xeee4:name1:t" ONE_PIECE "e");
  start = g_get_monotonic_time ();
  metainfo = parse_text ("", info->str);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
  g_test_message ("200,000 files: %" G_GINT64_FORMAT " us", g_get_monotonic_time () - start);
  g_assert_cmpuint (ccbt_metainfo_get_n_files (metainfo), ==, 200000);
}

static void
test_more_than_200000_files_are_refused (void)
{
  g_autoptr (GString) info = g_string_new ("d5:filesl");

  for (guint i = 0; i < 200001; i++)
    g_string_append (info, "d6:lengthi1e4:pathl1:xee");
  g_string_append (info, "e4:name1:t" ONE_PIECE "e");
  assert_refused (info->str, CCBT_ERROR_TOO_LARGE, "files");
}

/* B16 */
static void
test_same_names_take_linear_time (void)
{
  g_autoptr (GString) info = g_string_new ("d5:filesl");
  g_autoptr (CcbtMetainfo) metainfo = NULL;
  gint64 start;

  for (guint i = 0; i < 16384; i++)
    g_string_append (info, "d6:lengthi1e4:pathl8:same.txtee");
  g_string_append (info, "e4:name1:t" ONE_PIECE "e");
  start = g_get_monotonic_time ();
  metainfo = parse_text ("", info->str);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  assert_file (metainfo, 16383, "t/same (16383).txt", 1, 16383);
}

/* A tree names its folders once, paths repeat them: what comes out must be bounded too. */
static void
test_trees_cannot_multiply_paths_without_bound (void)
{
  g_autofree char *folder = g_strnfill (240, 'f');
  g_autoptr (GString) tree = g_string_new ("d");
  g_autofree char *text = NULL;

  for (guint i = 0; i < 20; i++)
    g_string_append_printf (tree, "240:%sd", folder);
  for (guint i = 0; i < 150000; i++)
    g_string_append_printf (tree, "6:%06ud0:d6:lengthi0eee", i);
  for (guint i = 0; i < 21; i++)
    g_string_append_c (tree, 'e');
  text = g_strconcat ("d9:file tree", tree->str,
                      "12:meta versioni2e4:name1:t12:piece lengthi16384ee", NULL);
  assert_refused (text, CCBT_ERROR_TOO_LARGE, "paths");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metainfo/200000-files-are-read-in-time", test_200000_files_are_read_in_time);
  g_test_add_func ("/metainfo/more-than-200000-files-are-refused",
                   test_more_than_200000_files_are_refused);
  g_test_add_func ("/metainfo/same-names-take-linear-time", test_same_names_take_linear_time);
  g_test_add_func ("/metainfo/trees-cannot-multiply-paths-without-bound",
                   test_trees_cannot_multiply_paths_without_bound);
  return g_test_run ();
}
