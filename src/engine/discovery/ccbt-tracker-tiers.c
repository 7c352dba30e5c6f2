/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-tiers.h"
#include "base/ccbt-clock.h"
#include "net/ccbt-http-target.h"
#include "wire/ccbt-url.h"

#define FIRST_BACKOFF (15 * CCBT_SECOND)
#define LONGEST_BACKOFF (30 * 60 * CCBT_SECOND)
#define LONGEST_RETRY 86400 /* seconds */
#define SHORTEST_GAP 60     /* seconds between two announces that worked, whatever it allows */

void
ccbt_tracker_free (gpointer data)
{
  CcbtTracker *tracker = data;

  g_free (tracker->url);
  g_free (tracker->message);
  g_free (tracker->tracker_id);
  g_free (tracker);
}

static CcbtTracker *
get_tracker (CcbtTrackerTiers *self, guint index)
{
  return g_ptr_array_index (self->list, index);
}

void
ccbt_tracker_tiers_init (CcbtTrackerTiers *self, guint64 seed)
{
  *self = (CcbtTrackerTiers){ .list = g_ptr_array_new_with_free_func (ccbt_tracker_free) };
  ccbt_random_init (&self->random, seed);
}

void
ccbt_tracker_tiers_clear (CcbtTrackerTiers *self)
{
  g_clear_pointer (&self->list, g_ptr_array_unref);
}

/* --- Adding --- */

static gboolean
has_scheme (const char *url, const char *scheme)
{
  return g_ascii_strcasecmp (g_uri_peek_scheme (url) != NULL ? g_uri_peek_scheme (url) : "", scheme)
         == 0;
}

static gboolean
is_http (const char *url)
{
  return has_scheme (url, "http") || has_scheme (url, "https");
}

/* Plain enough to be shown in a list, though nothing will be asked there? */
static gboolean
can_be_listed (const char *url)
{
  if (strlen (url) > CCBT_URL_MAX_BYTES || !g_str_is_ascii (url) || g_uri_peek_scheme (url) == NULL)
    return FALSE;
  for (const char *p = url; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p))
      return FALSE;
  return !is_http (url) && !has_scheme (url, "udp"); /* those are held to their own rules */
}

/* Returns: (transfer full) (nullable) */
static char *
clean_url (const char *url)
{
  char *clean = ccbt_url_clean (ccbt_span_from_string (url),
                                CCBT_URL_HTTP | CCBT_URL_UDP | CCBT_URL_REFUSE_FOREIGN);

  if (clean == NULL && can_be_listed (url))
    clean = g_strdup (url);
  return clean;
}

/* A torrent file must not make us call whatever listens on this machine or network (threat B60):
 * there, only what plainly is a tracker is asked. */
static gboolean
is_trap (const char *url)
{
  g_autoptr (GUri) target = is_http (url) ? ccbt_http_target_parse (url, NULL) : NULL;
  const char *last;

  if (target == NULL || !ccbt_http_target_is_local (target))
    return FALSE;
  last = strrchr (g_uri_get_path (target), '/');
  return last == NULL || !g_str_has_prefix (last, "/announce");
}

/* Why it will not be asked; NULL = it may be. */
static const char *
find_obstacle (CcbtTrackerTiers *self, const char *url)
{
  if (has_scheme (url, "udp"))
    return self->can_udp ? NULL : "UDP trackers cannot be asked: no UDP port is open";
  if (!is_http (url))
    return "trackers of this kind are not supported";
  if (self->no_http)
    return "trackers are not asked over HTTP: the settings say so";
  return is_trap (url) ? "an address of this computer or network that is no tracker's" : NULL;
}

/* @url: (transfer full) */
static CcbtTracker *
new_tracker (CcbtTrackerTiers *self, char *url, guint tier)
{
  CcbtTracker *tracker = g_new0 (CcbtTracker, 1);
  const char *obstacle = find_obstacle (self, url);

  tracker->url = url;
  tracker->tier = tier;
  tracker->seeds = tracker->leechers = tracker->downloaded = tracker->response_time_ms = -1;
  tracker->is_supported = obstacle == NULL;
  if (!tracker->is_supported)
    {
      tracker->state = CCBT_TRACKER_STATE_FAILED;
      tracker->message = g_strdup (obstacle);
    }
  return tracker;
}

CcbtTracker *
ccbt_tracker_tiers_find (CcbtTrackerTiers *self, const char *url)
{
  for (guint i = 0; i < self->list->len; i++)
    if (g_str_equal (get_tracker (self, i)->url, url))
      return get_tracker (self, i);
  return NULL;
}

gboolean
ccbt_tracker_tiers_add (CcbtTrackerTiers *self, const char *url, guint tier)
{
  g_autofree char *clean = NULL;
  guint first = 0, end, place;

  if (self->list->len >= CCBT_TRACKERS_MAX)
    return FALSE;
  clean = clean_url (url);
  if (clean == NULL || ccbt_tracker_tiers_find (self, clean) != NULL)
    return FALSE;
  while (first < self->list->len && get_tracker (self, first)->tier < tier)
    first++;
  end = first;
  while (end < self->list->len && get_tracker (self, end)->tier == tier)
    end++;
  place = first + ccbt_random_below (&self->random, end - first + 1);
  g_ptr_array_insert (self->list, (gint) place, new_tracker (self, g_steal_pointer (&clean), tier));
  return TRUE;
}

static guint
find_end_of_tier (CcbtTrackerTiers *self, guint tier)
{
  guint end = 0;

  while (end < self->list->len && get_tracker (self, end)->tier <= tier)
    end++;
  return end;
}

/* Out of @before where it was there. Returns: (transfer full) */
static CcbtTracker *
take_or_make (CcbtTrackerTiers *self, CcbtTrackerTiers *before, char *url, guint tier)
{
  CcbtTracker *tracker = ccbt_tracker_tiers_find (before, url);
  guint index;

  if (tracker == NULL)
    return new_tracker (self, url, tier);
  g_free (url);
  g_ptr_array_find (before->list, tracker, &index);
  tracker->tier = tier;
  return g_ptr_array_steal_index (before->list, index);
}

void
ccbt_tracker_tiers_replace (CcbtTrackerTiers *self, const CcbtTrackerEntry *entries,
                            guint n_entries, GPtrArray *removed)
{
  CcbtTrackerTiers before = { .list = g_steal_pointer (&self->list) };

  self->list = g_ptr_array_new_with_free_func (ccbt_tracker_free);
  for (guint i = 0; i < n_entries && self->list->len < CCBT_TRACKERS_MAX; i++)
    {
      char *clean = clean_url (entries[i].url);
      guint tier = entries[i].tier;

      if (clean == NULL || ccbt_tracker_tiers_find (self, clean) != NULL)
        g_free (clean);
      else
        g_ptr_array_insert (self->list, (gint) find_end_of_tier (self, tier),
                            take_or_make (self, &before, clean, tier));
    }
  while (before.list->len > 0)
    g_ptr_array_add (removed, g_ptr_array_steal_index (before.list, 0));
  g_ptr_array_unref (before.list);
}

/* --- Whom to ask --- */

static gboolean
asks_many (const CcbtTrackerTiers *self)
{
  return self->all_tiers || self->all_trackers;
}

gboolean
ccbt_tracker_tiers_owes_completion (CcbtTrackerTiers *self, const CcbtTracker *tracker)
{
  return self->is_completion_due && tracker->has_started
         && !(asks_many (self) && tracker->knows_completion);
}

static gint64
get_due_time (CcbtTrackerTiers *self, const CcbtTracker *tracker, gint64 now, gboolean needs_peers)
{
  /* Events are outside of intervals; only a failing tracker is left in peace. */
  if (ccbt_tracker_tiers_owes_completion (self, tracker) && tracker->n_failures == 0)
    return now;
  return needs_peers ? MIN (tracker->early_next, tracker->next_announce) : tracker->next_announce;
}

CcbtTracker *
ccbt_tracker_tiers_pick (CcbtTrackerTiers *self, gint64 now, gboolean needs_peers, gint64 *wait)
{
  gboolean tier_works = FALSE;
  guint tier = 0;

  *wait = G_MAXINT64;
  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtTracker *tracker = get_tracker (self, i);
      gint64 due;

      if (tier_works && tracker->tier != tier && !self->all_tiers)
        return NULL;
      tier_works &= tracker->tier == tier;
      tier = tracker->tier;
      if (!tracker->is_supported || tracker->is_dead || (tier_works && !self->all_trackers))
        continue;
      due = get_due_time (self, tracker, now, needs_peers);
      *wait = MIN (*wait, MAX (due - now, 0));
      if (due <= now)
        return tracker;
      /* While it works those behind it are for when it does not. */
      tier_works |= tracker->n_failures == 0;
    }
  return NULL;
}

gboolean
ccbt_tracker_tiers_has_other (CcbtTrackerTiers *self, const CcbtTracker *tracker, gint64 now)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      const CcbtTracker *other = get_tracker (self, i);

      if (other != tracker && other->is_supported && !other->is_dead && other->next_announce <= now)
        return TRUE;
    }
  return FALSE;
}

CcbtAnnounceEvent
ccbt_tracker_tiers_begin (CcbtTrackerTiers *self, CcbtTracker *tracker)
{
  tracker->state = CCBT_TRACKER_STATE_ANNOUNCING;
  if (!tracker->has_started)
    return CCBT_ANNOUNCE_STARTED;
  return ccbt_tracker_tiers_owes_completion (self, tracker) ? CCBT_ANNOUNCE_COMPLETED
                                                            : CCBT_ANNOUNCE_NONE;
}

void
ccbt_tracker_tiers_hurry (CcbtTrackerTiers *self, gint64 now)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtTracker *tracker = get_tracker (self, i);

      tracker->next_announce = MIN (tracker->next_announce, MAX (tracker->min_next, now));
    }
}

void
ccbt_tracker_tiers_note_moved (CcbtTrackerTiers *self, gint64 now)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtTracker *tracker = get_tracker (self, i);

      if (tracker->n_failures == 0)
        tracker->min_next = MIN (tracker->min_next, now);
    }
  ccbt_tracker_tiers_hurry (self, now);
}

/* --- What came of it --- */

/* The first of its tier to answer goes to its front (BEP 12). */
static void
promote (CcbtTrackerTiers *self, CcbtTracker *tracker)
{
  guint position = 0, front;

  if (!g_ptr_array_find (self->list, tracker, &position))
    return;
  front = position;
  while (front > 0 && get_tracker (self, front - 1)->tier == tracker->tier)
    front--;
  for (guint i = position; i > front; i--)
    self->list->pdata[i] = self->list->pdata[i - 1];
  self->list->pdata[front] = tracker;
}

static void
take_intervals (CcbtTracker *tracker, const CcbtAnnounceReply *reply, gint64 now)
{
  gint64 least = MAX (reply->min_interval, SHORTEST_GAP);

  tracker->next_announce = now + MAX (reply->interval, least) * CCBT_SECOND;
  tracker->min_next = now + least * CCBT_SECOND;
  tracker->early_next = reply->min_interval > 0 ? tracker->min_next : tracker->next_announce;
}

void
ccbt_tracker_tiers_note_reply (CcbtTrackerTiers *self, CcbtTracker *tracker,
                               CcbtAnnounceEvent event, const CcbtAnnounceReply *reply, gint64 now)
{
  tracker->state = CCBT_TRACKER_STATE_WORKING;
  tracker->n_failures = 0;
  tracker->has_started = TRUE;
  g_free (tracker->message);
  tracker->message = g_strdup (reply->warning);
  if (reply->tracker_id != NULL)
    {
      g_free (tracker->tracker_id);
      tracker->tracker_id = g_strdup (reply->tracker_id);
    }
  if (reply->seeds >= 0) /* or what a scrape said stays */
    tracker->seeds = reply->seeds;
  if (reply->leechers >= 0)
    tracker->leechers = reply->leechers;
  tracker->answered_at = now;
  take_intervals (tracker, reply, now);
  if (event == CCBT_ANNOUNCE_COMPLETED)
    ccbt_tracker_tiers_note_completion_told (self, tracker);
  promote (self, tracker);
}

void
ccbt_tracker_tiers_note_failure (CcbtTrackerTiers *self, CcbtTracker *tracker, const char *message,
                                 gint64 retry_in, gint64 now)
{
  gint64 wait = MIN (FIRST_BACKOFF << MIN (tracker->n_failures, 10), LONGEST_BACKOFF);
  guint32 jitter; /* ms: up to a quarter, so that a tracker that comes back is not run over */

  tracker->state = CCBT_TRACKER_STATE_FAILED;
  tracker->n_failures++;
  g_free (tracker->message);
  tracker->message = g_strdup (message);
  tracker->is_dead = retry_in < 0;
  if (retry_in > 0)
    wait = MIN (retry_in, LONGEST_RETRY) * CCBT_SECOND;
  jitter = ccbt_random_below (&self->random, (guint32) (wait / 4 / CCBT_MILLISECOND));
  tracker->next_announce = tracker->early_next = now + wait + jitter * CCBT_MILLISECOND;
  tracker->min_next = retry_in > 0 ? tracker->next_announce : now + FIRST_BACKOFF;
}

void
ccbt_tracker_tiers_note_stopped (CcbtTrackerTiers *self, CcbtTracker *tracker)
{
  tracker->has_started = FALSE;
  if (tracker->n_failures > 0)
    return; /* its back-off stands */
  tracker->state = CCBT_TRACKER_STATE_IDLE;
  tracker->next_announce = tracker->early_next = tracker->min_next = 0;
}

void
ccbt_tracker_tiers_complete (CcbtTrackerTiers *self)
{
  self->is_completion_due |= !self->was_completed;
  self->was_completed = TRUE;
}

void
ccbt_tracker_tiers_note_completion_told (CcbtTrackerTiers *self, CcbtTracker *tracker)
{
  if (tracker != NULL)
    tracker->knows_completion = TRUE;
  for (guint i = 0; asks_many (self) && i < self->list->len; i++)
    if (ccbt_tracker_tiers_owes_completion (self, get_tracker (self, i)))
      return;
  self->is_completion_due = FALSE;
}
