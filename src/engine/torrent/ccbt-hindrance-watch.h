/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-hindrance.h"
#include "peer/ccbt-peer.h"

/* Tells from what happened in each second what a torrent is held up by. Pure. */

/* One second of a torrent that runs. */
typedef struct
{
  gboolean is_seeding;
  gboolean trackers_fail; /* it has some, and the last question to each failed */
  guint n_known;          /* peers that could be connected to */
  guint n_peers;          /* connected */
  guint n_useful;         /* of these, that have pieces we want; seeding: that want some of ours */
  guint n_serving;        /* of these, that let us ask */
  guint stalls;           /* CcbtStallCause of any peer, in the direction that counts */
} CcbtHindranceFacts;

CcbtHindrance ccbt_hindrance_find (const CcbtHindranceFacts *facts);

#define CCBT_HINDRANCE_WINDOW 15u /* seconds */

/* Zeroed: nothing hinders. */
typedef struct
{
  CcbtHindrance current; /* what hindered most in the window */
  guint8 window[CCBT_HINDRANCE_WINDOW];
  guint position;
  guint n_seconds;                    /* in the window */
  guint32 seconds[CCBT_N_HINDRANCES]; /* in this run */
} CcbtHindranceWatch;

/* So it was for @seconds, until now. Returns: TRUE when `current` changed */
gboolean ccbt_hindrance_watch_count (CcbtHindranceWatch *self, CcbtHindrance hindrance,
                                     guint64 seconds);
/* It was @hindrance all the time of the window: more seconds of it would change nothing. */
gboolean ccbt_hindrance_watch_is_settled (const CcbtHindranceWatch *self, CcbtHindrance hindrance);
/* It stands still: what was is over; `seconds` stay. Returns: TRUE when `current` changed */
gboolean ccbt_hindrance_watch_rest (CcbtHindranceWatch *self);
