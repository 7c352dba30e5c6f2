/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the picker costs in a large torrent and a large swarm: haves and picks a second. */

#include "picker/ccbt-picker.h"

#define N_PIECES 200000u
#define N_PEERS 1000u
#define BLOCKS_A_PIECE 16u
#define PIPELINE 64u /* requests a peer has outstanding */
#define N_PICKS 4000000u

typedef struct
{
  CcbtBitfield has;
  CcbtBlock asked[PIPELINE]; /* a ring, oldest first */
  guint first;
  guint n_asked;
} Peer;

typedef struct
{
  CcbtPicker *picker;
  CcbtRandom random;
  Peer peers[N_PEERS];
} Bench;

static void
report (const char *what, guint64 n, gint64 started)
{
  double seconds = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;

  g_print ("%-44s %8.2f million/s\n", what, (double) n / seconds / 1e6);
}

/* A tenth are complete; the others hold between nothing and nearly all. */
static void
fill_peers (Bench *self)
{
  gsize len = (N_PIECES + 7) / 8;
  g_autofree guint8 *bytes = g_malloc (len);

  for (guint i = 0; i < N_PEERS; i++)
    {
      guint32 share = ccbt_random_below (&self->random, 256);

      ccbt_bitfield_init (&self->peers[i].has, N_PIECES);
      memset (bytes, 0, len);
      for (guint32 k = 0; k < N_PIECES; k++)
        if ((guint8) ccbt_random_next (&self->random) < share)
          bytes[k >> 3] |= (guint8) (0x80 >> (k & 7));
      ccbt_bitfield_set_from_bytes (&self->peers[i].has, (CcbtSpan){ bytes, len });
      if (i % 10 == 0)
        ccbt_bitfield_set_all (&self->peers[i].has);
    }
}

static void
bench_join (Bench *self)
{
  gint64 started = g_get_monotonic_time ();
  guint64 n = 0;

  for (guint i = 0; i < N_PEERS; i++)
    {
      ccbt_picker_add_pieces (self->picker, &self->peers[i].has);
      n += ccbt_bitfield_is_full (&self->peers[i].has) ? 0 : self->peers[i].has.n_set;
    }
  report ("pieces of joining peers", n, started);
}

static void
bench_haves (Bench *self)
{
  const guint n = 10000000;
  gint64 started = g_get_monotonic_time ();

  for (guint i = 0; i < n; i++)
    ccbt_picker_add_piece (self->picker, ccbt_random_below (&self->random, N_PIECES));
  report ("haves", n, started);
}

/* The peer's oldest request is answered. */
static void
receive (Bench *self, guint index)
{
  Peer *peer = &self->peers[index];
  CcbtBlock block = peer->asked[peer->first];
  CcbtPeerHandle others[3];
  guint n_others;

  peer->first = (peer->first + 1) % PIPELINE;
  peer->n_asked--;
  ccbt_picker_mark_received (self->picker, block, index + 1, others, &n_others);
  if (ccbt_picker_is_piece_received (self->picker, block.piece))
    ccbt_picker_piece_passed (self->picker, block.piece);
}

static guint
pick (Bench *self, guint index, guint max)
{
  Peer *peer = &self->peers[index];
  CcbtPickRequest request = { .peer = index + 1, .has = &peer->has, .is_slow = index % 4 == 0 };
  CcbtBlock out[PIPELINE];
  guint n = ccbt_picker_pick (self->picker, &request, out, MIN (max, PIPELINE - peer->n_asked));

  for (guint i = 0; i < n; i++)
    peer->asked[(peer->first + peer->n_asked++) % PIPELINE] = out[i];
  return n;
}

/* Full pipelines; then each peer in random order is given @batch blocks and asked for as many. */
static void
bench_picks (Bench *self, guint batch, CcbtPickMode mode, const char *what)
{
  gint64 in_pick = 0, started;
  guint64 n = 0;
  gint64 all_started;

  ccbt_picker_set_mode (self->picker, mode);
  for (guint i = 0; i < N_PEERS; i++)
    pick (self, i, PIPELINE);
  all_started = g_get_monotonic_time ();
  while (n < N_PICKS / 8)
    {
      guint first = ccbt_random_below (&self->random, N_PEERS);

      for (guint i = 0; i < 50; i++)
        for (guint k = 0; k < batch && self->peers[(first + i) % N_PEERS].n_asked > 0; k++)
          receive (self, (first + i) % N_PEERS);
      started = g_get_monotonic_time ();
      for (guint i = 0; i < 50; i++)
        n += pick (self, (first + i) % N_PEERS, batch);
      in_pick += g_get_monotonic_time () - started;
    }
  report (what, n, g_get_monotonic_time () - in_pick);
  report ("  with receiving and passing", n, all_started);
  g_print ("  pieces in progress: %u\n", ccbt_picker_get_n_partial (self->picker));
}

int
main (void)
{
  const CcbtPieceMap map = { (guint64) N_PIECES * BLOCKS_A_PIECE * CCBT_BLOCK_SIZE,
                             BLOCKS_A_PIECE * CCBT_BLOCK_SIZE, N_PIECES };
  Bench *self = g_new0 (Bench, 1);

  ccbt_random_init (&self->random, 1);
  self->picker = ccbt_picker_new (&map, 1);
  g_print ("%u pieces, %u peers\n", N_PIECES, N_PEERS);
  fill_peers (self);
  bench_join (self);
  bench_haves (self);
  bench_picks (self, 1, CCBT_PICK_RAREST_FIRST, "picks, rarest first, one by one");
  bench_picks (self, 5, CCBT_PICK_RAREST_FIRST, "picks, rarest first, five at a time");
  bench_picks (self, 1, CCBT_PICK_SEQUENTIAL, "picks, sequential, one by one");
  bench_picks (self, 1, CCBT_PICK_ROUND_ROBIN, "picks, round robin, one by one");
  for (guint i = 0; i < N_PEERS; i++)
    ccbt_bitfield_clear (&self->peers[i].has);
  ccbt_picker_free (self->picker);
  g_free (self);
  return 0;
}
