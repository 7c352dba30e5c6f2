/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-random.h"
#include "base/ccbt-types.h"
#include "picker/ccbt-bitfield.h"
#include "picker/ccbt-piece-map.h"

/* Decides which blocks to ask a peer for. Knows every piece's state and availability and, for
 * pieces in progress, every block's: free, requested (by whom), received (from whom). A plain
 * struct on the engine thread.
 *
 * Costs: have +- 1: O(1). Pick: O(blocks picked) when the peer has what is rare, bounded by a fixed
 * number of looked-at candidates otherwise; never O(pieces) per call at 200,000 pieces x 1,000
 * peers. Complete peers are counted, not walked. */
typedef struct _CcbtPicker CcbtPicker;

typedef enum
{
  CCBT_PICK_RAREST_FIRST, /* random among equals; the first few pieces of a torrent at random (quick
                             to have one) */
  CCBT_PICK_SEQUENTIAL,
  CCBT_PICK_ROUND_ROBIN, /* continues after the last started piece, wraps */
} CcbtPickMode;

typedef struct
{
  guint32 piece;
  guint32 block; /* index in the piece */
} CcbtBlock;

typedef enum
{
  CCBT_BLOCK_FREE,
  CCBT_BLOCK_REQUESTED,
  CCBT_BLOCK_RECEIVED,
} CcbtBlockState;

CcbtPicker *ccbt_picker_new (const CcbtPieceMap *map, guint64 seed);
void ccbt_picker_free (CcbtPicker *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtPicker, ccbt_picker_free)

void ccbt_picker_set_mode (CcbtPicker *self, CcbtPickMode mode);

/* What we have. Setting @have piece by piece at start-up is O(1) each. */
void ccbt_picker_set_have (CcbtPicker *self, guint32 piece, gboolean have);
const CcbtBitfield *ccbt_picker_get_have (CcbtPicker *self); /* verified pieces */
/* SKIP: never picked. Changing back and forth while running is fine. O(1) */
void ccbt_picker_set_priority (CcbtPicker *self, guint32 piece, CcbtPriority priority);
CcbtPriority ccbt_picker_get_priority (CcbtPicker *self, guint32 piece);
gboolean ccbt_picker_is_finished (CcbtPicker *self);      /* every piece not SKIP is had */
guint32 ccbt_picker_get_n_wanted_left (CcbtPicker *self); /* pieces wanted and not had */
/* Does @pieces hold a piece that we want and lack? Decides "interested". O(pieces / 8) worst case:
 * keep the answer and update it by haves. */
gboolean ccbt_picker_wants_any (CcbtPicker *self, const CcbtBitfield *pieces);
gboolean ccbt_picker_wants (CcbtPicker *self, guint32 piece);

/* Availability. A peer with a full bitfield costs O(1) both ways. */
void ccbt_picker_add_pieces (CcbtPicker *self, const CcbtBitfield *pieces);
void ccbt_picker_remove_pieces (CcbtPicker *self, const CcbtBitfield *pieces);
void ccbt_picker_add_piece (CcbtPicker *self, guint32 piece);
/* A peer whose bitfield was partial got full: its n_pieces single counts become one seed. */
void ccbt_picker_promote_to_seed (CcbtPicker *self);
/* The other way round, before one of its pieces is taken away. */
void ccbt_picker_demote_seed (CcbtPicker *self);
void ccbt_picker_remove_piece (CcbtPicker *self, guint32 piece);
guint ccbt_picker_get_availability (CcbtPicker *self, guint32 piece);

typedef struct
{
  CcbtPeerHandle peer;
  const CcbtBitfield *has; /* what the peer has */
  gboolean is_slow; /* prefers pieces other slow peers work on; never shares a piece with fast ones
                       when there is a choice */
  gboolean is_on_parole; /* took part in a failed piece: gets whole pieces of its own, so that blame
                            is clear */
  const guint32 *only_pieces; /* (nullable): choked, but these are allowed (BEP 6) */
  guint n_only_pieces;
  const guint32 *suggested; /* (nullable): pieces it suggested: preferred among equally rare ones */
  guint n_suggested;
  guint max_partial; /* most pieces in progress at a time over all peers; 0 = no limit */
} CcbtPickRequest;

/* Fills @out with up to @max blocks and marks them requested by the peer: blocks of pieces in
 * progress first, then new pieces by mode and priority. When nothing is free any more (endgame), a
 * few blocks requested by one other peer, oldest request first; never one this peer has asked for,
 * and never a third peer. Returns: how many */
guint ccbt_picker_pick (CcbtPicker *self, const CcbtPickRequest *request, CcbtBlock *out,
                        guint max);
/* Are there no free blocks left among the wanted ones? Those that no connected peer has, and those
 * kept for one peer, do not count. */
gboolean ccbt_picker_is_endgame (CcbtPicker *self);

CcbtBlockState ccbt_picker_get_block_state (CcbtPicker *self, CcbtBlock block);
/* The peer's request is over without a block (choked, rejected, timed out, gone): free again unless
 * another asks too. */
void ccbt_picker_abandon (CcbtPicker *self, CcbtBlock block, CcbtPeerHandle peer);
/* All requests of the peer at once; O(blocks it has requested) is the caller's loop otherwise. */

/* The block came from @peer. @others: (out): up to 3 peers that asked for it too (send them
 * CANCEL). Returns: FALSE when it was received before (a duplicate: drop the bytes) */
gboolean ccbt_picker_mark_received (CcbtPicker *self, CcbtBlock block, CcbtPeerHandle peer,
                                    CcbtPeerHandle others[3], guint *n_others);
/* The bytes of a received block were lost (disk error, spill failed): free again. */
void ccbt_picker_mark_lost (CcbtPicker *self, CcbtBlock block);
/* Are all blocks of @piece received? */
gboolean ccbt_picker_is_piece_received (CcbtPicker *self, guint32 piece);
/* Who gave the block; kept until the piece passes. CCBT_PEER_NONE when not received. */
CcbtPeerHandle ccbt_picker_get_giver (CcbtPicker *self, CcbtBlock block);
/* The piece was verified: had from now on, block states are forgotten. */
void ccbt_picker_piece_passed (CcbtPicker *self, guint32 piece);
/* The piece failed: all its blocks are free again. @only: (nullable): from now on only this peer
 * may be asked for blocks of it, until it passes, fails again or the peer is forgotten (smart ban:
 * one source, clear blame). */
void ccbt_picker_piece_failed (CcbtPicker *self, guint32 piece, CcbtPeerHandle only);
/* The peer has gone; its requests were abandoned before. Releases pieces reserved for it. */
void ccbt_picker_forget_peer (CcbtPicker *self, CcbtPeerHandle peer);

/* Pieces with a block requested or received, not had yet; in no order. */
guint ccbt_picker_get_n_partial (CcbtPicker *self);
guint32 ccbt_picker_get_partial (CcbtPicker *self, guint position);
