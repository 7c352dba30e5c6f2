/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-hindrance-watch.h"

/* A limit may stop a peer for an instant although it is seldom reached: the window tells these from limits that
 * hold. The narrowest one is named. */
static CcbtHindrance
find_stall (guint stalls)
{
  if (stalls & CCBT_STALL_PEER_LIMIT)
    return CCBT_HINDRANCE_PEER_LIMIT;
  if (stalls & CCBT_STALL_TORRENT_LIMIT)
    return CCBT_HINDRANCE_OWN_LIMIT;
  if (stalls & CCBT_STALL_SESSION_LIMIT)
    return CCBT_HINDRANCE_SESSION_LIMIT;
  return stalls & CCBT_STALL_DISK ? CCBT_HINDRANCE_DISK : CCBT_HINDRANCE_NONE;
}

static CcbtHindrance
find_for_download (const CcbtHindranceFacts *facts)
{
  if (facts->n_peers == 0 && facts->n_known > 0)
    return CCBT_HINDRANCE_UNREACHABLE;
  if (facts->n_peers == 0)
    return facts->trackers_fail ? CCBT_HINDRANCE_NO_TRACKER : CCBT_HINDRANCE_NO_PEERS;
  if (facts->n_useful == 0)
    return CCBT_HINDRANCE_NO_PIECES;
  return facts->n_serving == 0 ? CCBT_HINDRANCE_CHOKED : CCBT_HINDRANCE_NONE;
}

CcbtHindrance
ccbt_hindrance_find (const CcbtHindranceFacts *facts)
{
  CcbtHindrance stall = find_stall (facts->stalls);

  if (stall != CCBT_HINDRANCE_NONE)
    return stall;
  if (!facts->is_seeding)
    return find_for_download (facts);
  return facts->n_useful == 0 ? CCBT_HINDRANCE_NO_TAKERS : CCBT_HINDRANCE_NONE;
}

/* What was there in most seconds of the window; of equals the one that stands already. */
static CcbtHindrance
find_most (const CcbtHindranceWatch *self)
{
  guint counts[CCBT_N_HINDRANCES] = { 0 };
  CcbtHindrance most = self->current;

  for (guint i = 0; i < self->n_seconds; i++)
    counts[self->window[i]]++;
  for (guint i = 0; i < CCBT_N_HINDRANCES; i++)
    if (counts[i] > counts[most])
      most = i;
  return most;
}

gboolean
ccbt_hindrance_watch_count (CcbtHindranceWatch *self, CcbtHindrance hindrance, guint64 seconds)
{
  CcbtHindrance before = self->current;

  self->seconds[hindrance] += (guint32) seconds;
  for (guint64 i = 0; i < MIN (seconds, CCBT_HINDRANCE_WINDOW); i++)
    {
      self->window[self->position] = (guint8) hindrance;
      self->position = (self->position + 1) % CCBT_HINDRANCE_WINDOW;
      self->n_seconds = MIN (self->n_seconds + 1, CCBT_HINDRANCE_WINDOW);
    }
  self->current = find_most (self);
  return self->current != before;
}

gboolean
ccbt_hindrance_watch_is_settled (const CcbtHindranceWatch *self, CcbtHindrance hindrance)
{
  for (guint i = 0; i < self->n_seconds; i++)
    if (self->window[i] != hindrance)
      return FALSE;
  return self->n_seconds == CCBT_HINDRANCE_WINDOW;
}

gboolean
ccbt_hindrance_watch_rest (CcbtHindranceWatch *self)
{
  CcbtHindrance before = self->current;

  self->current = CCBT_HINDRANCE_NONE;
  self->position = self->n_seconds = 0;
  return before != CCBT_HINDRANCE_NONE;
}
