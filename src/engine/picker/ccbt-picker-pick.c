/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-picker-private.h"

/* Pieces a torrent begins with are picked at random: the first to be complete is the first to be
 * traded. */
#define RANDOM_FIRST 4u
/* Open pieces looked at for the best of them. There are more only in swarms of peers that have
 * little: then the next look begins elsewhere, and a peer is first led back to where it was. */
#define LOOKED_AT 16u
/* Blocks asked again at a time: an endgame repeats little. */
#define MOST_AGAIN 2u

/* What is remembered of a peer's last pick. */
typedef struct
{
  guint32 latest;         /* the piece it took from */
  gboolean found_nothing; /* and would find nothing, while these stay what they are: */
  gboolean was_endgame;
  guint32 n_has;
  guint64 openings;
} Memory;

static Memory *
get_memory (CcbtPicker *self, CcbtPeerHandle peer)
{
  Memory *memory = g_hash_table_lookup (self->memories, GUINT_TO_POINTER (peer));

  if (memory == NULL)
    {
      memory = g_new0 (Memory, 1);
      g_hash_table_insert (self->memories, GUINT_TO_POINTER (peer), memory);
    }
  return memory;
}

static gboolean
knows_nothing_to_take (CcbtPicker *self, const Memory *memory, const CcbtPickRequest *request)
{
  return memory->found_nothing && memory->openings == self->openings
         && memory->n_has == request->has->n_set
         && memory->was_endgame == ccbt_picker_is_endgame (self);
}

static void
remember (CcbtPicker *self, Memory *memory, const CcbtPickRequest *request, guint n)
{
  /* Under those two, nothing found does not mean that nothing is there. */
  gboolean is_limited = request->only_pieces != NULL || request->max_partial > 0;

  memory->found_nothing = n == 0 && !is_limited;
  memory->openings = self->openings;
  memory->n_has = request->has->n_set;
  memory->was_endgame = ccbt_picker_is_endgame (self);
}

/* --- Pieces in progress --- */

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

static guint
take_free (CcbtPicker *self, const CcbtPickRequest *request, CcbtPartialPiece *partial,
           CcbtBlock *out, guint max)
{
  guint got = ccbt_partial_piece_take_free (partial, request->peer, out, max);

  ccbt_picker_update_partial (self, partial);
  return got;
}

/* What is wanted most, then what is rare, then what is nearly done. */
static gboolean
is_better (CcbtPicker *self, const CcbtPartialPiece *a, const CcbtPartialPiece *b)
{
  guint first = ccbt_piece_order_get_priority (self->order, a->piece);
  guint second = ccbt_piece_order_get_priority (self->order, b->piece);

  if (first != second)
    return first > second;
  if (self->mode == CCBT_PICK_SEQUENTIAL)
    return a->piece < b->piece;
  first = ccbt_piece_order_get_availability (self->order, a->piece);
  second = ccbt_piece_order_get_availability (self->order, b->piece);
  if (first != second)
    return first < second;
  return a->n_free < b->n_free;
}

static CcbtPartialPiece *
find_best_open (CcbtPicker *self, const CcbtPickRequest *request, gboolean is_slow)
{
  CcbtPartialPiece *best = NULL;
  guint n = MIN (self->open->len, LOOKED_AT);

  for (guint i = 0; i < n; i++)
    {
      guint place = (self->next_open + i) % self->open->len;
      CcbtPartialPiece *partial = g_ptr_array_index (self->open, place);

      /* The peer's own bits last: they are in nobody's cache. */
      if (partial->is_slow == is_slow && (best == NULL || is_better (self, partial, best))
          && may_take_partial (self, request, partial))
        best = partial;
    }
  return best;
}

/* Of pieces begun by slow peers, or by fast ones. */
static guint
take_from_open (CcbtPicker *self, const CcbtPickRequest *request, gboolean is_slow, CcbtBlock *out,
                guint max)
{
  CcbtPartialPiece *best;
  guint n = 0;

  while (n < max && (best = find_best_open (self, request, is_slow)) != NULL)
    n += take_free (self, request, best, out + n, max - n);
  if (self->open->len > LOOKED_AT)
    self->next_open = (self->next_open + LOOKED_AT) % self->open->len;
  return n;
}

/* Where there are too many to look at them all. */
static guint
take_from_latest (CcbtPicker *self, const CcbtPickRequest *request, const Memory *memory,
                  CcbtBlock *out, guint max)
{
  CcbtPartialPiece *partial;

  if (self->open->len <= LOOKED_AT)
    return 0;
  partial = ccbt_picker_find_partial (self, memory->latest);
  if (partial == NULL || partial->n_free == 0 || partial->is_slow != request->is_slow
      || !may_take_partial (self, request, partial))
    return 0;
  return take_free (self, request, partial, out, max);
}

/* The peer has no new piece to offer: then everything open is looked at. */
static guint
take_from_all_open (CcbtPicker *self, const CcbtPickRequest *request, CcbtBlock *out, guint max)
{
  guint n = 0;

  if (self->open->len <= LOOKED_AT)
    return 0;
  /* From the end: what leaves is replaced by what was looked at before. */
  for (guint i = self->open->len; i-- > 0 && n < max;)
    {
      CcbtPartialPiece *partial = g_ptr_array_index (self->open, i);

      if (may_take_partial (self, request, partial))
        n += take_free (self, request, partial, out + n, max - n);
    }
  return n;
}

static gboolean
is_reserved_in_vain (const CcbtPartialPiece *partial)
{
  return partial->is_parole && ccbt_partial_piece_get_n_requested (partial) == 0;
}

/* Pieces kept for a peer on parole that asks for nothing of them: better shared blame than a
 * stall. */
static guint
take_reserved (CcbtPicker *self, const CcbtPickRequest *request, CcbtBlock *out, guint max)
{
  guint n = 0;

  for (guint i = self->open->len; i-- > 0 && n < max;)
    {
      CcbtPartialPiece *partial = g_ptr_array_index (self->open, i);

      if (!is_reserved_in_vain (partial) || !may_take_piece (request, partial->piece))
        continue;
      partial->only = CCBT_PEER_NONE;
      partial->is_parole = FALSE;
      self->openings++;
      n += take_free (self, request, partial, out + n, max - n);
    }
  return n;
}

/* --- New pieces --- */

/* Is @piece offered, and at least as good as @than? */
static gboolean
is_as_good (CcbtPicker *self, guint32 piece, guint32 than)
{
  guint first = ccbt_piece_order_get_priority (self->order, piece);
  guint second = ccbt_piece_order_get_priority (self->order, than);

  if (first != second)
    return first > second;
  return ccbt_piece_order_get_availability (self->order, piece)
         <= ccbt_piece_order_get_availability (self->order, than);
}

static gboolean
may_begin (CcbtPicker *self, const CcbtPickRequest *request, guint32 piece)
{
  return piece < self->map.n_pieces && ccbt_piece_order_is_offered (self->order, piece)
         && may_take_piece (request, piece);
}

/* A piece the peer suggested, when it is as good as the one found. */
static guint32
prefer_suggested (CcbtPicker *self, const CcbtPickRequest *request, guint32 found)
{
  for (guint i = 0; i < request->n_suggested; i++)
    if (may_begin (self, request, request->suggested[i])
        && is_as_good (self, request->suggested[i], found))
      return request->suggested[i];
  return found;
}

static gboolean
find_allowed (CcbtPicker *self, const CcbtPickRequest *request, guint32 *piece)
{
  gboolean found = FALSE;

  for (guint i = 0; i < request->n_only_pieces; i++)
    {
      guint32 allowed = request->only_pieces[i];

      if (!may_begin (self, request, allowed) || (found && is_as_good (self, *piece, allowed)))
        continue;
      *piece = allowed;
      found = TRUE;
    }
  return found;
}

static gboolean
find_rarest (CcbtPicker *self, const CcbtPickRequest *request, guint32 *piece)
{
  gboolean found;

  if (self->have.n_set + self->partial->len < RANDOM_FIRST)
    found = ccbt_piece_order_find_random (self->order, request->has, piece);
  else
    found = ccbt_piece_order_find_rarest (self->order, request->has, piece);
  if (found)
    *piece = prefer_suggested (self, request, *piece);
  return found;
}

static gboolean
find_next_round (CcbtPicker *self, const CcbtPickRequest *request, guint32 *piece)
{
  if (!ccbt_piece_order_find_from (self->order, request->has, self->next_round, piece))
    return FALSE;
  self->next_round = (*piece + 1) % self->map.n_pieces;
  return TRUE;
}

static gboolean
find_new_piece (CcbtPicker *self, const CcbtPickRequest *request, guint32 *piece)
{
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
      return find_next_round (self, request, piece);
    case CCBT_PICK_RAREST_FIRST:
    default:
      return find_rarest (self, request, piece);
    }
}

static guint
take_from_new (CcbtPicker *self, const CcbtPickRequest *request, CcbtBlock *out, guint max)
{
  guint n = 0;
  guint32 piece;

  while (n < max && find_new_piece (self, request, &piece))
    {
      CcbtPartialPiece *partial = ccbt_picker_begin_partial (self, piece);

      partial->is_slow = request->is_slow;
      if (request->is_on_parole)
        {
          partial->only = request->peer;
          partial->is_parole = TRUE;
        }
      n += take_free (self, request, partial, out + n, max - n);
    }
  return n;
}

/* --- Endgame --- */

/* A piece whose only source has left waits for the next one: that is no reason to wait for others. */
static gboolean
has_open_within_reach (CcbtPicker *self)
{
  if (self->n_free == 0 || self->n_seeds > 0)
    return self->n_free > 0;
  for (guint i = 0; i < self->open->len; i++)
    {
      CcbtPartialPiece *partial = g_ptr_array_index (self->open, i);

      if (partial->n_counted > 0
          && ccbt_piece_order_get_availability (self->order, partial->piece) > 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
ccbt_picker_is_endgame (CcbtPicker *self)
{
  guint32 n_out_of_reach = 0;

  if (self->n_seeds == 0)
    n_out_of_reach = ccbt_piece_order_get_n_offered_by_nobody (self->order);
  return ccbt_piece_order_get_n_offered (self->order) == n_out_of_reach
         && !has_open_within_reach (self);
}

static guint
take_again (CcbtPicker *self, const CcbtPickRequest *request, CcbtBlock *out, guint max)
{
  GList *next;
  guint n = 0;

  for (GList *link = self->asked_once.head; link != NULL && n < max; link = next)
    {
      CcbtPartialPiece *partial = link->data;

      next = link->next;
      if (may_take_partial (self, request, partial)
          && ccbt_partial_piece_take_again (partial, (CcbtPartialBlock *) link, request->peer,
                                            out + n))
        n++;
    }
  return n;
}

/* --- The whole --- */

static guint
take_unasked (CcbtPicker *self, const CcbtPickRequest *request, const Memory *memory,
              CcbtBlock *out, guint max)
{
  guint n = take_from_latest (self, request, memory, out, max);

  if (n < max)
    n += take_from_open (self, request, request->is_slow, out + n, max - n);
  if (n < max)
    n += take_from_new (self, request, out + n, max - n);
  if (n < max)
    n += take_from_open (self, request, !request->is_slow, out + n, max - n);
  if (n < max)
    n += take_from_all_open (self, request, out + n, max - n);
  return n;
}

guint
ccbt_picker_pick (CcbtPicker *self, const CcbtPickRequest *request, CcbtBlock *out, guint max)
{
  Memory *memory;
  CcbtPickRequest shared = *request;
  guint n;

  g_return_val_if_fail (request->peer != CCBT_PEER_NONE, 0);

  if (max == 0 || request->has->n_set == 0 || self->wanted.n_set == 0)
    return 0;
  memory = get_memory (self, request->peer);
  if (knows_nothing_to_take (self, memory, request))
    return 0;
  n = take_unasked (self, request, memory, out, max);
  /* Nothing of its own to be had: better shared blame than nobody to ask. */
  shared.is_on_parole = FALSE;
  if (n == 0 && request->is_on_parole)
    n = take_unasked (self, &shared, memory, out, max);
  if (n == 0)
    n = take_reserved (self, &shared, out, max);
  /* The last blocks are asked of two, a few at a time: who is faster brings them. */
  if (n == 0 && ccbt_picker_is_endgame (self))
    n = take_again (self, &shared, out, MIN (max, MOST_AGAIN));
  remember (self, memory, request, n);
  if (n > 0)
    memory->latest = out[n - 1].piece;
  return n;
}
