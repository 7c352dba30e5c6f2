/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "base/ccbt-random.h"
#include "peer/ccbt-peer.h"
#include "wire/ccbt-pex.h"

/* Addresses a torrent may dial, with what is known of each: bounded, without duplicates, backing
 * off after failures. And the addresses it will not talk to any more. Pure. */
#define CCBT_CANDIDATES_MAX 3000u
#define CCBT_CANDIDATES_PER_TELLER 200u

typedef struct
{
  CcbtAddress address;
  CcbtPeerSource source;  /* the first that told of it */
  guint sources;          /* all of them: bits of 1 << CcbtPeerSource */
  CcbtPeerHandle told_by; /* PEX: by whom last */
  guint8 pex_flags;       /* CcbtPexFlags, as said last */
  guint8 n_punches;       /* relays asked to bring us together (BEP 55) */
  guint n_failures;       /* in a row */
  gint64 next_attempt;    /* monotonic microseconds */
  gboolean is_connected;
  gboolean was_connected; /* once at least: what others say of it counts less */
  gboolean is_useless;    /* ourselves, or not of this torrent: never again */
} CcbtCandidate;

typedef struct
{
  GPtrArray *list;       /* CcbtCandidate */
  GHashTable *addresses; /* CcbtAddress -> CcbtCandidate */
  GHashTable *banned;    /* CcbtAddress with port 0; NULL until the first */
  guint next;            /* where the search goes on */
  gboolean avoids_seeds; /* we are complete: another seed is of no use */
  CcbtAddress own[2];    /* how the world sees us, by family; port 0 = not known */
  CcbtRandom random;
} CcbtCandidates;

void ccbt_candidates_init (CcbtCandidates *self, guint64 seed);
void ccbt_candidates_clear (CcbtCandidates *self);

/* @allow_loopback: the source stands on this machine, or the user named it. Refused: port 0,
 * addresses nobody can have, banned ones (threats B52, B53). When full, a failing one gives way.
 * Returns: TRUE when it is new */
gboolean ccbt_candidates_add (CcbtCandidates *self, const CcbtAddress *address,
                              CcbtPeerSource source, gboolean allow_loopback);
/* As above, with what @teller said of it. A peer may have told of CCBT_CANDIDATES_PER_TELLER that
 * nobody has reached yet. Returns: TRUE when it is new */
gboolean ccbt_candidates_add_from_pex (CcbtCandidates *self, const CcbtPexPeer *peer,
                                       CcbtPeerHandle teller, gboolean allow_loopback);
/* @teller is not connected to it any more: forgotten when only it had told of it. */
void ccbt_candidates_drop_from_pex (CcbtCandidates *self, const CcbtAddress *address,
                                    CcbtPeerHandle teller);
/* Forgets those that came by @sources (bits) alone, but for connected ones. */
void ccbt_candidates_forget_sources (CcbtCandidates *self, guint sources);
/* @own: how the world sees us, with the port we listen on: equals are then taken in the order both
 * ends agree on (BEP 40). */
void ccbt_candidates_set_own_address (CcbtCandidates *self, const CcbtAddress *own);
/* One that may be dialled now, the best of a few: the least failing, reachable for others, of high
 * canonical priority. Returns: (nullable) (transfer none) */
CcbtCandidate *ccbt_candidates_take_due (CcbtCandidates *self, gint64 now);
CcbtCandidate *ccbt_candidates_lookup (CcbtCandidates *self, const CcbtAddress *address);
/* The connection to it ended. @worked: it had got through the handshake. */
/* When one may be dialled, as far as is known now; G_MAXINT64 = nobody is left. */
gint64 ccbt_candidates_get_next (const CcbtCandidates *self);
void ccbt_candidates_note_closed (CcbtCandidates *self, const CcbtAddress *address, gboolean worked,
                                  gint64 now);
void ccbt_candidates_ban (CcbtCandidates *self, const CcbtAddress *address);
gboolean ccbt_candidates_is_banned (CcbtCandidates *self, const CcbtAddress *address);
guint ccbt_candidates_count_idle (CcbtCandidates *self);
