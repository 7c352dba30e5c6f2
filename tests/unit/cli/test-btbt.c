/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt/btbt-handlers.h"
#include "btbt/btbt-names.h"
#include "btbt/btbt-columns.h"
#include "btbt/btbt-table.h"
#include "ccbt-cli-text.h"
#include "fake-control-client.h"
#include "base/ccbt-error.h"
#include <string.h>

static int
run (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, "|", -1);

  fake_control_reset ();
  return btbt_main ((const char *const *) words);
}

static void
test_mistakes_are_usage_errors_and_change_nothing (void)
{
  static const char *const lines[] = { "lst",
                                       "pause",
                                       "pause|--all|#1",
                                       "pause|#1|--sideways",
                                       "limit|2X|0",
                                       "limit|1",
                                       "limit|1|2|3",
                                       "limit|99999999999999G|0",
                                       "list|--json=yes",
                                       "list|--sort",
                                       "list|--sort|colour",
                                       "pause|\xff\xfe",
                                       "pause|abcd",
                                       "pause|#1|debian t|Debian o|abcd",
                                       "call|no.verb",
                                       "call|torrent.pause|(5,)",
                                       "completion|csh",
                                       "category|#1",
                                       "create",
                                       "create|/a|/b",
                                       "create|/a|--piece-size=3X",
                                       "create|/a|--tracker",
                                       "show|#1|#2" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_test_message ("%u", i);
      g_assert_cmpint (run (lines[i]), ==, BTBT_EXIT_USAGE);
      g_assert_cmpstr (fake_control.calls->str, ==, "");
    }
}

static void
test_unknown_torrent_stops_before_the_first (void)
{
  g_assert_cmpint (run ("pause|#1|nothing like it"), ==, BTBT_EXIT_NOT_FOUND);
  g_assert_cmpstr (fake_control.calls->str, ==, "");
}

static void
test_commands_call_their_verbs (void)
{
  g_auto (GStrv) lines = NULL;

  g_assert_cmpint (run ("pause|#1|abcd00|--|Debian"), ==, BTBT_EXIT_DONE);
  g_assert_cmpstr (fake_control.calls->str, ==,
                   "torrent.pause ('abcd000000000000000000000000000000000000',)\n"
                   "torrent.pause ('1234000000000000000000000000000000000000',)\n");
  g_assert_cmpint (run ("remove|#5"), ==, BTBT_EXIT_DONE);
  g_assert_cmpstr (fake_control.calls->str, ==,
                   "torrent.remove ('1234000000000000000000000000000000000000', false)\n");
  g_assert_cmpint (run ("limit|2M|500k"), ==, BTBT_EXIT_DONE);
  g_assert_cmpstr (fake_control.calls->str, ==, "session.set-limits (2097152, 512000)\n");
  g_assert_cmpint (run ("limit|torrent|#5|1K|0"), ==, BTBT_EXIT_DONE);
  g_assert_nonnull (strstr (fake_control.calls->str, "'download-limit': <uint64 1024>"));
  g_assert_cmpint (run ("resume|--all"), ==, BTBT_EXIT_DONE);
  lines = g_strsplit (fake_control.calls->str, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
}

static void
test_create_keeps_the_order_of_trackers (void)
{
  g_assert_cmpint (
      run ("create|/a|--tracker=http://x/|--tracker|http://y/|--tier|--tracker=http://z/|"
           "--web-seed=http://w/|--piece-size=256K|--output=/o.torrent|--private"),
      ==, BTBT_EXIT_FAILED);
  g_assert_nonnull (
      strstr (fake_control.calls->str, "[['http://x/', 'http://y/'], ['http://z/']]"));
  g_assert_nonnull (strstr (fake_control.calls->str, "'web-seeds': <['http://w/']>"));
  g_assert_nonnull (strstr (fake_control.calls->str, "'piece-length': <uint32 262144>"));
  g_assert_nonnull (strstr (fake_control.calls->str, "'output': <'/o.torrent'>"));
  g_assert_nonnull (strstr (fake_control.calls->str, "'private': <true>"));
  g_assert_nonnull (strstr (fake_control.calls->str, "'seed': <false>"));
  g_assert_nonnull (strstr (fake_control.calls->str, "create.status (3,)"));
}

static void
test_no_instance_has_its_own_code (void)
{
  const char *const words[] = { "list", NULL };

  fake_control_reset ();
  fake_control.is_absent = TRUE;
  g_assert_cmpint (btbt_main (words), ==, BTBT_EXIT_NO_INSTANCE);
}

static void
test_did_you_mean (void)
{
  const char *const words[] = { "puase", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (btbt_call_parse (words, &error));
  g_assert_nonnull (strstr (error->message, "“pause”"));
}

static void
assert_resolves (const char *name, const char *start, int code)
{
  g_autoptr (GVariant) reply = ccbt_control_client_list (NULL, NULL, 0, NULL);
  g_autoptr (GVariant) torrents = g_variant_get_child_value (reply, 2);
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = btbt_names_resolve (torrents, name, &error);

  if (start != NULL)
    g_assert_true (hash != NULL && g_str_has_prefix (hash, start));
  else
    g_assert_error (error, CCBT_ERROR, code);
}

static void
test_names (void)
{
  assert_resolves ("#2", "abcdef", 0);
  assert_resolves ("ABCDEF", "abcdef", 0);
  assert_resolves ("DEBIAN O", "abcd00", 0);
  assert_resolves ("Debian", "1234", 0); /* a whole name is meant before a part of others */
  assert_resolves ("abcd", NULL, CCBT_ERROR_INVALID);
  assert_resolves ("123", NULL, CCBT_ERROR_NOT_FOUND); /* too short to be meant */
  assert_resolves ("", NULL, CCBT_ERROR_NOT_FOUND);
  assert_resolves ("#3", NULL, CCBT_ERROR_NOT_FOUND);
  assert_resolves ("#-1", NULL, CCBT_ERROR_NOT_FOUND);
}

static char *
arrange (BtbtColumns *columns, const char *filter, const char *key)
{
  g_autoptr (GArray) rows = btbt_columns_arrange (columns, filter, key);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (text, "%u", g_array_index (rows, guint, i));
  return g_string_free (text, FALSE);
}

static void
test_a_list_is_chosen_from_and_ordered (void)
{
  static const struct
  {
    const char *filter;
    const char *key;
    const char *rows;
  } cases[] = {
    { NULL, "id", "213" }, /* the last column is a row shorter than the others: so is all */
    { NULL, "name", "321" }, { NULL, "progress", "123" },   { "seeding", "id", "23" },
    { "films", "id", "1" },  { "hd", "id", "23" },          { "Z", "id", "21" },
    { "nothing", "id", "" }, { NULL, "unheard-of", "123" },
  };
  g_autoptr (GVariant) values = g_variant_ref_sink (g_variant_new_parsed (
      "{'id': <[@u 2, 1, 3]>, 'name': <['zz', 'yzy', 'a']>,"
      " 'state': <['paused', 'seeding', 'seeding']>, 'progress': <[0.1, 0.2, 0.3, 0.4]>,"
      " 'category': <['films', '', '']>, 'tags': <[@as [], ['hd'], ['x', 'hd']]>}"));
  g_autoptr (BtbtColumns) columns = btbt_columns_new (values);
  g_autoptr (GVariant) none = btbt_columns_get_cell (columns, "unheard-of", 0);
  g_autoptr (GVariant) row = g_variant_ref_sink (btbt_columns_get_row (columns, 1));
  const char *name;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *rows = arrange (columns, cases[i].filter, cases[i].key);

      for (char *c = rows; *c != '\0'; c++)
        ++*c; /* from 1 */
      g_assert_cmpstr (rows, ==, cases[i].rows);
    }
  g_assert_null (none);
  g_assert_cmpuint (g_variant_n_children (row), ==, 6);
  g_assert_true (g_variant_lookup (row, "name", "&s", &name));
  g_assert_cmpstr (name, ==, "yzy");
}

static void
test_table_fits_and_measures_wide_text (void)
{
  static const char *const headings[] = { "*name", ">size", NULL };
  static const char *const wide[] = { "日本語日本語日本語", "7" };
  static const char *const hostile[] = { "a\033[2Jb\n\u202ec", "1000" };
  g_autoptr (BtbtTable) table = btbt_table_new (headings);
  g_autofree char *text = NULL, *all = NULL;
  g_auto (GStrv) lines = NULL;

  btbt_table_add (table, wide);
  btbt_table_add (table, hostile);
  text = btbt_table_format (table, 16);
  all = btbt_table_format (table, 0);
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (ccbt_cli_text_width (lines[i]), ==, 16);
  g_assert_true (g_str_has_suffix (lines[1], "   7"));
  g_assert_nonnull (strstr (text, "…"));
  g_assert_null (strchr (text, '\033'));
  g_assert_null (strstr (text, "\u202e"));
  g_assert_nonnull (strstr (all, wide[0]));
}

static void
test_documents_name_every_command (void)
{
  static const char *const shells[] = { "bash", "zsh", "fish" };
  static const char *const files[] = { "btbt.bash", "_btbt", "btbt.fish" };
  guint n;
  const BtbtCommand *table = btbt_commands_get (&n);
  g_autofree char *manual = btbt_make_manual (), *help = btbt_make_help (), *page = NULL;
  g_autofree char *path
      = g_build_filename (g_getenv ("CCBT_TEST_DATA"), "..", "..", "docs", "man", "btbt.1", NULL);

  for (guint i = 0; i < n; i++)
    {
      g_assert_nonnull (strstr (manual, table[i].words));
      g_assert_nonnull (strstr (help, table[i].words));
    }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *name = g_build_filename (g_getenv ("CCBT_TEST_DATA"), "..", "..", "data",
                                                "completion", files[i], NULL);
      g_autofree char *script = btbt_make_completion (shells[i]), *installed = NULL;

      g_assert_true (g_file_get_contents (name, &installed, NULL, NULL));
      g_assert_cmpstr (installed, ==,
                       script); /* stale? btbt completion SHELL > data/completion/FILE */
    }
  g_assert_true (g_file_get_contents (path, &page, NULL, NULL));
  g_assert_cmpstr (page, ==, manual); /* stale? btbt manual > docs/man/btbt.1 */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/btbt/mistakes", test_mistakes_are_usage_errors_and_change_nothing);
  g_test_add_func ("/btbt/unknown-torrent", test_unknown_torrent_stops_before_the_first);
  g_test_add_func ("/btbt/verbs", test_commands_call_their_verbs);
  g_test_add_func ("/btbt/create-keeps-the-order-of-trackers",
                   test_create_keeps_the_order_of_trackers);
  g_test_add_func ("/btbt/no-instance", test_no_instance_has_its_own_code);
  g_test_add_func ("/btbt/did-you-mean", test_did_you_mean);
  g_test_add_func ("/btbt/names", test_names);
  g_test_add_func ("/btbt/columns", test_a_list_is_chosen_from_and_ordered);
  g_test_add_func ("/btbt/table", test_table_fits_and_measures_wide_text);
  g_test_add_func ("/btbt/documents", test_documents_name_every_command);
  return g_test_run ();
}
