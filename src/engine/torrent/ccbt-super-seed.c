/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-super-seed.h"

#define NO_PIECE G_MAXUINT32

typedef struct
{
  guint32 handle;
  guint32 current; /* the last piece it was told of */
  gint64 since;    /* when it was */
  gboolean has_current;
  CcbtBitfield revealed;
} Pupil;

struct _CcbtSuperSeed
{
  guint32 n_pieces;
  guint16 *n_given;   /* how often each piece was revealed */
  GHashTable *pupils; /* handle -> Pupil */
  GRand *chance;
};

static void
pupil_free (gpointer data)
{
  Pupil *pupil = data;

  ccbt_bitfield_clear (&pupil->revealed);
  g_free (pupil);
}

CcbtSuperSeed *
ccbt_super_seed_new (guint32 n_pieces, guint32 seed)
{
  CcbtSuperSeed *self = g_new0 (CcbtSuperSeed, 1);

  self->n_pieces = n_pieces;
  self->n_given = g_new0 (guint16, n_pieces);
  self->pupils = g_hash_table_new_full (NULL, NULL, NULL, pupil_free);
  self->chance = g_rand_new_with_seed (seed);
  return self;
}

void
ccbt_super_seed_free (CcbtSuperSeed *self)
{
  g_hash_table_unref (self->pupils);
  g_rand_free (self->chance);
  g_free (self->n_given);
  g_free (self);
}

static Pupil *
get_pupil (CcbtSuperSeed *self, guint32 handle)
{
  Pupil *pupil = g_hash_table_lookup (self->pupils, GUINT_TO_POINTER (handle));

  if (pupil != NULL)
    return pupil;
  pupil = g_new0 (Pupil, 1);
  pupil->handle = handle;
  pupil->current = NO_PIECE;
  ccbt_bitfield_init (&pupil->revealed, self->n_pieces);
  g_hash_table_insert (self->pupils, GUINT_TO_POINTER (handle), pupil);
  return pupil;
}

/* Begins anywhere, so that equals take turns. */
static guint32
choose (CcbtSuperSeed *self, const Pupil *pupil, const CcbtBitfield *has,
        CcbtSuperSeedAvailability availability, gconstpointer owner)
{
  guint32 start = (guint32) g_rand_int_range (self->chance, 0, (gint32) self->n_pieces);
  guint32 best = NO_PIECE;
  guint64 best_cost = G_MAXUINT64;

  for (guint32 i = 0; i < self->n_pieces && best_cost > 0; i++)
    {
      guint32 piece = start < self->n_pieces - i ? start + i : start - (self->n_pieces - i);
      guint64 cost;

      if ((has->n_bits > 0 && ccbt_bitfield_get (has, piece))
          || ccbt_bitfield_get (&pupil->revealed, piece))
        continue;
      cost = (guint64) availability (owner, piece) << 16 | self->n_given[piece];
      if (cost < best_cost)
        {
          best = piece;
          best_cost = cost;
        }
    }
  return best;
}

gboolean
ccbt_super_seed_reveal (CcbtSuperSeed *self, guint32 peer, const CcbtBitfield *has,
                        CcbtSuperSeedAvailability availability, gconstpointer owner, gint64 now,
                        guint32 *piece)
{
  Pupil *pupil = get_pupil (self, peer);

  pupil->current = choose (self, pupil, has, availability, owner);
  pupil->has_current = FALSE;
  pupil->since = now;
  if (pupil->current == NO_PIECE)
    return FALSE;
  ccbt_bitfield_set (&pupil->revealed, pupil->current);
  if (self->n_given[pupil->current] < G_MAXUINT16)
    self->n_given[pupil->current]++;
  *piece = pupil->current;
  return TRUE;
}

void
ccbt_super_seed_note_have (CcbtSuperSeed *self, guint32 peer, guint32 piece, GArray *earned)
{
  gboolean is_alone = g_hash_table_size (self->pupils) == 1;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->pupils);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Pupil *pupil = value;

      if (pupil->current != piece)
        continue;
      if (pupil->handle == peer)
        pupil->has_current = TRUE;
      if (pupil->handle != peer || is_alone)
        g_array_append_val (earned, pupil->handle);
    }
}

void
ccbt_super_seed_tick (CcbtSuperSeed *self, gint64 now, GArray *earned)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->pupils);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Pupil *pupil = value;

      if (pupil->has_current && now - pupil->since >= CCBT_SUPER_SEED_PATIENCE)
        g_array_append_val (earned, pupil->handle);
    }
}

void
ccbt_super_seed_remove_peer (CcbtSuperSeed *self, guint32 peer)
{
  Pupil *pupil = g_hash_table_lookup (self->pupils, GUINT_TO_POINTER (peer));

  /* What it was given and never had is free for others. */
  if (pupil != NULL && pupil->current != NO_PIECE && !pupil->has_current
      && self->n_given[pupil->current] > 0)
    self->n_given[pupil->current]--;
  g_hash_table_remove (self->pupils, GUINT_TO_POINTER (peer));
}

gboolean
ccbt_super_seed_knows (CcbtSuperSeed *self, guint32 peer)
{
  return g_hash_table_contains (self->pupils, GUINT_TO_POINTER (peer));
}
