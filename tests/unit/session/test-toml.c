/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-toml.h"
#include "base/ccbt-error.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static CcbtToml *
parse (const char *text)
{
  return ccbt_toml_new (text, strlen (text));
}

static const CcbtTomlEntry *
expect (CcbtToml *toml, const char *key, CcbtTomlType type)
{
  const CcbtTomlEntry *entry = ccbt_toml_lookup (toml, key);

  if (entry == NULL)
    g_error ("%s is missing", key);
  g_assert_cmpint (entry->value.type, ==, type);
  return entry;
}

static void
expect_string (CcbtToml *toml, const char *key, const char *value)
{
  g_assert_cmpstr (expect (toml, key, CCBT_TOML_STRING)->value.string, ==, value);
}

static void
test_keys_and_tables (void)
{
  g_autoptr (CcbtToml) toml = parse ("\xef\xbb\xbf"
                                     "root = 1 # comment\r\n"
                                     "a.b.c = 2\n"
                                     "\n"
                                     "  [network] # comment\n"
                                     "\tlisten_port\t=\t3\n"
                                     "\"quoted key\" = 4\n"
                                     "[ x . 'y' ]\n"
                                     "z . w = 5\n"
                                     "[[peer]]\n"
                                     "name = 6\n"
                                     "[[peer]]\n"
                                     "name = 7\n"
                                     "[last]\n"
                                     "key = 8");

  g_assert_cmpuint (ccbt_toml_get_problems (toml)->len, ==, 0);
  g_assert_cmpint (expect (toml, "root", CCBT_TOML_INTEGER)->value.integer, ==, 1);
  g_assert_cmpint (expect (toml, "a.b.c", CCBT_TOML_INTEGER)->value.integer, ==, 2);
  g_assert_cmpint (expect (toml, "network.listen_port", CCBT_TOML_INTEGER)->value.integer, ==, 3);
  g_assert_cmpint (expect (toml, "network.listen_port", CCBT_TOML_INTEGER)->line, ==, 5);
  g_assert_cmpint (expect (toml, "network.quoted key", CCBT_TOML_INTEGER)->value.integer, ==, 4);
  g_assert_cmpint (expect (toml, "x.y.z.w", CCBT_TOML_INTEGER)->value.integer, ==, 5);
  g_assert_nonnull (ccbt_toml_lookup (toml, "peer[].name"));
  g_assert_cmpint (expect (toml, "last.key", CCBT_TOML_INTEGER)->line, ==, 14);
  g_assert_cmpuint (ccbt_toml_get_entries (toml)->len, ==, 8);
}

static void
test_values (void)
{
  static const struct
  {
    const char *text;
    CcbtTomlType type;
    double number;
  } cases[] = {
    { "0", CCBT_TOML_INTEGER, 0 },
    { "+12", CCBT_TOML_INTEGER, 12 },
    { "-1_000", CCBT_TOML_INTEGER, -1000 },
    { "9223372036854775807", CCBT_TOML_INTEGER, 9223372036854775807.0 },
    { "0xDead_beef", CCBT_TOML_INTEGER, 3735928559.0 },
    { "0o755", CCBT_TOML_INTEGER, 493 },
    { "0b1101", CCBT_TOML_INTEGER, 13 },
    { "3.25", CCBT_TOML_NUMBER, 3.25 },
    { "-0.5e2", CCBT_TOML_NUMBER, -50 },
    { "5e+2_2", CCBT_TOML_NUMBER, 5e22 },
    { "-inf", CCBT_TOML_NUMBER, -INFINITY },
    { "true", CCBT_TOML_BOOLEAN, 0 },
    { "false", CCBT_TOML_BOOLEAN, 0 },
    { "[1, [2, \"]\"], # ]\n 3]", CCBT_TOML_ARRAY, 0 },
    { "[]", CCBT_TOML_ARRAY, 0 },
    { "{ a = 1, b = '}' }", CCBT_TOML_OTHER, 0 },
    { "1979-05-27", CCBT_TOML_OTHER, 0 },
    { "1979-05-27 07:32:00Z", CCBT_TOML_OTHER, 0 },
    { "07:32:00.5", CCBT_TOML_OTHER, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (CcbtTomlValue) value = { 0 };
      g_autoptr (GError) error = NULL;

      ccbt_toml_value_parse (cases[i].text, strlen (cases[i].text), &value, &error);
      g_assert_no_error (error);
      g_assert_cmpint (value.type, ==, cases[i].type);
      g_assert_true (value.number == cases[i].number);
      if (value.type == CCBT_TOML_BOOLEAN)
        g_assert_cmpint (value.boolean, ==, cases[i].text[0] == 't');
    }
}

static void
test_strings (void)
{
  g_autoptr (CcbtToml) toml = parse ("a = \"tab\\t quote\\\" back\\\\ \\u00e4 \\U0001F600\"\n"
                                     "b = 'C:\\no\\escapes'\n"
                                     "c = \"\"\"\nfirst\nsecond \"\" \\\n    joined\"\"\"\n"
                                     "d = '''\r\nraw \\n'''''\n"
                                     "e = \"\" # empty\n"
                                     "f = ''");

  g_assert_cmpuint (ccbt_toml_get_problems (toml)->len, ==, 0);
  expect_string (toml, "a", "tab\t quote\" back\\ ä 😀");
  expect_string (toml, "b", "C:\\no\\escapes");
  expect_string (toml, "c", "first\nsecond \"\" joined");
  expect_string (toml, "d", "raw \\n''");
  expect_string (toml, "e", "");
  expect_string (toml, "f", "");
  g_assert_cmpint (expect (toml, "d", CCBT_TOML_STRING)->line, ==, 7);
}

static void
test_wrong_values_are_refused (void)
{
  static const char *const cases[] = {
    "",          " ",           "yes",         "True",
    "01",        "-",           "1_",          "_1",
    "1__0",      "0x",          "0x_1",        "0xg",
    "0o8",       "0b2",         "1.",          ".5",
    "1e",        "1.e5",        "1.5.2",       "9223372036854775808",
    "\"open",    "'open",       "\"a\nb\"",    "\"\\q\"",
    "\"\\u12\"", "\"\\ud800\"", "\"\\u0000\"", "\"\x01\"",
    "\"\xff\"",  "\"\"\"open",  "'''open",     "[1, 2",
    "{ a = 1",   "1 2",         "\"a\" b",     "nothing",
    "--1",       "+-1",         "0x-1",        "1e5e5",
    "inf2",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (CcbtTomlValue) value = { 0 };
      g_autoptr (GError) error = NULL;

      if (ccbt_toml_value_parse (cases[i], strlen (cases[i]), &value, &error))
        g_error ("%s was taken", cases[i]);
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
    }
}

/* A wrong line costs itself alone, and is named. */
static void
test_a_wrong_line_costs_itself_alone (void)
{
  g_autoptr (CcbtToml) toml = parse ("a = 1\n"
                                     "b = \n"
                                     "c 3\n"
                                     "= 4\n"
                                     "[table\n"
                                     "lost = 5\n"
                                     "[good]\n"
                                     "d = 6 7\n"
                                     "e = \"\"\"never closed\n"
                                     "f = [never closed\n"
                                     "g = 8\n"
                                     "g = 9\n"
                                     "h = 10\n");
  static const guint lines[] = { 2, 3, 4, 5, 8, 9, 10, 12 };
  GPtrArray *problems = ccbt_toml_get_problems (toml);

  g_assert_cmpuint (problems->len, ==, G_N_ELEMENTS (lines));
  for (guint i = 0; i < problems->len; i++)
    g_assert_cmpuint (((CcbtTomlProblem *) problems->pdata[i])->line, ==, lines[i]);
  g_assert_cmpint (expect (toml, "a", CCBT_TOML_INTEGER)->value.integer, ==, 1);
  g_assert_null (ccbt_toml_lookup (toml, "lost"));
  g_assert_null (ccbt_toml_lookup (toml, "good.d"));
  g_assert_cmpint (expect (toml, "good.g", CCBT_TOML_INTEGER)->value.integer, ==, 8);
  g_assert_cmpint (expect (toml, "good.h", CCBT_TOML_INTEGER)->value.integer, ==, 10);
}

static void
assert_set (const char *before, const char *key, const char *value, const char *after)
{
  g_autoptr (CcbtToml) toml = parse (before);
  g_autoptr (GError) error = NULL;

  ccbt_toml_set (toml, key, value, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ccbt_toml_get_text (toml, NULL), ==, after);
  g_assert_cmpuint (ccbt_toml_get_problems (toml)->len, ==, 0);
  g_assert_nonnull (ccbt_toml_lookup (toml, key));
}

static void
test_setting_changes_only_the_value (void)
{
  assert_set ("# head\n[a]\n  b  =  1  # one\nc=2", "a.b", "\"new\"",
              "# head\n[a]\n  b  =  \"new\"  # one\nc=2");
  assert_set ("a.b = [\n 1, # one\n 2 ]\nc = 3\r\n", "a.b", "7", "a.b = 7\nc = 3\r\n");
  assert_set ("[a]\nb = \"\"\"\nlong\n\"\"\"", "a.b", "false", "[a]\nb = false");
}

static void
test_setting_adds_to_the_table (void)
{
  assert_set ("", "a.b", "1", "[a]\nb = 1\n");
  assert_set ("x = 1", "a.b", "1", "x = 1\n\n[a]\nb = 1\n");
  assert_set ("[a] # t\n\n[c]\nd = 1\n", "a.b", "1", "[a] # t\nb = 1\n\n[c]\nd = 1\n");
  assert_set ("[a]\nx = 1 # one\n\n# of c\n[c]\n", "a.b", "2",
              "[a]\nx = 1 # one\nb = 2\n\n# of c\n[c]\n");
  assert_set ("[a]\r\nx = 1\r\n", "a.b", "2", "[a]\r\nx = 1\r\nb = 2\r\n");
  assert_set ("[a]\nx = 1", "a.b", "2", "[a]\nx = 1\nb = 2");
  assert_set ("a.x = 1\n[c]\n", "a.b", "2", "a.x = 1\na.b = 2\n[c]\n");
  assert_set ("[a]\nx.y = 1\n[c]\n", "a.x.z", "2", "[a]\nx.y = 1\nx.z = 2\n[c]\n");
  assert_set ("[a.x]\ny = 1\n", "a.b", "2", "[a.x]\ny = 1\n\n[a]\nb = 2\n");
  assert_set ("[[a]]\ny = 1\n", "c.b", "2", "[[a]]\ny = 1\n\n[c]\nb = 2\n");
}

static void
test_setting_nonsense_is_refused (void)
{
  static const char *const cases[][3] = {
    { "", "alone", "1" },
    { "", "a..b", "1" },
    { "", "a.b c", "1" },
    { "", ".a", "1" },
    { "", "a.", "1" },
    { "", "a.b", "" },
    { "", "a.b", "1\n[c]" },
    { "", "a.b", "\"open" },
    { "", "a.b", "1 # comment" },
    { "a = 1\n", "a.b", "2" },
    { "a = {b = 1}\n", "a.b", "2" },
    { "[a]\nb.c = 1\n", "a.b", "2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CcbtToml) toml = parse (cases[i][0]);
      g_autoptr (GError) error = NULL;

      g_assert_false (ccbt_toml_set (toml, cases[i][1], cases[i][2], &error));
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
      g_assert_cmpstr (ccbt_toml_get_text (toml, NULL), ==, cases[i][0]);
    }
}

static void
test_quoting_is_undone_by_reading (void)
{
  static const char *const cases[] = { "", "plain", "a\"b\\c", "\t\n\r\x7f\x01", "ä😀'" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *quoted = ccbt_toml_quote (cases[i]);
      g_auto (CcbtTomlValue) value = { 0 };

      g_assert_true (ccbt_toml_value_parse (quoted, strlen (quoted), &value, NULL));
      g_assert_cmpstr (value.string, ==, cases[i]);
    }
}

static void
assert_read_fails (const char *path, CcbtError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ccbt_toml_read (path, &error));
  g_assert_error (error, CCBT_ERROR, (int) code);
}

static void
test_only_bounded_regular_files_are_read (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ccbt-toml-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *large = g_strnfill (CCBT_TOML_MAX_SIZE + 1, '#');
  g_autoptr (CcbtToml) toml = NULL;

  assert_read_fails (path, CCBT_ERROR_NOT_FOUND);
  assert_read_fails (folder, CCBT_ERROR_INVALID);
  assert_read_fails ("/dev/zero", CCBT_ERROR_INVALID);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  assert_read_fails (path, CCBT_ERROR_INVALID);
  g_remove (path);

  g_assert_true (g_file_set_contents (path, large, CCBT_TOML_MAX_SIZE + 1, NULL));
  assert_read_fails (path, CCBT_ERROR_TOO_LARGE);
  g_assert_true (g_file_set_contents (path, large, CCBT_TOML_MAX_SIZE, NULL));
  toml = ccbt_toml_read (path, NULL);
  g_assert_nonnull (toml);
  g_remove (path);
  g_rmdir (folder);
}

/* Values that never end, one in each of very many lines, must not be read over and over. */
static void
test_hostile_files_are_read_in_linear_time (void)
{
  static const char *const lines[] = { "a=[\n", "a='''\n", "a=[0,\n'x',[],\n", "a={[]\n", "[a\n" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (CcbtToml) toml = NULL;
      const gint64 start = g_get_monotonic_time ();

      while (text->len + 32 < CCBT_TOML_MAX_SIZE)
        g_string_append (text, lines[i]);
      g_string_append (text, "\x01");
      toml = ccbt_toml_new (text->str, text->len);
      g_assert_cmpuint (ccbt_toml_get_problems (toml)->len, ==, CCBT_TOML_MAX_PROBLEMS);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/toml/keys-and-tables", test_keys_and_tables);
  g_test_add_func ("/toml/values", test_values);
  g_test_add_func ("/toml/strings", test_strings);
  g_test_add_func ("/toml/wrong-values-are-refused", test_wrong_values_are_refused);
  g_test_add_func ("/toml/a-wrong-line-costs-itself-alone", test_a_wrong_line_costs_itself_alone);
  g_test_add_func ("/toml/setting-changes-only-the-value", test_setting_changes_only_the_value);
  g_test_add_func ("/toml/setting-adds-to-the-table", test_setting_adds_to_the_table);
  g_test_add_func ("/toml/setting-nonsense-is-refused", test_setting_nonsense_is_refused);
  g_test_add_func ("/toml/quoting-is-undone-by-reading", test_quoting_is_undone_by_reading);
  g_test_add_func ("/toml/only-bounded-regular-files-are-read",
                   test_only_bounded_regular_files_are_read);
  g_test_add_func ("/toml/hostile-files-are-read-in-linear-time",
                   test_hostile_files_are_read_in_linear_time);
  return g_test_run ();
}
