/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-set.h"
#include "base/ccbt-text.h"
#include "discovery/ccbt-tracker-farewell.h"
#include "discovery/ccbt-tracker-tiers.h"

#define ANNOUNCE_SECONDS 30 /* where the owner does not say */
#define MAX_MESSAGE_CHARS 200
/* A tracker that takes longer is given up while another could be asked (threat B64). */
#define PATIENCE (5 * CCBT_SECOND)

typedef struct _Announce Announce;

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
  Announce *asking;              /* under way; NULL = none */
  CcbtTrackerFarewell *farewell; /* under way; NULL = none. Borrowed */
};

/* An announce under way. Outlives its set: then `set` is NULL. */
struct _Announce
{
  CcbtTrackerSet *set;
  CcbtHttp *http;
  CcbtTracker *tracker;
  CcbtAnnounceEvent event;
  gint64 began;
  gboolean is_given_up; /* took too long */
  GCancellable *cancellable;
  CcbtTrackerFarewell *farewell; /* it is the set's last: after it comes... */
  char *stopped_url;             /* ...this */
};

static void completion_told_cb (gpointer owner);
static void farewell_finished_cb (gpointer owner);

static const CcbtTrackerFarewellOwner farewell_questions = {
  .completion_told = completion_told_cb,
  .finished = farewell_finished_cb,
};

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
  return self;
}

void
ccbt_tracker_set_free (CcbtTrackerSet *self)
{
  Announce *asking = self->asking;

  if (self->farewell != NULL)
    ccbt_tracker_farewell_forget_owner (self->farewell);
  if (asking != NULL)
    asking->set = NULL;
  if (asking != NULL && asking->farewell == NULL)
    g_cancellable_cancel (asking->cancellable);
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

/* --- What came of an announce --- */

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
  g_autofree char *printable
      = ccbt_text_make_printable (ccbt_span_from_string (message), MAX_MESSAGE_CHARS);
  g_autofree char *redacted = ccbt_text_redact_url (tracker->url);

  g_debug ("%s: %s", redacted, printable);
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
  ccbt_tracker_tiers_note_reply (&self->tiers, tracker, event, reply, ccbt_clock_now (self->clock));
  self->questions->announced (self->owner, tracker->url, reply);
  if (reply->peers->len > 0)
    self->questions->take_peers (self->owner, (const CcbtAddress *) (gpointer) reply->peers->data,
                                 reply->peers->len, stands_on_this_machine (tracker->url));
}

/* Returns: (transfer full) (nullable) */
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

static void
announce_free (Announce *announce)
{
  if (announce->set != NULL && announce->set->asking == announce)
    announce->set->asking = NULL;
  g_clear_pointer (&announce->farewell, ccbt_tracker_farewell_unref);
  g_object_unref (announce->cancellable);
  g_free (announce->stopped_url);
  g_free (announce);
}

/* It was under way when the set stopped, which wants no peers any more. */
static void
end_last_announce (Announce *announce, const CcbtAnnounceReply *reply)
{
  if (reply != NULL && reply->failure == NULL && announce->set != NULL)
    ccbt_tracker_tiers_note_completion_told (&announce->set->tiers);
  if (!g_cancellable_is_cancelled (announce->cancellable))
    ccbt_tracker_farewell_say (announce->farewell, NULL, announce->stopped_url);
}

static void
announced_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Announce *announce = data;
  CcbtTrackerSet *self = announce->set;
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtHttpReply) reply = ccbt_http_get_finish (announce->http, result, &error);
  g_autoptr (CcbtAnnounceReply) parsed = reply != NULL ? read_reply (reply, &error) : NULL;

  if (self != NULL && announce->farewell == NULL)
    self->asking = NULL; /* the owner may ask for the next from within its callbacks */
  if (announce->farewell != NULL)
    end_last_announce (announce, parsed);
  else if (self != NULL && parsed != NULL)
    take_reply (self, announce->tracker, announce->event, parsed);
  else if (self != NULL)
    take_failure (self, announce->tracker,
                  announce->is_given_up ? "no answer in time" : error->message, 0);
  announce_free (announce);
}

static guint
get_timeout (CcbtTrackerSet *self)
{
  return self->questions->get_timeout != NULL ? self->questions->get_timeout (self->owner)
                                              : ANNOUNCE_SECONDS;
}

static void
announce_to (CcbtTrackerSet *self, CcbtTracker *tracker)
{
  Announce *announce = g_new0 (Announce, 1);
  g_autofree char *url = NULL;

  announce->set = self;
  announce->http = self->http;
  announce->tracker = tracker;
  announce->event = ccbt_tracker_tiers_begin (&self->tiers, tracker);
  announce->began = ccbt_clock_now (self->clock);
  announce->cancellable = g_cancellable_new ();
  self->asking = announce;
  url = build_url (self, tracker, announce->event);
  ccbt_http_get_async (self->http,
                       &(CcbtHttpRequest){ .url = url,
                                           .max_body = CCBT_TRACKER_REPLY_MAX,
                                           .timeout = get_timeout (self) },
                       announce->cancellable, announced_cb, announce);
}

static CcbtTracker *
pick (CcbtTrackerSet *self, gint64 *wait)
{
  gboolean needs_peers = self->questions->get_number_wanted (self->owner) > 0;

  return ccbt_tracker_tiers_pick (&self->tiers, ccbt_clock_now (self->clock), needs_peers, wait);
}

/* "completed" brings nobody peers and is told only once: it has all its time. */
static void
lose_patience (CcbtTrackerSet *self)
{
  gint64 now = ccbt_clock_now (self->clock);
  Announce *announce = self->asking;

  if (announce == NULL || announce->is_given_up || announce->event == CCBT_ANNOUNCE_COMPLETED
      || now - announce->began < PATIENCE
      || !ccbt_tracker_tiers_has_other (&self->tiers, announce->tracker, now))
    return;
  announce->is_given_up = TRUE;
  g_cancellable_cancel (announce->cancellable);
}

void
ccbt_tracker_set_tick (CcbtTrackerSet *self)
{
  gint64 wait;
  CcbtTracker *tracker;

  lose_patience (self);
  if (!self->is_running || self->asking != NULL || self->farewell != NULL)
    return;
  tracker = pick (self, &wait);
  if (tracker != NULL)
    announce_to (self, tracker);
}

void
ccbt_tracker_set_start (CcbtTrackerSet *self)
{
  if (!self->is_running)
    ccbt_tracker_tiers_hurry (&self->tiers, ccbt_clock_now (self->clock));
  self->is_running = TRUE;
  ccbt_tracker_set_tick (self);
}

void
ccbt_tracker_set_complete (CcbtTrackerSet *self)
{
  ccbt_tracker_tiers_complete (&self->tiers);
  ccbt_tracker_set_tick (self);
}

gint64
ccbt_tracker_set_announce_now (CcbtTrackerSet *self)
{
  gint64 wait;

  ccbt_tracker_tiers_hurry (&self->tiers, ccbt_clock_now (self->clock));
  ccbt_tracker_set_tick (self);
  if (!self->is_running || self->asking != NULL || self->farewell != NULL)
    return 0;
  pick (self, &wait);
  return wait == G_MAXINT64 ? 0 : (wait + CCBT_SECOND - 1) / CCBT_SECOND;
}

/* --- Stopping --- */

static void
completion_told_cb (gpointer owner)
{
  ccbt_tracker_tiers_note_completion_told (&((CcbtTrackerSet *) owner)->tiers);
}

static void
farewell_finished_cb (gpointer owner)
{
  CcbtTrackerSet *self = owner;

  self->farewell = NULL;
  ccbt_tracker_set_tick (self); /* it may have been started again meanwhile */
}

/* What is being asked must not bring us back after "stopped". */
static void
give_up_announce (CcbtTrackerSet *self)
{
  Announce *announce = g_steal_pointer (&self->asking);

  announce->tracker->has_started = TRUE; /* it may have heard */
  announce->tracker->state = CCBT_TRACKER_STATE_IDLE;
  announce->set = NULL;
  g_cancellable_cancel (announce->cancellable);
}

/* But "completed" is told only once, so that it is left to arrive. */
static void
keep_last_announce (CcbtTrackerSet *self)
{
  Announce *announce = self->asking;

  announce->farewell = ccbt_tracker_farewell_ref (self->farewell);
  announce->stopped_url = build_url (self, announce->tracker, CCBT_ANNOUNCE_STOPPED);
  ccbt_tracker_tiers_note_stopped (&self->tiers, announce->tracker);
}

static void
say_farewell (CcbtTrackerSet *self, CcbtTracker *tracker, gboolean tell_completion)
{
  g_autofree char *stopped = build_url (self, tracker, CCBT_ANNOUNCE_STOPPED);
  g_autofree char *completed
      = tell_completion ? build_url (self, tracker, CCBT_ANNOUNCE_COMPLETED) : NULL;

  ccbt_tracker_farewell_say (self->farewell, completed, stopped);
  ccbt_tracker_tiers_note_stopped (&self->tiers, tracker);
}

static void
say_all_farewells (CcbtTrackerSet *self, gboolean tell_completion)
{
  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      if (!tracker->has_started)
        continue;
      say_farewell (self, tracker, tell_completion);
      tell_completion = FALSE;
    }
}

void
ccbt_tracker_set_stop (CcbtTrackerSet *self, void (*done) (gpointer data), gpointer data)
{
  gboolean is_last = self->asking != NULL && self->asking->event == CCBT_ANNOUNCE_COMPLETED;

  self->is_running = FALSE;
  if (self->farewell != NULL) /* nothing was asked since */
    {
      ccbt_tracker_farewell_add_done (self->farewell, done, data);
      return;
    }
  self->farewell = ccbt_tracker_farewell_new (&farewell_questions, self, self->http,
                                              is_last ? g_object_ref (self->asking->cancellable)
                                                      : g_cancellable_new ());
  if (is_last)
    keep_last_announce (self);
  else if (self->asking != NULL)
    give_up_announce (self);
  say_all_farewells (self, self->tiers.is_completion_due && !is_last);
  ccbt_tracker_farewell_add_done (self->farewell, done, data);
  ccbt_tracker_farewell_unref (self->farewell); /* may free self: nothing comes after it */
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

static CcbtTrackerStatus *
describe_tracker (CcbtTrackerSet *self, const CcbtTracker *tracker)
{
  CcbtTrackerStatus *status = g_new0 (CcbtTrackerStatus, 1);
  gboolean is_planned = self->is_running && tracker->is_supported && !tracker->is_dead;
  gint64 wait = MAX (0, tracker->next_announce - ccbt_clock_now (self->clock));

  status->url = g_strdup (tracker->url);
  status->tier = tracker->tier;
  status->state = tracker->state;
  status->message = g_strdup (tracker->message);
  status->seeds = tracker->seeds;
  status->leechers = tracker->leechers;
  status->n_failures = tracker->n_failures;
  status->next_announce = is_planned ? wait / CCBT_SECOND : -1;
  return status;
}

void
ccbt_tracker_set_describe (CcbtTrackerSet *self, GPtrArray *out)
{
  for (guint i = 0; i < self->tiers.list->len; i++)
    g_ptr_array_add (out, describe_tracker (self, g_ptr_array_index (self->tiers.list, i)));
}
