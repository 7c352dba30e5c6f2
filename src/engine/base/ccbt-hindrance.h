/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* What keeps a torrent from being faster than it is. */
typedef enum
{
  CCBT_HINDRANCE_NONE,          /* nothing of ours: its peers send, or take, as fast as they can */
  CCBT_HINDRANCE_NO_PEERS,      /* nobody is known who has it */
  CCBT_HINDRANCE_NO_TRACKER,    /* the same, and none of its trackers answers */
  CCBT_HINDRANCE_UNREACHABLE,   /* peers are known, and none can be connected to */
  CCBT_HINDRANCE_NO_PIECES,     /* nobody connected has a piece that is missing */
  CCBT_HINDRANCE_CHOKED,        /* all who have some serve others for now */
  CCBT_HINDRANCE_OWN_LIMIT,     /* its own rate limit */
  CCBT_HINDRANCE_PEER_LIMIT,    /* the limit each peer is under */
  CCBT_HINDRANCE_SESSION_LIMIT, /* the rate limit of the whole session */
  CCBT_HINDRANCE_DISK,          /* the disk takes, or gives, no more than this */
  CCBT_HINDRANCE_NO_TAKERS,     /* seeding: nobody connected wants any of it */
} CcbtHindrance;

#define CCBT_N_HINDRANCES (CCBT_HINDRANCE_NO_TAKERS + 1)

/* "session-limit", for JSON, D-Bus and logs; never translated. */
const char *ccbt_hindrance_get_name (CcbtHindrance hindrance);
