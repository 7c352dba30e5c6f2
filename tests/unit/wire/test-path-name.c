/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-path-name.h"

static void
assert_safe_span (CcbtSpan raw, const char *expected)
{
  g_autofree char *safe = ccbt_path_name_make_safe (raw);
  g_autofree char *again = ccbt_path_name_make_safe (ccbt_span_from_string (safe));

  g_assert_cmpstr (safe, ==, expected);
  g_assert_cmpstr (again, ==, safe);
}

static void
assert_safe (const char *raw, const char *expected)
{
  assert_safe_span (ccbt_span_from_string (raw), expected);
}

static void
test_good_names_stay (void)
{
  assert_safe ("Movie (2020) [1080p].mkv", "Movie (2020) [1080p].mkv");
  assert_safe (".hidden", ".hidden");
  assert_safe ("a..b", "a..b");
  assert_safe ("-rf", "-rf");
  assert_safe ("Žluťoučký kůň 日本語 🎬.txt", "Žluťoučký kůň 日本語 🎬.txt");
  assert_safe ("console.log", "console.log");
  assert_safe ("com10", "com10");
}

/* B10 */
static void
test_no_name_leaves_its_folder (void)
{
  assert_safe ("", "_");
  assert_safe (".", "_");
  assert_safe ("..", "_");
  assert_safe ("...", "_");
  assert_safe (".. ", "_");
  assert_safe (". .", "_");
  assert_safe ("/", "_");
  assert_safe ("/etc/passwd", "_etc_passwd");
  assert_safe ("..\\..\\x", ".._.._x");
  assert_safe ("\342\200\213..", "_"); /* a zero-width space before the dots */
  assert_safe (".\342\200\213.", "_");
  assert_safe ("\300\256\300\256", "____"); /* ".." in overlong form */
  assert_safe ("\300\257", "__");           /* "/" in overlong form */
}

/* B11 */
static void
test_control_characters_are_replaced (void)
{
  assert_safe_span (CCBT_SPAN_LITERAL ("a\0b"), "a_b");
  assert_safe ("a\nb\033[2J\177", "a_b_[2J_");
  assert_safe ("a\302\233b", "a_b"); /* U+009B, a terminal's escape in one byte */
}

/* B12 */
static void
test_invisible_characters_are_left_out (void)
{
  assert_safe ("photo\342\200\256gnp.sh", "photognp.sh");
  assert_safe ("a\342\200\213b\342\200\217c\342\201\246d\357\273\277e\330\234f", "abcdef");
}

/* B13 */
static void
test_invalid_utf8_is_replaced (void)
{
  assert_safe ("a\377b", "a_b");
  assert_safe ("\355\240\200", "___"); /* a surrogate */
  assert_safe ("caf\351", "caf_");     /* Latin-1 */
  assert_safe ("x\342\202", "x__");    /* cut off */
}

static void
test_windows_devices_are_renamed (void)
{
  assert_safe ("con", "_con");
  assert_safe ("NUL.txt", "_NUL.txt");
  assert_safe ("Com1.tar.gz", "_Com1.tar.gz");
  assert_safe ("lpt9 .x", "_lpt9 .x");
  assert_safe ("com\302\271", "_com\302\271");
  assert_safe ("name. . .", "name");
}

/* B15 */
static void
test_long_names_keep_their_extension (void)
{
  g_autofree char *stem = g_strnfill (5000, 'x');
  g_autofree char *name = g_strconcat (stem, ".flac", NULL);
  g_autofree char *safe = ccbt_path_name_make_safe (ccbt_span_from_string (name));
  g_autofree char *again = ccbt_path_name_make_safe (ccbt_span_from_string (safe));

  g_assert_cmpuint (strlen (safe), ==, CCBT_PATH_NAME_MAX_BYTES);
  g_assert_true (g_str_has_suffix (safe, "xx.flac"));
  g_assert_cmpstr (safe, ==, again);
}

static void
test_long_names_are_cut_between_characters (void)
{
  g_autoptr (GString) name = g_string_new (NULL);

  for (guint pad = 0; pad < 4; pad++)
    {
      g_autofree char *safe = NULL;

      g_string_truncate (name, 0);
      for (guint i = 0; i < pad; i++)
        g_string_append_c (name, 'a');
      for (guint i = 0; i < 100; i++)
        g_string_append (name, "\360\237\216\254");
      safe = ccbt_path_name_make_safe (ccbt_span_from_string (name->str));
      g_assert_true (g_utf8_validate (safe, -1, NULL));
      g_assert_cmpuint (strlen (safe), <=, CCBT_PATH_NAME_MAX_BYTES);
      g_assert_cmpuint (strlen (safe), >, CCBT_PATH_NAME_MAX_BYTES - 4);
    }
}

static void
assert_added (CcbtPathNames *names, const char *path, const char *expected)
{
  g_auto (GStrv) components = g_strsplit (path, "/", -1);
  g_autofree char *added = ccbt_path_names_add_file (names, components);

  g_assert_cmpstr (added, ==, expected);
}

/* B16 */
static void
test_same_names_get_numbers (void)
{
  g_autoptr (CcbtPathNames) names = ccbt_path_names_new ();

  assert_added (names, "t/a.txt", "t/a.txt");
  assert_added (names, "t/a.txt", "t/a (1).txt");
  assert_added (names, "t/a (2).txt", "t/a (2).txt");
  assert_added (names, "t/A.TXT", "t/A (3).TXT");
  assert_added (names, "u/a.txt", "u/a.txt");
  assert_added (names, "t/noext", "t/noext");
  assert_added (names, "t/noext", "t/noext (1)");
  assert_added (names, "t/.hidden", "t/.hidden");
  assert_added (names, "t/.hidden", "t/.hidden (1)");
}

static void
test_case_and_composition_do_not_tell_names_apart (void)
{
  g_autoptr (CcbtPathNames) names = ccbt_path_names_new ();

  assert_added (names, "\303\211t\303\251", "\303\211t\303\251"); /* composed */
  assert_added (names, "\303\251T\303\211", "\303\251T\303\211 (1)");
  assert_added (names, "e\314\201te\314\201", "e\314\201te\314\201 (2)"); /* decomposed */
  assert_added (names, "Dir/x", "Dir/x");
  assert_added (names, "dir/X", "dir/X (1)");
}

static void
test_files_and_folders_do_not_share_a_name (void)
{
  g_autoptr (CcbtPathNames) names = ccbt_path_names_new ();

  assert_added (names, "t/a", "t/a");
  assert_added (names, "t/a/b", "t/a (1)/b");
  assert_added (names, "t/A/c", "t/A (1)/c");
  assert_added (names, "t/a/b", "t/a (1)/b (1)");
  assert_added (names, "t/d/x", "t/d/x");
  assert_added (names, "t/d", "t/d (1)");
  assert_added (names, "t", "t (1)");
}

/* B15 */
static void
test_long_paths_are_shortened_and_stay_unique (void)
{
  g_autoptr (CcbtPathNames) names = ccbt_path_names_new ();
  g_autofree char *part = g_strnfill (CCBT_PATH_NAME_MAX_BYTES, 'x');
  g_auto (GStrv) components = g_new0 (char *, 101);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  for (guint i = 0; i < 99; i++)
    components[i] = g_strdup (part);
  components[99] = g_strconcat (part, ".mkv", NULL);
  first = ccbt_path_names_add_file (names, components);
  second = ccbt_path_names_add_file (names, components);
  g_assert_cmpuint (strlen (first), <=, CCBT_PATH_MAX_BYTES);
  g_assert_true (g_str_has_prefix (first, part));
  g_assert_true (g_str_has_suffix (first, "x.mkv"));
  g_assert_true (g_str_has_suffix (second, "x (1).mkv"));
  g_assert_cmpstr (first, !=, second);
}

/* B16: half of the files ask for the name, half for the numbers the others would get. */
static void
test_many_same_names_take_linear_time (void)
{
  g_autoptr (CcbtPathNames) names = ccbt_path_names_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  char *same[] = { (char *) "t", (char *) "name.txt", NULL };
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < 50000; i++)
    {
      g_autofree char *numbered = g_strdup_printf ("name (%u).txt", i + 1);
      char *other[] = { (char *) "t", numbered, NULL };

      g_assert_true (g_hash_table_add (seen, ccbt_path_names_add_file (names, other)));
    }
  for (guint i = 0; i < 50000; i++)
    g_assert_true (g_hash_table_add (seen, ccbt_path_names_add_file (names, same)));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/path-name/good-names-stay", test_good_names_stay);
  g_test_add_func ("/path-name/no-name-leaves-its-folder", test_no_name_leaves_its_folder);
  g_test_add_func ("/path-name/control-characters-are-replaced",
                   test_control_characters_are_replaced);
  g_test_add_func ("/path-name/invisible-characters-are-left-out",
                   test_invisible_characters_are_left_out);
  g_test_add_func ("/path-name/invalid-utf8-is-replaced", test_invalid_utf8_is_replaced);
  g_test_add_func ("/path-name/windows-devices-are-renamed", test_windows_devices_are_renamed);
  g_test_add_func ("/path-name/long-names-keep-their-extension",
                   test_long_names_keep_their_extension);
  g_test_add_func ("/path-name/long-names-are-cut-between-characters",
                   test_long_names_are_cut_between_characters);
  g_test_add_func ("/path-name/same-names-get-numbers", test_same_names_get_numbers);
  g_test_add_func ("/path-name/case-and-composition-do-not-tell-names-apart",
                   test_case_and_composition_do_not_tell_names_apart);
  g_test_add_func ("/path-name/files-and-folders-do-not-share-a-name",
                   test_files_and_folders_do_not_share_a_name);
  g_test_add_func ("/path-name/long-paths-are-shortened-and-stay-unique",
                   test_long_paths_are_shortened_and_stay_unique);
  g_test_add_func ("/path-name/many-same-names-take-linear-time",
                   test_many_same_names_take_linear_time);
  return g_test_run ();
}
