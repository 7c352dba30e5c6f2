/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-set.h"

#include <glib/gstdio.h>

/* Two clients and a real tracker: each learns of the other. opentracker is part of what the tests
 * need. */
typedef struct
{
  CcbtTrackerSet *set;
  guint16 port;
  guint64 left;
  guint n_announced;
  guint n_stopped;
  guint ticker;
  GArray *peers;
} Client;

static const CcbtSha1 info_hash = { { 0,    '%',  '&',  '+', '=', 0xff, ' ', '#', '?',  '/',
                                      '\r', '\n', 0x80, '~', '-', 'A',  ';', '"', 0x7f, 1 } };

static void
get_totals_cb (gpointer owner, guint64 *uploaded, guint64 *downloaded, guint64 *left)
{
  *uploaded = *downloaded = 0;
  *left = ((Client *) owner)->left;
}

static guint16
get_port_cb (gpointer owner)
{
  return ((Client *) owner)->port;
}

static gint
get_number_wanted_cb (gpointer owner)
{
  return 10;
}

static void
take_peers_cb (gpointer owner, const CcbtAddress *addresses, guint n_addresses,
               gboolean tracker_is_local)
{
  g_array_append_vals (((Client *) owner)->peers, addresses, n_addresses);
}

static void
announced_cb (gpointer owner, const char *url, const CcbtAnnounceReply *reply)
{
  ((Client *) owner)->n_announced++;
}

static void
failed_cb (gpointer owner, const char *url, const char *message)
{
  g_test_message ("%s", message); /* it is asked again after its back-off */
}

static void
stopped_cb (gpointer owner)
{
  ((Client *) owner)->n_stopped++;
}

static const CcbtTrackerSetOwner questions = {
  .get_totals = get_totals_cb,
  .get_port = get_port_cb,
  .get_number_wanted = get_number_wanted_cb,
  .take_peers = take_peers_cb,
  .announced = announced_cb,
  .failed = failed_cb,
};

static gboolean
tick_cb (gpointer data)
{
  ccbt_tracker_set_tick (((Client *) data)->set);
  return G_SOURCE_CONTINUE;
}

static void
client_init (Client *client, const CcbtTrackerAccess *access, const char *url, guint16 port,
             guint64 left)
{
  g_autofree char *peer_id = g_strdup_printf ("-CC0100-%012u", port);

  *client = (Client){ .port = port, .left = left };
  client->peers = g_array_new (FALSE, FALSE, sizeof (CcbtAddress));
  client->set = ccbt_tracker_set_new (&questions, client, access, &info_hash,
                                      (const guint8 *) peer_id, port, port);
  g_assert_true (ccbt_tracker_set_add (client->set, url, 0));
  client->ticker = g_timeout_add (500, tick_cb, client);
}

static void
client_clear (Client *client)
{
  g_source_remove (client->ticker);
  ccbt_tracker_set_free (client->set);
  g_array_unref (client->peers);
}

static void
wait_for (guint *count, guint n)
{
  while (*count < n)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
knows (Client *client, guint16 port)
{
  for (guint i = 0; i < client->peers->len; i++)
    if (g_array_index (client->peers, CcbtAddress, i).port == port)
      return TRUE;
  return FALSE;
}

/* --- The tracker --- */

static guint16
find_free_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_socket_listener_add_any_inet_port (listener, NULL, NULL);
}

static GSubprocess *
spawn_tracker (const char *program, const char *folder, guint16 port)
{
  g_autofree char *number = g_strdup_printf ("%u", port);
  g_autofree char *list = g_build_filename (folder, "whitelist", NULL);
  g_autofree char *hash = ccbt_hex_encode (info_hash.bytes, sizeof info_hash.bytes);
  g_autofree char *line = g_strconcat (hash, "\n", NULL);
  g_autoptr (GError) error = NULL;
  GSubprocess *tracker;

  g_assert_cmpint (g_chmod (folder, 0755), ==, 0); /* it gives up its rights */
  g_assert_true (g_file_set_contents_full (list, line, -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  tracker = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                              &error, program, "-i", "127.0.0.1", "-p", number, "-P", number, "-d",
                              folder, "-w", "whitelist", NULL);
  g_assert_no_error (error);
  return tracker;
}

static gboolean
knows_our_hash (guint16 port)
{
  const char *request
      = "GET /announce?info_hash=%00%25%26%2B%3D%FF%20%23%3F%2F%0D%0A%80~-A%3B%22%7F%01"
        "&peer_id=-CC0100-000000000000&port=1&left=1&event=stopped HTTP/1.0\r\n\r\n";
  char answer[1024] = "";
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);

  if (connection == NULL)
    return FALSE;
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
                             strlen (request), NULL, NULL, NULL);
  g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), answer,
                           sizeof answer - 1, NULL, NULL, NULL);
  return strstr (answer, "8:interval") != NULL;
}

/* It listens before it has read its list, and then knows of nothing. */
static void
wait_for_tracker (guint16 port)
{
  guint n_tries = 0;

  while (!knows_our_hash (port))
    {
      g_assert_cmpuint (++n_tries, <, 500);
      g_usleep (20000);
    }
}

static void
meet (const CcbtTrackerAccess *access, const char *url)
{
  Client seed, leech;
  int seeds, leechers;

  client_init (&seed, access, url, 7001, 0);
  client_init (&leech, access, url, 7002, 1000);
  ccbt_tracker_set_start (seed.set);
  wait_for (&seed.n_announced, 1);
  ccbt_tracker_set_start (leech.set);
  wait_for (&leech.n_announced, 1);
  g_assert_true (knows (&leech, 7001));
  ccbt_tracker_set_get_swarm (leech.set, &seeds, &leechers);
  g_assert_cmpint (seeds, ==, 1);
  g_assert_cmpint (leechers, ==, 1);
  ccbt_tracker_set_stop (seed.set, stopped_cb, &seed);
  wait_for (&seed.n_stopped, 1);
  leech.left = 0;
  ccbt_tracker_set_complete (leech.set);
  wait_for (&leech.n_announced, 2);
  ccbt_tracker_set_get_swarm (leech.set, &seeds, &leechers);
  g_assert_cmpint (seeds, ==, 1); /* the other one is gone, this one is complete */
  g_assert_cmpint (leechers, ==, 0);
  client_clear (&seed);
  client_clear (&leech);
}

static gboolean
tick_access_cb (gpointer data)
{
  const CcbtTrackerAccess *access = data;

  ccbt_udp_tracker_tick (access->udp);
  ccbt_tracker_shared_tick (access->shared);
  return G_SOURCE_CONTINUE;
}

/* @url: (transfer full) */
static void
meet_by (char *url)
{
  g_autoptr (GError) error = NULL;
  const CcbtSocketFactory sockets = { .is_bound = FALSE };
  CcbtClock *clock = ccbt_clock_get_system ();
  CcbtReactor *reactor = ccbt_reactor_new (NULL);
  CcbtUdpMux *mux = ccbt_udp_mux_new (reactor, &sockets, 0, &error);
  CcbtTrackerAccess access = { .http = ccbt_http_new (NULL), .clock = clock };
  guint ticker;

  g_assert_no_error (error);
  access.udp = ccbt_udp_tracker_new (mux, clock);
  access.shared = ccbt_tracker_shared_new (access.http, access.udp, clock);
  ticker = g_timeout_add (100, tick_access_cb, &access);
  meet (&access, url);
  g_source_remove (ticker);
  ccbt_tracker_shared_free (access.shared);
  ccbt_udp_tracker_free (access.udp);
  ccbt_udp_mux_free (mux);
  ccbt_reactor_free (reactor);
  ccbt_http_free (access.http);
  g_free (url);
}

static void
test_two_clients_meet (void)
{
  g_autofree char *program = g_find_program_in_path ("opentracker");
  g_autofree char *folder = NULL;
  g_autofree char *list = NULL;
  g_autoptr (GSubprocess) tracker = NULL;
  guint16 port = find_free_port ();

  g_assert_nonnull (program);
  folder = g_dir_make_tmp ("ccbt-opentracker-XXXXXX", NULL);
  tracker = spawn_tracker (program, folder, port);
  wait_for_tracker (port);
  meet_by (g_strdup_printf ("http://127.0.0.1:%u/announce", port));
  meet_by (g_strdup_printf ("udp://127.0.0.1:%u/announce", port));
  g_subprocess_force_exit (tracker);
  g_subprocess_wait (tracker, NULL, NULL);
  list = g_build_filename (folder, "whitelist", NULL);
  g_remove (list);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/opentracker/two-clients-meet", test_two_clients_meet);
  return g_test_run ();
}
