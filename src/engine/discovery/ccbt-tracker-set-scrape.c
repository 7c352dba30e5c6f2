/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-set-private.h"

/* How many there are, asked of trackers that are not announced to (BEP 48). */

static void
scraped_cb (gpointer data, const char *url, const CcbtScrapeEntry *entry, const char *message)
{
  CcbtTrackerSet *self = data;
  CcbtTracker *tracker = ccbt_tracker_tiers_find (&self->tiers, url);

  if (tracker == NULL || entry == NULL)
    return;
  if (entry->seeds >= 0)
    tracker->seeds = entry->seeds;
  if (entry->leechers >= 0)
    tracker->leechers = entry->leechers;
  if (entry->downloaded >= 0)
    tracker->downloaded = entry->downloaded;
}

static gboolean
can_scrape (CcbtTrackerSet *self, const CcbtTracker *tracker)
{
  return self->access.shared != NULL && tracker->is_supported && !tracker->is_dead
         && ccbt_scrape_cache_can_ask (self->access.shared->scrapes, tracker->url);
}

static void
scrape (CcbtTrackerSet *self, const CcbtTracker *tracker, guint max_age)
{
  ccbt_scrape_cache_ask (self->access.shared->scrapes, tracker->url, &self->info_hash, max_age,
                         scraped_cb, self);
}

/* The one that works, or would be asked first. */
static CcbtTracker *
find_to_scrape (CcbtTrackerSet *self)
{
  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      if (can_scrape (self, tracker) && tracker->n_failures == 0)
        return tracker;
    }
  return NULL;
}

/* Announces bring the counts as well, of most trackers. */
void
ccbt_tracker_set_tick_idle (CcbtTrackerSet *self)
{
  CcbtTracker *tracker;

  if (self->scrape_interval == 0 || self->asking != NULL
      || ccbt_tracker_set_get_now (self) < self->next_scrape)
    return;
  tracker = find_to_scrape (self);
  self->next_scrape = ccbt_tracker_set_get_now (self)
                      + (self->scrape_interval
                         + ccbt_random_below (&self->tiers.random, self->scrape_interval / 8 + 1))
                            * CCBT_SECOND;
  if (tracker != NULL && (!self->is_running || tracker->seeds < 0))
    scrape (self, tracker, self->scrape_interval);
}

guint
ccbt_tracker_set_scrape_now (CcbtTrackerSet *self)
{
  guint n = 0;

  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      if (!can_scrape (self, tracker))
        continue;
      scrape (self, tracker, 0);
      n++;
    }
  return n;
}

gint64
ccbt_tracker_set_get_scrape_wait (CcbtTrackerSet *self)
{
  gint64 wait = G_MAXINT64;

  for (guint i = 0; i < self->tiers.list->len; i++)
    {
      CcbtTracker *tracker = g_ptr_array_index (self->tiers.list, i);

      if (can_scrape (self, tracker))
        wait = MIN (wait, ccbt_scrape_cache_get_wait (self->access.shared->scrapes, tracker->url,
                                                      &self->info_hash));
    }
  return wait != G_MAXINT64 ? wait : 0;
}
