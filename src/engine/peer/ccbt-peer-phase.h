/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* peer: one connection to one peer: handshake, messages, requests both ways. It moves bytes and
 * keeps the books of the conversation; what to ask for and whom to serve is its owner's business.
 */

#include <glib.h>

typedef enum
{
  CCBT_PEER_DEAD = 0,
  CCBT_PEER_CONNECTING,  /* outgoing, TCP not through yet */
  CCBT_PEER_IDENTIFYING, /* incoming, has not said which torrent it wants */
  CCBT_PEER_HANDSHAKING, /* our handshake is out, theirs is not complete */
  CCBT_PEER_OPEN,
} CcbtPeerPhase;
#define CCBT_PEER_N_PHASES (CCBT_PEER_OPEN + 1)

typedef enum
{
  CCBT_PEER_ON_CONNECTED,
  CCBT_PEER_ON_IDENTIFIED,
  CCBT_PEER_ON_HANDSHAKEN,
  CCBT_PEER_ON_CLOSE,
} CcbtPeerEvent;
#define CCBT_PEER_N_EVENTS (CCBT_PEER_ON_CLOSE + 1)

/* Row: where we are. Column: what happened. A cell not listed is CCBT_PEER_DEAD (0). */
extern const CcbtPeerPhase ccbt_peer_phase_next[CCBT_PEER_N_PHASES][CCBT_PEER_N_EVENTS];
