/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-scrape-cache.h"

#define MAX_BODY (1024u * 1024)
#define TIMEOUT 30                          /* seconds of one request */
#define SHORTEST_GAP (60 * CCBT_SECOND)     /* between two questions for the same torrent */
#define REQUEST_GAP (2 * CCBT_SECOND)       /* between two requests to the same tracker */
#define ALONG_AGE (15 * 60 * CCBT_SECOND)   /* known for longer: asked along with others */
#define FORGET_AGE (120 * 60 * CCBT_SECOND) /* nobody asked for it since */

typedef struct
{
  CcbtScrapedFunc func;
  gpointer data;
} Waiter;

/* One torrent at one tracker. */
typedef struct
{
  CcbtScrapeEntry entry;
  gboolean is_known; /* the last answer had it */
  char *message;     /* why not; NULL */
  gint64 answered;   /* 0 = never */
  gint64 wanted;     /* last */
  gboolean is_due;   /* to be asked for, not just to be told */
  GArray *waiters;
} Item;

typedef struct
{
  CcbtScrapeCache *cache; /* NULL when it has gone */
  char *url;
  GHashTable *items; /* CcbtSha1 -> Item, which the key is part of */
  gint64 next_request;
  gboolean takes_one; /* only one torrent in a request */
  /* Of the request under way: */
  GArray *asked; /* CcbtSha1; NULL = none is */
  GCancellable *cancellable;
  CcbtHttp *http;
  guint udp_id;
} Place;

struct _CcbtScrapeCache
{
  CcbtHttp *http;
  CcbtUdpTracker *udp;
  CcbtClock *clock;
  GHashTable *places; /* url -> Place */
};

static void
item_free (gpointer data)
{
  Item *item = data;

  g_array_unref (item->waiters);
  g_free (item->message);
  g_free (item);
}

static void
place_free (Place *place)
{
  g_hash_table_unref (place->items);
  g_clear_pointer (&place->asked, g_array_unref);
  g_clear_object (&place->cancellable);
  g_free (place->url);
  g_free (place);
}

/* An HTTP request that is under way comes back later, and frees it then. */
static void
place_close (gpointer data)
{
  Place *place = data;

  if (place->udp_id != 0)
    ccbt_udp_tracker_cancel (place->cache->udp, place->udp_id);
  place->cache = NULL;
  if (place->cancellable != NULL)
    g_cancellable_cancel (place->cancellable);
  else
    place_free (place);
}

CcbtScrapeCache *
ccbt_scrape_cache_new (CcbtHttp *http, CcbtUdpTracker *udp, CcbtClock *clock)
{
  CcbtScrapeCache *self = g_new0 (CcbtScrapeCache, 1);

  self->http = http;
  self->udp = udp;
  self->clock = clock;
  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, place_close);
  return self;
}

void
ccbt_scrape_cache_free (CcbtScrapeCache *self)
{
  g_hash_table_unref (self->places);
  g_free (self);
}

/* --- Telling --- */

static void
tell_item (Place *place, Item *item)
{
  g_autoptr (GArray) waiters = g_steal_pointer (&item->waiters);

  item->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  item->is_due = FALSE;
  for (guint i = 0; i < waiters->len; i++)
    {
      Waiter waiter = g_array_index (waiters, Waiter, i);

      waiter.func (waiter.data, place->url, item->is_known ? &item->entry : NULL, item->message);
    }
}

static const CcbtScrapeEntry *
find_entry (const CcbtScrapeReply *reply, const CcbtSha1 *hash)
{
  for (guint i = 0; reply != NULL && i < reply->entries->len; i++)
    {
      const CcbtScrapeEntry *entry = &g_array_index (reply->entries, CcbtScrapeEntry, i);

      if (ccbt_sha1_equal (&entry->info_hash, hash))
        return entry;
    }
  return NULL;
}

static void
note_answer (Place *place, Item *item, const CcbtScrapeReply *reply, const char *message)
{
  const CcbtScrapeEntry *entry = find_entry (reply, &item->entry.info_hash);

  item->answered = ccbt_clock_now (place->cache->clock);
  item->is_known = entry != NULL;
  if (entry != NULL)
    item->entry = *entry;
  g_free (item->message);
  item->message
      = entry != NULL
            ? NULL
            : g_strdup (message != NULL ? message : "the tracker does not know this torrent");
}

/* @asked: what the answer is for. Whoever is told may not free the cache. */
static void
take_answer (Place *place, const CcbtScrapeReply *reply, const char *message)
{
  g_autoptr (GArray) asked = g_steal_pointer (&place->asked);
  gint64 gap = reply != NULL ? reply->min_request_interval * CCBT_SECOND : 0;
  gboolean found_none = reply == NULL || reply->entries->len == 0;

  place->next_request = ccbt_clock_now (place->cache->clock) + MAX (gap, REQUEST_GAP);
  if (asked->len > 1 && found_none && !place->takes_one)
    {
      place->takes_one = TRUE; /* once more, one by one */
      return;
    }
  for (guint i = 0; i < asked->len; i++)
    {
      Item *item = g_hash_table_lookup (place->items, &g_array_index (asked, CcbtSha1, i));

      note_answer (place, item, reply, message);
      tell_item (place, item);
    }
}

/* --- Asking --- */

static CcbtScrapeReply *
read_reply (const Place *place, const CcbtHttpReply *reply, GError **error)
{
  gsize size;
  const guint8 *body = g_bytes_get_data (reply->body, &size);

  if (reply->status < 200 || reply->status > 299)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_REFUSED, "the tracker answered with status %u",
                   reply->status);
      return NULL;
    }
  return ccbt_scrape_parse_http ((CcbtSpan){ body, size },
                                 (const CcbtSha1 *) (gpointer) place->asked->data,
                                 place->asked->len, error);
}

static const char *
get_message (const CcbtScrapeReply *reply, const GError *error)
{
  return reply != NULL ? reply->failure : error->message;
}

static void
http_scraped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Place *place = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtHttpReply) answer = ccbt_http_get_finish (place->http, result, &error);
  g_autoptr (CcbtScrapeReply) reply = NULL;

  g_clear_object (&place->cancellable);
  if (place->cache == NULL)
    {
      place_free (place);
      return;
    }
  reply = answer != NULL ? read_reply (place, answer, &error) : NULL;
  take_answer (place, reply, get_message (reply, error));
}

static void
udp_scraped_cb (gpointer data, const CcbtScrapeReply *reply, const GError *error)
{
  Place *place = data;

  place->udp_id = 0;
  take_answer (place, reply, get_message (reply, error));
}

static gboolean
is_udp (const char *url)
{
  return g_ascii_strncasecmp (url, "udp:", 4) == 0;
}

static void
send_request (Place *place)
{
  CcbtScrapeCache *self = place->cache;
  const CcbtSha1 *hashes = (const CcbtSha1 *) (gpointer) place->asked->data;
  g_autofree char *url = NULL;

  if (is_udp (place->url))
    {
      place->udp_id = ccbt_udp_tracker_scrape (self->udp, place->url, hashes, place->asked->len,
                                               TIMEOUT, udp_scraped_cb, place);
      return;
    }
  url = ccbt_scrape_build_url (place->url, hashes, place->asked->len);
  place->cancellable = g_cancellable_new ();
  place->http = self->http;
  ccbt_http_get_async (self->http,
                       &(CcbtHttpRequest){ .url = url, .max_body = MAX_BODY, .timeout = TIMEOUT },
                       place->cancellable, http_scraped_cb, place);
}

static void
collect (Place *place, GArray *asked, guint most, gboolean along)
{
  gint64 now = ccbt_clock_now (place->cache->clock);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, place->items);
  while (asked->len < most && g_hash_table_iter_next (&iter, NULL, &value))
    {
      Item *item = value;

      if (along ? !item->is_due && now - item->answered >= ALONG_AGE : item->is_due)
        g_array_append_val (asked, item->entry.info_hash);
    }
}

static void
ask_due (Place *place)
{
  guint most = place->takes_one      ? 1
               : is_udp (place->url) ? CCBT_TRACKER_UDP_MAX_SCRAPE
                                     : CCBT_SCRAPE_MAX;
  g_autoptr (GArray) asked = g_array_new (FALSE, FALSE, sizeof (CcbtSha1));

  if (place->asked != NULL || ccbt_clock_now (place->cache->clock) < place->next_request)
    return;
  collect (place, asked, most, FALSE);
  if (asked->len == 0)
    return;
  collect (place, asked, most, TRUE);
  place->asked = g_steal_pointer (&asked);
  send_request (place);
}

/* Tells those that what is known is good enough for; forgets what nobody wants any more. */
static void
tell_known (Place *place)
{
  g_autoptr (GPtrArray) ready = g_ptr_array_new ();
  gint64 now = ccbt_clock_now (place->cache->clock);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, place->items);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Item *item = value;

      if (item->waiters->len > 0 && !item->is_due)
        g_ptr_array_add (ready, item);
      else if (item->waiters->len == 0 && place->asked == NULL && now - item->wanted > FORGET_AGE)
        g_hash_table_iter_remove (&iter);
    }
  for (guint i = 0; i < ready->len; i++)
    tell_item (place, g_ptr_array_index (ready, i));
}

/* --- Public --- */

gboolean
ccbt_scrape_cache_can_ask (CcbtScrapeCache *self, const char *announce_url)
{
  return is_udp (announce_url) ? self->udp != NULL : ccbt_scrape_can_ask (announce_url);
}

static Place *
get_place (CcbtScrapeCache *self, const char *url)
{
  Place *place = g_hash_table_lookup (self->places, url);

  if (place != NULL)
    return place;
  place = g_new0 (Place, 1);
  place->cache = self;
  place->url = g_strdup (url);
  place->items = g_hash_table_new_full (ccbt_sha1_hash, ccbt_sha1_equal, NULL, item_free);
  g_hash_table_insert (self->places, place->url, place);
  return place;
}

static Item *
get_item (Place *place, const CcbtSha1 *info_hash)
{
  Item *item = g_hash_table_lookup (place->items, info_hash);

  if (item != NULL)
    return item;
  item = g_new0 (Item, 1);
  item->entry.info_hash = *info_hash;
  item->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  g_hash_table_insert (place->items, &item->entry.info_hash, item);
  return item;
}

void
ccbt_scrape_cache_ask (CcbtScrapeCache *self, const char *announce_url, const CcbtSha1 *info_hash,
                       guint max_age, CcbtScrapedFunc func, gpointer data)
{
  const Waiter waiter = { func, data };
  gint64 now = ccbt_clock_now (self->clock);
  Item *item;

  g_return_if_fail (ccbt_scrape_cache_can_ask (self, announce_url));

  item = get_item (get_place (self, announce_url), info_hash);
  item->wanted = now;
  item->is_due
      |= item->answered == 0 || now - item->answered >= MAX (max_age * CCBT_SECOND, SHORTEST_GAP);
  g_array_append_val (item->waiters, waiter);
}

gint64
ccbt_scrape_cache_get_wait (CcbtScrapeCache *self, const char *announce_url,
                            const CcbtSha1 *info_hash)
{
  gint64 now = ccbt_clock_now (self->clock);
  Place *place = g_hash_table_lookup (self->places, announce_url);
  Item *item = place != NULL ? g_hash_table_lookup (place->items, info_hash) : NULL;
  gint64 next = place != NULL ? place->next_request : 0;

  if (item != NULL && item->answered != 0)
    next = MAX (next, item->answered + SHORTEST_GAP);
  return next > now ? (next - now + CCBT_SECOND - 1) / CCBT_SECOND : 0;
}

static void
forget_at (Place *place, gpointer data)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, place->items);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Item *item = value;

      for (guint i = item->waiters->len; i-- > 0;)
        if (g_array_index (item->waiters, Waiter, i).data == data)
          g_array_remove_index (item->waiters, i);
      item->is_due &= item->waiters->len > 0;
    }
}

void
ccbt_scrape_cache_forget (CcbtScrapeCache *self, gpointer data)
{
  GHashTableIter iter;
  gpointer place;

  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, NULL, &place))
    forget_at (place, data);
}

void
ccbt_scrape_cache_tick (CcbtScrapeCache *self)
{
  g_autoptr (GList) places = g_hash_table_get_values (self->places);

  for (GList *item = places; item != NULL; item = item->next)
    {
      Place *place = item->data;

      tell_known (place);
      ask_due (place);
      if (place->asked == NULL && g_hash_table_size (place->items) == 0)
        g_hash_table_remove (self->places, place->url);
    }
}
