/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-set.h"
#include "base/ccbt-text.h"
#include "discovery/ccbt-tracker-tiers.h"

#define ANNOUNCE_SECONDS 30
#define STOP_SECONDS 2

struct _CcbtTrackerSet
{
  const CcbtTrackerSetOwner *questions;
  gpointer owner;
  CcbtHttp *http;
  CcbtClock *clock;
  CcbtSha1 info_hash;
  guint8 peer_id[20];
  guint32 key;
  CcbtTrackerTiers tiers;
  gboolean is_running;
  gboolean completed_due; /* "completed" has not been told yet */
  GCancellable *cancellable;
};

/* An announce under way. Outlives the set: then `set` is NULL. */
typedef struct
{
  CcbtTrackerSet *set;
  CcbtHttp *http;
  CcbtTracker *tracker;
  CcbtAnnounceEvent event;
  GCancellable *cancellable;
} Announce;

CcbtTrackerSet *
ccbt_tracker_set_new (const CcbtTrackerSetOwner *questions, gpointer owner, CcbtHttp *http,
                      CcbtClock *clock, const CcbtSha1 *info_hash, const guint8 peer_id[20],
                      guint32 key, guint64 seed)
{
  CcbtTrackerSet *self = g_new0 (CcbtTrackerSet, 1);

  self->questions = questions;
  self->owner = owner;
  self->http = http;
  self->clock = clock;
  self->info_hash = *info_hash;
  memcpy (self->peer_id, peer_id, sizeof self->peer_id);
  self->key = key;
  ccbt_tracker_tiers_init (&self->tiers, seed);
  self->cancellable = g_cancellable_new ();
  return self;
}

void
ccbt_tracker_set_free (CcbtTrackerSet *self)
{
  g_cancellable_cancel (self->cancellable); /* answers that still come find it cancelled */
  g_object_unref (self->cancellable);
  ccbt_tracker_tiers_clear (&self->tiers);
  g_free (self);
}

gboolean
ccbt_tracker_set_add (CcbtTrackerSet *self, const char *url, guint tier)
{
  return ccbt_tracker_tiers_add (&self->tiers, url, tier);
}

guint
ccbt_tracker_set_get_n (CcbtTrackerSet *self)
{
  return self->tiers.list->len;
}

/* --- Announcing --- */

static char *
build_url (CcbtTrackerSet *self, const CcbtTracker *tracker, CcbtAnnounceEvent event)
{
  CcbtAnnounceRequest request = { .info_hash = self->info_hash,
                                  .port = self->questions->get_port (self->owner),
                                  .key = self->key,
                                  .number_wanted = self->questions->get_number_wanted (self->owner),
                                  .event = event,
                                  .tracker_id = tracker->tracker_id };

  memcpy (request.peer_id, self->peer_id, sizeof request.peer_id);
  if (event == CCBT_ANNOUNCE_STOPPED)
    request.number_wanted = 0;
  self->questions->get_totals (self->owner, &request.uploaded, &request.downloaded, &request.left);
  return ccbt_announce_build_url (tracker->url, &request);
}

static gboolean
stands_on_this_machine (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED, NULL);
  CcbtAddress address;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return FALSE;
  if (g_ascii_strcasecmp (g_uri_get_host (uri), "localhost") == 0)
    return TRUE;
  return ccbt_address_parse_ip (g_uri_get_host (uri), 1, &address)
         && ccbt_address_get_scope (&address) == CCBT_ADDRESS_LOOPBACK;
}

static void
take_failure (CcbtTrackerSet *self, CcbtTracker *tracker, const char *message, gint64 retry_in)
{
  g_autofree char *printable = ccbt_text_make_printable (ccbt_span_from_string (message), 200);

  ccbt_tracker_tiers_note_failure (&self->tiers, tracker, printable, retry_in,
                                   ccbt_clock_now (self->clock));
  self->questions->failed (self->owner, tracker->url, printable);
}

static void
take_reply (CcbtTrackerSet *self, CcbtTracker *tracker, CcbtAnnounceEvent event,
            const CcbtAnnounceReply *reply)
{
  if (reply->failure != NULL)
    {
      take_failure (self, tracker, reply->failure, reply->retry_in);
      return;
    }
  tracker->has_started = TRUE;
  if (event == CCBT_ANNOUNCE_COMPLETED)
    self->completed_due = FALSE;
  ccbt_tracker_tiers_note_reply (&self->tiers, tracker, reply, ccbt_clock_now (self->clock));
  self->questions->announced (self->owner, tracker->url, reply);
  if (reply->peers->len > 0)
    self->questions->take_peers (self->owner, (const CcbtAddress *) (gpointer) reply->peers->data,
                                 reply->peers->len, stands_on_this_machine (tracker->url));
}

static CcbtAnnounceReply *
read_reply (const CcbtHttpReply *reply, GError **error)
{
  g_autoptr (CcbtAnnounceReply) parsed = NULL;
  gsize size;
  const guint8 *body = g_bytes_get_data (reply->body, &size);

  if (reply->status >= 200 && reply->status <= 299)
    return ccbt_announce_reply_parse ((CcbtSpan){ body, size }, error);
  /* Some say what is wrong in the body of an error. */
  parsed = ccbt_announce_reply_parse ((CcbtSpan){ body, size }, NULL);
  if (parsed != NULL && parsed->failure != NULL)
    return g_steal_pointer (&parsed);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_REFUSED, "the tracker answered with status %u",
               reply->status);
  return NULL;
}

static void
announced_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Announce *announce = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtHttpReply) reply = ccbt_http_get_finish (announce->http, result, &error);
  g_autoptr (CcbtAnnounceReply) parsed = NULL;

  if (!g_cancellable_is_cancelled (announce->cancellable))
    {
      CcbtTrackerSet *self = announce->set;
      CcbtTracker *tracker = announce->tracker;

      parsed = reply != NULL ? read_reply (reply, &error) : NULL;
      if (parsed == NULL)
        take_failure (self, tracker, error->message, 0);
      else
        take_reply (self, tracker, announce->event, parsed);
    }
  g_object_unref (announce->cancellable);
  g_free (announce);
}

static void
announce_to (CcbtTrackerSet *self, CcbtTracker *tracker)
{
  Announce *announce = g_new0 (Announce, 1);
  g_autofree char *url = NULL;

  announce->event = !tracker->has_started ? CCBT_ANNOUNCE_STARTED
                    : self->completed_due ? CCBT_ANNOUNCE_COMPLETED
                                          : CCBT_ANNOUNCE_NONE;
  url = build_url (self, tracker, announce->event);
  announce->set = self;
  announce->http = self->http;
  announce->tracker = tracker;
  announce->cancellable = g_object_ref (self->cancellable);
  tracker->asked_at = ccbt_clock_now (self->clock);
  tracker->state = CCBT_TRACKER_STATE_ANNOUNCING;
  ccbt_http_get_async (self->http,
                       &(CcbtHttpRequest){ .url = url,
                                           .max_body = CCBT_TRACKER_REPLY_MAX,
                                           .timeout = ANNOUNCE_SECONDS },
                       self->cancellable, announced_cb, announce);
}

void
ccbt_tracker_set_tick (CcbtTrackerSet *self)
{
  gint64 wait;
  CcbtTracker *tracker;

  if (!self->is_running)
    return;
  tracker = ccbt_tracker_tiers_pick (&self->tiers, ccbt_clock_now (self->clock), &wait);
  if (tracker != NULL)
    announce_to (self, tracker);
}

void
ccbt_tracker_set_start (CcbtTrackerSet *self)
{
  self->is_running = TRUE;
  ccbt_tracker_set_tick (self);
}

void
ccbt_tracker_set_complete (CcbtTrackerSet *self)
{
  self->completed_due = TRUE;
  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      if (tracker->has_started) /* tell it now, not at the next interval */
        tracker->next_announce = 0;
      else if (tracker->state == CCBT_TRACKER_STATE_IDLE)
        continue;
    }
  ccbt_tracker_set_tick (self);
}

gint64
ccbt_tracker_set_announce_now (CcbtTrackerSet *self)
{
  gint64 now = ccbt_clock_now (self->clock), shortest = G_MAXINT64;

  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      if (!tracker->is_supported || tracker->is_dead)
        continue;
      tracker->next_announce = MIN (tracker->next_announce, MAX (tracker->min_next, now));
      shortest = MIN (shortest, tracker->next_announce - now);
    }
  ccbt_tracker_set_tick (self);
  return shortest == G_MAXINT64 ? 0 : (shortest + CCBT_SECOND - 1) / CCBT_SECOND;
}

/* --- Stopping --- */

typedef struct
{
  CcbtHttp *http;
  guint n_waiting;
  GSource *deadline;
  GCancellable *cancellable;
  void (*done) (gpointer data);
  gpointer data;
} Stop;

static void
tell_stopped (Stop *stop)
{
  if (stop->done != NULL)
    stop->done (stop->data);
  stop->done = NULL;
}

static void
stop_unref (Stop *stop)
{
  if (--stop->n_waiting > 0)
    return;
  tell_stopped (stop);
  g_source_destroy (stop->deadline);
  g_source_unref (stop->deadline);
  g_object_unref (stop->cancellable);
  g_free (stop);
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Stop *stop = data;
  g_autoptr (CcbtHttpReply) reply = ccbt_http_get_finish (stop->http, result, NULL);

  stop_unref (stop);
}

static gboolean
stop_late_cb (gpointer data)
{
  Stop *stop = data;

  tell_stopped (stop);
  g_cancellable_cancel (stop->cancellable);
  return G_SOURCE_REMOVE;
}

static void
send_stopped (CcbtTrackerSet *self, CcbtTracker *tracker, Stop *stop)
{
  g_autofree char *url = build_url (self, tracker, CCBT_ANNOUNCE_STOPPED);

  tracker->has_started = FALSE;
  tracker->state = CCBT_TRACKER_STATE_IDLE;
  tracker->next_announce = 0;
  stop->n_waiting++;
  ccbt_http_get_async (self->http,
                       &(CcbtHttpRequest){ .url = url,
                                           .max_body = CCBT_TRACKER_REPLY_MAX,
                                           .timeout = 2 * STOP_SECONDS },
                       stop->cancellable, stopped_cb, stop);
}

void
ccbt_tracker_set_stop (CcbtTrackerSet *self, void (*done) (gpointer data), gpointer data)
{
  Stop *stop = g_new0 (Stop, 1);

  self->is_running = FALSE;
  /* What is being asked now must not bring us back after "stopped". */
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      if (tracker->state != CCBT_TRACKER_STATE_ANNOUNCING)
        continue;
      tracker->state = CCBT_TRACKER_STATE_IDLE;
      tracker->has_started = TRUE; /* it may have heard */
    }
  *stop = (Stop){ .http = self->http,
                  .n_waiting = 1,
                  .cancellable = g_cancellable_new (),
                  .done = done,
                  .data = data };
  stop->deadline = g_timeout_source_new (STOP_SECONDS * 1000);
  g_source_set_callback (stop->deadline, stop_late_cb, stop, NULL);
  g_source_attach (stop->deadline, g_main_context_get_thread_default ());
  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      if (tracker->has_started)
        send_stopped (self, tracker, stop);
    }
  stop_unref (stop);
}

/* --- Telling --- */

void
ccbt_tracker_set_get_swarm (CcbtTrackerSet *self, int *seeds, int *leechers)
{
  *seeds = *leechers = -1;
  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      const CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      *seeds = MAX (*seeds, tracker->seeds);
      *leechers = MAX (*leechers, tracker->leechers);
    }
}

void
ccbt_tracker_set_describe (CcbtTrackerSet *self, GPtrArray *out)
{
  gint64 now = ccbt_clock_now (self->clock);

  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      const CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);
      CcbtTrackerStatus *status = g_new0 (CcbtTrackerStatus, 1);
      gboolean is_planned = self->is_running && tracker->is_supported && !tracker->is_dead;

      status->url = g_strdup (tracker->url);
      status->tier = tracker->tier;
      status->state = tracker->state;
      status->message = g_strdup (tracker->message);
      status->seeds = tracker->seeds;
      status->leechers = tracker->leechers;
      status->n_failures = tracker->n_failures;
      status->next_announce = is_planned ? MAX (0, tracker->next_announce - now) / CCBT_SECOND : -1;
      g_ptr_array_add (out, status);
    }
}
