/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "picker/ccbt-bitfield.h"

/* Super-seeding (BEP 16): the first seed of a swarm gives each piece away about once. It does not say
 * what it has; it tells each peer of one piece nobody else was given, and of the next one when that
 * piece turns up at another peer. Pure: events and a clock in, pieces out. */
typedef struct _CcbtSuperSeed CcbtSuperSeed;

/* A peer that has its piece and finds nobody to pass it on to gets the next one after so long. */
#define CCBT_SUPER_SEED_PATIENCE (10 * G_USEC_PER_SEC)

/* How many peers have @piece. */
typedef guint (*CcbtSuperSeedAvailability) (gconstpointer owner, guint32 piece);

/* @seed: for choices among equals */
CcbtSuperSeed *ccbt_super_seed_new (guint32 n_pieces, guint32 seed);
void ccbt_super_seed_free (CcbtSuperSeed *self);

/* Chooses the next piece to tell @peer of: the rarest, of those the least often given.
 * @has: what the peer has. Returns: FALSE when there is none left for it */
gboolean ccbt_super_seed_reveal (CcbtSuperSeed *self, guint32 peer, const CcbtBitfield *has,
                                 CcbtSuperSeedAvailability availability, gconstpointer owner,
                                 gint64 now, guint32 *piece);
/* @peer says that it has @piece.
 * @earned: (element-type guint32): the peers that may be told of another piece are appended */
void ccbt_super_seed_note_have (CcbtSuperSeed *self, guint32 peer, guint32 piece, GArray *earned);
/* Those whose patience is at its end are appended. */
void ccbt_super_seed_tick (CcbtSuperSeed *self, gint64 now, GArray *earned);
void ccbt_super_seed_remove_peer (CcbtSuperSeed *self, guint32 peer);
/* Was anything revealed to @peer? */
gboolean ccbt_super_seed_knows (CcbtSuperSeed *self, guint32 peer);
