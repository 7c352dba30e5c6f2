/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams one after another to one node that looks for all there is; answers get the transaction
 * and come from the address of the question sent last. Nothing makes it send too much or too often. */
#include "discovery/ccbt-dht.h"
#include "wire/ccbt-bencode.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct
{
  CcbtAddress asked;
  guint8 transaction[4];
  guint n_sent;
} World;

static void
send_cb (gpointer owner, const CcbtAddress *to, CcbtSpan datagram)
{
  World *world = owner;
  CcbtKrpcMessage message;

  world->n_sent++;
  g_assert_cmpuint (datagram.len, <=, CCBT_KRPC_MAX_DATAGRAM);
  g_assert_cmpuint (to->port, !=, 0);
  g_assert_true (ccbt_krpc_parse (datagram, &message, NULL));
  if (message.kind != CCBT_KRPC_QUERY)
    return;
  g_assert_cmpint (ccbt_address_get_scope (to), ==, CCBT_ADDRESS_GLOBAL);
  world->asked = *to;
  memcpy (world->transaction, message.transaction.data, sizeof world->transaction);
}

static void
got_peers_cb (gpointer data, const CcbtAddress *peers, guint n_peers)
{
  for (guint i = 0; i < n_peers; i++)
    g_assert_cmpuint (peers[i].port, !=, 0);
}

static void
item_cb (gpointer data, const CcbtDhtItem *item)
{
  if (item != NULL)
    g_assert_cmpuint (item->value.len, <=, CCBT_KRPC_MAX_VALUE);
}

static void
samples_cb (gpointer data, const CcbtSha1 *samples, guint n_samples, gint64 number, gint64 interval)
{
  g_assert_cmpuint (n_samples, <=, CCBT_KRPC_MAX_SAMPLES);
}

static void
look_up_everything (CcbtDht *dht, const CcbtAddress *node)
{
  static const CcbtDhtPeersFunc func = { .got_peers = got_peers_cb };
  const CcbtSha1 target = { "mnopqrstuvwxyz12345" };

  ccbt_dht_add_address (dht, node);
  ccbt_dht_get_peers (dht, &target, 7000, FALSE, FALSE, &func, NULL);
  ccbt_dht_get_item (dht, &target, (CcbtSpan){ 0 }, item_cb, NULL);
  ccbt_dht_put_immutable (dht, CCBT_SPAN_LITERAL ("3:abc"), NULL, NULL);
  ccbt_dht_sample (dht, node, &target, samples_cb, NULL);
}

static void
deliver (CcbtDht *dht, const World *world, CcbtSpan datagram)
{
  const CcbtAddress stranger = { .ip = { 9, 9, 9, 9 }, .port = 9 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  CcbtKrpcMessage message;

  if (!ccbt_krpc_parse (datagram, &message, NULL))
    g_assert_false (ccbt_dht_receive (dht, &stranger, datagram));
  else if (message.kind == CCBT_KRPC_QUERY)
    ccbt_dht_receive (dht, &stranger, datagram);
  else
    {
      message.transaction = (CcbtSpan){ world->transaction, sizeof world->transaction };
      ccbt_krpc_write (bytes, &message);
      ccbt_dht_receive (dht, &world->asked, (CcbtSpan){ bytes->data, bytes->len });
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const CcbtDhtOwner owner = { .send = send_cb };
  const CcbtDhtOptions options = { .has_ipv4 = TRUE, .has_ipv6 = TRUE };
  World world = { .asked = { .ip = { 8, 8, 8, 8 }, .port = 8 } };
  CcbtFakeClock clock;
  CcbtDht *dht;

  ccbt_fake_clock_init (&clock, 1000 * CCBT_SECOND);
  dht = ccbt_dht_new (&options, &owner, &world, &clock.parent, 1);
  look_up_everything (dht, &world.asked);
  while (size > 0)
    {
      gsize consumed = size;
      CcbtBencode *first = ccbt_bencode_parse ((CcbtSpan){ data, size },
                                               &ccbt_bencode_limits_message, &consumed, NULL);

      if (first == NULL)
        consumed = size;
      ccbt_bencode_free (first);
      world.n_sent = 0;
      ccbt_dht_tick (dht);
      deliver (dht, &world, (CcbtSpan){ data, consumed });
      ccbt_fake_clock_advance (&clock, 300 * CCBT_MILLISECOND);
      ccbt_dht_tick (dht);
      g_assert_cmpuint (world.n_sent, <=, 220);
      data += consumed;
      size -= consumed;
    }
  ccbt_dht_free (dht);
  return 0;
}
