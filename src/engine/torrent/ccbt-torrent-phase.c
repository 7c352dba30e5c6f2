/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-phase.h"

/* Phase + 1, so that a cell not listed (0) means: cannot happen. */
#define TO(phase) (CCBT_TORRENT_##phase + 1)

static const guint8 next[CCBT_TORRENT_N_PHASES][CCBT_TORRENT_N_TRIGGERS] = {
  [CCBT_TORRENT_IDLE] = { [CCBT_TORRENT_ON_FETCH] = TO (FETCHING),
                          [CCBT_TORRENT_ON_PREPARE] = TO (PREPARING),
                          [CCBT_TORRENT_ON_CLOSE] = TO (CLOSING) },
  [CCBT_TORRENT_FETCHING] = { [CCBT_TORRENT_ON_PREPARE] = TO (PREPARING),
                              [CCBT_TORRENT_ON_BROKEN] = TO (BROKEN),
                              [CCBT_TORRENT_ON_PAUSE] = TO (IDLE),
                              [CCBT_TORRENT_ON_CLOSE] = TO (CLOSING) },
  [CCBT_TORRENT_PREPARING] = { [CCBT_TORRENT_ON_CHECK] = TO (CHECKING),
                               [CCBT_TORRENT_ON_READY] = TO (ACTIVE),
                               [CCBT_TORRENT_ON_MISSING] = TO (MISSING),
                               [CCBT_TORRENT_ON_BROKEN] = TO (BROKEN),
                               [CCBT_TORRENT_ON_PAUSE] = TO (IDLE),
                               [CCBT_TORRENT_ON_CLOSE] = TO (CLOSING) },
  [CCBT_TORRENT_CHECKING] = { [CCBT_TORRENT_ON_READY] = TO (ACTIVE),
                              [CCBT_TORRENT_ON_MISSING] = TO (MISSING),
                              [CCBT_TORRENT_ON_BROKEN] = TO (BROKEN),
                              [CCBT_TORRENT_ON_PAUSE] = TO (IDLE),
                              [CCBT_TORRENT_ON_CLOSE] = TO (CLOSING) },
  [CCBT_TORRENT_ACTIVE] = { [CCBT_TORRENT_ON_PREPARE] = TO (PREPARING),
                            [CCBT_TORRENT_ON_MISSING] = TO (MISSING),
                            [CCBT_TORRENT_ON_BROKEN] = TO (BROKEN),
                            [CCBT_TORRENT_ON_PAUSE] = TO (IDLE),
                            [CCBT_TORRENT_ON_CLOSE] = TO (CLOSING) },
  [CCBT_TORRENT_MISSING] = { [CCBT_TORRENT_ON_PREPARE] = TO (PREPARING),
                             [CCBT_TORRENT_ON_PAUSE] = TO (IDLE),
                             [CCBT_TORRENT_ON_CLOSE] = TO (CLOSING) },
  [CCBT_TORRENT_BROKEN] = { [CCBT_TORRENT_ON_FETCH] = TO (FETCHING),
                            [CCBT_TORRENT_ON_PREPARE] = TO (PREPARING),
                            [CCBT_TORRENT_ON_PAUSE] = TO (IDLE),
                            [CCBT_TORRENT_ON_CLOSE] = TO (CLOSING) },
};

gboolean
ccbt_torrent_phase_next (CcbtTorrentPhase from, CcbtTorrentTrigger trigger, CcbtTorrentPhase *to)
{
  guint8 cell = next[from][trigger];

  if (cell == 0)
    return FALSE;
  *to = (CcbtTorrentPhase) (cell - 1);
  return TRUE;
}

const char *
ccbt_torrent_phase_get_name (CcbtTorrentPhase phase)
{
  static const char *const names[CCBT_TORRENT_N_PHASES]
      = { "idle", "fetching", "preparing", "checking", "active", "missing", "broken", "closing" };

  return names[phase];
}
