/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-tiers.h"
#include "base/ccbt-clock.h"

#define MAX_TRACKERS 200u
#define FIRST_BACKOFF (15 * CCBT_SECOND)
#define LONGEST_BACKOFF (30 * 60 * CCBT_SECOND)

static void
free_tracker (gpointer data)
{
  CcbtTracker *tracker = data;

  g_free (tracker->url);
  g_free (tracker->message);
  g_free (tracker->tracker_id);
  g_free (tracker);
}

void
ccbt_tracker_tiers_init (CcbtTrackerTiers *self, guint64 seed)
{
  self->list = g_ptr_array_new_with_free_func (free_tracker);
  ccbt_random_init (&self->random, seed);
}

void
ccbt_tracker_tiers_clear (CcbtTrackerTiers *self)
{
  g_ptr_array_unref (self->list);
}

static gboolean
is_http (const char *url)
{
  return g_ascii_strncasecmp (url, "http://", 7) == 0
         || g_ascii_strncasecmp (url, "https://", 8) == 0;
}

gboolean
ccbt_tracker_tiers_add (CcbtTrackerTiers *self, const char *url, guint tier)
{
  CcbtTracker *tracker;
  guint first = 0, end;

  for (guint i = 0; i < self->list->len; i++)
    if (g_str_equal (((CcbtTracker *) g_ptr_array_index (self->list, i))->url, url))
      return FALSE;
  if (self->list->len >= MAX_TRACKERS)
    return FALSE;
  tracker = g_new0 (CcbtTracker, 1);
  tracker->url = g_strdup (url);
  tracker->tier = tier;
  tracker->seeds = tracker->leechers = -1;
  tracker->is_supported = is_http (url);
  if (!tracker->is_supported)
    {
      tracker->state = CCBT_TRACKER_STATE_FAILED;
      tracker->message = g_strdup ("Trackers of this kind are not supported yet.");
    }
  while (first < self->list->len
         && ((CcbtTracker *) g_ptr_array_index (self->list, first))->tier < tier)
    first++;
  end = first;
  while (end < self->list->len
         && ((CcbtTracker *) g_ptr_array_index (self->list, end))->tier == tier)
    end++;
  g_ptr_array_insert (self->list,
                      (gint) (first + ccbt_random_below (&self->random, end - first + 1)), tracker);
  return TRUE;
}

CcbtTracker *
ccbt_tracker_tiers_pick (CcbtTrackerTiers *self, gint64 now, gint64 *wait)
{
  *wait = G_MAXINT64;
  for (guint i = 0; i < self->list->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (self->list, i);

      if (!tracker->is_supported || tracker->is_dead)
        continue;
      if (tracker->next_announce <= now)
        return tracker;
      *wait = MIN (*wait, tracker->next_announce - now);
      if (tracker->n_failures == 0) /* it works: the ones behind it are for when it does not */
        return NULL;
    }
  return NULL;
}

/* The first of its tier to answer goes to its front (BEP 12). */
static void
promote (CcbtTrackerTiers *self, CcbtTracker *tracker)
{
  guint position = 0, front;

  if (!g_ptr_array_find (self->list, tracker, &position))
    return;
  for (front = position;
       front > 0
       && ((CcbtTracker *) g_ptr_array_index (self->list, front - 1))->tier == tracker->tier;
       front--)
    ;
  for (guint i = position; i > front; i--)
    self->list->pdata[i] = self->list->pdata[i - 1];
  self->list->pdata[front] = tracker;
}

void
ccbt_tracker_tiers_note_reply (CcbtTrackerTiers *self, CcbtTracker *tracker,
                               const CcbtAnnounceReply *reply, gint64 now)
{
  tracker->state = CCBT_TRACKER_STATE_WORKING;
  tracker->n_failures = 0;
  g_free (tracker->message);
  tracker->message = g_strdup (reply->warning);
  if (reply->tracker_id != NULL)
    {
      g_free (tracker->tracker_id);
      tracker->tracker_id = g_strdup (reply->tracker_id);
    }
  tracker->seeds = reply->seeds;
  tracker->leechers = reply->leechers;
  tracker->next_announce = now + MAX (reply->interval, reply->min_interval) * CCBT_SECOND;
  tracker->min_next
      = now
        + MIN (reply->min_interval > 0 ? reply->min_interval : 60, reply->interval) * CCBT_SECOND;
  promote (self, tracker);
}

void
ccbt_tracker_tiers_note_failure (CcbtTrackerTiers *self, CcbtTracker *tracker, const char *message,
                                 gint64 retry_in, gint64 now)
{
  gint64 wait = MIN (FIRST_BACKOFF << MIN (tracker->n_failures, 10), LONGEST_BACKOFF);

  tracker->state = CCBT_TRACKER_STATE_FAILED;
  tracker->n_failures++;
  g_free (tracker->message);
  tracker->message = g_strdup (message);
  tracker->is_dead = retry_in < 0;
  if (retry_in > 0)
    wait = MIN (retry_in, 86400) * CCBT_SECOND;
  tracker->next_announce = now + wait + ccbt_random_below (&self->random, (guint32) (wait / 4));
  tracker->min_next = MIN (tracker->next_announce, now + FIRST_BACKOFF);
}
