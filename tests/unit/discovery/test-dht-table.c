/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-table.h"

#define NOW (1000 * CCBT_SECOND)
#define MINUTE (60 * CCBT_SECOND)

static const CcbtSha1 own_id = { { 0 } };

/* An id that shares @n_bits leading bits with ours. */
static CcbtSha1
make_id (guint n_bits, guint8 number)
{
  CcbtSha1 id = { { 0 } };

  id.bytes[n_bits / 8] = (guint8) (0x80 >> n_bits % 8);
  id.bytes[18] = number;
  return id;
}

static CcbtAddress
make_address (const char *text)
{
  CcbtAddress address;

  g_assert_true (ccbt_address_parse (text, &address));
  return address;
}

/* Each in a network of its own. */
static CcbtAddress
make_far_address (guint number)
{
  return (CcbtAddress){ .ip = { 11, (guint8) (number >> 8), (guint8) number, 1 }, .port = 6881 };
}

/* An id that no address vouches for, in the bucket that shares nothing with us. */
static CcbtSha1
make_insecure_id (guint8 number, const CcbtAddress *address)
{
  CcbtSha1 id = make_id (0, number);

  while (ccbt_dht_id_is_secure (&id, address))
    id.bytes[1]++;
  return id;
}

static void
answer (CcbtDhtTable *table, CcbtSha1 id, CcbtAddress address, gint64 now)
{
  ccbt_dht_table_note_node (table, &id, &address, TRUE, 20, now);
}

static void
hear_of (CcbtDhtTable *table, CcbtSha1 id, CcbtAddress address, gint64 now)
{
  ccbt_dht_table_note_node (table, &id, &address, FALSE, 0, now);
}

static gboolean
holds (CcbtDhtTable *table, const CcbtSha1 *id)
{
  CcbtDhtContact found;

  return ccbt_dht_table_get_closest (table, id, &found, 1, NOW) == 1
         && ccbt_sha1_equal (&found.id, id);
}

/* Eight that share no bit with us, with ids bound to nothing. */
static CcbtDhtTable *
new_full_bucket (void)
{
  CcbtDhtTable *table = ccbt_dht_table_new (&own_id, FALSE, 1);

  for (guint8 i = 0; i < 8; i++)
    {
      CcbtAddress address = make_far_address (i);

      answer (table, make_insecure_id (i, &address), address, NOW);
    }
  /* Another half, so that the bucket can no longer split. */
  answer (table, make_id (1, 1), make_far_address (100), NOW);
  answer (table, make_id (2, 1), make_far_address (101), NOW);
  return table;
}

static void
test_splits_around_us (void)
{
  CcbtDhtTable *table = ccbt_dht_table_new (&own_id, FALSE, 1);
  CcbtSha1 target = make_id (39, 3);
  CcbtDhtContact closest[8];
  guint n;

  for (guint i = 0; i < 40 * 8; i++)
    answer (table, make_id (i / 8, (guint8) (i % 8)), make_far_address (i), NOW);
  g_assert_cmpuint (ccbt_dht_table_get_n_nodes (table), ==, 40 * 8);
  n = ccbt_dht_table_get_closest (table, &target, closest, 8, NOW);
  g_assert_cmpuint (n, ==, 8);
  g_assert_true (ccbt_sha1_equal (&closest[0].id, &target));
  for (guint i = 1; i < n; i++)
    {
      g_assert_cmpint (ccbt_dht_id_compare (&target, &closest[i - 1].id, &closest[i].id), <, 0);
      g_assert_cmpuint (ccbt_dht_id_common_bits (&closest[i].id, &own_id), ==, 39);
    }
  ccbt_dht_table_free (table);
}

/* However many there are, of each distance only eight are kept. */
static void
test_is_bounded (void)
{
  CcbtDhtTable *table = ccbt_dht_table_new (&own_id, FALSE, 1);
  CcbtRandom random;

  ccbt_random_init (&random, 3);
  for (guint i = 0; i < 20000; i++)
    answer (table, ccbt_dht_id_make_near (&random, &own_id, i % 20), make_far_address (i), NOW);
  g_assert_cmpuint (ccbt_dht_table_get_n_nodes (table), <=, 21 * 8);
  ccbt_dht_table_free (table);
}

/* Threat B83: whom we only heard of is handed out to nobody. */
static void
test_hearsay_is_not_handed_out (void)
{
  CcbtDhtTable *table = ccbt_dht_table_new (&own_id, FALSE, 1);
  CcbtSha1 id = make_id (3, 1);
  CcbtDhtContact contact;

  hear_of (table, id, make_far_address (1), NOW);
  g_assert_cmpuint (ccbt_dht_table_get_n_nodes (table), ==, 0);
  g_assert_false (holds (table, &id));
  /* It is asked, once a minute at most, and in when it answers. */
  g_assert_true (ccbt_dht_table_take_questionable (table, NOW, &contact));
  g_assert_true (ccbt_sha1_equal (&contact.id, &id));
  g_assert_false (ccbt_dht_table_take_questionable (table, NOW + CCBT_SECOND, &contact));
  g_assert_true (ccbt_dht_table_take_questionable (table, NOW + MINUTE, &contact));
  answer (table, id, make_far_address (1), NOW + MINUTE);
  g_assert_true (holds (table, &id));
  ccbt_dht_table_free (table);
}

static void
test_good_nodes_stay (void)
{
  CcbtDhtTable *table = new_full_bucket ();
  CcbtAddress address = make_far_address (200);
  CcbtSha1 newcomer = make_insecure_id (200, &address), old;
  CcbtDhtContact contact;

  answer (table, newcomer, address, NOW);
  g_assert_false (holds (table, &newcomer));
  /* One that is silent is asked; only when it is silent twice, the one in waiting gets its place. */
  g_assert_true (ccbt_dht_table_take_questionable (table, NOW + 16 * MINUTE, &contact));
  old = contact.id;
  ccbt_dht_table_note_failure (table, &contact.address, NOW + 16 * MINUTE);
  g_assert_true (holds (table, &old));
  ccbt_dht_table_note_failure (table, &contact.address, NOW + 17 * MINUTE);
  g_assert_false (holds (table, &old));
  g_assert_true (holds (table, &newcomer));
  ccbt_dht_table_free (table);
}

/* BEP 42: an id bound to its address takes the place of one that is not. */
static void
test_secure_ids_come_first (void)
{
  CcbtDhtTable *table = new_full_bucket ();
  CcbtAddress address = make_far_address (300);
  CcbtRandom random;
  CcbtSha1 id;

  ccbt_random_init (&random, 8);
  do
    id = ccbt_dht_id_make (&random, &address);
  while (ccbt_dht_id_common_bits (&id, &own_id) != 0);
  answer (table, id, address, NOW);
  g_assert_true (holds (table, &id));
  ccbt_dht_table_free (table);
}

/* Threat B81: one network has one place in a bucket; also when a place gets free. */
static void
test_one_a_network (void)
{
  CcbtDhtTable *table = ccbt_dht_table_new (&own_id, FALSE, 1);
  CcbtSha1 first = make_id (0, 1), second = make_id (0, 2), other = make_id (0, 3);
  CcbtAddress away = make_address ("8.9.9.9:1");

  answer (table, first, make_address ("8.8.8.1:1"), NOW);
  answer (table, other, away, NOW);
  answer (table, second, make_address ("8.8.8.2:1"), NOW);
  g_assert_true (holds (table, &first));
  g_assert_false (holds (table, &second));
  for (guint i = 0; i < 5; i++)
    ccbt_dht_table_note_failure (table, &away, NOW);
  g_assert_false (holds (table, &other));
  g_assert_false (holds (table, &second));
  ccbt_dht_table_free (table);
}

static void
test_one_an_address (void)
{
  CcbtDhtTable *table = ccbt_dht_table_new (&own_id, FALSE, 1);
  CcbtSha1 first = make_id (0, 1), second = make_id (1, 2);

  answer (table, first, make_address ("8.8.8.8:1"), NOW);
  /* Another port of the same address; another address with the same id. */
  answer (table, second, make_address ("8.8.8.8:2"), NOW);
  answer (table, first, make_address ("9.9.9.9:1"), NOW);
  g_assert_cmpuint (ccbt_dht_table_get_n_nodes (table), ==, 1);
  /* Once it is old, who answers counts, and both old entries go. */
  answer (table, second, make_address ("9.9.9.9:1"), NOW);
  g_assert_cmpuint (ccbt_dht_table_get_n_nodes (table), ==, 2);
  answer (table, second, make_address ("8.8.8.8:9"), NOW + 20 * MINUTE);
  g_assert_cmpuint (ccbt_dht_table_get_n_nodes (table), ==, 1);
  g_assert_true (holds (table, &second));
  /* An address that answers with a new id has changed it; one that only says so has not. */
  hear_of (table, first, make_address ("8.8.8.8:9"), NOW + 20 * MINUTE);
  g_assert_true (holds (table, &second));
  answer (table, first, make_address ("8.8.8.8:9"), NOW + 20 * MINUTE);
  g_assert_false (holds (table, &second));
  g_assert_true (holds (table, &first));
  ccbt_dht_table_free (table);
}

/* Threat B83: martians, ourselves, port 0, the other family. */
static void
test_refuses (void)
{
  static const char *const refused[] = {
    "127.0.0.1:1", "10.0.0.1:1",  "192.168.1.1:1", "169.254.1.1:1",   "224.0.0.1:1",
    "0.0.0.0:1",   "240.0.0.1:1", "8.8.8.8:0",     "[2001:470::1]:1",
  };
  CcbtDhtTable *table = ccbt_dht_table_new (&own_id, FALSE, 1);

  for (guint8 i = 0; i < G_N_ELEMENTS (refused); i++)
    answer (table, make_id (i, i), make_address (refused[i]), NOW);
  answer (table, own_id, make_address ("8.8.8.8:1"), NOW);
  g_assert_cmpuint (ccbt_dht_table_get_n_nodes (table), ==, 0);
  ccbt_dht_table_allow_local (table, TRUE);
  for (guint8 i = 0; i < G_N_ELEMENTS (refused); i++)
    answer (table, make_id (i, i), make_address (refused[i]), NOW);
  g_assert_cmpuint (ccbt_dht_table_get_n_nodes (table), ==, 4);
  ccbt_dht_table_free (table);
}

static void
test_new_own_id (void)
{
  CcbtDhtTable *table = ccbt_dht_table_new (&own_id, FALSE, 1);
  CcbtSha1 changed = make_id (0, 9);

  for (guint i = 0; i < 64; i++)
    answer (table, make_id (i / 8, (guint8) (i % 8)), make_far_address (i), NOW);
  g_assert_cmpuint (ccbt_dht_table_get_n_nodes (table), ==, 64);
  ccbt_dht_table_set_own_id (table, &changed);
  /* Seven eighths of them are now in the half of which we keep eight. */
  g_assert_cmpuint (ccbt_dht_table_get_n_nodes (table), ==, 16);
  ccbt_dht_table_free (table);
}

static void
test_stale_buckets (void)
{
  CcbtDhtTable *table = ccbt_dht_table_new (&own_id, FALSE, 1);
  guint n_stale = 0;
  CcbtSha1 target;

  for (guint i = 0; i < 32; i++)
    answer (table, make_id (i / 8, (guint8) (i % 8)), make_far_address (i), NOW);
  g_assert_false (ccbt_dht_table_take_stale_bucket (table, NOW + 14 * MINUTE, &target));
  while (ccbt_dht_table_take_stale_bucket (table, NOW + 15 * MINUTE, &target))
    {
      g_assert_cmpuint (ccbt_dht_id_common_bits (&target, &own_id), ==, n_stale);
      n_stale++;
    }
  g_assert_cmpuint (n_stale, ==, 4);
  ccbt_dht_table_free (table);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discovery/dht-table/splits-around-us", test_splits_around_us);
  g_test_add_func ("/discovery/dht-table/is-bounded", test_is_bounded);
  g_test_add_func ("/discovery/dht-table/hearsay", test_hearsay_is_not_handed_out);
  g_test_add_func ("/discovery/dht-table/good-nodes-stay", test_good_nodes_stay);
  g_test_add_func ("/discovery/dht-table/secure-ids-come-first", test_secure_ids_come_first);
  g_test_add_func ("/discovery/dht-table/one-a-network", test_one_a_network);
  g_test_add_func ("/discovery/dht-table/one-an-address", test_one_an_address);
  g_test_add_func ("/discovery/dht-table/refuses", test_refuses);
  g_test_add_func ("/discovery/dht-table/new-own-id", test_new_own_id);
  g_test_add_func ("/discovery/dht-table/stale-buckets", test_stale_buckets);
  return g_test_run ();
}
