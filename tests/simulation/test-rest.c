/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-fixture.h"
#include "wire/ccbt-bencode.h"

/* A seed that nobody wants anything of: it is not ticked, and what brings it back. The clock is the test's. */

#define SIZE 20000u
#define SECONDS 40 /* of real time, until a test gives up */
#define INTERVAL 1800

typedef struct
{
  char *base;
  char *settings;
  char *state;
  CcbtMetainfo *metainfo;
  CcbtFakeClock clock;
  SessionFixture host;
  CcbtTorrent *torrent;
  GSocketService *tracker;
  char *tracker_url;
  int n_announces; /* atomic */
  gint64 next_advance;
} World;

/* --- A tracker that knows nobody, on threads of its own --- */

static gboolean
asked_cb (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
          gpointer data)
{
  static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Length: 56\r\n\r\n"
                               "d8:completei3e10:incompletei0e8:intervali1800e5:peers0:e";
  char request[2048];
  World *world = data;
  gssize size = g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                                     request, sizeof request, NULL, NULL);

  if (size > 0 && g_strstr_len (request, size, "info_hash=") != NULL)
    g_atomic_int_inc (&world->n_announces);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), answer,
                             sizeof answer - 1, NULL, NULL, NULL);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  return TRUE;
}

static void
start_tracker (World *world)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  world->tracker = g_threaded_socket_service_new (2);
  g_socket_listener_add_address (G_SOCKET_LISTENER (world->tracker), any, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);
  g_signal_connect (world->tracker, "run", G_CALLBACK (asked_cb), world);
  world->tracker_url
      = g_strdup_printf ("http://127.0.0.1:%u/announce",
                         g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
}

/* --- The world --- */

static CcbtMetainfo *
make_metainfo (const guint8 *payload)
{
  g_autoptr (GByteArray) info = g_byte_array_new ();
  g_autoptr (GChecksum) sha1 = g_checksum_new (G_CHECKSUM_SHA1);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  CcbtMetainfo *metainfo;
  guint8 digest[20];
  gsize len = sizeof digest;

  g_checksum_update (sha1, payload, SIZE);
  g_checksum_get_digest (sha1, digest, &len);
  ccbt_bencode_begin_dict (info);
  ccbt_bencode_write_key (info, "length");
  ccbt_bencode_write_integer (info, SIZE);
  ccbt_bencode_write_key (info, "name");
  ccbt_bencode_write_string (info, ccbt_span_from_string ("thing"));
  ccbt_bencode_write_key (info, "piece length");
  ccbt_bencode_write_integer (info, 32768);
  ccbt_bencode_write_key (info, "pieces");
  ccbt_bencode_write_string (info, (CcbtSpan){ digest, sizeof digest });
  ccbt_bencode_end (info);
  bytes = g_bytes_new (info->data, info->len);
  metainfo = ccbt_metainfo_parse_info (bytes, &error);
  g_assert_no_error (error);
  return metainfo;
}

static void
set_up (World *world, gconstpointer data)
{
  g_autofree guint8 *payload = g_malloc (SIZE);
  g_autofree char *file = NULL;
  CcbtEngineOptions options = { .bind_address = "127.0.0.1", .clock = &world->clock.parent };
  CcbtAddRequest request = { .seeds = TRUE };
  g_autoptr (GError) error = NULL;
  gboolean is_new;

  world->base = g_dir_make_tmp ("ccbt-rest-XXXXXX", NULL);
  world->settings = g_build_filename (world->base, "ccbt.toml", NULL);
  world->state = g_build_filename (world->base, "state", NULL);
  file = g_build_filename (world->base, "thing", NULL);
  memset (payload, 'x', SIZE);
  g_assert_true (g_file_set_contents (file, (const char *) payload, SIZE, NULL));
  g_assert_true (g_file_set_contents (world->settings, SESSION_FIXTURE_SETTINGS, -1, NULL));
  world->metainfo = make_metainfo (payload);
  ccbt_fake_clock_init (&world->clock, 1000 * CCBT_SECOND);
  start_tracker (world);
  options.state_dir = world->state;
  session_fixture_open (&world->host, &options, world->settings, NULL);
  request.metainfo = world->metainfo;
  request.folder = world->base;
  world->torrent = ccbt_session_add (world->host.session, &request, &is_new, &error);
  g_assert_no_error (error);
}

static void
tear_down (World *world, gconstpointer data)
{
  session_fixture_close (&world->host);
  ccbt_metainfo_unref (world->metainfo);
  g_socket_service_stop (world->tracker);
  g_socket_listener_close (G_SOCKET_LISTENER (world->tracker));
  g_object_unref (world->tracker);
  session_fixture_remove_folder (world->base);
  g_free (world->tracker_url);
  g_free (world->settings);
  g_free (world->state);
  g_free (world->base);
}

/* --- Waiting --- */

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_until (World *world, gboolean (*holds) (World *world, guint wanted), guint wanted,
            const char *what)
{
  gint64 deadline = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  guint timer = g_timeout_add (20, wake_cb, NULL);

  while (!holds (world, wanted))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("never: %s %u", what, wanted);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (timer);
}

static gboolean
has_state (World *world, guint wanted)
{
  g_autoptr (CcbtTorrentStatus) status = ccbt_torrent_describe (world->torrent);

  return status->state == wanted;
}

static gboolean
has_awake (World *world, guint wanted)
{
  return ccbt_session_count_awake (world->host.session) == wanted;
}

/* Some of what is told of a torrent needs its time before it stands. */
static gboolean
has_settled (World *world, guint unused)
{
  if (has_awake (world, 0))
    return TRUE;
  if (g_get_monotonic_time () > world->next_advance)
    {
      ccbt_fake_clock_advance (&world->clock, 5 * CCBT_SECOND);
      world->next_advance = g_get_monotonic_time () + G_USEC_PER_SEC / 2;
    }
  return FALSE;
}

static gboolean
has_announced (World *world, guint wanted)
{
  return (guint) g_atomic_int_get (&world->n_announces) == wanted;
}

static gboolean
has_peers (World *world, guint wanted)
{
  g_autoptr (CcbtTorrentStatus) status = ccbt_torrent_describe (world->torrent);

  return status->n_peers == wanted;
}

static void
wait_for_state (World *world, CcbtTorrentState state)
{
  wait_until (world, has_state, state, ccbt_torrent_state_get_name (state));
}

static void
wait_for_rest (World *world)
{
  world->next_advance = g_get_monotonic_time () + G_USEC_PER_SEC / 2;
  wait_until (world, has_settled, 0, "at rest");
}

static void
let_seed (World *world)
{
  wait_for_state (world, CCBT_TORRENT_STATE_SEEDING);
  wait_for_rest (world);
}

/* --- Tests --- */

static void
test_time_is_counted (World *world, gconstpointer data)
{
  g_autoptr (CcbtTorrentStatus) before = NULL;
  g_autoptr (CcbtTorrentStatus) after = NULL;

  let_seed (world);
  before = ccbt_torrent_describe (world->torrent);
  ccbt_fake_clock_advance (&world->clock, 500 * CCBT_SECOND);
  after = ccbt_torrent_describe (world->torrent);
  g_assert_cmpuint (after->seeding_seconds, ==, before->seeding_seconds + 500);
  g_assert_cmpuint (after->active_seconds, ==, before->active_seconds + 500);
  ccbt_torrent_set_paused (world->torrent, TRUE);
  wait_for_rest (world);
  ccbt_fake_clock_advance (&world->clock, 500 * CCBT_SECOND);
  g_clear_pointer (&before, ccbt_torrent_status_unref);
  before = ccbt_torrent_describe (world->torrent);
  g_assert_cmpuint (before->active_seconds, ==, after->active_seconds); /* a pause is not */
}

static void
test_it_wakes_for_an_announce (World *world, gconstpointer data)
{
  let_seed (world);
  g_assert_true (ccbt_torrent_add_tracker (world->torrent, world->tracker_url, 0));
  wait_until (world, has_announced, 1, "announces");
  wait_for_rest (world);
  ccbt_fake_clock_advance (&world->clock, (INTERVAL - 100) * CCBT_SECOND);
  wait_for_rest (world);
  g_assert_true (has_announced (world, 1));
  ccbt_fake_clock_advance (&world->clock, 120 * CCBT_SECOND);
  wait_until (world, has_announced, 2, "announces");
  wait_for_rest (world);
}

static void
test_a_goal_is_reached_at_rest (World *world, gconstpointer data)
{
  let_seed (world);
  session_fixture_set_options (world->torrent, "{'seed-time-goal': <int64 600>}");
  wait_for_rest (world);
  ccbt_fake_clock_advance (&world->clock, 700 * CCBT_SECOND);
  wait_for_state (world, CCBT_TORRENT_STATE_PAUSED);
  wait_for_rest (world);
}

static void
test_idleness_is_counted_at_rest (World *world, gconstpointer data)
{
  let_seed (world);
  session_fixture_set_options (world->torrent, "{'idle-goal': <int64 600>}");
  wait_for_rest (world);
  ccbt_fake_clock_advance (&world->clock, 700 * CCBT_SECOND);
  wait_for_state (world, CCBT_TORRENT_STATE_PAUSED);
}

static void
test_it_wakes_for_a_peer (World *world, gconstpointer data)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) peer = NULL;
  g_autoptr (GError) error = NULL;
  CcbtHandshake handshake
      = { .info_hash = ccbt_info_hash_get_wire (ccbt_metainfo_get_info_hash (world->metainfo)) };
  guint8 bytes[CCBT_HANDSHAKE_SIZE];
  CcbtSessionStatus status;

  let_seed (world);
  ccbt_snapshot_store_get_session (world->host.snapshots, &status);
  peer = g_socket_client_connect_to_host (client, "127.0.0.1", status.port, NULL, &error);
  g_assert_no_error (error);
  memset (handshake.peer_id, 'p', sizeof handshake.peer_id);
  ccbt_handshake_write (&handshake, bytes);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (peer)), bytes,
                             sizeof bytes, NULL, NULL, &error);
  g_assert_no_error (error);
  wait_until (world, has_peers, 1, "peers");
  g_assert_cmpuint (ccbt_session_count_awake (world->host.session), ==, 1);
  g_io_stream_close (G_IO_STREAM (peer), NULL, NULL);
  wait_until (world, has_peers, 0, "peers");
  wait_for_rest (world);
}

static void
test_it_wakes_for_a_verb (World *world, gconstpointer data)
{
  CcbtAddress nobody;

  let_seed (world);
  ccbt_torrent_check (world->torrent);
  g_assert_cmpuint (ccbt_session_count_awake (world->host.session), ==, 1);
  wait_for_state (world, CCBT_TORRENT_STATE_CHECKING);
  let_seed (world);
  ccbt_torrent_set_paused (world->torrent, TRUE);
  wait_for_rest (world);
  ccbt_torrent_set_paused (world->torrent, FALSE);
  let_seed (world);
  g_assert_true (ccbt_address_parse ("127.0.0.1:1", &nobody));
  ccbt_torrent_add_peers (world->torrent, CCBT_PEER_SOURCE_USER, &nobody, 1, TRUE);
  g_assert_cmpuint (ccbt_session_count_awake (world->host.session), ==, 1);
  wait_for_rest (world); /* until it may be dialled again */
}

static void
test_who_is_removed_is_forgotten (World *world, gconstpointer data)
{
  gboolean removed = FALSE;

  let_seed (world);
  ccbt_session_remove (world->host.session, world->torrent, FALSE, session_fixture_set_flag_cb,
                       &removed);
  while (!removed)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (ccbt_session_count_awake (world->host.session), ==, 0);
}

#define ADD(path, function) g_test_add ("/rest/" path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("time-is-counted", test_time_is_counted);
  ADD ("it-wakes-for-an-announce", test_it_wakes_for_an_announce);
  ADD ("a-goal-is-reached-at-rest", test_a_goal_is_reached_at_rest);
  ADD ("idleness-is-counted-at-rest", test_idleness_is_counted_at_rest);
  ADD ("it-wakes-for-a-peer", test_it_wakes_for_a_peer);
  ADD ("it-wakes-for-a-verb", test_it_wakes_for_a_verb);
  ADD ("who-is-removed-is-forgotten", test_who_is_removed_is_forgotten);
  return g_test_run ();
}
