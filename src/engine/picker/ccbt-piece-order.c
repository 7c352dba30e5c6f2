/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-piece-order.h"

#define N_PRIORITIES 8u
#define NOWHERE G_MAXUINT32
/* Rarest candidates looked at before the bitmaps are asked instead: a peer that has little of what
 * is rare must not cost a walk over everything. */
#define LOOKED_AT 512u
/* Then so many are drawn, and the rarest of them is taken. */
#define N_DRAWN 4u

typedef struct
{
  guint32 *pieces;
  guint32 n;
  guint32 capacity;
} Bucket;

typedef struct
{
  Bucket *buckets; /* by availability */
  guint n_buckets;
  guint first; /* no bucket before it holds anything */
  guint32 n_offered;
  guint64 *offered; /* bitmap in the order of a bitfield's bytes; NULL until the priority is used */
} Level;

/* All of a piece in one place: a have looks here at random. */
typedef struct
{
  guint32 place; /* in the bucket; NOWHERE when not offered */
  guint16 availability;
  guint8 priority;
  guint8 is_hidden;
} Entry;

struct _CcbtPieceOrder
{
  guint32 n_pieces;
  gsize n_words;
  Level levels[N_PRIORITIES];
  Entry *entries; /* by piece */
  guint32 n_offered;
  CcbtRandom random;
};

CcbtPieceOrder *
ccbt_piece_order_new (guint32 n_pieces, guint64 seed)
{
  CcbtPieceOrder *self = g_new0 (CcbtPieceOrder, 1);

  self->n_pieces = n_pieces;
  self->n_words = ((gsize) n_pieces + 63) / 64;
  self->entries = g_new (Entry, n_pieces);
  for (guint32 i = 0; i < n_pieces; i++)
    self->entries[i] = (Entry){ .place = NOWHERE };
  ccbt_random_init (&self->random, seed);
  return self;
}

void
ccbt_piece_order_free (CcbtPieceOrder *self)
{
  for (guint i = 0; i < N_PRIORITIES; i++)
    {
      for (guint k = 0; k < self->levels[i].n_buckets; k++)
        g_free (self->levels[i].buckets[k].pieces);
      g_free (self->levels[i].buckets);
      g_free (self->levels[i].offered);
    }
  g_free (self->entries);
  g_free (self);
}

/* --- Bitmaps: words in memory hold a bitfield's bytes in their order --- */

static void
flip_offered (Level *level, guint32 piece)
{
  ((guint8 *) level->offered)[piece >> 3] ^= (guint8) (0x80 >> (piece & 7));
}

/* 64 bits of what the peer has, from word @word on. */
static guint64
load_has (CcbtPieceOrder *self, const CcbtBitfield *has, gsize word)
{
  gsize len = ((gsize) self->n_pieces + 7) / 8, from = word * 8;
  guint64 bits = 0;

  if (has->bits == NULL)
    return has->n_set > 0 ? G_MAXUINT64 : 0;
  memcpy (&bits, has->bits + from, MIN (8, len - from));
  return bits;
}

static guint32
first_bit (guint64 bits)
{
  return (guint32) __builtin_clzll (GUINT64_FROM_BE (bits));
}

/* Bits from position @bit on, in bitfield order. */
static guint64
mask_from (guint bit)
{
  return GUINT64_TO_BE (G_MAXUINT64 >> bit);
}

static gboolean
scan (CcbtPieceOrder *self, Level *level, const CcbtBitfield *has, guint32 from, guint32 *piece)
{
  gsize start = from / 64;

  for (gsize i = 0; i <= self->n_words; i++)
    {
      gsize word = (start + i) % self->n_words;
      guint64 bits = level->offered[word];

      if (i == 0)
        bits &= mask_from (from % 64);
      else if (i == self->n_words)
        bits &= ~mask_from (from % 64);
      if (bits == 0)
        continue;
      bits &= load_has (self, has, word);
      if (bits == 0)
        continue;
      *piece = (guint32) (word * 64) + first_bit (bits);
      return TRUE;
    }
  return FALSE;
}

/* --- Buckets --- */

/* By a quarter: doubling would leave half of the memory unused. */
static void
resize (Bucket *bucket)
{
  bucket->capacity = bucket->n + bucket->n / 4 + 4;
  bucket->pieces = g_renew (guint32, bucket->pieces, bucket->capacity);
}

static Bucket *
get_bucket (Level *level, guint availability)
{
  if (availability >= level->n_buckets)
    {
      guint n = MAX (availability + 1, 2 * level->n_buckets);

      level->buckets = g_renew (Bucket, level->buckets, n);
      memset (level->buckets + level->n_buckets, 0, (n - level->n_buckets) * sizeof (Bucket));
      level->n_buckets = n;
    }
  return &level->buckets[availability];
}

/* At a random place, so that equals come in no order. */
static void
enter (CcbtPieceOrder *self, guint32 piece)
{
  Level *level = &self->levels[self->entries[piece].priority];
  Bucket *bucket = get_bucket (level, self->entries[piece].availability);
  guint32 place, other;

  if (bucket->n == bucket->capacity)
    resize (bucket);
  place = ccbt_random_below (&self->random, bucket->n + 1);
  other = place < bucket->n ? bucket->pieces[place] : piece;
  bucket->pieces[bucket->n] = other;
  self->entries[other].place = bucket->n++;
  bucket->pieces[place] = piece;
  self->entries[piece].place = place;
  level->first = MIN (level->first, self->entries[piece].availability);
}

static void
leave (CcbtPieceOrder *self, guint32 piece)
{
  Bucket *bucket
      = &self->levels[self->entries[piece].priority].buckets[self->entries[piece].availability];
  guint32 last = bucket->pieces[--bucket->n];

  bucket->pieces[self->entries[piece].place] = last;
  self->entries[last].place = self->entries[piece].place;
  self->entries[piece].place = NOWHERE;
  if (bucket->capacity > 16 && bucket->n < bucket->capacity / 2)
    resize (bucket);
}

static void
offer (CcbtPieceOrder *self, guint32 piece)
{
  Level *level = &self->levels[self->entries[piece].priority];

  if (self->entries[piece].priority == 0 || self->entries[piece].is_hidden)
    return;
  if (level->offered == NULL)
    level->offered = g_new0 (guint64, self->n_words);
  enter (self, piece);
  flip_offered (level, piece);
  level->n_offered++;
  self->n_offered++;
}

static void
withdraw (CcbtPieceOrder *self, guint32 piece)
{
  Level *level = &self->levels[self->entries[piece].priority];

  if (self->entries[piece].place == NOWHERE)
    return;
  leave (self, piece);
  flip_offered (level, piece);
  level->n_offered--;
  self->n_offered--;
}

void
ccbt_piece_order_set_priority (CcbtPieceOrder *self, guint32 piece, guint8 priority)
{
  if (self->entries[piece].priority == priority)
    return;
  withdraw (self, piece);
  self->entries[piece].priority = priority;
  offer (self, piece);
}

guint8
ccbt_piece_order_get_priority (CcbtPieceOrder *self, guint32 piece)
{
  return self->entries[piece].priority;
}

void
ccbt_piece_order_set_hidden (CcbtPieceOrder *self, guint32 piece, gboolean hidden)
{
  if (self->entries[piece].is_hidden == (hidden ? 1 : 0))
    return;
  withdraw (self, piece);
  self->entries[piece].is_hidden = hidden ? 1 : 0;
  offer (self, piece);
}

gboolean
ccbt_piece_order_is_offered (CcbtPieceOrder *self, guint32 piece)
{
  return self->entries[piece].place != NOWHERE;
}

void
ccbt_piece_order_change_availability (CcbtPieceOrder *self, guint32 piece, gint change)
{
  gboolean offered = self->entries[piece].place != NOWHERE;

  g_return_if_fail (change > 0 || self->entries[piece].availability >= (guint) -change);

  if (change > 0 && self->entries[piece].availability == G_MAXUINT16)
    return;
  if (offered)
    leave (self, piece);
  self->entries[piece].availability = (guint16) (self->entries[piece].availability + change);
  if (offered)
    enter (self, piece);
}

guint
ccbt_piece_order_get_availability (CcbtPieceOrder *self, guint32 piece)
{
  return self->entries[piece].availability;
}

guint32
ccbt_piece_order_get_n_offered (CcbtPieceOrder *self)
{
  return self->n_offered;
}

guint32
ccbt_piece_order_get_n_offered_by_nobody (CcbtPieceOrder *self)
{
  guint32 n = 0;

  for (guint i = 1; i < N_PRIORITIES; i++)
    if (self->levels[i].n_buckets > 0)
      n += self->levels[i].buckets[0].n;
  return n;
}

/* --- Finding --- */

/* Returns: TRUE when found; @looked_at counts up to the bound, past which nothing is known. */
static gboolean
walk_buckets (Level *level, const CcbtBitfield *has, guint32 *piece, guint *looked_at)
{
  while (level->first < level->n_buckets && level->buckets[level->first].n == 0)
    level->first++;
  for (guint i = level->first; i < level->n_buckets; i++)
    {
      const Bucket *bucket = &level->buckets[i];

      for (guint32 k = 0; k < bucket->n; k++)
        {
          if (ccbt_bitfield_get (has, bucket->pieces[k]))
            {
              *piece = bucket->pieces[k];
              return TRUE;
            }
          if (++*looked_at > LOOKED_AT)
            return FALSE;
        }
    }
  return FALSE;
}

/* The rarest of a few that lie anywhere. Complete: it finds one whenever there is one. */
static gboolean
draw_rare (CcbtPieceOrder *self, Level *level, const CcbtBitfield *has, guint32 *piece)
{
  if (!scan (self, level, has, ccbt_random_below (&self->random, self->n_pieces), piece))
    return FALSE;
  for (guint i = 1; i < N_DRAWN; i++)
    {
      guint32 drawn;

      if (scan (self, level, has, ccbt_random_below (&self->random, self->n_pieces), &drawn)
          && self->entries[drawn].availability < self->entries[*piece].availability)
        *piece = drawn;
    }
  return TRUE;
}

gboolean
ccbt_piece_order_find_rarest (CcbtPieceOrder *self, const CcbtBitfield *has, guint32 *piece)
{
  for (guint priority = N_PRIORITIES - 1; priority > 0; priority--)
    {
      Level *level = &self->levels[priority];
      guint looked_at = 0;

      if (level->n_offered == 0)
        continue;
      if (walk_buckets (level, has, piece, &looked_at))
        return TRUE;
      if (looked_at > LOOKED_AT && draw_rare (self, level, has, piece))
        return TRUE;
    }
  return FALSE;
}

gboolean
ccbt_piece_order_find_from (CcbtPieceOrder *self, const CcbtBitfield *has, guint32 from,
                            guint32 *piece)
{
  for (guint priority = N_PRIORITIES - 1; priority > 0; priority--)
    if (self->levels[priority].n_offered > 0
        && scan (self, &self->levels[priority], has, from, piece))
      return TRUE;
  return FALSE;
}

gboolean
ccbt_piece_order_find_random (CcbtPieceOrder *self, const CcbtBitfield *has, guint32 *piece)
{
  return ccbt_piece_order_find_from (self, has, ccbt_random_below (&self->random, self->n_pieces),
                                     piece);
}
