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

/* As they are read after the bytes went over the wire. */
static void
test_columns_say_the_same (void)
{
  const char *const names[]
      = { "info-hash", "state", "complete", "down-rate", "error-text", "tags", NULL };
  CcbtSnapshotStore *snapshots = ccbt_snapshot_store_new ();
  g_autoptr (GVariant) reply = NULL, packed = NULL, columns = NULL, texts = NULL, tags = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const char *text;
  double rate;
  guint64 mask, generation;

  for (guint i = 1; i <= 3; i++)
    {
      CcbtTorrentStatus *status = ccbt_torrent_status_new ();

      status->id = i;
      status->info_hash = g_strdup_printf ("hash %u", i);
      status->state = CCBT_TORRENT_STATE_SEEDING;
      status->is_complete = i == 2;
      status->down_rate = 10.0 * i;
      status->options = ccbt_torrent_options_new ();
      ccbt_snapshot_store_put (snapshots, status);
    }
  ccbt_snapshot_store_remove (snapshots, 1);
  g_assert_true (ccbt_control_fields_parse (names, &mask, NULL));
  reply = g_variant_ref_sink (ccbt_control_columns_to_variant (snapshots, 1, mask));
  g_variant_get (reply, "(tb@ayau)", &generation, NULL, &packed, NULL);
  g_assert_cmpuint (generation, ==, 4);
  bytes = g_variant_get_data_as_bytes (packed);
  columns = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, FALSE));
  g_assert_true (g_variant_is_normal_form (columns));
  g_assert_cmpuint (g_variant_n_children (columns), ==, 6);
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (columns, i);
      g_autoptr (GVariant) values = NULL;

      g_variant_get (entry, "{&sv}", &text, &values);
      g_assert_cmpuint (g_variant_n_children (values), ==, 2);
    }
  texts = g_variant_lookup_value (columns, "info-hash", G_VARIANT_TYPE ("as"));
  g_variant_get_child (texts, 1, "&s", &text);
  g_assert_cmpstr (text, ==, "hash 3");
  g_clear_pointer (&texts, g_variant_unref);
  texts = g_variant_lookup_value (columns, "down-rate", G_VARIANT_TYPE ("ad"));
  g_variant_get_child (texts, 0, "d", &rate);
  g_assert_cmpfloat (rate, ==, 20);
  tags = g_variant_lookup_value (columns, "tags", G_VARIANT_TYPE ("aas"));
  g_assert_nonnull (tags);
  g_clear_pointer (&texts, g_variant_unref);
  texts = g_variant_lookup_value (columns, "complete", G_VARIANT_TYPE ("ab"));
  g_assert_cmpmem (g_variant_get_data (texts), g_variant_get_size (texts), "\1\0", 2);
  ccbt_snapshot_store_unref (snapshots);
}

/* The ends of the texts take 1, 2 or 4 bytes each; names need not be UTF-8. */
static void
test_columns_of_any_size (void)
{
  static const guint lengths[] = { 0, 10, 200, 253, 254, 255, 1000, 65000, 65531, 65532, 200000 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    for (guint n = 0; n <= 3; n++)
      {
        g_autoptr (GPtrArray) statuses
            = g_ptr_array_new_with_free_func ((GDestroyNotify) ccbt_torrent_status_unref);
        g_autoptr (GVariant) columns = NULL, names = NULL, checked = NULL;
        g_autoptr (GBytes) bytes = NULL;
        const char *const wanted[] = { "name", NULL };
        guint64 mask;

        for (guint k = 0; k < n; k++)
          {
            CcbtTorrentStatus *status = ccbt_torrent_status_new ();

            status->name = g_strnfill (k == 0 ? lengths[i] : k, 'n');
            g_ptr_array_add (statuses, status);
          }
        if (n > 2)
          ((CcbtTorrentStatus *) statuses->pdata[2])->name[0] = '\xff';
        g_assert_true (ccbt_control_fields_parse (wanted, &mask, NULL));
        columns = g_variant_ref_sink (ccbt_control_fields_collect_columns (statuses, mask));
        names = g_variant_lookup_value (columns, "name", G_VARIANT_TYPE_STRING_ARRAY);
        bytes = g_variant_get_data_as_bytes (names);
        checked = g_variant_ref_sink (
            g_variant_new_from_bytes (G_VARIANT_TYPE_STRING_ARRAY, bytes, FALSE));
        g_assert_true (g_variant_is_normal_form (checked));
        g_assert_cmpuint (g_variant_n_children (checked), ==, n);
        for (guint k = 0; k < n; k++)
          {
            const char *name;

            g_variant_get_child (checked, k, "&s", &name);
            if (k < 2)
              g_assert_cmpstr (name, ==, ((CcbtTorrentStatus *) statuses->pdata[k])->name);
            else
              g_assert_true (g_utf8_validate (name, -1, NULL));
          }
      }
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
test_pieces_go_out_by_stretches (void)
{
  g_autoptr (CcbtTorrentDetails) details = ccbt_torrent_details_new ();
  const char *const names[] = { "summary", "rates", NULL };
  g_autoptr (GVariant) values = NULL, summary = NULL, stretches = NULL, rates = NULL;
  g_autoptr (GVariant) up = NULL;
  CcbtControlParts parts;
  guint32 n_nowhere;
  guint64 last;

  details->summary = ccbt_piece_summary_new (2);
  details->summary->n_nowhere = 1;
  details->recent_up[CCBT_RATE_TRAIL_LENGTH - 1] = 5;
  details->summary->stretches[1] = (CcbtPieceStretch){ 1, 2, 3, 4 };
  g_assert_true (ccbt_control_parts_parse (names, &parts, NULL));
  values = g_variant_ref_sink (ccbt_control_details_to_variant (details, parts));
  g_assert_cmpuint (g_variant_n_children (values), ==, 2);
  summary = g_variant_lookup_value (values, "summary", G_VARIANT_TYPE_VARDICT);
  g_assert_true (g_variant_lookup (summary, "nowhere", "u", &n_nowhere));
  g_assert_cmpuint (n_nowhere, ==, 1);
  stretches = g_variant_lookup_value (summary, "stretches", G_VARIANT_TYPE_BYTESTRING);
  g_assert_cmpmem (g_variant_get_data (stretches), g_variant_get_size (stretches),
                   "\0\0\0\0\1\2\3\4", 8);
  rates = g_variant_lookup_value (values, "rates", G_VARIANT_TYPE ("(uatat)"));
  up = g_variant_get_child_value (rates, 2);
  g_assert_cmpuint (g_variant_n_children (up), ==, CCBT_RATE_TRAIL_LENGTH);
  g_variant_get_child (up, CCBT_RATE_TRAIL_LENGTH - 1, "t", &last);
  g_assert_cmpuint (last, ==, 5);
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
  g_test_add_func ("/control/summary-of-pieces", test_pieces_go_out_by_stretches);
  g_test_add_func ("/control/errors-come-back", test_errors_come_back);
  g_test_add_func ("/control/only-what-is-asked-for", test_only_what_is_asked_for);
  g_test_add_func ("/control/columns", test_columns_say_the_same);
  g_test_add_func ("/control/columns-of-any-size", test_columns_of_any_size);
  g_test_add_func ("/control/options-are-all-there", test_options_are_all_there);
  g_test_add_func ("/control/empty-tuple-travels", test_empty_tuple_travels);
  return g_test_run ();
}
