/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Every request on the wire asks for this many bytes, but for the last block of a piece (BEP 3). */
#define CCBT_BLOCK_SIZE 16384u

/* One connection to one peer: a slot and a generation, so that a handle kept after the peer has gone finds nothing.
 * 0 is nobody. */
typedef guint32 CcbtPeerHandle;
#define CCBT_PEER_NONE ((CcbtPeerHandle) 0)

/* A torrent within one run of one session. Never reused, never 0. */
typedef guint32 CcbtTorrentId;

/* How much a user wants a file or a piece. The numbers are stored: do not renumber. */
typedef enum
{
  CCBT_PRIORITY_SKIP = 0, /* do not download */
  CCBT_PRIORITY_LOW = 1,
  CCBT_PRIORITY_NORMAL = 4,
  CCBT_PRIORITY_HIGH = 6,
  CCBT_PRIORITY_MAXIMUM = 7,
} CcbtPriority;
