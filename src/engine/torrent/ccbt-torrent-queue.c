/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* What the session's queue asks of a torrent and tells it, and how long it has been at work. */

#define SAVE_TIMES_EVERY 300u
#define SAVE_TIMES_AT_REST 900u

gboolean
ccbt_torrent_may_run (CcbtTorrent *self)
{
  return !self->is_paused && !self->is_held && !ccbt_torrent_rests_for_move (self);
}

void
ccbt_torrent_stand_still (CcbtTorrent *self)
{
  ccbt_torrent_cancel_check (self);
  ccbt_torrent_step (self, CCBT_TORRENT_ON_PAUSE);
  ccbt_torrent_close_peers (self);
  ccbt_tracker_set_stop (self->trackers, NULL, NULL);
  g_clear_error (&self->error);
  g_clear_error (&self->space_error);
  self->retry_at = 0;
  ccbt_torrent_take_stamps (self);
}

void
ccbt_torrent_set_held (CcbtTorrent *self, gboolean held)
{
  if (self->is_held == held || self->phase == CCBT_TORRENT_CLOSING)
    return;
  ccbt_torrent_count_time (self);
  self->is_held = held;
  self->slow = (CcbtSlowWatch){ 0 };
  if (!self->is_paused && held && self->phase != CCBT_TORRENT_IDLE)
    ccbt_torrent_stand_still (self);
  else if (!self->is_paused && !held && self->phase == CCBT_TORRENT_IDLE
           && ccbt_torrent_is_disk_idle (self)) /* or the tick starts it */
    ccbt_torrent_start (self);
  ccbt_torrent_changed (self);
}

void
ccbt_torrent_get_queue_facts (CcbtTorrent *self, CcbtTorrentQueueFacts *out)
{
  ccbt_torrent_count_time (self);
  *out = (CcbtTorrentQueueFacts){
    .is_paused = self->is_paused,
    .is_running = ccbt_torrent_may_run (self),
    .is_fetching = self->metainfo == NULL,
    .has_failed = self->phase == CCBT_TORRENT_MISSING || self->phase == CCBT_TORRENT_BROKEN
                  || (ccbt_torrent_is_downloading (self) && ccbt_torrent_lacks_space (self)),
    .is_complete = self->picker != NULL && ccbt_picker_is_finished (self->picker),
    .is_seeding = self->phase == CCBT_TORRENT_ACTIVE && self->is_finished,
    .is_slow = self->slow.is_slow,
    .idle_seconds = self->idle_seconds,
    .seeding_seconds = self->seeding_seconds,
    .downloaded = self->downloaded,
    .uploaded = self->uploaded,
    .total_size = self->picker != NULL ? self->map.total_size : 0,
  };
}

static void
count_seconds (CcbtTorrent *self, guint64 seconds)
{
  gboolean seeds = self->phase == CCBT_TORRENT_ACTIVE && self->is_finished;
  double rate = seeds ? self->up.per_second : self->down.per_second;

  self->active_seconds += seconds;
  if (ccbt_slow_watch_count (&self->slow, rate, seconds))
    ccbt_torrent_changed (self);
  if (seeds)
    self->seeding_seconds += seconds;
  self->idle_seconds
      = seeds && self->uploaded == self->uploaded_before ? self->idle_seconds + seconds : 0;
  self->uploaded_before = self->uploaded;
}

static void
count_time (CcbtTorrent *self, gboolean rested)
{
  gint64 now = ccbt_clock_now (self->environment->clock);
  gint64 seconds = (now - self->time_counted) / CCBT_SECOND;

  if (self->time_counted == 0)
    self->time_counted = now;
  else if (seconds > 0)
    {
      self->time_counted += seconds * CCBT_SECOND;
      if (self->phase == CCBT_TORRENT_ACTIVE || self->phase == CCBT_TORRENT_FETCHING)
        {
          count_seconds (self, (guint64) seconds);
          ccbt_torrent_count_hindrance (self, (guint64) seconds, rested);
        }
    }
}

void
ccbt_torrent_count_time (CcbtTorrent *self)
{
  count_time (self, FALSE);
}

void
ccbt_torrent_count_rest (CcbtTorrent *self)
{
  count_time (self, TRUE);
}

/* Not of all torrents at the same time, though they started together. */
static guint64
get_save_interval (CcbtTorrent *self)
{
  guint64 interval = self->peers->len > 0 ? SAVE_TIMES_EVERY : SAVE_TIMES_AT_REST;

  return interval + self->id % interval;
}

void
ccbt_torrent_save_times (CcbtTorrent *self)
{
  /* Seeding alone changes nothing that is stored; a kill shall not take hours of it. */
  if (self->active_seconds >= self->seconds_saved + get_save_interval (self))
    self->environment->save (self->environment->session, self, TRUE);
}

gint64
ccbt_torrent_get_next_save_of_times (CcbtTorrent *self)
{
  guint64 unsaved = self->active_seconds - self->seconds_saved;

  return self->time_counted
         + (gint64) (get_save_interval (self) - MIN (unsaved, get_save_interval (self)))
               * CCBT_SECOND;
}
