/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-udp-tracker.h"
#include "discovery/ccbt-host-lookup.h"
#include "discovery/ccbt-udp-exchange.h"

#define MAX_UNDER_WAY 64u
#define OTHER_FAMILY_WAIT (2 * CCBT_SECOND)
#define DEFAULT_PORT 80
/* So that replies stay within what one datagram of 2,048 bytes can hold. */
#define MAX_WANTED_IPV4 200
#define MAX_WANTED_IPV6 100

typedef struct _Request Request;

/* A request on one family. */
typedef struct
{
  Request *request;
  gboolean is_ipv6;
  gboolean is_looking_up;
  CcbtUdpExchange *exchange; /* NULL = none under way */
} Leg;

struct _Request
{
  CcbtUdpTracker *tracker;
  guint id;
  char *host;
  guint16 port;
  char *path_and_query;
  CcbtTrackerUdpAction action;
  CcbtAnnounceRequest announce;
  CcbtSha1 *info_hashes;
  guint n_info_hashes;
  guint timeout;
  CcbtUdpAnnounceFunc announce_func;
  CcbtUdpScrapeFunc scrape_func;
  gpointer data;
  gboolean is_started;
  gint64 deadline;  /* once started; G_MAXINT64 = none */
  gint64 tell_time; /* of what has come; 0 = nothing has */
  gboolean is_told;
  CcbtAnnounceReply *reply; /* of the families that answered and were not told */
  CcbtScrapeReply *scraped;
  gboolean is_local;
  GError *error; /* of the family that failed */
  Leg legs[2];
};

struct _CcbtUdpTracker
{
  CcbtUdpMux *mux;
  CcbtClock *clock;
  CcbtUdpExchanges *exchanges;
  CcbtLookupCache *hosts;
  GPtrArray *requests; /* Request, oldest first */
  guint next_id;
  gboolean was_local;
  gboolean is_closing;
};

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->host);
  g_free (request->path_and_query);
  g_free (request->info_hashes);
  g_clear_pointer (&request->reply, ccbt_announce_reply_free);
  g_clear_pointer (&request->scraped, ccbt_scrape_reply_free);
  g_clear_error (&request->error);
  g_free (request);
}

static Request *
get_request (CcbtUdpTracker *self, guint index)
{
  return g_ptr_array_index (self->requests, index);
}

/* Nothing will come to it any more. */
static void
detach (Request *request)
{
  CcbtUdpTracker *self = request->tracker;

  for (guint i = 0; i < G_N_ELEMENTS (request->legs); i++)
    {
      Leg *leg = &request->legs[i];

      if (leg->exchange != NULL)
        ccbt_udp_exchanges_cancel (self->exchanges, leg->exchange);
      if (leg->is_looking_up)
        ccbt_lookup_cache_forget (self->hosts, leg);
    }
}

/* --- One family --- */

static gboolean
send_cb (gpointer owner, const CcbtAddress *to, CcbtSpan datagram)
{
  return ccbt_udp_mux_send (((CcbtUdpTracker *) owner)->mux, to, datagram);
}

static void
write_cb (gpointer owner, gpointer data, const CcbtAddress *to, guint64 connection,
          guint32 transaction, GByteArray *out)
{
  const Request *request = ((Leg *) data)->request;
  CcbtAnnounceRequest announce = request->announce;

  if (request->action == CCBT_TRACKER_UDP_SCRAPE)
    {
      ccbt_tracker_udp_write_scrape (out, connection, transaction, request->info_hashes,
                                     request->n_info_hashes);
      return;
    }
  announce.number_wanted
      = MIN (announce.number_wanted, to->is_ipv6 ? MAX_WANTED_IPV6 : MAX_WANTED_IPV4);
  ccbt_tracker_udp_write_announce (out, connection, transaction, &announce,
                                   request->path_and_query);
}

static void
note_failure (Request *request, CcbtError code, const char *message)
{
  if (request->error == NULL)
    request->error = g_error_new_literal (CCBT_ERROR, (int) code, message);
}

/* The counts of the larger swarm: the families may be counted apart. */
static void
merge_reply (CcbtAnnounceReply *into, const CcbtAnnounceReply *from)
{
  into->interval = MAX (into->interval, from->interval);
  into->seeds = MAX (into->seeds, from->seeds);
  into->leechers = MAX (into->leechers, from->leechers);
  g_array_append_vals (into->peers, from->peers->data, from->peers->len);
}

static void
take_announce (Request *request, gboolean is_ipv6, CcbtSpan datagram)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtAnnounceReply) reply = ccbt_tracker_udp_read_announce (datagram, is_ipv6, &error);

  if (reply == NULL)
    note_failure (request, CCBT_ERROR_MALFORMED, error->message);
  else if (request->reply == NULL)
    request->reply = g_steal_pointer (&reply);
  else if (request->reply->failure != NULL) /* what the other family says counts */
    {
      ccbt_announce_reply_free (request->reply);
      request->reply = g_steal_pointer (&reply);
    }
  else if (reply->failure == NULL)
    merge_reply (request->reply, reply);
}

static void
take_scrape (Request *request, CcbtSpan datagram)
{
  g_autoptr (GError) error = NULL;

  if (request->scraped == NULL)
    request->scraped
        = ccbt_scrape_parse_udp (datagram, request->info_hashes, request->n_info_hashes, &error);
  if (request->scraped == NULL)
    note_failure (request, CCBT_ERROR_MALFORMED, error->message);
}

static void settle (Request *request);

static void
done_cb (gpointer owner, gpointer data, const CcbtAddress *from, const CcbtSpan *datagram,
         const char *message)
{
  Leg *leg = data;
  Request *request = leg->request;

  leg->exchange = NULL;
  if (datagram == NULL)
    note_failure (request, CCBT_ERROR_NETWORK, message);
  else if (request->action == CCBT_TRACKER_UDP_SCRAPE)
    take_scrape (request, *datagram);
  else
    take_announce (request, from->is_ipv6, *datagram);
  if (datagram != NULL)
    request->is_local |= ccbt_address_get_scope (from) == CCBT_ADDRESS_LOOPBACK;
  settle (request);
}

static const CcbtUdpExchangeOwner exchange_questions
    = { .send = send_cb, .write = write_cb, .done = done_cb };

static void
ask_address (Leg *leg, CcbtAddress address)
{
  CcbtUdpTracker *self = leg->request->tracker;

  address.port = leg->request->port;
  if (ccbt_address_get_scope (&address) == CCBT_ADDRESS_UNUSABLE)
    note_failure (leg->request, CCBT_ERROR_NETWORK, "the tracker's address cannot be used");
  else
    leg->exchange = ccbt_udp_exchanges_begin (self->exchanges, &address, leg->request->action, leg,
                                              ccbt_clock_now (self->clock));
}

static void
take_addresses (Leg *leg, const GArray *addresses)
{
  for (guint i = 0; addresses != NULL && i < addresses->len; i++)
    {
      CcbtAddress address = g_array_index (addresses, CcbtAddress, i);

      if (address.is_ipv6 != leg->is_ipv6)
        continue;
      ask_address (leg, address);
      return;
    }
  note_failure (leg->request, CCBT_ERROR_NETWORK, "the tracker's name was not found");
}

static void
looked_up_cb (gpointer data, gconstpointer value)
{
  Leg *leg = data;

  leg->is_looking_up = FALSE;
  take_addresses (leg, value);
  settle (leg->request);
}

static void
start_leg (Leg *leg)
{
  CcbtUdpTracker *self = leg->request->tracker;
  g_autofree char *key = NULL;
  CcbtAddress address;
  gconstpointer value;

  if (!ccbt_udp_mux_has_family (self->mux, leg->is_ipv6))
    return;
  if (ccbt_address_parse_ip (leg->request->host, 1, &address))
    {
      if (address.is_ipv6 == leg->is_ipv6)
        ask_address (leg, address);
      return;
    }
  key = ccbt_host_lookup_make_key (leg->request->host, leg->is_ipv6);
  if (ccbt_lookup_cache_get (self->hosts, key, &value, looked_up_cb, leg))
    take_addresses (leg, value);
  else
    leg->is_looking_up = TRUE;
}

/* --- A request --- */

static gboolean
is_under_way (const Request *request)
{
  for (guint i = 0; i < G_N_ELEMENTS (request->legs); i++)
    if (request->legs[i].exchange != NULL || request->legs[i].is_looking_up)
      return TRUE;
  return FALSE;
}

/* Calls back; the request is freed with the last word. Anything may happen in there. */
static void
tell (Request *request)
{
  CcbtUdpTracker *self = request->tracker;
  gboolean is_last = !is_under_way (request);
  g_autoptr (CcbtAnnounceReply) reply = g_steal_pointer (&request->reply);
  g_autoptr (CcbtScrapeReply) scraped = g_steal_pointer (&request->scraped);
  g_autoptr (GError) error = NULL;
  CcbtUdpAnnounceFunc announce_func = request->announce_func;
  CcbtUdpScrapeFunc scrape_func = request->scrape_func;
  gpointer data = request->data;

  if (reply == NULL && scraped == NULL)
    {
      note_failure (request, CCBT_ERROR_NETWORK, "no address of the tracker can be reached");
      error = g_steal_pointer (&request->error);
    }
  self->was_local = request->is_local;
  request->is_told = TRUE;
  if (is_last)
    g_ptr_array_remove (self->requests, request);
  if (announce_func != NULL)
    announce_func (data, reply, error, is_last);
  else
    scrape_func (data, scraped, error);
}

static void
stop_waiting (Request *request)
{
  detach (request);
  for (guint i = 0; i < G_N_ELEMENTS (request->legs); i++)
    request->legs[i] = (Leg){ .request = request };
}

static gboolean
has_answer (const Request *request)
{
  return request->reply != NULL || request->scraped != NULL;
}

/* Is there enough to call back? */
static void
settle (Request *request)
{
  gint64 now = ccbt_clock_now (request->tracker->clock);

  if (!request->is_started)
    return;
  if (request->scraped != NULL && request->scraped->failure == NULL)
    stop_waiting (request);
  if (request->tell_time == 0 && has_answer (request))
    request->tell_time = now + OTHER_FAMILY_WAIT;
  if (!is_under_way (request)
      || (has_answer (request) && request->scraped == NULL && now >= request->tell_time))
    tell (request);
}

static void
start (Request *request)
{
  request->deadline = request->timeout > 0 ? ccbt_clock_now (request->tracker->clock)
                                                 + request->timeout * CCBT_SECOND
                                           : G_MAXINT64;
  for (guint i = 0; i < G_N_ELEMENTS (request->legs); i++)
    start_leg (&request->legs[i]);
  /* What failed at once is told at the next tick: we may be inside of the call that asked. */
  request->is_started = TRUE;
}

static void
start_waiting (CcbtUdpTracker *self)
{
  guint n = 0;

  for (guint i = 0; i < self->requests->len && n < MAX_UNDER_WAY && !self->is_closing; i++)
    {
      Request *request = get_request (self, i);

      if (!request->is_started)
        start (request);
      if (!request->is_told) /* only its other family is waited for */
        n++;
    }
}

static void
give_up (Request *request)
{
  stop_waiting (request);
  note_failure (request, CCBT_ERROR_NETWORK, "no answer from the tracker in time");
  tell (request);
}

static Request *
find_by_id (CcbtUdpTracker *self, guint id)
{
  for (guint i = 0; i < self->requests->len; i++)
    if (get_request (self, i)->id == id)
      return get_request (self, i);
  return NULL;
}

/* What a tick finds to do is done by id: every callback may cancel the others. */
static void
tick_request (CcbtUdpTracker *self, guint id)
{
  Request *request = find_by_id (self, id);

  if (request == NULL || !request->is_started)
    return;
  if (ccbt_clock_now (self->clock) >= request->deadline)
    give_up (request);
  else
    settle (request);
}

void
ccbt_udp_tracker_tick (CcbtUdpTracker *self)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint));

  ccbt_udp_exchanges_tick (self->exchanges, ccbt_clock_now (self->clock));
  for (guint i = 0; i < self->requests->len; i++)
    g_array_append_val (ids, get_request (self, i)->id);
  for (guint i = 0; i < ids->len; i++)
    tick_request (self, g_array_index (ids, guint, i));
  start_waiting (self);
}

/* --- Public --- */

static gboolean
take_datagram_cb (gpointer taker, const CcbtAddress *from, CcbtSpan datagram)
{
  CcbtUdpTracker *self = taker;

  if (!ccbt_udp_exchanges_take (self->exchanges, from, datagram, ccbt_clock_now (self->clock)))
    return FALSE;
  start_waiting (self);
  return TRUE;
}

CcbtUdpTracker *
ccbt_udp_tracker_new (CcbtUdpMux *mux, CcbtClock *clock)
{
  CcbtUdpTracker *self = g_new0 (CcbtUdpTracker, 1);

  self->mux = mux;
  self->clock = clock;
  self->exchanges = ccbt_udp_exchanges_new (&exchange_questions, self);
  self->hosts = ccbt_host_lookup_new (clock);
  self->requests = g_ptr_array_new_with_free_func (request_free);
  ccbt_udp_mux_add_taker (mux, take_datagram_cb, self);
  return self;
}

void
ccbt_udp_tracker_free (CcbtUdpTracker *self)
{
  self->is_closing = TRUE;
  ccbt_udp_mux_remove_taker (self->mux, self);
  while (self->requests->len > 0)
    {
      Request *request = get_request (self, 0);

      stop_waiting (request);
      g_clear_pointer (&request->reply, ccbt_announce_reply_free);
      g_clear_pointer (&request->scraped, ccbt_scrape_reply_free);
      g_clear_error (&request->error);
      request->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                            "trackers are not asked any more");
      tell (request);
    }
  ccbt_lookup_cache_close (self->hosts);
  ccbt_lookup_cache_unref (self->hosts);
  ccbt_udp_exchanges_free (self->exchanges);
  g_ptr_array_unref (self->requests);
  g_free (self);
}

/* A url that is none leaves `host` empty: it will fail as not found. */
static void
take_url (Request *request, const char *url)
{
  g_autofree char *host = NULL, *path = NULL, *query = NULL;
  int port = -1;

  if (!g_uri_split (url, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED, NULL, NULL, &host, &port,
                    &path, &query, NULL, NULL))
    note_failure (request, CCBT_ERROR_MALFORMED, "the tracker's address is no URL");
  request->host = host != NULL ? g_steal_pointer (&host) : g_strdup ("");
  request->port = (guint16) (port > 0 ? port : DEFAULT_PORT);
  request->path_and_query = g_strconcat (path != NULL ? path : "", query != NULL ? "?" : "",
                                         query != NULL ? query : "", NULL);
}

static Request *
request_new (CcbtUdpTracker *self, const char *url, CcbtTrackerUdpAction action, guint timeout)
{
  Request *request = g_new0 (Request, 1);

  if (++self->next_id == 0)
    self->next_id = 1;
  request->tracker = self;
  request->id = self->next_id;
  request->action = action;
  request->timeout = timeout;
  for (guint i = 0; i < G_N_ELEMENTS (request->legs); i++)
    request->legs[i] = (Leg){ .request = request, .is_ipv6 = i == 1 };
  take_url (request, url);
  g_ptr_array_add (self->requests, request);
  return request;
}

guint
ccbt_udp_tracker_announce (CcbtUdpTracker *self, const char *url,
                           const CcbtAnnounceRequest *request, guint timeout,
                           CcbtUdpAnnounceFunc func, gpointer data)
{
  Request *added = request_new (self, url, CCBT_TRACKER_UDP_ANNOUNCE, timeout);

  added->announce = *request;
  added->announce.tracker_id = added->announce.ipv6 = NULL; /* there is no place for them */
  added->announce_func = func;
  added->data = data;
  start_waiting (self);
  return added->id;
}

guint
ccbt_udp_tracker_scrape (CcbtUdpTracker *self, const char *url, const CcbtSha1 *info_hashes,
                         guint n_info_hashes, guint timeout, CcbtUdpScrapeFunc func, gpointer data)
{
  Request *added = request_new (self, url, CCBT_TRACKER_UDP_SCRAPE, timeout);

  added->n_info_hashes = MIN (n_info_hashes, CCBT_TRACKER_UDP_MAX_SCRAPE);
  added->info_hashes = g_memdup2 (info_hashes, added->n_info_hashes * sizeof *info_hashes);
  added->scrape_func = func;
  added->data = data;
  start_waiting (self);
  return added->id;
}

void
ccbt_udp_tracker_cancel (CcbtUdpTracker *self, guint id)
{
  Request *request = find_by_id (self, id);

  if (request == NULL)
    return;
  detach (request);
  g_ptr_array_remove (self->requests, request);
}

gboolean
ccbt_udp_tracker_was_local (CcbtUdpTracker *self)
{
  return self->was_local;
}

void
ccbt_udp_tracker_note_moved (CcbtUdpTracker *self)
{
  ccbt_udp_exchanges_forget_connections (self->exchanges);
}
