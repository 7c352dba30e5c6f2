/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-udp-exchange.h"
#include "base/ccbt-random.h"

#define FIRST_WAIT (15 * CCBT_SECOND)
#define LAST_REPEAT 8u                     /* n of BEP 15 */
#define CONNECTION_LIFE (60 * CCBT_SECOND) /* ours; trackers keep it for two minutes */
#define SEND_RETRY (1 * CCBT_SECOND)       /* the system did not take it */
#define MAX_SEND_FAILURES 3u

/* One address of a tracker. */
typedef struct
{
  CcbtAddress address;
  guint64 connection;
  gint64 expires;      /* of the connection; 0 = there is none */
  guint32 transaction; /* of the connect under way */
  gint64 connect_sent; /* 0 = none under way */
} Endpoint;

struct _CcbtUdpExchange
{
  Endpoint *endpoint;
  CcbtTrackerUdpAction action;
  gpointer data;
  guint32 transaction;
  gboolean is_asked; /* FALSE: waits for a connection */
  gboolean was_connected;
  gboolean was_reconnected; /* because it was told that its connection is none */
  gboolean is_refused;      /* an ERROR answered the connect */
  guint n;                  /* repeats */
  guint n_send_failures;
  gint64 next_send;
};

struct _CcbtUdpExchanges
{
  const CcbtUdpExchangeOwner *questions;
  gpointer owner;
  GHashTable *endpoints; /* CcbtAddress -> Endpoint, which the key is part of */
  GPtrArray *list;       /* CcbtUdpExchange under way */
};

CcbtUdpExchanges *
ccbt_udp_exchanges_new (const CcbtUdpExchangeOwner *questions, gpointer owner)
{
  CcbtUdpExchanges *self = g_new0 (CcbtUdpExchanges, 1);

  self->questions = questions;
  self->owner = owner;
  self->endpoints
      = g_hash_table_new_full (ccbt_address_hash, ccbt_address_equal_func, NULL, g_free);
  self->list = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
ccbt_udp_exchanges_free (CcbtUdpExchanges *self)
{
  g_ptr_array_unref (self->list);
  g_hash_table_unref (self->endpoints);
  g_free (self);
}

static guint32
make_transaction (void)
{
  guint32 transaction;

  ccbt_random_fill ((guint8 *) &transaction, sizeof transaction);
  return transaction;
}

static Endpoint *
get_endpoint (CcbtUdpExchanges *self, const CcbtAddress *address)
{
  Endpoint *endpoint = g_hash_table_lookup (self->endpoints, address);

  if (endpoint != NULL)
    return endpoint;
  endpoint = g_new0 (Endpoint, 1);
  endpoint->address = *address;
  g_hash_table_insert (self->endpoints, &endpoint->address, endpoint);
  return endpoint;
}

static CcbtUdpExchange *
get_exchange (CcbtUdpExchanges *self, guint index)
{
  return g_ptr_array_index (self->list, index);
}

static void
finish (CcbtUdpExchanges *self, CcbtUdpExchange *exchange, const CcbtSpan *datagram,
        const char *message)
{
  gpointer data = exchange->data;
  CcbtAddress from = exchange->endpoint->address;

  g_ptr_array_remove_fast (self->list, exchange);
  self->questions->done (self->owner, data, &from, datagram, message);
}

/* --- Sending --- */

static gboolean
send_connect (CcbtUdpExchanges *self, Endpoint *endpoint, gint64 now)
{
  g_autoptr (GByteArray) datagram = g_byte_array_new ();

  /* Another exchange has just asked for the connection that this one waits for. */
  if (endpoint->connect_sent != 0 && now - endpoint->connect_sent < FIRST_WAIT)
    return TRUE;
  if (endpoint->connect_sent == 0)
    endpoint->transaction = make_transaction ();
  ccbt_tracker_udp_write_connect (datagram, endpoint->transaction);
  if (!self->questions->send (self->owner, &endpoint->address,
                              (CcbtSpan){ datagram->data, datagram->len }))
    return FALSE;
  endpoint->connect_sent = MAX (now, 1);
  return TRUE;
}

static gboolean
send_question (CcbtUdpExchanges *self, CcbtUdpExchange *exchange)
{
  Endpoint *endpoint = exchange->endpoint;
  g_autoptr (GByteArray) datagram = g_byte_array_new ();

  self->questions->write (self->owner, exchange->data, &endpoint->address, endpoint->connection,
                          exchange->transaction, datagram);
  return self->questions->send (self->owner, &endpoint->address,
                                (CcbtSpan){ datagram->data, datagram->len });
}

/* The question, or a connect where there is no connection to ask it over. */
static void
send_next (CcbtUdpExchanges *self, CcbtUdpExchange *exchange, gint64 now)
{
  Endpoint *endpoint = exchange->endpoint;
  gboolean is_sent;

  exchange->is_asked = endpoint->expires > now;
  is_sent
      = exchange->is_asked ? send_question (self, exchange) : send_connect (self, endpoint, now);
  if (is_sent)
    {
      exchange->n_send_failures = 0;
      exchange->next_send = now + (FIRST_WAIT << exchange->n);
      return;
    }
  exchange->n_send_failures++;
  exchange->next_send = now + SEND_RETRY;
}

CcbtUdpExchange *
ccbt_udp_exchanges_begin (CcbtUdpExchanges *self, const CcbtAddress *to,
                          CcbtTrackerUdpAction action, gpointer data, gint64 now)
{
  CcbtUdpExchange *exchange = g_new0 (CcbtUdpExchange, 1);

  exchange->endpoint = get_endpoint (self, to);
  exchange->action = action;
  exchange->data = data;
  exchange->transaction = make_transaction ();
  g_ptr_array_add (self->list, exchange);
  send_next (self, exchange, now);
  return exchange;
}

void
ccbt_udp_exchanges_cancel (CcbtUdpExchanges *self, CcbtUdpExchange *exchange)
{
  g_ptr_array_remove_fast (self->list, exchange);
}

/* --- Answers --- */

static void
take_connection (CcbtUdpExchanges *self, Endpoint *endpoint, guint64 connection, gint64 now)
{
  endpoint->connection = connection;
  endpoint->expires = now + CONNECTION_LIFE;
  endpoint->connect_sent = 0;
  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtUdpExchange *exchange = get_exchange (self, i);

      if (exchange->endpoint != endpoint || exchange->is_asked)
        continue;
      if (!exchange->was_connected) /* later ones come from a tracker that is silent otherwise */
        exchange->n = 0;
      exchange->was_connected = TRUE;
      send_next (self, exchange, now);
    }
}

static CcbtUdpExchange *
find_refused (CcbtUdpExchanges *self)
{
  for (guint i = 0; i < self->list->len; i++)
    if (get_exchange (self, i)->is_refused)
      return get_exchange (self, i);
  return NULL;
}

/* All that waited for this connection; not those that begin from within done. */
static void
refuse_waiting (CcbtUdpExchanges *self, Endpoint *endpoint, CcbtSpan datagram)
{
  CcbtUdpExchange *exchange;

  endpoint->connect_sent = 0;
  for (guint i = 0; i < self->list->len; i++)
    get_exchange (self, i)->is_refused
        |= get_exchange (self, i)->endpoint == endpoint && !get_exchange (self, i)->is_asked;
  while ((exchange = find_refused (self)) != NULL)
    finish (self, exchange, &datagram, NULL);
}

static gboolean
take_connect_answer (CcbtUdpExchanges *self, Endpoint *endpoint, CcbtTrackerUdpAction action,
                     CcbtSpan datagram, gint64 now)
{
  guint64 connection;

  if (ccbt_tracker_udp_read_connect (datagram, &connection))
    take_connection (self, endpoint, connection, now);
  else if (action == CCBT_TRACKER_UDP_ERROR)
    refuse_waiting (self, endpoint, datagram);
  else
    return FALSE;
  return TRUE;
}

static CcbtUdpExchange *
find_asked (CcbtUdpExchanges *self, const Endpoint *endpoint, guint32 transaction)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtUdpExchange *exchange = get_exchange (self, i);

      if (exchange->endpoint == endpoint && exchange->transaction == transaction)
        return exchange;
    }
  return NULL;
}

/* A tracker that was started anew does not know its old connections. */
static gboolean
lost_connection (CcbtSpan datagram)
{
  g_autofree char *failure = ccbt_tracker_udp_dup_failure (datagram);
  g_autofree char *lower = failure != NULL ? g_ascii_strdown (failure, -1) : NULL;

  return lower != NULL && strstr (lower, "connection") != NULL;
}

static void
take_answer (CcbtUdpExchanges *self, CcbtUdpExchange *exchange, CcbtSpan datagram, gint64 now)
{
  if (!exchange->was_reconnected && lost_connection (datagram))
    {
      exchange->was_reconnected = TRUE;
      exchange->endpoint->expires = 0;
      send_next (self, exchange, now);
      return;
    }
  finish (self, exchange, &datagram, NULL);
}

gboolean
ccbt_udp_exchanges_take (CcbtUdpExchanges *self, const CcbtAddress *from, CcbtSpan datagram,
                         gint64 now)
{
  Endpoint *endpoint = g_hash_table_lookup (self->endpoints, from);
  CcbtTrackerUdpAction action;
  guint32 transaction;
  CcbtUdpExchange *exchange;

  if (endpoint == NULL || !ccbt_tracker_udp_read_head (datagram, &action, &transaction))
    return FALSE;
  if (endpoint->connect_sent != 0 && transaction == endpoint->transaction)
    return take_connect_answer (self, endpoint, action, datagram, now);
  exchange = find_asked (self, endpoint, transaction);
  if (exchange == NULL || (action != exchange->action && action != CCBT_TRACKER_UDP_ERROR))
    return FALSE;
  take_answer (self, exchange, datagram, now);
  return TRUE;
}

/* --- Time --- */

static void
repeat_due (CcbtUdpExchanges *self, gint64 now)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtUdpExchange *exchange = get_exchange (self, i);

      if (exchange->next_send > now)
        continue;
      if (exchange->n_send_failures == 0)
        exchange->n++;
      if (exchange->n <= LAST_REPEAT)
        send_next (self, exchange, now);
    }
}

static CcbtUdpExchange *
find_hopeless (CcbtUdpExchanges *self)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtUdpExchange *exchange = get_exchange (self, i);

      if (exchange->n > LAST_REPEAT || exchange->n_send_failures >= MAX_SEND_FAILURES)
        return exchange;
    }
  return NULL;
}

static gboolean
is_used (CcbtUdpExchanges *self, const Endpoint *endpoint)
{
  for (guint i = 0; i < self->list->len; i++)
    if (get_exchange (self, i)->endpoint == endpoint)
      return TRUE;
  return FALSE;
}

static void
forget_endpoints (CcbtUdpExchanges *self, gint64 now)
{
  GHashTableIter iter;
  gpointer endpoint;

  g_hash_table_iter_init (&iter, self->endpoints);
  while (g_hash_table_iter_next (&iter, NULL, &endpoint))
    if (((Endpoint *) endpoint)->expires <= now && !is_used (self, endpoint))
      g_hash_table_iter_remove (&iter);
}

void
ccbt_udp_exchanges_tick (CcbtUdpExchanges *self, gint64 now)
{
  CcbtUdpExchange *exchange;

  repeat_due (self, now);
  while ((exchange = find_hopeless (self)) != NULL)
    finish (self, exchange, NULL,
            exchange->n_send_failures > 0 ? "the tracker cannot be reached from here"
                                          : "no answer from the tracker");
  forget_endpoints (self, now);
}

void
ccbt_udp_exchanges_forget_connections (CcbtUdpExchanges *self)
{
  GHashTableIter iter;
  gpointer endpoint;

  g_hash_table_iter_init (&iter, self->endpoints);
  while (g_hash_table_iter_next (&iter, NULL, &endpoint))
    ((Endpoint *) endpoint)->expires = ((Endpoint *) endpoint)->connect_sent = 0;
}
