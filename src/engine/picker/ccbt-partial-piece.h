/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "picker/ccbt-picker.h"

/* The blocks of one piece in progress: who was asked, who gave. */
#define CCBT_MAX_ASKED 2u

typedef struct
{
  GList link;                           /* in asked_once; its data is the piece */
  CcbtPeerHandle asked[CCBT_MAX_ASKED]; /* the first was asked first */
  CcbtPeerHandle giver;                 /* RECEIVED */
  guint8 state;                         /* CcbtBlockState */
  guint8 n_asked;
} CcbtPartialBlock;

typedef struct
{
  guint32 piece;
  guint32 n_blocks;
  guint32 n_free;
  guint32 n_received;
  guint32 first_free;  /* no block before it is free */
  CcbtPeerHandle only; /* nobody else may be asked; NONE = anybody */
  gboolean is_parole;  /* @only is on parole: the piece is its own until that would stall it */
  gboolean is_slow;    /* begun by a slow peer */
  GQueue *asked_once; /* (not owned) blocks asked of one peer, oldest first: what an endgame may ask
                          again */
  guint32 place;      /* the picker's: among all pieces in progress */
  guint32 open_place; /* the picker's: among those with a wanted free block */
  guint32 n_counted;  /* the picker's: free blocks it counts as anybody's */
  CcbtPartialBlock blocks[];
} CcbtPartialPiece;

CcbtPartialPiece *ccbt_partial_piece_new (guint32 piece, guint32 n_blocks, GQueue *asked_once);
void ccbt_partial_piece_free (CcbtPartialPiece *self);

static inline guint32
ccbt_partial_piece_get_n_requested (const CcbtPartialPiece *self)
{
  return self->n_blocks - self->n_free - self->n_received;
}

/* Takes up to @max free blocks for @peer, in order. Returns: how many */
guint ccbt_partial_piece_take_free (CcbtPartialPiece *self, CcbtPeerHandle peer, CcbtBlock *out,
                                    guint max);
/* Asks a second peer for a block that one was asked for. FALSE when it is @peer that was. */
gboolean ccbt_partial_piece_take_again (CcbtPartialPiece *self, CcbtPartialBlock *block,
                                        CcbtPeerHandle peer, CcbtBlock *out);
void ccbt_partial_piece_abandon (CcbtPartialPiece *self, guint32 block, CcbtPeerHandle peer);
gboolean ccbt_partial_piece_receive (CcbtPartialPiece *self, guint32 block, CcbtPeerHandle peer,
                                     CcbtPeerHandle others[3], guint *n_others);
void ccbt_partial_piece_lose (CcbtPartialPiece *self, guint32 block);
/* All blocks free again. */
void ccbt_partial_piece_reset (CcbtPartialPiece *self);
