/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "base/ccbt-random.h"
#include "peer/ccbt-peer.h"

/* Addresses a torrent may dial, with what is known of each: bounded, without duplicates, backing
 * off after failures. And the addresses it will not talk to any more. Pure. */
#define CCBT_CANDIDATES_MAX 3000u

typedef struct
{
  CcbtAddress address;
  CcbtPeerSource source;
  guint n_failures;    /* in a row */
  gint64 next_attempt; /* monotonic microseconds */
  gboolean is_connected;
  gboolean is_useless; /* ourselves, or not of this torrent: never again */
} CcbtCandidate;

typedef struct
{
  GPtrArray *list;       /* CcbtCandidate */
  GHashTable *addresses; /* CcbtAddress -> CcbtCandidate */
  GHashTable *banned;    /* CcbtAddress with port 0 */
  guint next;            /* where the search goes on */
  CcbtRandom random;
} CcbtCandidates;

void ccbt_candidates_init (CcbtCandidates *self, guint64 seed);
void ccbt_candidates_clear (CcbtCandidates *self);

/* @allow_loopback: the source stands on this machine, or the user named it. Refused: port 0,
 * addresses nobody can have, banned ones (threats B52, B53). When full, a failing one gives way.
 * Returns: TRUE when it is new */
gboolean ccbt_candidates_add (CcbtCandidates *self, const CcbtAddress *address,
                              CcbtPeerSource source, gboolean allow_loopback);
/* One that may be dialled now, the least failing of a few. Returns: (nullable) (transfer none) */
CcbtCandidate *ccbt_candidates_take_due (CcbtCandidates *self, gint64 now);
CcbtCandidate *ccbt_candidates_lookup (CcbtCandidates *self, const CcbtAddress *address);
/* The connection to it ended. @worked: it had got through the handshake. */
void ccbt_candidates_note_closed (CcbtCandidates *self, const CcbtAddress *address, gboolean worked,
                                  gint64 now);
void ccbt_candidates_ban (CcbtCandidates *self, const CcbtAddress *address);
gboolean ccbt_candidates_is_banned (CcbtCandidates *self, const CcbtAddress *address);
guint ccbt_candidates_count_idle (CcbtCandidates *self);
