/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-set.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

/* Against a tracker that others wrote: what we send is understood, and what it sends is too. */

/* Every byte that a careless encoder would mangle. */
static const CcbtSha1 listed = { { 0x00, '%',  '&',  '+', '=', 0xff, ' ', '#', '?',  '/',
                                   '\r', '\n', 0x80, '~', '-', 'A',  ';', '"', 0x7f, '%' } };
static const CcbtSha1 unlisted = { { 1, 2, 3 } };

typedef struct
{
  GSubprocess *process;
  char *folder; /* nobody must be able to read it: the tracker runs as that user */
  char *url;
  guint16 port;
  CcbtFakeClock clock;
  CcbtHttp *http;
} Fixture;

/* One who announces. */
typedef struct
{
  CcbtTrackerSet *set;
  guint16 port;
  guint64 left;
  guint n_answers; /* failures too */
  guint n_stopped;
  char *message; /* of the last failure */
  GArray *peers; /* of the last answer */
} Peer;

/* --- The owner --- */

static void
get_totals_cb (gpointer owner, guint64 *uploaded, guint64 *downloaded, guint64 *left)
{
  *uploaded = *downloaded = 0;
  *left = ((Peer *) owner)->left;
}

static guint16
get_port_cb (gpointer owner)
{
  return ((Peer *) owner)->port;
}

static gint
get_number_wanted_cb (gpointer owner)
{
  return 50;
}

static void
take_peers_cb (gpointer owner, const CcbtAddress *addresses, guint n_addresses,
               gboolean tracker_is_local)
{
  g_assert_true (tracker_is_local);
  g_array_append_vals (((Peer *) owner)->peers, addresses, n_addresses);
}

static void
announced_cb (gpointer owner, const char *url, const CcbtAnnounceReply *reply)
{
  Peer *peer = owner;

  g_array_set_size (peer->peers, 0);
  peer->n_answers++;
}

static void
failed_cb (gpointer owner, const char *url, const char *message)
{
  Peer *peer = owner;

  g_free (peer->message);
  peer->message = g_strdup (message);
  peer->n_answers++;
}

static const CcbtTrackerSetOwner questions = {
  .get_totals = get_totals_cb,
  .get_port = get_port_cb,
  .get_number_wanted = get_number_wanted_cb,
  .take_peers = take_peers_cb,
  .announced = announced_cb,
  .failed = failed_cb,
};

/* --- The tracker --- */

static guint16
find_free_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);

  g_socket_listener_close (listener);
  g_assert_cmpuint (port, !=, 0);
  return port;
}

static void
write_whitelist (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "whitelist", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < sizeof listed.bytes; i++)
    g_string_append_printf (text, "%02x", listed.bytes[i]);
  g_string_append_c (text, '\n');
  g_assert_true (
      g_file_set_contents_full (path, text->str, -1, G_FILE_SET_CONTENTS_NONE, 0644, &error));
  g_assert_no_error (error);
}

static void
wait_until_it_listens (Fixture *fixture)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;

  for (guint i = 0; i < 500 && connection == NULL; i++)
    {
      connection = g_socket_client_connect_to_host (client, "127.0.0.1", fixture->port, NULL, NULL);
      if (connection == NULL)
        g_usleep (20000);
    }
  g_assert_nonnull (connection);
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *program = g_find_program_in_path ("opentracker");
  g_autofree char *port = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (program); /* Debian's package of that name is part of what the tests need */
  ccbt_fake_clock_init (&fixture->clock, 1000 * CCBT_SECOND);
  fixture->http = ccbt_http_new (NULL);
  fixture->folder = g_dir_make_tmp ("ccbt-opentracker-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);
  write_whitelist (fixture);
  fixture->port = find_free_port ();
  port = g_strdup_printf ("%u", fixture->port);
  fixture->url = g_strdup_printf ("http://127.0.0.1:%s/announce", port);
  /* A test that fails leaves it behind, but not for long. */
  fixture->process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                          &error, "timeout", "60", "opentracker", "-i", "127.0.0.1", "-p", port,
                          "-P", port, "-d", fixture->folder, "-w", "whitelist", NULL);
  g_assert_no_error (error);
  wait_until_it_listens (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *whitelist = g_build_filename (fixture->folder, "whitelist", NULL);

  g_subprocess_send_signal (fixture->process, SIGTERM); /* which is passed on to the tracker */
  g_subprocess_wait (fixture->process, NULL, NULL);
  g_object_unref (fixture->process);
  g_clear_pointer (&fixture->http, ccbt_http_free);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_unlink (whitelist);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->url);
}

/* --- Peers --- */

static Peer *
peer_new (Fixture *fixture, const CcbtSha1 *info_hash, guint16 port)
{
  Peer *peer = g_new0 (Peer, 1);
  g_autofree char *id = g_strdup_printf ("-CC0100-test%08u", port);

  peer->port = port;
  peer->left = 1000;
  peer->peers = g_array_new (FALSE, FALSE, sizeof (CcbtAddress));
  peer->set = ccbt_tracker_set_new (&questions, peer, fixture->http, &fixture->clock.parent,
                                    info_hash, (const guint8 *) id, port, port);
  g_assert_true (ccbt_tracker_set_add (peer->set, fixture->url, 0));
  return peer;
}

static void
peer_free (Peer *peer)
{
  ccbt_tracker_set_free (peer->set);
  g_array_unref (peer->peers);
  g_free (peer->message);
  g_free (peer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Peer, peer_free)

static void
wait_for_answer (Peer *peer)
{
  guint n_before = peer->n_answers;

  while (peer->n_answers == n_before)
    g_main_context_iteration (NULL, TRUE);
}

static void
start (Peer *peer)
{
  ccbt_tracker_set_start (peer->set);
  wait_for_answer (peer);
}

static void
stopped_cb (gpointer data)
{
  ((Peer *) data)->n_stopped++;
}

static void
stop (Peer *peer)
{
  ccbt_tracker_set_stop (peer->set, stopped_cb, peer);
  while (peer->n_stopped == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* So much later that any interval has passed. */
static void
announce_later (Fixture *fixture, Peer *peer)
{
  ccbt_fake_clock_advance (&fixture->clock, 86400 * CCBT_SECOND);
  ccbt_tracker_set_tick (peer->set);
  wait_for_answer (peer);
}

static gboolean
has_heard_of (Peer *peer, guint16 port)
{
  CcbtAddress wanted;

  g_assert_true (ccbt_address_parse_ip ("127.0.0.1", port, &wanted));
  for (guint i = 0; i < peer->peers->len; i++)
    if (ccbt_address_equal (&g_array_index (peer->peers, CcbtAddress, i), &wanted))
      return TRUE;
  return FALSE;
}

static void
assert_swarm (Peer *peer, int seeds, int leechers)
{
  int got_seeds, got_leechers;

  ccbt_tracker_set_get_swarm (peer->set, &got_seeds, &got_leechers);
  g_assert_cmpstr (peer->message, ==, NULL);
  g_assert_cmpint (got_seeds, ==, seeds);
  g_assert_cmpint (got_leechers, ==, leechers);
}

/* --- Tests --- */

static void
test_peers_find_each_other (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Peer) first = peer_new (fixture, &listed, 7001);
  g_autoptr (Peer) second = peer_new (fixture, &listed, 7002);

  start (first);
  assert_swarm (first, 0, 1);
  start (second);
  assert_swarm (second, 0, 2);
  g_assert_true (has_heard_of (second, 7001));
  announce_later (fixture, first);
  g_assert_true (has_heard_of (first, 7002));
}

static void
test_completed_makes_a_seed (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Peer) first = peer_new (fixture, &listed, 7001);
  g_autoptr (Peer) second = peer_new (fixture, &listed, 7002);

  start (first);
  start (second);
  first->left = 0;
  ccbt_tracker_set_complete (first->set); /* no interval has passed: an event need not wait */
  wait_for_answer (first);
  assert_swarm (first, 1, 1);
}

static void
test_stopped_leaves_the_swarm (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Peer) first = peer_new (fixture, &listed, 7001);
  g_autoptr (Peer) second = peer_new (fixture, &listed, 7002);

  start (first);
  start (second);
  stop (first);
  announce_later (fixture, second);
  assert_swarm (second, 0, 1);
  g_assert_false (has_heard_of (second, 7001));
}

static void
test_unlisted_is_told_why (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Peer) peer = peer_new (fixture, &unlisted, 7001);

  start (peer);
  g_assert_nonnull (strstr (peer->message, "not authorized"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/opentracker/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("peers-find-each-other", test_peers_find_each_other);
  ADD ("completed-makes-a-seed", test_completed_makes_a_seed);
  ADD ("stopped-leaves-the-swarm", test_stopped_leaves_the_swarm);
  ADD ("unlisted-is-told-why", test_unlisted_is_told_why);
  return g_test_run ();
}
