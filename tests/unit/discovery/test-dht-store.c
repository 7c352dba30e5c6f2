/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-store.h"

#include "wire/ccbt-dht-item.h"

#define MINUTE (60 * CCBT_SECOND)
#define START (1000 * MINUTE)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtDhtStore, ccbt_dht_store_free)

static const CcbtSha1 own_id = { { 0 } };

/* With an own id of zeros, the number is the distance. */
static CcbtSha1
make_id (guint32 distance)
{
  CcbtSha1 id = { { 0 } };

  ccbt_write_u32 (id.bytes, distance);
  return id;
}

static CcbtAddress
make_ipv4 (guint32 i)
{
  CcbtAddress address = { .port = 6881 };

  ccbt_write_u32 (address.ip, 0x0a000000 + i);
  return address;
}

static CcbtAddress
make_ipv6 (guint32 i)
{
  CcbtAddress address = { .ip = { 0x20, 0x01, 0x0d, 0xb8 }, .port = 6881, .is_ipv6 = 1 };

  ccbt_write_u32 (address.ip + 12, i);
  return address;
}

static void
add_ipv4 (CcbtDhtStore *store, guint32 torrent, guint32 peer, gboolean is_seed, gint64 now)
{
  CcbtSha1 info_hash = make_id (torrent);
  CcbtAddress address = make_ipv4 (peer);

  ccbt_dht_store_add_peer (store, &own_id, &info_hash, &address, is_seed, now);
}

static guint
count (CcbtDhtStore *store, guint32 torrent)
{
  CcbtSha1 info_hash = make_id (torrent);
  CcbtAddress out[CCBT_DHT_STORE_MAX_PEERS + 1];

  return ccbt_dht_store_get_peers (store, &info_hash, FALSE, FALSE, out, G_N_ELEMENTS (out));
}

static gboolean
has_peer (CcbtDhtStore *store, guint32 torrent, guint32 peer)
{
  CcbtSha1 info_hash = make_id (torrent);
  CcbtAddress out[CCBT_DHT_STORE_MAX_PEERS], wanted = make_ipv4 (peer);
  guint n
      = ccbt_dht_store_get_peers (store, &info_hash, FALSE, FALSE, out, CCBT_DHT_STORE_MAX_PEERS);

  for (guint i = 0; i < n; i++)
    if (ccbt_address_equal (&out[i], &wanted))
      return TRUE;
  return FALSE;
}

/* --- Peers --- */

static void
test_peers_are_given_by_family (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  CcbtSha1 info_hash = make_id (1), other = make_id (2);
  CcbtAddress ipv6 = make_ipv6 (1), out[4];

  add_ipv4 (store, 1, 1, FALSE, START);
  add_ipv4 (store, 1, 2, TRUE, START);
  ccbt_dht_store_add_peer (store, &own_id, &info_hash, &ipv6, FALSE, START);
  g_assert_cmpuint (ccbt_dht_store_get_peers (store, &info_hash, FALSE, FALSE, out, 4), ==, 2);
  g_assert_cmpuint (ccbt_dht_store_get_peers (store, &info_hash, TRUE, FALSE, out, 4), ==, 1);
  g_assert_true (ccbt_address_equal (&out[0], &ipv6));
  g_assert_cmpuint (ccbt_dht_store_get_peers (store, &info_hash, FALSE, TRUE, out, 4), ==, 1);
  g_assert_cmpuint (out[0].ip[3], ==, 1);
  g_assert_cmpuint (ccbt_dht_store_get_peers (store, &info_hash, FALSE, FALSE, out, 0), ==, 0);
  g_assert_cmpuint (ccbt_dht_store_get_peers (store, &other, FALSE, FALSE, out, 4), ==, 0);
}

static void
test_an_address_is_one_peer (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  CcbtSha1 info_hash = make_id (1);
  CcbtAddress address = make_ipv4 (1), out[4];

  for (guint i = 0; i < 10; i++)
    {
      address.port = (guint16) (i + 1);
      ccbt_dht_store_add_peer (store, &own_id, &info_hash, &address, i == 9, START);
    }
  g_assert_cmpuint (ccbt_dht_store_get_n_peers (store), ==, 1);
  g_assert_cmpuint (ccbt_dht_store_get_peers (store, &info_hash, FALSE, FALSE, out, 4), ==, 1);
  g_assert_cmpuint (out[0].port, ==, 10);
  g_assert_cmpuint (ccbt_dht_store_get_peers (store, &info_hash, FALSE, TRUE, out, 4), ==, 0);
  address.port = 0;
  ccbt_dht_store_add_peer (store, &own_id, &info_hash, &address, FALSE, START);
  g_assert_cmpuint (ccbt_dht_store_get_peers (store, &info_hash, FALSE, FALSE, out, 4), ==, 1);
}

static void
test_peers_are_chosen_at_random (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  CcbtSha1 info_hash = make_id (1);
  guint times[100] = { 0 };

  for (guint32 i = 0; i < 100; i++)
    add_ipv4 (store, 1, i, FALSE, START);
  for (guint i = 0; i < 1000; i++)
    {
      CcbtAddress out[10];
      gboolean seen[100] = { FALSE };

      g_assert_cmpuint (ccbt_dht_store_get_peers (store, &info_hash, FALSE, FALSE, out, 10), ==,
                        10);
      for (guint j = 0; j < 10; j++)
        {
          g_assert_false (seen[out[j].ip[3]]);
          seen[out[j].ip[3]] = TRUE;
          times[out[j].ip[3]]++;
        }
    }
  for (guint i = 0; i < 100; i++) /* 100 expected, deviation 9.5 */
    {
      g_assert_cmpuint (times[i], >, 50);
      g_assert_cmpuint (times[i], <, 150);
    }
}

static void
test_peers_are_forgotten_after_half_an_hour (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);

  add_ipv4 (store, 1, 1, FALSE, START);
  add_ipv4 (store, 1, 2, FALSE, START + MINUTE);
  add_ipv4 (store, 2, 3, FALSE, START);
  add_ipv4 (store, 1, 1, FALSE, START + 10 * MINUTE); /* again */
  ccbt_dht_store_tick (store, START + 30 * MINUTE - 1);
  g_assert_cmpuint (ccbt_dht_store_get_n_peers (store), ==, 3);
  ccbt_dht_store_tick (store, START + 31 * MINUTE);
  g_assert_cmpuint (ccbt_dht_store_get_n_peers (store), ==, 1);
  g_assert_cmpuint (ccbt_dht_store_get_n_torrents (store), ==, 1);
  g_assert_true (has_peer (store, 1, 1));
  ccbt_dht_store_tick (store, START + 40 * MINUTE);
  g_assert_cmpuint (ccbt_dht_store_get_n_peers (store), ==, 0);
  g_assert_cmpuint (ccbt_dht_store_get_n_torrents (store), ==, 0);
}

static void
test_the_oldest_peers_of_a_torrent_give_way (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);

  for (guint32 i = 0; i < CCBT_DHT_STORE_MAX_PEERS; i++)
    add_ipv4 (store, 1, i, FALSE, START + i);
  add_ipv4 (store, 1, 0, FALSE, START + 1000); /* again: now it is the youngest */
  g_assert_cmpuint (count (store, 1), ==, CCBT_DHT_STORE_MAX_PEERS);
  add_ipv4 (store, 1, 1000, FALSE, START + 1001);
  g_assert_cmpuint (count (store, 1), ==, CCBT_DHT_STORE_MAX_PEERS);
  g_assert_true (has_peer (store, 1, 0));
  g_assert_false (has_peer (store, 1, 1));
  g_assert_true (has_peer (store, 1, 2));
  g_assert_true (has_peer (store, 1, 1000));
}

static void
test_the_farthest_torrent_gives_way (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);

  for (guint32 i = 0; i < CCBT_DHT_STORE_MAX_TORRENTS; i++)
    add_ipv4 (store, 10 + i, 1, FALSE, START);
  add_ipv4 (store, 1000000, 1, FALSE, START);
  g_assert_cmpuint (count (store, 1000000), ==, 0);
  add_ipv4 (store, 1, 1, FALSE, START);
  g_assert_cmpuint (ccbt_dht_store_get_n_torrents (store), ==, CCBT_DHT_STORE_MAX_TORRENTS);
  g_assert_cmpuint (ccbt_dht_store_get_n_peers (store), ==, CCBT_DHT_STORE_MAX_TORRENTS);
  g_assert_cmpuint (count (store, 1), ==, 1);
  g_assert_cmpuint (count (store, 10 + CCBT_DHT_STORE_MAX_TORRENTS - 1), ==, 0);
  g_assert_cmpuint (count (store, 10 + CCBT_DHT_STORE_MAX_TORRENTS - 2), ==, 1);
}

static void
test_all_peers_together_are_bounded (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);

  for (guint32 torrent = 1; torrent <= 50; torrent++)
    for (guint32 i = 0; i < 400; i++)
      add_ipv4 (store, torrent, i, FALSE, START + i);
  g_assert_cmpuint (ccbt_dht_store_get_n_peers (store), ==, CCBT_DHT_STORE_MAX_ALL_PEERS);
  /* The farthest can but exchange its own; farther ones find no room. */
  add_ipv4 (store, 50, 1000, FALSE, START);
  add_ipv4 (store, 51, 1000, FALSE, START);
  g_assert_cmpuint (ccbt_dht_store_get_n_peers (store), ==, CCBT_DHT_STORE_MAX_ALL_PEERS);
  g_assert_true (has_peer (store, 50, 1000));
  g_assert_false (has_peer (store, 50, 0));
  g_assert_cmpuint (count (store, 51), ==, 0);
  /* Who is there already needs no room. */
  add_ipv4 (store, 1, 5, FALSE, START);
  g_assert_cmpuint (ccbt_dht_store_get_n_torrents (store), ==, 50);
  add_ipv4 (store, 1, 1000, FALSE, START);
  g_assert_cmpuint (ccbt_dht_store_get_n_torrents (store), ==, 49);
  g_assert_cmpuint (ccbt_dht_store_get_n_peers (store), ==, 49 * 400 + 1);
  g_assert_cmpuint (count (store, 50), ==, 0);
}

static void
test_filters_hold_seeds_and_the_rest (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  CcbtBloomFilter seeds, peers;
  CcbtSha1 info_hash = make_id (1), other = make_id (2);
  CcbtAddress ipv6 = make_ipv6 (1);

  for (guint32 i = 0; i < 40; i++)
    add_ipv4 (store, 1, i, i < 10, START);
  ccbt_dht_store_add_peer (store, &own_id, &info_hash, &ipv6, FALSE, START + MINUTE);
  g_assert_false (ccbt_dht_store_get_filters (store, &other, &seeds, &peers));
  g_assert_true (ccbt_dht_store_get_filters (store, &info_hash, &seeds, &peers));
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&seeds), >=, 9);
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&seeds), <=, 11);
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&peers), >=, 29);
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&peers), <=, 33);
  /* What left is in no filter any more; what changed sides is in the other one. */
  ccbt_dht_store_tick (store, START + 30 * MINUTE);
  g_assert_true (ccbt_dht_store_get_filters (store, &info_hash, &seeds, &peers));
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&seeds), ==, 0);
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&peers), ==, 1);
  ccbt_dht_store_add_peer (store, &own_id, &info_hash, &ipv6, TRUE, START + 30 * MINUTE);
  g_assert_true (ccbt_dht_store_get_filters (store, &info_hash, &seeds, &peers));
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&seeds), ==, 1);
  g_assert_cmpuint (ccbt_bloom_filter_estimate (&peers), ==, 0);
}

static void
test_samples_are_different_torrents (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  gboolean seen[101] = { FALSE };
  guint n_seen = 0;
  CcbtSha1 out[200];

  g_assert_cmpuint (ccbt_dht_store_sample (store, out, 20), ==, 0);
  for (guint32 i = 1; i <= 100; i++)
    add_ipv4 (store, i, 1, FALSE, START);
  g_assert_cmpuint (ccbt_dht_store_sample (store, out, 200), ==, 100);
  for (guint i = 0; i < 100; i++)
    {
      guint32 number = ccbt_read_u32 (out[i].bytes);

      g_assert_false (seen[number]);
      seen[number] = TRUE;
    }
  memset (seen, 0, sizeof seen);
  for (guint round = 0; round < 50; round++)
    {
      g_assert_cmpuint (ccbt_dht_store_sample (store, out, 20), ==, 20);
      for (guint i = 0; i < 20; i++)
        seen[ccbt_read_u32 (out[i].bytes)] = TRUE;
    }
  for (guint i = 1; i <= 100; i++)
    n_seen += seen[i];
  g_assert_cmpuint (n_seen, >, 95);
}

/* --- Items --- */

static const guint8 private_key[32] = { 1, 2, 3 };

static CcbtKrpcMessage
make_immutable (const char *value)
{
  return (CcbtKrpcMessage){ .kind = CCBT_KRPC_QUERY,
                            .method = CCBT_KRPC_PUT,
                            .value = ccbt_span_from_string (value) };
}

static CcbtKrpcMessage
make_mutable (const char *value, const char *salt, gint64 sequence)
{
  CcbtKrpcMessage put = make_immutable (value);

  put.has_key = put.has_signature = put.has_sequence = TRUE;
  put.salt = ccbt_span_from_string (salt);
  put.sequence = sequence;
  ccbt_dht_item_get_public_key (private_key, put.public_key);
  ccbt_dht_item_sign (private_key, put.salt, sequence, put.value, put.signature);
  return put;
}

static void
assert_put (CcbtDhtStore *store, CcbtKrpcMessage put, int code)
{
  g_assert_cmpint (ccbt_dht_store_put (store, &own_id, &put, START), ==, code);
}

static void
put_with_cas (CcbtDhtStore *store, const char *value, gint64 sequence, gint64 cas, int code)
{
  CcbtKrpcMessage put = make_mutable (value, "", sequence);

  put.has_cas = TRUE;
  put.cas = cas;
  assert_put (store, put, code);
}

static void
assert_mutable (CcbtDhtStore *store, const char *salt, const char *value, gint64 sequence)
{
  CcbtDhtItem item;
  guint8 public_key[32];
  CcbtSha1 target;

  ccbt_dht_item_get_public_key (private_key, public_key);
  target = ccbt_dht_item_get_mutable_target (public_key, ccbt_span_from_string (salt));
  g_assert_true (ccbt_dht_store_get_item (store, &target, &item));
  g_assert_true (item.is_mutable);
  g_assert_cmpmem (item.value.data, item.value.len, value, strlen (value));
  g_assert_cmpint (item.sequence, ==, sequence);
  g_assert_cmpmem (item.public_key, 32, public_key, 32);
  g_assert_true (ccbt_dht_item_verify (item.public_key, item.signature,
                                       ccbt_span_from_string (salt), sequence, item.value));
}

static void
test_immutable_items_are_kept_by_their_hash (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  g_autofree char *bytes = g_strdup ("12:Hello World!");
  CcbtSha1 target = ccbt_dht_item_get_immutable_target (ccbt_span_from_string (bytes));
  CcbtDhtItem item;

  g_assert_false (ccbt_dht_store_get_item (store, &target, &item));
  assert_put (store, make_immutable (bytes), 0);
  assert_put (store, make_immutable (bytes), 0);
  memset (bytes, 'x', strlen (bytes)); /* nothing borrows from the datagram */
  g_assert_true (ccbt_dht_store_get_item (store, &target, &item));
  g_assert_false (item.is_mutable);
  g_assert_cmpmem (item.value.data, item.value.len, "12:Hello World!", 15);
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), ==, 1);
}

static void
test_bad_values_are_refused (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  g_autofree char *filler = g_strnfill (997, 'a');
  g_autofree char *long_value = g_strdup_printf ("997:%s", filler); /* 1001 bytes */
  g_autofree char *fitting = g_strdup_printf ("996:%s", filler + 1);

  assert_put (store, make_immutable (""), CCBT_KRPC_ERROR_PROTOCOL);
  assert_put (store, make_immutable ("d1:b0:1:a0:e"), CCBT_KRPC_ERROR_PROTOCOL);
  assert_put (store, make_immutable ("i1ei2e"), CCBT_KRPC_ERROR_PROTOCOL);
  assert_put (store, make_immutable (long_value), CCBT_KRPC_ERROR_TOO_BIG);
  assert_put (store, make_mutable (long_value, "", 1), CCBT_KRPC_ERROR_TOO_BIG);
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), ==, 0);
  assert_put (store, make_immutable (fitting), 0);
}

static void
test_mutable_items_need_all_of_it (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  CcbtKrpcMessage put = make_mutable ("1:a", "", 1);

  put.has_signature = FALSE;
  assert_put (store, put, CCBT_KRPC_ERROR_PROTOCOL);
  put.has_sequence = FALSE;
  assert_put (store, put, CCBT_KRPC_ERROR_PROTOCOL);
  put.has_key = FALSE;
  put.has_signature = put.has_sequence = TRUE;
  assert_put (store, put, CCBT_KRPC_ERROR_PROTOCOL);
  assert_put (store, make_mutable ("1:a", "", -1), CCBT_KRPC_ERROR_PROTOCOL);
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), ==, 0);
}

static void
test_salts_name_different_items (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  CcbtKrpcMessage put = make_mutable ("1:a", "x", 1);
  guint8 long_salt[65] = { 0 };

  assert_put (store, put, 0);
  assert_put (store, make_mutable ("1:b", "", 2), 0);
  assert_put (store, make_mutable ("1:c", "y", 3), 0);
  assert_mutable (store, "x", "1:a", 1);
  assert_mutable (store, "", "1:b", 2);
  assert_mutable (store, "y", "1:c", 3);
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), ==, 3);
  put.salt = (CcbtSpan){ long_salt, 65 };
  assert_put (store, put, CCBT_KRPC_ERROR_SALT);
  put.salt = (CcbtSpan){ long_salt, 64 };
  assert_put (store, put, CCBT_KRPC_ERROR_SIGNATURE);
}

static void
test_bad_signatures_are_refused (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  CcbtKrpcMessage put = make_mutable ("1:a", "", 5);

  put.signature[10] ^= 1;
  assert_put (store, put, CCBT_KRPC_ERROR_SIGNATURE);
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), ==, 0);
  put.signature[10] ^= 1;
  assert_put (store, put, 0);
  put.sequence = 6; /* not what was signed */
  assert_put (store, put, CCBT_KRPC_ERROR_SIGNATURE);
  put.sequence = 5;
  put.value = CCBT_SPAN_LITERAL ("1:b");
  put.sequence = 7;
  assert_put (store, put, CCBT_KRPC_ERROR_SIGNATURE);
  assert_mutable (store, "", "1:a", 5);
}

static void
test_sequence_numbers_only_grow (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);

  assert_put (store, make_mutable ("1:a", "", 5), 0);
  assert_put (store, make_mutable ("1:b", "", 4), CCBT_KRPC_ERROR_SEQUENCE);
  assert_put (store, make_mutable ("1:b", "", 5), CCBT_KRPC_ERROR_SEQUENCE);
  assert_put (store, make_mutable ("1:a", "", 5), 0);
  assert_mutable (store, "", "1:a", 5);
  assert_put (store, make_mutable ("1:b", "", G_MAXINT64), 0);
  assert_put (store, make_mutable ("1:c", "", 6), CCBT_KRPC_ERROR_SEQUENCE);
  assert_mutable (store, "", "1:b", G_MAXINT64);
}

static void
test_cas_compares_with_what_is_stored (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);

  put_with_cas (store, "1:a", 1, 77, 0); /* nothing there: it does not count */
  put_with_cas (store, "1:b", 2, 0, CCBT_KRPC_ERROR_CAS);
  put_with_cas (store, "1:b", 2, 2, CCBT_KRPC_ERROR_CAS);
  assert_mutable (store, "", "1:a", 1);
  put_with_cas (store, "1:b", 2, 1, 0);
  assert_mutable (store, "", "1:b", 2);
  put_with_cas (store, "1:c", 1, 1, CCBT_KRPC_ERROR_CAS);
  put_with_cas (store, "1:c", 1, 2, CCBT_KRPC_ERROR_SEQUENCE);
}

static void
test_items_are_forgotten_unless_put_again (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  CcbtKrpcMessage kept = make_mutable ("1:a", "", 1), other = make_immutable ("1:a"),
                  immutable = make_immutable ("1:b");

  assert_put (store, kept, 0);
  assert_put (store, other, 0);
  assert_put (store, immutable, 0);
  g_assert_cmpint (ccbt_dht_store_put (store, &own_id, &kept, START + 60 * MINUTE), ==, 0);
  g_assert_cmpint (ccbt_dht_store_put (store, &own_id, &immutable, START + 60 * MINUTE), ==, 0);
  ccbt_dht_store_tick (store, START + 120 * MINUTE - 1);
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), ==, 3);
  ccbt_dht_store_tick (store, START + 120 * MINUTE);
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), ==, 2);
  assert_mutable (store, "", "1:a", 1);
  ccbt_dht_store_tick (store, START + 180 * MINUTE);
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), ==, 0);
}

static void
test_the_farthest_item_gives_way (void)
{
  g_autoptr (CcbtDhtStore) store = ccbt_dht_store_new (1);
  CcbtSha1 farthest = { { 0 } }, now_farthest = { { 0 } };
  guint n_refused = 0;
  CcbtDhtItem item;

  for (guint i = 0; i < 2 * CCBT_DHT_STORE_MAX_ITEMS; i++)
    {
      g_autofree char *value = g_strdup_printf ("i%ue", i);
      CcbtKrpcMessage put = make_immutable (value);
      CcbtSha1 target = ccbt_dht_item_get_immutable_target (put.value);
      int code = ccbt_dht_store_put (store, &own_id, &put, START);

      g_assert_cmpint (code, ==, code != 0 ? CCBT_KRPC_ERROR_SERVER : 0);
      g_assert_cmpint (ccbt_dht_store_get_item (store, &target, &item), ==, code == 0);
      n_refused += code != 0;
      if (memcmp (&target, &farthest, sizeof target) > 0)
        farthest = target;
    }
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), ==, CCBT_DHT_STORE_MAX_ITEMS);
  g_assert_cmpuint (n_refused, >, 0);
  g_assert_false (ccbt_dht_store_get_item (store, &farthest, &item));
  now_farthest.bytes[0] = 0x88; /* about half of all targets are nearer than 0x80 */
  for (guint i = 0; i < 2 * CCBT_DHT_STORE_MAX_ITEMS; i++)
    {
      g_autofree char *value = g_strdup_printf ("i%ue", i);
      CcbtSha1 target = ccbt_dht_item_get_immutable_target (ccbt_span_from_string (value));

      if (ccbt_dht_store_get_item (store, &target, &item))
        g_assert_cmpint (memcmp (&target, &now_farthest, sizeof target), <, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dht-store/peers-are-given-by-family", test_peers_are_given_by_family);
  g_test_add_func ("/dht-store/an-address-is-one-peer", test_an_address_is_one_peer);
  g_test_add_func ("/dht-store/peers-are-chosen-at-random", test_peers_are_chosen_at_random);
  g_test_add_func ("/dht-store/peers-are-forgotten-after-half-an-hour",
                   test_peers_are_forgotten_after_half_an_hour);
  g_test_add_func ("/dht-store/the-oldest-peers-of-a-torrent-give-way",
                   test_the_oldest_peers_of_a_torrent_give_way);
  g_test_add_func ("/dht-store/the-farthest-torrent-gives-way",
                   test_the_farthest_torrent_gives_way);
  g_test_add_func ("/dht-store/all-peers-together-are-bounded",
                   test_all_peers_together_are_bounded);
  g_test_add_func ("/dht-store/filters-hold-seeds-and-the-rest",
                   test_filters_hold_seeds_and_the_rest);
  g_test_add_func ("/dht-store/samples-are-different-torrents",
                   test_samples_are_different_torrents);
  g_test_add_func ("/dht-store/immutable-items-are-kept-by-their-hash",
                   test_immutable_items_are_kept_by_their_hash);
  g_test_add_func ("/dht-store/bad-values-are-refused", test_bad_values_are_refused);
  g_test_add_func ("/dht-store/mutable-items-need-all-of-it", test_mutable_items_need_all_of_it);
  g_test_add_func ("/dht-store/salts-name-different-items", test_salts_name_different_items);
  g_test_add_func ("/dht-store/bad-signatures-are-refused", test_bad_signatures_are_refused);
  g_test_add_func ("/dht-store/sequence-numbers-only-grow", test_sequence_numbers_only_grow);
  g_test_add_func ("/dht-store/cas-compares-with-what-is-stored",
                   test_cas_compares_with_what_is_stored);
  g_test_add_func ("/dht-store/items-are-forgotten-unless-put-again",
                   test_items_are_forgotten_unless_put_again);
  g_test_add_func ("/dht-store/the-farthest-item-gives-way", test_the_farthest_item_gives_way);
  return g_test_run ();
}
