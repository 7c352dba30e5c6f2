/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* A torrent to which nothing happens is not ticked: when it next has something to do of its own accord, and what
 * brings it back before. */

void
ccbt_torrent_wake (CcbtTorrent *self)
{
  self->environment->wake (self->environment->session, self);
}

void
ccbt_torrent_note_woken (CcbtTorrent *self, gint64 now)
{
  /* Nothing moved meanwhile: what comes now is not to be spread over that time. */
  ccbt_rate_meter_update (&self->down, now);
  ccbt_rate_meter_update (&self->up, now);
  ccbt_torrent_count_rest (self);
}

static gboolean
has_disk_work (CcbtTorrent *self)
{
  return !ccbt_torrent_is_disk_idle (self) || self->prepare_wanted || self->move != NULL
         || (ccbt_torrent_wants_check (self) && !self->waits_for_check) || self->has_unsynced
         || self->sync_waiters != NULL
         || (self->assembly != NULL && ccbt_assembly_get_buffered (self->assembly) > 0);
}

static gboolean
is_between_phases (CcbtTorrent *self)
{
  return self->phase == CCBT_TORRENT_PREPARING || self->phase == CCBT_TORRENT_CHECKING
         || self->phase == CCBT_TORRENT_CLOSING
         || (self->phase == CCBT_TORRENT_IDLE && ccbt_torrent_may_run (self));
}

/* What is told of a torrent that runs, and changes as time goes by without anything happening. */
static gint64
get_next_finding (CcbtTorrent *self, gint64 now)
{
  guint slow = ccbt_slow_watch_get_remaining (&self->slow);

  if (!ccbt_torrent_is_hindrance_settled (self))
    return now + CCBT_SECOND;
  return slow > 0 ? self->time_counted + slow * CCBT_SECOND : G_MAXINT64;
}

gint64
ccbt_torrent_get_next_tick (CcbtTorrent *self, gint64 now)
{
  gint64 next;

  if (ccbt_torrent_is_moving (self) || is_between_phases (self) || has_disk_work (self))
    return now;
  next = ccbt_tracker_set_get_next_tick (self->trackers);
  if (self->retry_at != 0 && self->storage != NULL)
    next = MIN (next, self->retry_at);
  if (ccbt_torrent_is_active (self) && !self->stamps_are_valid)
    next = MIN (next, self->next_save);
  if (ccbt_torrent_is_active (self) || self->phase == CCBT_TORRENT_FETCHING)
    {
      next = MIN (next, ccbt_candidates_get_next (&self->candidates));
      next = MIN (next, ccbt_torrent_get_next_save_of_times (self));
      next = MIN (next, get_next_finding (self, now));
    }
  return MAX (next, now);
}
