/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One node, and the test in the place of all others: every datagram is written and read by hand. */
#include "discovery/ccbt-dht-id.h"
#include "discovery/ccbt-dht.h"
#include "wire/ccbt-dht-item.h"

typedef struct
{
  CcbtAddress to;
  GBytes *bytes;
} Sent;

typedef struct
{
  CcbtFakeClock clock;
  CcbtDht *dht;
  GPtrArray *sent; /* Sent, not looked at yet */
} World;

static const CcbtSha1 hash = { { 0x80, 1, 2, 3 } };

static inline void
sent_free (gpointer data)
{
  g_bytes_unref (((Sent *) data)->bytes);
  g_free (data);
}

static inline void
send_cb (gpointer owner, const CcbtAddress *to, CcbtSpan datagram)
{
  Sent *sent = g_new (Sent, 1);

  g_assert_cmpuint (datagram.len, <=, CCBT_KRPC_MAX_DATAGRAM);
  sent->to = *to;
  sent->bytes = g_bytes_new (datagram.data, datagram.len);
  g_ptr_array_add (((World *) owner)->sent, sent);
}

static inline World *
world_new (CcbtDhtOptions options)
{
  static const CcbtDhtOwner owner = { .send = send_cb };
  World *world = g_new0 (World, 1);

  ccbt_fake_clock_init (&world->clock, 1000 * CCBT_SECOND);
  world->sent = g_ptr_array_new_with_free_func (sent_free);
  options.has_ipv4 = TRUE;
  /* Next to what is looked for, so that there is room for all its neighbours. */
  options.id[0] = hash;
  options.id[0].bytes[19] = 1;
  world->dht = ccbt_dht_new (&options, &owner, world, &world->clock.parent, 1);
  return world;
}

static inline void
world_free (World *world)
{
  ccbt_dht_free (world->dht);
  g_ptr_array_unref (world->sent);
  g_free (world);
}

static inline void
advance (World *world, gint64 time)
{
  for (gint64 end = world->clock.monotonic + time; world->clock.monotonic < end;)
    {
      ccbt_fake_clock_advance (&world->clock, 20 * CCBT_MILLISECOND);
      ccbt_dht_tick (world->dht);
    }
}

static inline CcbtAddress
make_address (guint number)
{
  return (CcbtAddress){ .ip = { 11, 0, (guint8) number, 1 }, .port = 6881 };
}

/* Near @hash, the nearer the lower @number. */
static inline CcbtSha1
make_id (guint number)
{
  CcbtSha1 id = hash;

  id.bytes[10] = (guint8) number;
  return id;
}

static inline void
deliver (World *world, const CcbtAddress *from, const CcbtKrpcMessage *message)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  ccbt_krpc_write (bytes, message);
  g_assert_true (ccbt_dht_receive (world->dht, from, (CcbtSpan){ bytes->data, bytes->len }));
}

/* The next datagram the node has sent; the message borrows from @sent. */
static inline gboolean
take (World *world, Sent **sent, CcbtKrpcMessage *message)
{
  CcbtSpan span;

  *sent = NULL;
  if (world->sent->len == 0)
    return FALSE;
  *sent = g_ptr_array_steal_index (world->sent, 0);
  span.data = g_bytes_get_data ((*sent)->bytes, &span.len);
  g_assert_true (ccbt_krpc_parse (span, message, NULL));
  return TRUE;
}

static inline void
forget_sent (World *world)
{
  g_ptr_array_set_size (world->sent, 0);
}

/* Nearer to @hash than all of make_id(). */
static inline CcbtSha1
make_false_id (guint number)
{
  CcbtSha1 id = hash;

  id.bytes[11] = (guint8) (1 + number);
  return id;
}

/* What a node at make_address (@number) answers to @query, before it is filled in. */
static inline CcbtKrpcMessage
make_answer (const CcbtKrpcMessage *query, guint number)
{
  CcbtKrpcMessage answer = { .kind = CCBT_KRPC_RESPONSE,
                             .transaction = query->transaction,
                             .id = make_id (number),
                             .has_id = TRUE };

  return answer;
}

static inline CcbtKrpcMessage
make_query (CcbtKrpcMethod method)
{
  CcbtKrpcMessage query = { .kind = CCBT_KRPC_QUERY,
                            .method = method,
                            .transaction = CCBT_SPAN_LITERAL ("qq"),
                            .id = { { 0x40, 5 } },
                            .target = hash,
                            .has_target = TRUE };

  return query;
}

/* Nodes 1 to @n answer whatever they are asked, for @time; those asked anything else are silent. */
typedef void (*FillFunc) (const CcbtKrpcMessage *query, guint number, CcbtKrpcMessage *answer);

static inline void
serve (World *world, guint n, FillFunc fill, gint64 time)
{
  for (gint64 end = world->clock.monotonic + time; world->clock.monotonic < end;)
    {
      CcbtKrpcMessage query;
      Sent *sent;

      while (take (world, &sent, &query))
        {
          guint number = sent->to.ip[2];
          CcbtAddress address = make_address (number);

          if (query.kind == CCBT_KRPC_QUERY && number >= 1 && number <= n
              && ccbt_address_equal (&address, &sent->to))
            {
              CcbtKrpcMessage answer = make_answer (&query, number);

              if (fill != NULL)
                fill (&query, number, &answer);
              deliver (world, &address, &answer);
            }
          sent_free (sent);
        }
      advance (world, 20 * CCBT_MILLISECOND);
    }
}

static inline World *
new_world_with_nodes (CcbtDhtOptions options, guint n)
{
  World *world = world_new (options);
  CcbtDhtStatus status;

  for (guint i = 1; i <= n; i++)
    {
      CcbtAddress address = make_address (i);

      ccbt_dht_add_address (world->dht, &address);
    }
  serve (world, n, NULL, 10 * CCBT_SECOND);
  ccbt_dht_get_status (world->dht, &status);
  g_assert_cmpuint (status.n_nodes[0], ==, n);
  forget_sent (world);
  return world;
}
