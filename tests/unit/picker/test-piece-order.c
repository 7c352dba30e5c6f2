/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-piece-order.h"

#define N_PIECES 3000u /* more than are looked at one by one */

typedef struct
{
  CcbtPieceOrder *order;
  CcbtBitfield has;
  guint8 priority[N_PIECES];
  guint availability[N_PIECES];
  gboolean hidden[N_PIECES];
} Model;

static void
model_init (Model *self, guint32 n_pieces, guint64 seed)
{
  memset (self, 0, sizeof *self);
  self->order = ccbt_piece_order_new (n_pieces, seed);
  ccbt_bitfield_init (&self->has, n_pieces);
}

static void
model_clear (Model *self)
{
  ccbt_piece_order_free (self->order);
  ccbt_bitfield_clear (&self->has);
}

static gboolean
is_offered (const Model *self, guint32 piece)
{
  return self->priority[piece] > 0 && !self->hidden[piece];
}

static guint8
get_best_priority (const Model *self)
{
  guint8 best = 0;

  for (guint32 i = 0; i < self->has.n_bits; i++)
    if (is_offered (self, i) && ccbt_bitfield_get (&self->has, i))
      best = MAX (best, self->priority[i]);
  return best;
}

static guint
get_rarest (const Model *self, guint8 priority)
{
  guint rarest = G_MAXUINT;

  for (guint32 i = 0; i < self->has.n_bits; i++)
    if (!self->hidden[i] && self->priority[i] == priority && ccbt_bitfield_get (&self->has, i))
      rarest = MIN (rarest, self->availability[i]);
  return rarest;
}

static void
check_find_from (Model *self, guint32 from, guint8 best)
{
  guint32 n = self->has.n_bits, piece;

  g_assert_cmpint (ccbt_piece_order_find_from (self->order, &self->has, from, &piece), ==,
                   best > 0);
  for (guint32 i = 0; best > 0; i++)
    {
      guint32 expected = (from + i) % n;

      if (self->priority[expected] != best || self->hidden[expected]
          || !ccbt_bitfield_get (&self->has, expected))
        continue;
      g_assert_cmpuint (piece, ==, expected);
      return;
    }
}

/* @is_exact: few enough pieces that the rarest must be found. */
static void
check_finds (Model *self, guint32 from, gboolean is_exact)
{
  guint8 best = get_best_priority (self);
  guint32 piece;

  g_assert_cmpint (ccbt_piece_order_find_rarest (self->order, &self->has, &piece), ==, best > 0);
  if (best > 0)
    {
      g_assert_true (is_offered (self, piece) && ccbt_bitfield_get (&self->has, piece));
      g_assert_cmpuint (self->priority[piece], ==, best);
      if (is_exact)
        g_assert_cmpuint (self->availability[piece], ==, get_rarest (self, best));
    }
  g_assert_cmpint (ccbt_piece_order_find_random (self->order, &self->has, &piece), ==, best > 0);
  if (best > 0)
    g_assert_true (is_offered (self, piece) && ccbt_bitfield_get (&self->has, piece));
  check_find_from (self, from, best);
}

static void
check_state (Model *self)
{
  guint32 n_offered = 0;

  for (guint32 i = 0; i < self->has.n_bits; i++)
    {
      g_assert_cmpint (ccbt_piece_order_is_offered (self->order, i), ==, is_offered (self, i));
      g_assert_cmpuint (ccbt_piece_order_get_availability (self->order, i), ==,
                        self->availability[i]);
      g_assert_cmpuint (ccbt_piece_order_get_priority (self->order, i), ==, self->priority[i]);
      n_offered += is_offered (self, i) ? 1 : 0;
    }
  g_assert_cmpuint (ccbt_piece_order_get_n_offered (self->order), ==, n_offered);
}

static void
change (Model *self, CcbtRandom *random)
{
  guint32 piece = ccbt_random_below (random, self->has.n_bits);

  switch (ccbt_random_below (random, 5))
    {
    case 0:
      self->priority[piece] = (guint8) ccbt_random_below (random, 8);
      ccbt_piece_order_set_priority (self->order, piece, self->priority[piece]);
      break;
    case 1:
      self->hidden[piece] = ccbt_random_below (random, 2) > 0;
      ccbt_piece_order_set_hidden (self->order, piece, self->hidden[piece]);
      break;
    case 2:
      self->availability[piece]++;
      ccbt_piece_order_change_availability (self->order, piece, 1);
      break;
    case 3:
      if (self->availability[piece] == 0)
        break;
      self->availability[piece]--;
      ccbt_piece_order_change_availability (self->order, piece, -1);
      break;
    default:
      if (!ccbt_bitfield_set (&self->has, piece))
        ccbt_bitfield_unset (&self->has, piece);
    }
}

static void
test_agrees_with_a_walk_over_everything (gconstpointer data)
{
  guint32 n_pieces = GPOINTER_TO_UINT (data);
  g_autofree Model *model = g_new (Model, 1);
  CcbtRandom random;

  ccbt_random_init (&random, n_pieces);
  model_init (model, n_pieces, n_pieces);
  for (guint step = 0; step < 20000; step++)
    {
      change (model, &random);
      if (n_pieces > 500 && step % 50 != 0)
        continue;
      check_state (model);
      check_finds (model, ccbt_random_below (&random, n_pieces), n_pieces <= 500);
    }
  model_clear (model);
}

static void
test_a_needle_among_the_rarest_is_found (void)
{
  g_autofree Model *model = g_new (Model, 1);
  guint32 piece;

  model_init (model, N_PIECES, 1);
  for (guint32 i = 0; i < N_PIECES; i++)
    ccbt_piece_order_set_priority (model->order, i, 4);
  ccbt_piece_order_change_availability (model->order, 1234, 5);
  ccbt_bitfield_set (&model->has, 1234);
  g_assert_true (ccbt_piece_order_find_rarest (model->order, &model->has, &piece));
  g_assert_cmpuint (piece, ==, 1234);
  /* Lower priorities too are searched to their end. */
  ccbt_piece_order_set_priority (model->order, 1234, 1);
  g_assert_true (ccbt_piece_order_find_rarest (model->order, &model->has, &piece));
  g_assert_cmpuint (piece, ==, 1234);
  model_clear (model);
}

static void
test_equals_come_in_random_order (void)
{
  guint drawn[10] = { 0 };

  for (guint seed = 0; seed < 5000; seed++)
    {
      CcbtPieceOrder *order = ccbt_piece_order_new (10, seed * 31);
      CcbtBitfield all;
      guint32 piece;

      ccbt_bitfield_init (&all, 10);
      ccbt_bitfield_set_all (&all);
      for (guint32 i = 0; i < 10; i++)
        ccbt_piece_order_set_priority (order, i, 4);
      g_assert_true (ccbt_piece_order_find_rarest (order, &all, &piece));
      drawn[piece]++;
      ccbt_bitfield_clear (&all);
      ccbt_piece_order_free (order);
    }
  for (guint i = 0; i < 10; i++)
    {
      g_assert_cmpuint (drawn[i], >, 400);
      g_assert_cmpuint (drawn[i], <, 600);
    }
}

int
main (int argc, char **argv)
{
  static const guint sizes[] = { 1, 8, 63, 64, 65, 200, 500, N_PIECES };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/piece-order/model/%u", sizes[i]);

      g_test_add_data_func (path, GUINT_TO_POINTER (sizes[i]),
                            test_agrees_with_a_walk_over_everything);
    }
  g_test_add_func ("/piece-order/needle", test_a_needle_among_the_rarest_is_found);
  g_test_add_func ("/piece-order/random-equals", test_equals_come_in_random_order);
  return g_test_run ();
}
