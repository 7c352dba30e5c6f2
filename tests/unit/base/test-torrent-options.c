/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"
#include "base/ccbt-torrent-options.h"
#include <math.h>

/* @text: GVariant text of an a{sv} */
static CcbtTorrentOptions *
change (CcbtTorrentOptions *options, const char *text, GError **error)
{
  g_autoptr (GVariant) changes = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);

  g_assert_nonnull (changes);
  return ccbt_torrent_options_change (options, changes, error);
}

static CcbtTorrentOptions *
make_changed (void)
{
  g_autoptr (CcbtTorrentOptions) plain = ccbt_torrent_options_new ();
  g_autoptr (GError) error = NULL;
  CcbtTorrentOptions *changed
      = change (plain,
                "{'priority': <'high'>, 'forced': <true>, 'position': <uint64 7>,"
                " 'download-limit': <uint64 1000>, 'upload-limit': <uint64 2000>, "
                "'max-connections': <uint32 9>,"
                " 'upload-slots': <uint32 3>, 'ratio-goal': <1.5>, 'seed-time-goal': <int64 60>,"
                " 'idle-goal': <int64 0>, 'goal-action': <'remove'>, 'category': <' films '>,"
                " 'tags': <['b', 'a', ' b ', '']>, 'display-name': <'größer'>}",
                &error);

  g_assert_no_error (error);
  return changed;
}

static void
assert_changed (CcbtTorrentOptions *options)
{
  g_assert_cmpint (options->priority, ==, CCBT_QUEUE_PRIORITY_HIGH);
  g_assert_true (options->is_forced);
  g_assert_cmpuint (options->position, ==, 7);
  g_assert_cmpuint (options->download_limit, ==, 1000);
  g_assert_cmpuint (options->upload_limit, ==, 2000);
  g_assert_cmpuint (options->max_connections, ==, 9);
  g_assert_cmpuint (options->upload_slots, ==, 3);
  g_assert_cmpfloat (options->ratio_goal, ==, 1.5);
  g_assert_cmpint (options->seed_time_goal, ==, 60);
  g_assert_cmpint (options->idle_goal, ==, CCBT_GOAL_NONE);
  g_assert_cmpint (options->goal_action, ==, CCBT_GOAL_ACTION_REMOVE);
  g_assert_cmpstr (options->category, ==, "films");
  g_assert_cmpstrv (options->tags, ((const char *const[]){ "a", "b", NULL }));
  g_assert_cmpstr (options->display_name, ==, "größer");
}

static void
test_changes_and_comes_back (void)
{
  g_autoptr (CcbtTorrentOptions) changed = make_changed ();
  g_autoptr (GBytes) bytes = ccbt_torrent_options_to_bytes (changed);
  g_autoptr (CcbtTorrentOptions) again = ccbt_torrent_options_from_bytes (bytes);
  g_autoptr (CcbtTorrentOptions) one = NULL;

  assert_changed (changed);
  assert_changed (again);
  one = change (again, "{'position': <uint64 8>}", NULL);
  g_assert_cmpuint (one->position, ==, 8);
  g_assert_cmpstr (one->category, ==, "films");
  g_assert_cmpuint (again->position, ==, 7);
}

static void
test_refuses (void)
{
  static const char *const wrong[] = {
    "{'colour': <'red'>}",
    "{'priority': <'highest'>}",
    "{'priority': <1>}",
    "{'position': <'7'>}",
    "{'download-limit': <uint64 18446744073709551615>}",
    "{'max-connections': <uint32 1001>}",
    "{'ratio-goal': <-2.0>}",
    "{'seed-time-goal': <int64 -2>}",
    "{'goal-action': <'explode'>}",
    "{'category': <'two\\nlines'>}",
    "{'tags': <['a,b']>}",
    "{'display-name': <'\\u202egnp.exe'>}",
  };
  g_autoptr (CcbtTorrentOptions) plain = ccbt_torrent_options_new ();

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (change (plain, wrong[i], &error));
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
    }
}

static void
test_refuses_no_number (void)
{
  g_autoptr (CcbtTorrentOptions) plain = ccbt_torrent_options_new ();
  GVariantDict dict;
  g_autoptr (GVariant) changes = NULL;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "ratio-goal", "d", NAN);
  changes = g_variant_ref_sink (g_variant_dict_end (&dict));
  g_assert_null (ccbt_torrent_options_change (plain, changes, NULL));
}

static void
test_bounds_tags (void)
{
  g_autoptr (CcbtTorrentOptions) plain = ccbt_torrent_options_new ();
  g_autoptr (GString) text = g_string_new ("{'tags': <[");
  g_autoptr (CcbtTorrentOptions) most = NULL;

  for (guint i = 0; i < CCBT_MAX_TAGS; i++)
    g_string_append_printf (text, "%s'%u'", i > 0 ? "," : "", i);
  g_string_append (text, "]>}");
  most = change (plain, text->str, NULL);
  g_assert_cmpuint (g_strv_length (most->tags), ==, CCBT_MAX_TAGS);
  g_string_truncate (text, text->len - 3);
  g_string_append (text, ",'more']>}");
  g_assert_null (change (plain, text->str, NULL));
}

/* What a damaged disk gives must not crash, and whatever comes of it is within bounds. */
static void
test_survives_damage (void)
{
  g_autoptr (CcbtTorrentOptions) changed = make_changed ();
  g_autoptr (GBytes) bytes = ccbt_torrent_options_to_bytes (changed);
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);

  for (guint round = 0; round < 5000; round++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, len);
      g_autoptr (GBytes) damaged = NULL;
      g_autoptr (CcbtTorrentOptions) options = NULL;

      for (guint i = 0; i <= round % 4; i++)
        copy[(guint) g_test_rand_int_range (0, (gint32) len)] = (guint8) g_test_rand_int ();
      damaged = g_bytes_new (copy, (gsize) g_test_rand_int_range (0, (gint32) len + 1));
      options = ccbt_torrent_options_from_bytes (damaged);
      g_assert_cmpint (options->priority, <=, CCBT_QUEUE_PRIORITY_MAXIMUM);
      g_assert_cmpuint (g_strv_length (options->tags), <=, CCBT_MAX_TAGS);
      g_assert_true (g_utf8_validate (options->category, -1, NULL));
    }
}

static void
test_nothing_is_the_default (void)
{
  g_autoptr (CcbtTorrentOptions) options = ccbt_torrent_options_from_bytes (NULL);

  g_assert_cmpint (options->priority, ==, CCBT_QUEUE_PRIORITY_NORMAL);
  g_assert_cmpfloat (options->ratio_goal, ==, CCBT_GOAL_INHERIT);
  g_assert_cmpstr (options->category, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/torrent-options/changes-and-comes-back", test_changes_and_comes_back);
  g_test_add_func ("/torrent-options/refuses", test_refuses);
  g_test_add_func ("/torrent-options/refuses-no-number", test_refuses_no_number);
  g_test_add_func ("/torrent-options/bounds-tags", test_bounds_tags);
  g_test_add_func ("/torrent-options/survives-damage", test_survives_damage);
  g_test_add_func ("/torrent-options/nothing-is-the-default", test_nothing_is_the_default);
  return g_test_run ();
}
