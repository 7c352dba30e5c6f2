/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-fixture.h"
#include "wire/ccbt-bencode.h"

/* Several whole sessions in one main context: everything but the thread is as in the program. */

#define PIECE_LENGTH (64 * 1024)
#define SECONDS 40

typedef struct
{
  SessionFixture host;
  CcbtTorrent *torrent;
  char *folder;
  char *state;
  char *bind;
} Node;

typedef struct
{
  char *base;
  char *settings; /* nothing but loopback; the user's own settings do not count here */
  CcbtMetainfo *metainfo;
  guint8 *payload;
  gsize size;
} World;

static const guint32 file_sizes[] = { 100000, 0, 1, 200000, 65536, 400007 };

/* --- The world: one torrent of a few files --- */

static void
write_file_list (GByteArray *info)
{
  ccbt_bencode_write_key (info, "files");
  ccbt_bencode_begin_list (info);
  for (guint i = 0; i < G_N_ELEMENTS (file_sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u", i);

      ccbt_bencode_begin_dict (info);
      ccbt_bencode_write_key (info, "length");
      ccbt_bencode_write_integer (info, file_sizes[i]);
      ccbt_bencode_write_key (info, "path");
      ccbt_bencode_begin_list (info);
      ccbt_bencode_write_string (info, ccbt_span_from_string (name));
      ccbt_bencode_end (info);
      ccbt_bencode_end (info);
    }
  ccbt_bencode_end (info);
}

static CcbtMetainfo *
make_metainfo (World *world)
{
  g_autoptr (GByteArray) info = g_byte_array_new ();
  g_autoptr (GByteArray) hashes = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  CcbtMetainfo *metainfo;

  for (gsize at = 0; at < world->size; at += PIECE_LENGTH)
    {
      g_autoptr (GChecksum) sha1 = g_checksum_new (G_CHECKSUM_SHA1);
      guint8 digest[20];
      gsize len = sizeof digest;

      g_checksum_update (sha1, world->payload + at, (gssize) MIN (PIECE_LENGTH, world->size - at));
      g_checksum_get_digest (sha1, digest, &len);
      g_byte_array_append (hashes, digest, sizeof digest);
    }
  ccbt_bencode_begin_dict (info);
  write_file_list (info);
  ccbt_bencode_write_key (info, "name");
  ccbt_bencode_write_string (info, ccbt_span_from_string ("things"));
  ccbt_bencode_write_key (info, "piece length");
  ccbt_bencode_write_integer (info, PIECE_LENGTH);
  ccbt_bencode_write_key (info, "pieces");
  ccbt_bencode_write_string (info, (CcbtSpan){ hashes->data, hashes->len });
  ccbt_bencode_end (info);
  bytes = g_bytes_new (info->data, info->len);
  metainfo = ccbt_metainfo_parse_info (bytes, &error);
  g_assert_no_error (error);
  return metainfo;
}

static void
world_set_up (World *world, gconstpointer data)
{
  CcbtRandom random;

  ccbt_random_init (&random, 7);
  world->base = g_dir_make_tmp ("ccbt-simulation-XXXXXX", NULL);
  world->settings = g_build_filename (world->base, "ccbt.toml", NULL);
  g_assert_true (g_file_set_contents (world->settings, SESSION_FIXTURE_SETTINGS, -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (file_sizes); i++)
    world->size += file_sizes[i];
  world->payload = g_malloc (world->size);
  for (gsize i = 0; i < world->size; i++)
    world->payload[i] = (guint8) ccbt_random_next (&random);
  world->metainfo = make_metainfo (world);
}

static void
world_tear_down (World *world, gconstpointer data)
{
  session_fixture_remove_folder (world->base);
  ccbt_metainfo_unref (world->metainfo);
  g_free (world->payload);
  g_free (world->settings);
  g_free (world->base);
}

static char *
get_file_path (const Node *node, guint file)
{
  g_autofree char *name = g_strdup_printf ("file-%u", file);

  return g_build_filename (node->folder, "things", name, NULL);
}

/* --- Nodes --- */

static void
node_open (World *world, Node *node)
{
  const CcbtEngineOptions options
      = { .state_dir = node->state, .bind_address = node->bind, .port = 0 };

  session_fixture_open (&node->host, &options, world->settings, "disk.threads=2");
}

static Node *
node_new (World *world, guint number)
{
  Node *node = g_new0 (Node, 1);
  g_autofree char *folder_name = g_strdup_printf ("folder-%u", number);
  g_autofree char *state_name = g_strdup_printf ("state-%u", number);

  node->bind = g_strdup_printf ("127.0.0.%u", 20 + number);
  node->folder = g_build_filename (world->base, folder_name, NULL);
  node->state = g_build_filename (world->base, state_name, NULL);
  g_mkdir (node->folder, 0700);
  node_open (world, node);
  return node;
}

static void
node_close (Node *node)
{
  session_fixture_close (&node->host);
  node->torrent = NULL;
}

static void
node_free (Node *node)
{
  if (node->host.session != NULL)
    node_close (node);
  g_free (node->folder);
  g_free (node->state);
  g_free (node->bind);
  g_free (node);
}

static void
node_add (World *world, Node *node, CcbtAddRequest request)
{
  g_autoptr (GError) error = NULL;
  gboolean is_new;

  if (request.magnet == NULL)
    request.metainfo = world->metainfo;
  request.folder = node->folder;
  request.seeds = TRUE;
  node->torrent = ccbt_session_add (node->host.session, &request, &is_new, &error);
  g_assert_no_error (error);
  g_assert_true (is_new);
}

static void
node_dial (Node *node, Node *other)
{
  CcbtSessionStatus status;
  CcbtAddress address;

  ccbt_snapshot_store_get_session (other->host.snapshots, &status);
  g_assert_true (ccbt_address_parse_ip (other->bind, status.port, &address));
  ccbt_torrent_add_peers (node->torrent, CCBT_PEER_SOURCE_USER, &address, 1, TRUE);
}

static Node *
make_seed (World *world, guint number)
{
  Node *node = node_new (world, number);
  g_autofree char *things = g_build_filename (node->folder, "things", NULL);
  gsize at = 0;

  g_mkdir (things, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (file_sizes); i++)
    {
      g_autofree char *path = get_file_path (node, i);

      g_assert_true (
          g_file_set_contents (path, (const char *) world->payload + at, file_sizes[i], NULL));
      at += file_sizes[i];
    }
  node_add (world, node, (CcbtAddRequest){ 0 });
  return node;
}

/* --- Waiting and looking --- */

static gboolean
is_seeding (Node *node)
{
  g_autoptr (CcbtTorrentStatus) status = ccbt_torrent_describe (node->torrent);

  return status->state == CCBT_TORRENT_STATE_SEEDING;
}

static gboolean
has_begun (Node *node)
{
  g_autoptr (CcbtTorrentStatus) status = ccbt_torrent_describe (node->torrent);

  return status->n_pieces_have > 0;
}

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_for (gboolean (*condition) (Node *node), Node *node)
{
  gint64 deadline = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  guint timer = g_timeout_add (20, wake_cb, NULL);

  while (!condition (node))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (timer);
}

static void
assert_file (World *world, Node *node, guint file)
{
  g_autofree char *path = get_file_path (node, file);
  g_autofree char *contents = NULL;
  gsize length, offset = 0;

  for (guint i = 0; i < file; i++)
    offset += file_sizes[i];
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  g_assert_cmpmem (contents, length, world->payload + offset, file_sizes[file]);
}

static void
assert_all_files (World *world, Node *node)
{
  for (guint i = 0; i < G_N_ELEMENTS (file_sizes); i++)
    assert_file (world, node, i);
}

/* --- Cases --- */

static void
test_everybody_completes (World *world, gconstpointer data)
{
  Node *seed = make_seed (world, 0), *leeches[4];

  wait_for (is_seeding, seed);
  for (guint i = 0; i < G_N_ELEMENTS (leeches); i++)
    {
      leeches[i] = node_new (world, i + 1);
      node_add (world, leeches[i], (CcbtAddRequest){ 0 });
      node_dial (leeches[i], seed);
      if (i > 0)
        node_dial (leeches[i], leeches[i - 1]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (leeches); i++)
    {
      wait_for (is_seeding, leeches[i]);
      assert_all_files (world, leeches[i]);
      node_free (leeches[i]);
    }
  node_free (seed);
}

static void
test_a_magnet_link_is_enough (World *world, gconstpointer data)
{
  Node *seed = make_seed (world, 0), *leech = node_new (world, 1);
  g_autofree char *text
      = ccbt_magnet_build (ccbt_metainfo_get_info_hash (world->metainfo), "things", NULL);
  g_autoptr (CcbtMagnet) magnet = ccbt_magnet_parse (text, NULL);

  wait_for (is_seeding, seed);
  node_add (world, leech, (CcbtAddRequest){ .magnet = magnet, .magnet_text = text });
  node_dial (leech, seed);
  wait_for (is_seeding, leech);
  assert_all_files (world, leech);
  node_free (leech);
  node_free (seed);
}

/* The middle file is skipped: nothing of it shows in the folder; wanted later, it comes whole. */
static void
test_skipped_files_stay_out_until_wanted (World *world, gconstpointer data)
{
  Node *seed = make_seed (world, 0), *leech = node_new (world, 1);
  guint8 wanted[G_N_ELEMENTS (file_sizes)];
  g_autoptr (GBytes) priorities = NULL;
  g_autofree char *skipped = get_file_path (leech, 3);
  g_autoptr (GError) error = NULL;

  memset (wanted, CCBT_PRIORITY_NORMAL, sizeof wanted);
  wanted[3] = CCBT_PRIORITY_SKIP;
  priorities = g_bytes_new (wanted, sizeof wanted);
  wait_for (is_seeding, seed);
  node_add (world, leech, (CcbtAddRequest){ .priorities = priorities });
  node_dial (leech, seed);
  wait_for (is_seeding, leech);
  g_assert_false (g_file_test (skipped, G_FILE_TEST_EXISTS));
  assert_file (world, leech, 0);
  assert_file (world, leech, 4);
  ccbt_torrent_set_file_priority (leech->torrent, 3, CCBT_PRIORITY_NORMAL, &error);
  g_assert_no_error (error);
  ccbt_torrent_apply_wanted_files (leech->torrent);
  node_dial (leech, seed);
  wait_for (is_seeding, leech);
  assert_all_files (world, leech);
  node_free (leech);
  node_free (seed);
}

static void
slow_down (Node *node)
{
  ccbt_session_set_limits (node->host.session, 0, 400000);
}

static void
test_paused_in_the_middle_and_resumed (World *world, gconstpointer data)
{
  Node *seed = make_seed (world, 0), *leech = node_new (world, 1);

  wait_for (is_seeding, seed);
  slow_down (seed);
  node_add (world, leech, (CcbtAddRequest){ 0 });
  node_dial (leech, seed);
  wait_for (has_begun, leech);
  ccbt_torrent_set_paused (leech->torrent, TRUE);
  g_assert_false (is_seeding (leech));
  ccbt_session_set_limits (seed->host.session, 0, 0);
  ccbt_torrent_set_paused (leech->torrent, FALSE);
  node_dial (leech, seed);
  wait_for (is_seeding, leech);
  assert_all_files (world, leech);
  node_free (leech);
  node_free (seed);
}

static void
test_closed_in_the_middle_and_opened_again (World *world, gconstpointer data)
{
  Node *seed = make_seed (world, 0), *leech = node_new (world, 1);
  g_autoptr (CcbtTorrentStatus) status = NULL;
  guint n_before;

  wait_for (is_seeding, seed);
  slow_down (seed);
  node_add (world, leech, (CcbtAddRequest){ 0 });
  node_dial (leech, seed);
  wait_for (has_begun, leech);
  status = ccbt_torrent_describe (leech->torrent);
  n_before = status->n_pieces_have;
  node_close (leech);
  ccbt_session_set_limits (seed->host.session, 0, 0);
  node_open (world, leech);
  g_assert_cmpuint (ccbt_session_get_torrents (leech->host.session)->len, ==, 1);
  leech->torrent = g_ptr_array_index (ccbt_session_get_torrents (leech->host.session), 0);
  g_clear_pointer (&status, ccbt_torrent_status_unref);
  status = ccbt_torrent_describe (leech->torrent);
  g_assert_cmpuint (status->n_pieces_have, >=, n_before);
  node_dial (leech, seed);
  wait_for (is_seeding, leech);
  assert_all_files (world, leech);
  node_free (leech);
  node_free (seed);
}

static void
test_removed_while_downloading (World *world, gconstpointer data)
{
  Node *seed = make_seed (world, 0), *leech = node_new (world, 1);
  g_autofree char *things = g_build_filename (leech->folder, "things", NULL);
  gint64 deadline = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  gboolean removed = FALSE;

  wait_for (is_seeding, seed);
  slow_down (seed);
  node_add (world, leech, (CcbtAddRequest){ 0 });
  node_dial (leech, seed);
  wait_for (has_begun, leech);
  ccbt_session_remove (leech->host.session, leech->torrent, TRUE, session_fixture_set_flag_cb,
                       &removed);
  while (!removed)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_false (g_file_test (things, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (leech->folder, G_FILE_TEST_IS_DIR));
  g_assert_cmpuint (ccbt_session_get_torrents (leech->host.session)->len, ==, 0);
  node_close (leech);
  node_open (world, leech);
  g_assert_cmpuint (ccbt_session_get_torrents (leech->host.session)->len, ==,
                    0); /* and does not come back */
  node_free (leech);
  node_free (seed);
}

/* The leech's limit, then the seed's: neither may be faster. */
static void
test_own_limits_hold (World *world, gconstpointer data)
{
  Node *seed = make_seed (world, 0), *leech = node_new (world, 1);
  guint64 size;
  gint64 begin;

  wait_for (is_seeding, seed);
  size = ccbt_metainfo_get_total_size (ccbt_torrent_get_metainfo (seed->torrent));
  node_add (world, leech, (CcbtAddRequest){ 0 });
  session_fixture_set_options (leech->torrent, "{'download-limit': <uint64 4000000>}");
  session_fixture_set_options (seed->torrent, "{'upload-limit': <uint64 2000000>}");
  begin = g_get_monotonic_time ();
  node_dial (leech, seed);
  wait_for (is_seeding, leech);
  /* A burst of a tenth of a second is free. */
  g_assert_cmpint (g_get_monotonic_time () - begin, >,
                   (gint64) ((double) size / 2000000 * 0.8 * G_USEC_PER_SEC) - G_USEC_PER_SEC / 10);
  assert_all_files (world, leech);
  node_free (leech);
  node_free (seed);
}

static gboolean
is_paused (Node *node)
{
  g_autoptr (CcbtTorrentStatus) status = ccbt_torrent_describe (node->torrent);

  return status->state == CCBT_TORRENT_STATE_PAUSED;
}

static gboolean
has_no_torrents (Node *node)
{
  return ccbt_session_get_torrents (node->host.session)->len == 0;
}

/* By ratio it stops; by time it goes, and its files stay. */
static void
test_a_seed_reaches_its_goals (World *world, gconstpointer data)
{
  Node *seed = make_seed (world, 0), *leech = node_new (world, 1);
  g_autoptr (CcbtTorrentStatus) status = NULL;
  g_autofree char *things = g_build_filename (seed->folder, "things", NULL);

  wait_for (is_seeding, seed);
  session_fixture_set_options (seed->torrent, "{'ratio-goal': <1.0>}");
  node_add (world, leech, (CcbtAddRequest){ 0 });
  node_dial (leech, seed);
  wait_for (is_seeding, leech);
  wait_for (is_paused, seed);
  status = ccbt_torrent_describe (seed->torrent);
  g_assert_cmpuint (status->uploaded, >=, status->total_size);
  ccbt_torrent_resume (seed->torrent);
  session_fixture_set_options (
      seed->torrent,
      "{'ratio-goal': <0.0>, 'seed-time-goal': <int64 1>, 'goal-action': <'remove'>}");
  wait_for (has_no_torrents, seed);
  g_assert_true (g_file_test (things, G_FILE_TEST_IS_DIR));
  node_free (leech);
  node_free (seed);
}

static guint
count_peers (Node *node)
{
  g_autoptr (CcbtTorrentStatus) status = ccbt_torrent_describe (node->torrent);

  return status->n_peers;
}

static gboolean
has_three_peers (Node *node)
{
  return count_peers (node) == 3;
}

static gboolean
has_one_peer (Node *node)
{
  return count_peers (node) == 1;
}

static void
test_too_many_peers_go (World *world, gconstpointer data)
{
  Node *seed = make_seed (world, 0);
  Node *leeches[3];

  wait_for (is_seeding, seed);
  session_fixture_set_options (seed->torrent, "{'upload-limit': <uint64 20000>}");
  for (guint i = 0; i < 3; i++)
    {
      leeches[i] = node_new (world, i + 1);
      node_add (world, leeches[i], (CcbtAddRequest){ 0 });
      node_dial (leeches[i], seed);
    }
  wait_for (has_three_peers, seed);
  session_fixture_set_options (seed->torrent, "{'max-connections': <uint32 1>}");
  g_assert_cmpuint (count_peers (seed), ==, 1);
  wait_for (has_one_peer, seed);
  for (guint i = 0; i < 3; i++)
    node_free (leeches[i]);
  node_free (seed);
}

static gboolean
has_sent_it_all (Node *node)
{
  g_autoptr (CcbtTorrentStatus) status = ccbt_torrent_describe (node->torrent);

  return status->uploaded >= status->total_size;
}

static void
test_a_super_seed_gives_each_piece_once (World *world, gconstpointer data)
{
  Node *seed = make_seed (world, 0);
  Node *leeches[3];
  g_autoptr (CcbtTorrentStatus) status = NULL;

  wait_for (is_seeding, seed);
  session_fixture_set_options (seed->torrent, "{'super-seeding': <true>}");
  for (guint i = 0; i < 3; i++)
    {
      leeches[i] = node_new (world, i + 1);
      node_add (world, leeches[i], (CcbtAddRequest){ 0 });
      node_dial (leeches[i], seed);
      for (guint k = 0; k < i; k++)
        node_dial (leeches[i], leeches[k]);
    }
  for (guint i = 0; i < 3; i++)
    {
      wait_for (is_seeding, leeches[i]);
      assert_all_files (world, leeches[i]);
    }
  wait_for (has_sent_it_all, seed); /* it counts four times a second */
  status = ccbt_torrent_describe (seed->torrent);
  g_assert_cmpuint (status->uploaded, <=, status->total_size * 3 / 2);
  for (guint i = 0; i < 3; i++)
    node_free (leeches[i]);
  node_free (seed);
}

#define ADD(path, function) g_test_add (path, World, NULL, world_set_up, function, world_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/swarm/everybody-completes", test_everybody_completes);
  ADD ("/swarm/a-magnet-link-is-enough", test_a_magnet_link_is_enough);
  ADD ("/swarm/skipped-files-stay-out-until-wanted", test_skipped_files_stay_out_until_wanted);
  ADD ("/swarm/paused-in-the-middle-and-resumed", test_paused_in_the_middle_and_resumed);
  ADD ("/swarm/closed-in-the-middle-and-opened-again", test_closed_in_the_middle_and_opened_again);
  ADD ("/swarm/removed-while-downloading", test_removed_while_downloading);
  ADD ("/swarm/own-limits-hold", test_own_limits_hold);
  ADD ("/swarm/a-seed-reaches-its-goals", test_a_seed_reaches_its_goals);
  ADD ("/swarm/too-many-peers-go", test_too_many_peers_go);
  ADD ("/swarm/a-super-seed-gives-each-piece-once", test_a_super_seed_gives_each_piece_once);
  return g_test_run ();
}
