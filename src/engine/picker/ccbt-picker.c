/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-picker.h"
#include "picker/ccbt-partial-piece.h"
#include "picker/ccbt-piece-order.h"

/* Pieces a torrent begins with are picked at random: the first to be complete is the first to be
 * traded. */
#define RANDOM_FIRST 4u

struct _CcbtPicker
{
  CcbtPieceMap map;
  CcbtPickMode mode;
  CcbtPieceOrder *order;
  CcbtBitfield have;
  CcbtBitfield wanted; /* priority > 0 and not had */
  guint n_seeds;       /* complete peers: in every piece's availability, counted once */
  GPtrArray *partial;  /* CcbtPartialPiece, oldest first */
  CcbtOpenList open;   /* of them, those with free blocks that are wanted */
  GHashTable *by_piece;
  CcbtPartialPiece *latest; /* looked up last */
  guint32 n_free;           /* free blocks of all partial pieces that are wanted by anybody */
  guint32 next_round;       /* ROUND_ROBIN */
};

CcbtPicker *
ccbt_picker_new (const CcbtPieceMap *map, guint64 seed)
{
  CcbtPicker *self = g_new0 (CcbtPicker, 1);

  self->map = *map;
  self->order = ccbt_piece_order_new (map->n_pieces, seed);
  ccbt_bitfield_init (&self->have, map->n_pieces);
  ccbt_bitfield_init (&self->wanted, map->n_pieces);
  self->partial = g_ptr_array_new_with_free_func (g_free);
  self->by_piece = g_hash_table_new (NULL, NULL);
  for (guint32 i = 0; i < map->n_pieces; i++)
    ccbt_piece_order_set_priority (self->order, i, CCBT_PRIORITY_NORMAL);
  ccbt_bitfield_set_all (&self->wanted);
  return self;
}

void
ccbt_picker_free (CcbtPicker *self)
{
  ccbt_piece_order_free (self->order);
  ccbt_bitfield_clear (&self->have);
  ccbt_bitfield_clear (&self->wanted);
  g_hash_table_unref (self->by_piece);
  g_ptr_array_unref (self->partial);
  g_free (self);
}

void
ccbt_picker_set_mode (CcbtPicker *self, CcbtPickMode mode)
{
  self->mode = mode;
}

/* --- Pieces in progress --- */

static CcbtPartialPiece *
find_partial (CcbtPicker *self, guint32 piece)
{
  if (self->latest == NULL || self->latest->piece != piece)
    self->latest = g_hash_table_lookup (self->by_piece, GUINT_TO_POINTER (piece));
  return self->latest;
}

/* Around every change of a piece in progress: takes its free blocks out of the count ... Nobody is
 * asked for those of a piece that is not wanted, so they do not count. */
static void
count_out (CcbtPicker *self, CcbtPartialPiece *partial)
{
  if (ccbt_bitfield_get (&self->wanted, partial->piece))
    self->n_free -= partial->n_free;
}

/* ... and in again. A piece that has some again comes first: it is older than the others. */
static void
count_in (CcbtPicker *self, CcbtPartialPiece *partial)
{
  gboolean wanted = ccbt_bitfield_get (&self->wanted, partial->piece);

  if (wanted)
    self->n_free += partial->n_free;
  if (partial->is_open && (!wanted || partial->n_free == 0))
    ccbt_open_list_remove (&self->open, partial);
  else if (!partial->is_open && wanted && partial->n_free > 0)
    ccbt_open_list_prepend (&self->open, partial);
}

static CcbtPartialPiece *
begin_partial (CcbtPicker *self, guint32 piece)
{
  CcbtPartialPiece *partial
      = ccbt_partial_piece_new (piece, ccbt_piece_map_blocks (&self->map, piece));

  g_ptr_array_add (self->partial, partial);
  g_hash_table_insert (self->by_piece, GUINT_TO_POINTER (piece), partial);
  ccbt_piece_order_set_hidden (self->order, piece, TRUE);
  ccbt_open_list_append (&self->open, partial);
  count_in (self, partial);
  return partial;
}

static void
end_partial (CcbtPicker *self, CcbtPartialPiece *partial)
{
  guint32 piece = partial->piece;

  count_out (self, partial);
  if (partial->is_open)
    ccbt_open_list_remove (&self->open, partial);
  self->latest = NULL;
  g_hash_table_remove (self->by_piece, GUINT_TO_POINTER (piece));
  g_ptr_array_remove (self->partial, partial);
  ccbt_piece_order_set_hidden (self->order, piece, ccbt_bitfield_get (&self->have, piece));
}

/* A piece of which nothing is left begun is like any other. */
static void
end_if_untouched (CcbtPicker *self, CcbtPartialPiece *partial)
{
  if (partial->n_free == partial->n_blocks && partial->only == CCBT_PEER_NONE)
    end_partial (self, partial);
}

/* --- What is had and wanted --- */

static void
update_wanted (CcbtPicker *self, guint32 piece)
{
  CcbtPartialPiece *partial = find_partial (self, piece);

  if (partial != NULL)
    count_out (self, partial);
  if (ccbt_piece_order_get_priority (self->order, piece) > 0
      && !ccbt_bitfield_get (&self->have, piece))
    ccbt_bitfield_set (&self->wanted, piece);
  else
    ccbt_bitfield_unset (&self->wanted, piece);
  if (partial != NULL)
    count_in (self, partial);
}

void
ccbt_picker_set_have (CcbtPicker *self, guint32 piece, gboolean have)
{
  CcbtPartialPiece *partial = find_partial (self, piece);

  if (partial != NULL && have)
    end_partial (self, partial);
  if (have)
    ccbt_bitfield_set (&self->have, piece);
  else
    ccbt_bitfield_unset (&self->have, piece);
  if (partial == NULL || have)
    ccbt_piece_order_set_hidden (self->order, piece, have);
  update_wanted (self, piece);
}

const CcbtBitfield *
ccbt_picker_get_have (CcbtPicker *self)
{
  return &self->have;
}

void
ccbt_picker_set_priority (CcbtPicker *self, guint32 piece, CcbtPriority priority)
{
  ccbt_piece_order_set_priority (self->order, piece,
                                 (guint8) MIN (priority, CCBT_PRIORITY_MAXIMUM));
  update_wanted (self, piece);
}

CcbtPriority
ccbt_picker_get_priority (CcbtPicker *self, guint32 piece)
{
  return (CcbtPriority) ccbt_piece_order_get_priority (self->order, piece);
}

gboolean
ccbt_picker_is_finished (CcbtPicker *self)
{
  return self->wanted.n_set == 0;
}

guint32
ccbt_picker_get_n_wanted_left (CcbtPicker *self)
{
  return self->wanted.n_set;
}

gboolean
ccbt_picker_wants (CcbtPicker *self, guint32 piece)
{
  return ccbt_bitfield_get (&self->wanted, piece);
}

gboolean
ccbt_picker_wants_any (CcbtPicker *self, const CcbtBitfield *pieces)
{
  gsize len = ((gsize) self->map.n_pieces + 7) / 8, i = 0;

  if (pieces->n_set == 0 || self->wanted.n_set == 0)
    return FALSE;
  if (pieces->bits == NULL || self->wanted.bits == NULL)
    return TRUE; /* one of them is everything */
  for (; i + 8 <= len; i += 8)
    {
      guint64 a, b;

      memcpy (&a, pieces->bits + i, 8);
      memcpy (&b, self->wanted.bits + i, 8);
      if (a & b)
        return TRUE;
    }
  for (; i < len; i++)
    if (pieces->bits[i] & self->wanted.bits[i])
      return TRUE;
  return FALSE;
}

/* --- Availability --- */

static void
change_all (CcbtPicker *self, const CcbtBitfield *pieces, gint change)
{
  for (guint32 piece = 0; piece < self->map.n_pieces; piece++)
    {
      if (pieces->bits != NULL && piece % 8 == 0 && pieces->bits[piece / 8] == 0)
        {
          piece += 7;
          continue;
        }
      if (ccbt_bitfield_get (pieces, piece))
        ccbt_piece_order_change_availability (self->order, piece, change);
    }
}

void
ccbt_picker_add_pieces (CcbtPicker *self, const CcbtBitfield *pieces)
{
  if (ccbt_bitfield_is_full (pieces))
    self->n_seeds++;
  else if (pieces->n_set > 0)
    change_all (self, pieces, 1);
}

void
ccbt_picker_remove_pieces (CcbtPicker *self, const CcbtBitfield *pieces)
{
  if (ccbt_bitfield_is_full (pieces))
    self->n_seeds--;
  else if (pieces->n_set > 0)
    change_all (self, pieces, -1);
}

void
ccbt_picker_add_piece (CcbtPicker *self, guint32 piece)
{
  ccbt_piece_order_change_availability (self->order, piece, 1);
}

void
ccbt_picker_promote_to_seed (CcbtPicker *self)
{
  for (guint32 piece = 0; piece < self->map.n_pieces; piece++)
    ccbt_piece_order_change_availability (self->order, piece, -1);
  self->n_seeds++;
}

guint
ccbt_picker_get_availability (CcbtPicker *self, guint32 piece)
{
  return ccbt_piece_order_get_availability (self->order, piece) + self->n_seeds;
}

/* --- Picking --- */

static gboolean
may_take_piece (const CcbtPickRequest *request, guint32 piece)
{
  if (!ccbt_bitfield_get (request->has, piece))
    return FALSE;
  if (request->only_pieces == NULL)
    return TRUE;
  for (guint i = 0; i < request->n_only_pieces; i++)
    if (request->only_pieces[i] == piece)
      return TRUE;
  return FALSE;
}

static gboolean
may_take_partial (CcbtPicker *self, const CcbtPickRequest *request, const CcbtPartialPiece *partial)
{
  if (partial->only != CCBT_PEER_NONE && partial->only != request->peer)
    return FALSE;
  if (request->is_on_parole && partial->only != request->peer)
    return FALSE;
  return ccbt_bitfield_get (&self->wanted, partial->piece)
         && may_take_piece (request, partial->piece);
}

/* Free blocks of pieces in progress: first of those begun by peers of the same speed, then of the
 * others. */
static guint
take_from_partial (CcbtPicker *self, const CcbtPickRequest *request, gboolean same_speed,
                   CcbtBlock *out, guint max)
{
  guint n = 0;

  for (CcbtPartialPiece *partial = self->open.first, *next; partial != NULL && n < max;
       partial = next)
    {
      next = partial->next;
      if ((partial->is_slow == request->is_slow) != same_speed
          || !may_take_partial (self, request, partial))
        continue;
      count_out (self, partial);
      n += ccbt_partial_piece_take_free (partial, request->peer, out + n, max - n);
      count_in (self, partial);
    }
  return n;
}

/* A piece the peer suggested, when it is as good as the one found. */
static guint32
prefer_suggested (CcbtPicker *self, const CcbtPickRequest *request, guint32 found)
{
  for (guint i = 0; i < request->n_suggested; i++)
    {
      guint32 piece = request->suggested[i];

      if (ccbt_piece_order_is_offered (self->order, piece) && may_take_piece (request, piece)
          && ccbt_piece_order_get_priority (self->order, piece)
                 == ccbt_piece_order_get_priority (self->order, found)
          && ccbt_piece_order_get_availability (self->order, piece)
                 <= ccbt_piece_order_get_availability (self->order, found))
        return piece;
    }
  return found;
}

static gboolean
find_allowed (CcbtPicker *self, const CcbtPickRequest *request, guint32 *piece)
{
  for (guint i = 0; i < request->n_only_pieces; i++)
    if (ccbt_piece_order_is_offered (self->order, request->only_pieces[i])
        && ccbt_bitfield_get (request->has, request->only_pieces[i]))
      {
        *piece = request->only_pieces[i];
        return TRUE;
      }
  return FALSE;
}

static gboolean
find_new_piece (CcbtPicker *self, const CcbtPickRequest *request, guint32 *piece)
{
  gboolean found;

  if (ccbt_piece_order_get_n_offered (self->order) == 0)
    return FALSE;
  if (request->max_partial > 0 && self->partial->len >= request->max_partial)
    return FALSE;
  if (request->only_pieces != NULL)
    return find_allowed (self, request, piece);
  switch (self->mode)
    {
    case CCBT_PICK_SEQUENTIAL:
      return ccbt_piece_order_find_from (self->order, request->has, 0, piece);
    case CCBT_PICK_ROUND_ROBIN:
      found = ccbt_piece_order_find_from (self->order, request->has, self->next_round, piece);
      if (found)
        self->next_round = (*piece + 1) % self->map.n_pieces;
      return found;
    case CCBT_PICK_RAREST_FIRST:
    default:
      if (self->have.n_set + self->partial->len < RANDOM_FIRST)
        found = ccbt_piece_order_find_random (self->order, request->has, piece);
      else
        found = ccbt_piece_order_find_rarest (self->order, request->has, piece);
      if (found)
        *piece = prefer_suggested (self, request, *piece);
      return found;
    }
}

static guint
take_from_new (CcbtPicker *self, const CcbtPickRequest *request, CcbtBlock *out, guint max)
{
  guint n = 0;
  guint32 piece;

  while (n < max && find_new_piece (self, request, &piece))
    {
      CcbtPartialPiece *partial = begin_partial (self, piece);

      partial->is_slow = request->is_slow;
      if (request->is_on_parole)
        partial->only = request->peer;
      count_out (self, partial);
      n += ccbt_partial_piece_take_free (partial, request->peer, out + n, max - n);
      count_in (self, partial);
    }
  return n;
}

gboolean
ccbt_picker_is_endgame (CcbtPicker *self)
{
  return self->n_free == 0 && ccbt_piece_order_get_n_offered (self->order) == 0;
}

static guint
take_again (CcbtPicker *self, const CcbtPickRequest *request, CcbtBlock *out, guint max)
{
  guint n = 0;

  for (guint i = 0; i < self->partial->len && n < max; i++)
    {
      CcbtPartialPiece *partial = g_ptr_array_index (self->partial, i);

      if (partial->n_asked_once > 0 && may_take_partial (self, request, partial))
        n += ccbt_partial_piece_take_asked (partial, request->peer, out + n, max - n);
    }
  return n;
}

guint
ccbt_picker_pick (CcbtPicker *self, const CcbtPickRequest *request, CcbtBlock *out, guint max)
{
  guint n = take_from_partial (self, request, TRUE, out, max);

  if (n < max)
    n += take_from_new (self, request, out + n, max - n);
  if (n < max)
    n += take_from_partial (self, request, FALSE, out + n, max - n);
  if (n == 0 && request->is_on_parole)
    {
      /* Nothing of its own to be had: better shared blame than nobody to ask. */
      CcbtPickRequest shared = *request;

      shared.is_on_parole = FALSE;
      return ccbt_picker_pick (self, &shared, out, max);
    }
  /* The last blocks are asked of several, a few at a time: who is fastest brings them. */
  if (n == 0 && ccbt_picker_is_endgame (self))
    n = take_again (self, request, out, MIN (max, 2));
  return n;
}

/* --- Blocks --- */

CcbtBlockState
ccbt_picker_get_block_state (CcbtPicker *self, CcbtBlock block)
{
  CcbtPartialPiece *partial = find_partial (self, block.piece);

  if (partial != NULL)
    return (CcbtBlockState) partial->blocks[block.block].state;
  return ccbt_bitfield_get (&self->have, block.piece) ? CCBT_BLOCK_RECEIVED : CCBT_BLOCK_FREE;
}

void
ccbt_picker_abandon (CcbtPicker *self, CcbtBlock block, CcbtPeerHandle peer)
{
  CcbtPartialPiece *partial = find_partial (self, block.piece);

  if (partial == NULL)
    return;
  count_out (self, partial);
  ccbt_partial_piece_abandon (partial, block.block, peer);
  count_in (self, partial);
  end_if_untouched (self, partial);
}

gboolean
ccbt_picker_mark_received (CcbtPicker *self, CcbtBlock block, CcbtPeerHandle peer,
                           CcbtPeerHandle others[3], guint *n_others)
{
  CcbtPartialPiece *partial = find_partial (self, block.piece);
  gboolean is_new;

  *n_others = 0;
  if (ccbt_bitfield_get (&self->have, block.piece))
    return FALSE;
  if (partial == NULL) /* late, of a piece that was given up */
    partial = begin_partial (self, block.piece);
  count_out (self, partial);
  is_new = ccbt_partial_piece_receive (partial, block.block, peer, others, n_others);
  count_in (self, partial);
  return is_new;
}

void
ccbt_picker_mark_lost (CcbtPicker *self, CcbtBlock block)
{
  CcbtPartialPiece *partial = find_partial (self, block.piece);

  if (partial == NULL)
    return;
  count_out (self, partial);
  ccbt_partial_piece_lose (partial, block.block);
  count_in (self, partial);
  end_if_untouched (self, partial);
}

gboolean
ccbt_picker_is_piece_received (CcbtPicker *self, guint32 piece)
{
  CcbtPartialPiece *partial = find_partial (self, piece);

  return partial != NULL && partial->n_received == partial->n_blocks;
}

CcbtPeerHandle
ccbt_picker_get_giver (CcbtPicker *self, CcbtBlock block)
{
  CcbtPartialPiece *partial = find_partial (self, block.piece);

  if (partial == NULL || partial->blocks[block.block].state != CCBT_BLOCK_RECEIVED)
    return CCBT_PEER_NONE;
  return partial->blocks[block.block].giver;
}

void
ccbt_picker_piece_passed (CcbtPicker *self, guint32 piece)
{
  ccbt_picker_set_have (self, piece, TRUE);
}

void
ccbt_picker_piece_failed (CcbtPicker *self, guint32 piece, CcbtPeerHandle only)
{
  CcbtPartialPiece *partial = find_partial (self, piece);

  if (partial == NULL)
    return;
  count_out (self, partial);
  ccbt_partial_piece_reset (partial);
  count_in (self, partial);
  partial->only = only;
  end_if_untouched (self, partial);
}

void
ccbt_picker_forget_peer (CcbtPicker *self, CcbtPeerHandle peer)
{
  for (guint i = self->partial->len; i-- > 0;)
    {
      CcbtPartialPiece *partial = g_ptr_array_index (self->partial, i);

      if (partial->only != peer)
        continue;
      partial->only = CCBT_PEER_NONE;
      end_if_untouched (self, partial);
    }
}

guint
ccbt_picker_get_n_partial (CcbtPicker *self)
{
  return self->partial->len;
}

guint32
ccbt_picker_get_partial (CcbtPicker *self, guint position)
{
  return ((CcbtPartialPiece *) g_ptr_array_index (self->partial, position))->piece;
}
