/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-error.h"
#include "control/ccbt-control-fields.h"
#include "control/ccbt-control-path.h"
#include "control/ccbt-control-values.h"
#include "base/ccbt-error.h"

static void
test_one_socket_a_folder (void)
{
  g_autofree char *plain = ccbt_control_get_socket_path ("/nowhere/a");
  g_autofree char *winding = ccbt_control_get_socket_path ("/nowhere/b/../a/");
  g_autofree char *other = ccbt_control_get_socket_path ("/nowhere/b");

  g_assert_cmpstr (plain, ==, winding);
  g_assert_cmpstr (plain, !=, other);
  g_assert_true (g_str_has_prefix (plain, g_get_user_runtime_dir ()));
}

/* Every code, there and back, with its message alone. */
static void
test_errors_come_back (void)
{
  ccbt_control_register_errors ();
  for (int code = 0; code <= CCBT_ERROR_BUSY; code++)
    {
      g_autoptr (GError) sent = g_error_new (CCBT_ERROR, code, "what was seen");
      g_autofree char *name = g_dbus_error_encode_gerror (sent);
      g_autoptr (GError) got
          = ccbt_control_error_from_dbus (g_dbus_error_new_for_dbus_error (name, sent->message));

      g_assert_true (g_str_has_prefix (name, "io.github.ccbittorrent.CcBitTorrent1.Error."));
      g_assert_error (got, CCBT_ERROR, code);
      g_assert_cmpstr (got->message, ==, "what was seen");
    }
}

static void
test_only_what_is_asked_for (void)
{
  const char *const names[] = { "info-hash", "down-rate", "tags", NULL };
  const char *const wrong[] = { "info-hash", "nonsense", NULL };
  g_autoptr (CcbtTorrentStatus) status = ccbt_torrent_status_new ();
  g_autoptr (GVariant) values = NULL;
  g_autoptr (GError) error = NULL;
  guint64 mask;
  double rate;

  status->info_hash = g_strdup ("ab");
  status->down_rate = 5;
  status->options = ccbt_torrent_options_new ();
  g_assert_true (ccbt_control_fields_parse (names, &mask, NULL));
  values = g_variant_ref_sink (ccbt_control_fields_collect (status, mask));
  g_assert_cmpuint (g_variant_n_children (values), ==, 3);
  g_assert_true (g_variant_lookup (values, "down-rate", "d", &rate));
  g_assert_cmpfloat (rate, ==, 5);
  g_assert_false (ccbt_control_fields_parse (wrong, &mask, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_INVALID);
}

/* The table names every option, with its type. */
static void
test_options_are_all_there (void)
{
  g_autoptr (CcbtTorrentOptions) options = ccbt_torrent_options_new ();
  g_autoptr (GVariant) all = g_variant_ref_sink (ccbt_torrent_options_to_variant (options));
  guint n_fields, n_found = 0;
  const CcbtControlField *fields = ccbt_control_fields_get (&n_fields);

  for (guint i = 0; i < n_fields; i++)
    {
      g_autoptr (GVariant) value
          = g_variant_lookup_value (all, fields[i].name, G_VARIANT_TYPE (fields[i].type));

      n_found += value != NULL;
    }
  g_assert_cmpuint (n_found, ==, g_variant_n_children (all));
}

static void
test_empty_tuple_travels (void)
{
  g_autoptr (GVariant) packed = ccbt_control_tuple_pack (g_variant_new ("()"));
  g_autoptr (GVariant) back = ccbt_control_tuple_unpack (packed);
  g_autoptr (GVariant) full = ccbt_control_tuple_pack (g_variant_new ("(s)", "x"));

  g_assert_cmpstr (g_variant_get_type_string (packed), ==, "av");
  g_assert_cmpstr (g_variant_get_type_string (back), ==, "()");
  g_assert_cmpstr (g_variant_get_type_string (full), ==, "(s)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control/one-socket-a-folder", test_one_socket_a_folder);
  g_test_add_func ("/control/errors-come-back", test_errors_come_back);
  g_test_add_func ("/control/only-what-is-asked-for", test_only_what_is_asked_for);
  g_test_add_func ("/control/options-are-all-there", test_options_are_all_there);
  g_test_add_func ("/control/empty-tuple-travels", test_empty_tuple_travels);
  return g_test_run ();
}
