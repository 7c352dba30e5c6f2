/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/ccbt-request-queue.h"

#include "base/ccbt-clock.h"

typedef struct
{
  CcbtRequestQueue queue;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  ccbt_request_queue_init (&self->queue, 500);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  ccbt_request_queue_clear (&self->queue);
}

static void
push (Fixture *self, guint32 block, gint64 now)
{
  ccbt_request_queue_push (&self->queue, (CcbtBlock){ 0, block }, CCBT_BLOCK_SIZE, now);
}

static void
test_a_request_is_found_by_block_and_length (Fixture *self, gconstpointer data)
{
  push (self, 3, 1);
  push (self, 4, 1);
  g_assert_cmpint (ccbt_request_queue_find (&self->queue, (CcbtBlock){ 0, 4 }, CCBT_BLOCK_SIZE), ==,
                   1);
  g_assert_cmpint (ccbt_request_queue_find (&self->queue, (CcbtBlock){ 0, 4 }, 100), ==, -1);
  g_assert_cmpint (ccbt_request_queue_find (&self->queue, (CcbtBlock){ 1, 4 }, CCBT_BLOCK_SIZE), ==,
                   -1);
}

static void
test_order_survives_many_turns (Fixture *self, gconstpointer data)
{
  for (guint32 i = 0; i < 100; i++)
    push (self, i, 1);
  for (guint32 i = 100; i < 5000; i++)
    {
      g_assert_cmpuint (ccbt_request_queue_get (&self->queue, 0)->block.block, ==, i - 100);
      ccbt_request_queue_remove (&self->queue, 0);
      push (self, i, 1);
    }
  g_assert_cmpuint (self->queue.n_items, ==, 100);
  g_assert_cmpuint (self->queue.capacity, <, 1000);
}

static void
test_abandoned_ones_are_remembered_but_not_counted (Fixture *self, gconstpointer data)
{
  push (self, 1, 10);
  push (self, 2, 20);
  ccbt_request_queue_abandon (&self->queue, 0);
  g_assert_cmpuint (self->queue.n_live, ==, 1);
  g_assert_cmpuint (self->queue.n_items, ==, 2);
  g_assert_cmpint (self->queue.oldest_sent, ==, 20);
  g_assert_cmpint (ccbt_request_queue_find (&self->queue, (CcbtBlock){ 0, 1 }, CCBT_BLOCK_SIZE), ==,
                   0);
}

/* A peer that never answers must not make the memory of what was abandoned grow. */
static void
test_what_is_abandoned_is_bounded (Fixture *self, gconstpointer data)
{
  for (guint32 i = 0; i < 5000; i++)
    {
      push (self, i, 1);
      ccbt_request_queue_abandon (&self->queue, self->queue.n_items - 1);
    }
  g_assert_cmpuint (self->queue.n_live, ==, 0);
  g_assert_cmpuint (self->queue.n_items, <=, 500);
}

/* Simulates a peer of a given rate and round trip; returns the queue's depth after @seconds. */
static guint
simulate (Fixture *self, double blocks_per_second, gint64 round_trip, guint seconds)
{
  gint64 now = CCBT_SECOND;
  double rate = blocks_per_second * CCBT_BLOCK_SIZE;

  for (guint second = 0; second < seconds; second++)
    {
      for (guint i = 0; i < blocks_per_second; i++)
        ccbt_request_queue_note_arrival (&self->queue, now - round_trip, now);
      now += CCBT_SECOND;
      ccbt_request_queue_tick (&self->queue, rate, 2.0, now);
    }
  return self->queue.target;
}

static void
test_depth_follows_rate_and_latency (Fixture *self, gconstpointer data)
{
  /* 100 blocks/s, 0.5 s away, a cushion of 2 s: 250 blocks. */
  g_assert_cmpint (ABS ((int) simulate (self, 100, CCBT_SECOND / 2, 30) - 250), <, 40);
}

static void
test_a_slow_peer_hoards_nothing (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (simulate (self, 2, CCBT_SECOND / 10, 30), <=, 5);
}

static void
test_the_limit_is_kept (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (simulate (self, 10000, CCBT_SECOND, 30), ==, 500);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/request-queue/a-request-is-found-by-block-and-length",
       test_a_request_is_found_by_block_and_length);
  ADD ("/request-queue/order-survives-many-turns", test_order_survives_many_turns);
  ADD ("/request-queue/abandoned-ones-are-remembered-but-not-counted",
       test_abandoned_ones_are_remembered_but_not_counted);
  ADD ("/request-queue/what-is-abandoned-is-bounded", test_what_is_abandoned_is_bounded);
  ADD ("/request-queue/depth-follows-rate-and-latency", test_depth_follows_rate_and_latency);
  ADD ("/request-queue/a-slow-peer-hoards-nothing", test_a_slow_peer_hoards_nothing);
  ADD ("/request-queue/the-limit-is-kept", test_the_limit_is_kept);
  return g_test_run ();
}
