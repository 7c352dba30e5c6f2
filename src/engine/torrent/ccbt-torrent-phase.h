/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* What a torrent does now. Facts that hold beside it (complete, sequential) are flags of the
 * torrent. */
typedef enum
{
  CCBT_TORRENT_IDLE = 0,  /* stands still: paused, or not started yet */
  CCBT_TORRENT_FETCHING,  /* metadata from peers */
  CCBT_TORRENT_PREPARING, /* looks at its files, makes them */
  CCBT_TORRENT_CHECKING,  /* hashes what is on disk */
  CCBT_TORRENT_ACTIVE,    /* downloads, seeds */
  CCBT_TORRENT_MISSING,   /* folder or drive is gone: looks again now and then */
  CCBT_TORRENT_BROKEN,    /* disk error: tries again now and then */
  CCBT_TORRENT_CLOSING,
} CcbtTorrentPhase;
#define CCBT_TORRENT_N_PHASES (CCBT_TORRENT_CLOSING + 1)

typedef enum
{
  CCBT_TORRENT_ON_FETCH,   /* start without metadata */
  CCBT_TORRENT_ON_PREPARE, /* start with metadata; metadata came; try again */
  CCBT_TORRENT_ON_CHECK,   /* there are pieces to check */
  CCBT_TORRENT_ON_READY,   /* files and pieces are known */
  CCBT_TORRENT_ON_MISSING,
  CCBT_TORRENT_ON_BROKEN,
  CCBT_TORRENT_ON_PAUSE,
  CCBT_TORRENT_ON_CLOSE,
} CcbtTorrentTrigger;
#define CCBT_TORRENT_N_TRIGGERS (CCBT_TORRENT_ON_CLOSE + 1)

/* Row: where we are. Column: what happened. Returns: FALSE when that cannot happen here: stay */
gboolean ccbt_torrent_phase_next (CcbtTorrentPhase from, CcbtTorrentTrigger trigger,
                                  CcbtTorrentPhase *to);
const char *ccbt_torrent_phase_get_name (CcbtTorrentPhase phase);
