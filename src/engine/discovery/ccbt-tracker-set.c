/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-set-private.h"
#include "base/ccbt-text.h"

#define ANNOUNCE_SECONDS 30 /* where the owner does not say */
#define MAX_MESSAGE_CHARS 200
/* A tracker that takes longer is given up while another could be asked (threat B64). */
#define PATIENCE (5 * CCBT_SECOND)
#define FIRST_SCRAPE 60 /* seconds within which a torrent that stands still is scraped first */

static void completion_told_cb (gpointer owner);
static void farewell_finished_cb (gpointer owner);

static const CcbtTrackerFarewellOwner farewell_questions = {
  .completion_told = completion_told_cb,
  .finished = farewell_finished_cb,
};

/* Not by the announce itself when it has come to its end. */
static void
asking_cancel (gpointer data)
{
  CcbtTrackerAsking *asking = data;

  if (asking->announce != NULL)
    ccbt_announce_cancel (asking->announce);
  g_free (asking);
}

CcbtTrackerSet *
ccbt_tracker_set_new (const CcbtTrackerSetOwner *questions, gpointer owner,
                      const CcbtTrackerAccess *access, const CcbtSha1 *info_hash,
                      const guint8 peer_id[20], guint32 key, guint64 seed)
{
  CcbtTrackerSet *self = g_new0 (CcbtTrackerSet, 1);

  self->questions = questions;
  self->owner = owner;
  self->access = *access;
  self->info_hash = *info_hash;
  memcpy (self->peer_id, peer_id, sizeof self->peer_id);
  self->key = key;
  self->trailing = g_ptr_array_new_with_free_func (asking_cancel);
  self->scrape_interval = CCBT_SCRAPE_INTERVAL;
  ccbt_tracker_tiers_init (&self->tiers, seed);
  self->tiers.can_udp = access->udp != NULL;
  self->tiers.no_http = access->no_http;
  self->next_scrape = ccbt_tracker_set_get_now (self)
                      + ccbt_random_below (&self->tiers.random, FIRST_SCRAPE) * CCBT_SECOND;
  return self;
}

void
ccbt_tracker_set_free (CcbtTrackerSet *self)
{
  if (self->farewell != NULL)
    ccbt_tracker_farewell_forget_owner (self->farewell);
  if (self->access.shared != NULL)
    ccbt_scrape_cache_forget (self->access.shared->scrapes, self);
  g_clear_pointer (&self->asking, asking_cancel);
  g_ptr_array_unref (self->trailing);
  ccbt_tracker_tiers_clear (&self->tiers);
  g_free (self);
}

void
ccbt_tracker_set_set_options (CcbtTrackerSet *self, const CcbtTrackerOptions *options)
{
  self->tiers.all_tiers = options->announce_to_all_tiers;
  self->tiers.all_trackers = options->announce_to_all_trackers;
  self->scrape_interval = options->scrape_interval;
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

static void
take_failure (CcbtTrackerSet *self, CcbtTracker *tracker, const char *message, gint64 retry_in)
{
  g_autofree char *printable
      = ccbt_text_make_printable (ccbt_span_from_string (message), MAX_MESSAGE_CHARS);
  g_autofree char *redacted = ccbt_text_redact_url (tracker->url);

  g_debug ("%s: %s", redacted, printable);
  ccbt_tracker_tiers_note_failure (&self->tiers, tracker, printable, retry_in,
                                   ccbt_tracker_set_get_now (self));
  self->questions->failed (self->owner, tracker->url, printable);
}

static void
take_peers (CcbtTrackerSet *self, const GArray *peers, gboolean is_local)
{
  if (peers->len > 0)
    self->questions->take_peers (self->owner, (const CcbtAddress *) (gpointer) peers->data,
                                 peers->len, is_local);
}

static void
take_reply (CcbtTrackerSet *self, const CcbtTrackerAsking *asking, const CcbtAnnounceReply *reply,
            gboolean is_local)
{
  CcbtTracker *tracker = asking->tracker;

  if (reply->failure != NULL)
    {
      take_failure (self, tracker, reply->failure, reply->retry_in);
      return;
    }
  ccbt_tracker_tiers_note_reply (&self->tiers, tracker, asking->event, reply,
                                 ccbt_tracker_set_get_now (self));
  tracker->peers_received = reply->peers->len;
  self->questions->announced (self->owner, tracker->url, reply);
  if (reply->has_external_ip && self->questions->found_external_ip != NULL)
    self->questions->found_external_ip (self->owner, &reply->external_ip);
  take_peers (self, reply->peers, is_local);
}

/* --- Announcing --- */

/* The tracker id in it is the tracker's. */
static CcbtAnnounceRequest
make_request (CcbtTrackerSet *self, const CcbtTracker *tracker, CcbtAnnounceEvent event)
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
  return request;
}

static void
note_response_time (CcbtTrackerSet *self, const CcbtTrackerAsking *asking)
{
  gint64 took = ccbt_tracker_set_get_now (self) - ccbt_announce_get_asked_at (asking->announce);

  asking->tracker->response_time_ms = (int) CLAMP (took / CCBT_MILLISECOND, 0, G_MAXINT);
}

/* Of the other address family, after the announce was answered. */
static void
trail_cb (gpointer data, const CcbtAnnounceReply *reply, const GError *error, gboolean is_local,
          gboolean is_last)
{
  CcbtTrackerAsking *asking = data;
  CcbtTrackerSet *self = asking->set;

  if (is_last)
    {
      asking->announce = NULL;
      if (reply != NULL)
        asking->tracker->peers_received += reply->peers->len;
      g_ptr_array_remove_fast (self->trailing, asking);
    }
  if (reply != NULL && self->is_running)
    take_peers (self, reply->peers, is_local);
}

/* The owner may ask for the next from within its callbacks: so the announce is put away first. */
static void
answered_cb (gpointer data, const CcbtAnnounceReply *reply, const GError *error, gboolean is_local,
             gboolean is_last)
{
  CcbtTrackerAsking *asking = data;
  CcbtTrackerAsking answered = *asking;
  CcbtTrackerSet *self = asking->set;

  if (ccbt_announce_get_asked_at (asking->announce) != 0 && reply != NULL)
    note_response_time (self, asking);
  self->asking = NULL;
  if (is_last)
    g_free (asking);
  else
    {
      ccbt_announce_set_func (asking->announce, trail_cb, asking);
      g_ptr_array_add (self->trailing, asking);
    }
  if (reply != NULL)
    take_reply (self, &answered, reply, is_local);
  else
    take_failure (self, answered.tracker, error->message, 0);
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
  CcbtTrackerAsking *asking = g_new0 (CcbtTrackerAsking, 1);
  CcbtAnnounceRequest request;

  asking->set = self;
  asking->tracker = tracker;
  asking->event = ccbt_tracker_tiers_begin (&self->tiers, tracker);
  self->asking = asking;
  request = make_request (self, tracker, asking->event);
  asking->announce = ccbt_announce_begin (&self->access, tracker->url, &request, get_timeout (self),
                                          FALSE, answered_cb, asking);
}

static CcbtTracker *
pick (CcbtTrackerSet *self, gint64 *wait)
{
  gboolean needs_peers = self->questions->needs_peers != NULL
                             ? self->questions->needs_peers (self->owner)
                             : self->questions->get_number_wanted (self->owner) > 0;

  return ccbt_tracker_tiers_pick (&self->tiers, ccbt_tracker_set_get_now (self), needs_peers, wait);
}

/* "completed" brings nobody peers and is told only once: it has all its time. */
static void
lose_patience (CcbtTrackerSet *self)
{
  gint64 now = ccbt_tracker_set_get_now (self);
  gint64 asked_at = self->asking != NULL ? ccbt_announce_get_asked_at (self->asking->announce) : 0;
  CcbtTracker *tracker;

  if (asked_at == 0 || self->asking->event == CCBT_ANNOUNCE_COMPLETED || now - asked_at < PATIENCE
      || !ccbt_tracker_tiers_has_other (&self->tiers, self->asking->tracker, now))
    return;
  tracker = self->asking->tracker;
  g_clear_pointer (&self->asking, asking_cancel);
  take_failure (self, tracker, "no answer in time", 0);
}

/* Thousands of torrents that are due at one moment begin over several ticks. */
static gboolean
has_time (CcbtTrackerSet *self)
{
  return self->access.shared == NULL || ccbt_announce_queue_has_time (self->access.shared->queue);
}

void
ccbt_tracker_set_tick (CcbtTrackerSet *self)
{
  gint64 wait;
  CcbtTracker *tracker;

  lose_patience (self);
  ccbt_tracker_set_tick_idle (self);
  if (!self->is_running || self->asking != NULL || self->farewell != NULL || !has_time (self))
    return;
  tracker = pick (self, &wait);
  if (tracker != NULL)
    announce_to (self, tracker);
}

void
ccbt_tracker_set_start (CcbtTrackerSet *self)
{
  if (!self->is_running)
    ccbt_tracker_tiers_hurry (&self->tiers, ccbt_tracker_set_get_now (self));
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

  ccbt_tracker_tiers_hurry (&self->tiers, ccbt_tracker_set_get_now (self));
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
  ccbt_tracker_tiers_note_completion_told (&((CcbtTrackerSet *) owner)->tiers, NULL);
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
  CcbtTracker *tracker = self->asking->tracker;

  /* It may have heard. */
  tracker->has_started |= ccbt_announce_get_asked_at (self->asking->announce) != 0;
  tracker->state = CCBT_TRACKER_STATE_IDLE;
  g_clear_pointer (&self->asking, asking_cancel);
}

/* But "completed" is told only once, so that it is left to arrive. */
static void
keep_last_announce (CcbtTrackerSet *self)
{
  g_autofree CcbtTrackerAsking *asking = g_steal_pointer (&self->asking);
  CcbtAnnounceRequest stopped = make_request (self, asking->tracker, CCBT_ANNOUNCE_STOPPED);

  ccbt_tracker_farewell_adopt (self->farewell, asking->announce, asking->tracker->url, &stopped);
  ccbt_tracker_tiers_note_stopped (&self->tiers, asking->tracker);
}

static void
say_farewell (CcbtTrackerSet *self, CcbtTrackerFarewell *farewell, CcbtTracker *tracker,
              gboolean tell_completion)
{
  CcbtAnnounceRequest stopped = make_request (self, tracker, CCBT_ANNOUNCE_STOPPED);
  CcbtAnnounceRequest completed = make_request (self, tracker, CCBT_ANNOUNCE_COMPLETED);

  ccbt_tracker_farewell_say (farewell, tracker->url, tell_completion ? &completed : NULL, &stopped);
  ccbt_tracker_tiers_note_stopped (&self->tiers, tracker);
}

static void
say_all_farewells (CcbtTrackerSet *self, gboolean tell_completion)
{
  gboolean asks_many = self->tiers.all_tiers || self->tiers.all_trackers;

  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      if (!tracker->has_started)
        continue;
      say_farewell (self, self->farewell, tracker,
                    tell_completion && ccbt_tracker_tiers_owes_completion (&self->tiers, tracker));
      tell_completion &= asks_many;
    }
}

void
ccbt_tracker_set_stop (CcbtTrackerSet *self, void (*done) (gpointer data), gpointer data)
{
  gboolean is_last = self->asking != NULL && self->asking->event == CCBT_ANNOUNCE_COMPLETED
                     && ccbt_announce_get_asked_at (self->asking->announce) != 0;

  self->is_running = FALSE;
  if (self->farewell != NULL) /* nothing was asked since */
    {
      ccbt_tracker_farewell_add_done (self->farewell, done, data);
      return;
    }
  g_ptr_array_set_size (self->trailing, 0);
  self->farewell = ccbt_tracker_farewell_new (&farewell_questions, self, &self->access);
  if (is_last)
    keep_last_announce (self);
  else if (self->asking != NULL)
    give_up_announce (self);
  say_all_farewells (self, !is_last);
  ccbt_tracker_farewell_add_done (self->farewell, done, data);
  ccbt_tracker_farewell_unref (self->farewell); /* may free self: nothing comes after it */
}

/* --- Another list --- */

/* Nobody waits for the end of this. */
static void
dismiss (CcbtTrackerSet *self, GPtrArray *removed)
{
  CcbtTrackerFarewell *farewell = ccbt_tracker_farewell_new (NULL, NULL, &self->access);

  for (guint i = 0; i < removed->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (removed, i);

      if (tracker->has_started && self->is_running)
        say_farewell (self, farewell, tracker, FALSE);
    }
  ccbt_tracker_farewell_unref (farewell);
}

void
ccbt_tracker_set_note_moved (CcbtTrackerSet *self)
{
  if (self->farewell != NULL || !self->is_running)
    return;
  if (self->asking != NULL)
    give_up_announce (self);
  g_ptr_array_set_size (self->trailing, 0);
  ccbt_tracker_tiers_note_moved (&self->tiers, ccbt_tracker_set_get_now (self));
  ccbt_tracker_set_tick (self);
}

void
ccbt_tracker_set_replace (CcbtTrackerSet *self, const CcbtTrackerEntry *entries, guint n_entries)
{
  g_autoptr (GPtrArray) removed = g_ptr_array_new_with_free_func (ccbt_tracker_free);

  g_ptr_array_set_size (self->trailing, 0);
  ccbt_tracker_tiers_replace (&self->tiers, entries, n_entries, removed);
  if (self->asking != NULL && g_ptr_array_find (removed, self->asking->tracker, NULL))
    give_up_announce (self);
  dismiss (self, removed);
  ccbt_tracker_set_tick (self);
}

gint64
ccbt_tracker_set_get_next_tick (CcbtTrackerSet *self)
{
  gint64 now = ccbt_tracker_set_get_now (self), next = G_MAXINT64, wait;

  if (self->asking != NULL || (self->is_running && self->farewell != NULL))
    return now;
  if (self->tiers.list->len == 0)
    return G_MAXINT64;
  if (self->scrape_interval > 0)
    next = self->next_scrape;
  if (!self->is_running)
    return next;
  pick (self, &wait);
  return wait == G_MAXINT64 ? next : MIN (next, now + wait);
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

gboolean
ccbt_tracker_set_fails (CcbtTrackerSet *self)
{
  gboolean fails = FALSE;

  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      const CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      if (tracker->state == CCBT_TRACKER_STATE_WORKING)
        return FALSE;
      fails |= tracker->n_failures > 0 || tracker->state == CCBT_TRACKER_STATE_FAILED;
    }
  return fails;
}

static CcbtTrackerStatus *
describe_tracker (CcbtTrackerSet *self, const CcbtTracker *tracker)
{
  CcbtTrackerStatus *status = g_new0 (CcbtTrackerStatus, 1);
  gboolean is_planned = self->is_running && tracker->is_supported && !tracker->is_dead;
  gint64 wait = MAX (0, tracker->next_announce - ccbt_tracker_set_get_now (self));

  status->url = g_strdup (tracker->url);
  status->tier = tracker->tier;
  status->state = tracker->state;
  status->message = g_strdup (tracker->message);
  status->seeds = tracker->seeds;
  status->leechers = tracker->leechers;
  status->downloaded = tracker->downloaded;
  status->response_time_ms = tracker->response_time_ms;
  status->peers_received = tracker->peers_received;
  status->last_announce
      = tracker->answered_at > 0
            ? (ccbt_tracker_set_get_now (self) - tracker->answered_at) / CCBT_SECOND
            : -1;
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
