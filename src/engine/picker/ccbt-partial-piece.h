/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "picker/ccbt-picker.h"

/* The blocks of one piece in progress: who was asked, who gave. */
#define CCBT_MAX_ASKED 3u

typedef struct
{
  guint8 state; /* CcbtBlockState */
  guint8 n_asked;
  CcbtPeerHandle asked[CCBT_MAX_ASKED];
  CcbtPeerHandle giver; /* RECEIVED */
} CcbtPartialBlock;

typedef struct _CcbtPartialPiece CcbtPartialPiece;

struct _CcbtPartialPiece
{
  guint32 piece;
  guint32 n_blocks;
  guint32 first_free; /* no block before it is free */
  guint32 n_free;
  guint32 n_received;
  guint32 n_asked_once; /* blocks requested from exactly one peer: what an endgame may ask again */
  CcbtPeerHandle only;  /* nobody else may be asked; NONE = anybody */
  gboolean is_slow;     /* begun by a slow peer */
  gboolean is_open;     /* in the list of those with blocks to give */
  CcbtPartialPiece *previous, *next;
  CcbtPartialBlock blocks[];
};

CcbtPartialPiece *ccbt_partial_piece_new (guint32 piece, guint32 n_blocks);

/* Takes up to @max free blocks for @peer, in order. Returns: how many */
guint ccbt_partial_piece_take_free (CcbtPartialPiece *self, CcbtPeerHandle peer, CcbtBlock *out,
                                    guint max);
/* Takes blocks that one other peer was asked for. */
guint ccbt_partial_piece_take_asked (CcbtPartialPiece *self, CcbtPeerHandle peer, CcbtBlock *out,
                                     guint max);
void ccbt_partial_piece_abandon (CcbtPartialPiece *self, guint32 block, CcbtPeerHandle peer);
gboolean ccbt_partial_piece_receive (CcbtPartialPiece *self, guint32 block, CcbtPeerHandle peer,
                                     CcbtPeerHandle others[3], guint *n_others);
void ccbt_partial_piece_lose (CcbtPartialPiece *self, guint32 block);
/* All blocks free again. */
void ccbt_partial_piece_reset (CcbtPartialPiece *self);

/* Pieces with free blocks that are wanted: what a pick walks, however many are in progress. */
typedef struct
{
  CcbtPartialPiece *first, *last;
} CcbtOpenList;

void ccbt_open_list_append (CcbtOpenList *self, CcbtPartialPiece *piece);
void ccbt_open_list_prepend (CcbtOpenList *self, CcbtPartialPiece *piece);
void ccbt_open_list_remove (CcbtOpenList *self, CcbtPartialPiece *piece);
