/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* Hashing has its turns, beside the queue's: a torrent that was never looked at is looked at while it waits for its
 * place, so that the queue knows whether it downloads or seeds. */

/* Stands still, and is to be looked at all the same? */
gboolean
ccbt_torrent_wants_check (CcbtTorrent *self)
{
  if (self->check_wanted)
    return TRUE;
  return self->is_held && !self->is_paused && self->metainfo != NULL && !self->was_checked
         && !self->was_looked_at;
}

gboolean
ccbt_torrent_take_check_turn (CcbtTorrent *self)
{
  CcbtCheckTurns *turns = self->environment->check_turns;

  if (self->has_check_turn || turns == NULL)
    return TRUE;
  if (self->waits_for_check)
    return FALSE;
  self->has_check_turn = ccbt_check_turns_take (turns, self, self->options->is_forced);
  self->waits_for_check = !self->has_check_turn;
  if (self->waits_for_check)
    ccbt_torrent_changed (self);
  return self->has_check_turn;
}

void
ccbt_torrent_end_check_turn (CcbtTorrent *self)
{
  if (self->waits_for_check)
    ccbt_check_turns_forget (self->environment->check_turns, self);
  self->waits_for_check = FALSE;
  if (!self->has_check_turn)
    return;
  self->has_check_turn = FALSE;
  ccbt_check_turns_give_back (self->environment->check_turns);
}

void
ccbt_torrent_begin_check_turn (gpointer torrent)
{
  CcbtTorrent *self = torrent;

  self->waits_for_check = FALSE;
  self->has_check_turn = TRUE;
  ccbt_torrent_changed (self);
  if (self->phase == CCBT_TORRENT_CHECKING)
    ccbt_torrent_submit_checks (self);
  else if (self->phase == CCBT_TORRENT_IDLE && ccbt_torrent_wants_check (self))
    ccbt_torrent_look (self); /* or the tick, when its disk is busy */
  else if (self->phase != CCBT_TORRENT_PREPARING)
    ccbt_torrent_end_check_turn (self);
}
