/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-reactor.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MANY 500u

/* One watched end of a socket pair, and what was heard of it. */
typedef struct _Pair Pair;

struct _Pair
{
  CcbtReactor *reactor;
  CcbtWatch watch;
  int near;
  int far;
  guint n_calls;
  guint ready; /* of the last call */
  gboolean drains;
  Pair *victim; /* (nullable): removed, and its memory spoilt, at the first call */
};

typedef struct
{
  GMainContext *context;
  CcbtReactor *reactor;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->context = g_main_context_new ();
  fixture->reactor = ccbt_reactor_new (fixture->context);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  ccbt_reactor_free (fixture->reactor);
  g_main_context_unref (fixture->context);
}

static void
ready_cb (gpointer data, guint ready)
{
  Pair *pair = data;
  char buffer[256];

  g_assert_true (pair->watch.is_added);
  pair->n_calls++;
  pair->ready = ready;
  if (pair->drains)
    while (recv (pair->near, buffer, sizeof buffer, MSG_DONTWAIT) > 0)
      ;
  if (pair->victim != NULL)
    {
      ccbt_reactor_remove (pair->reactor, &pair->victim->watch);
      if (pair->victim != pair)
        pair->victim->watch.func = NULL;
      pair->victim = NULL;
    }
}

static Pair *
pair_new (Fixture *fixture, guint interest)
{
  Pair *pair = g_new0 (Pair, 1);
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), ==, 0);
  pair->reactor = fixture->reactor;
  pair->near = fds[0];
  pair->far = fds[1];
  ccbt_reactor_add (fixture->reactor, &pair->watch, pair->near, interest, ready_cb, pair);
  return pair;
}

static void
pair_free (Pair *pair)
{
  ccbt_reactor_remove (pair->reactor, &pair->watch);
  close (pair->near);
  if (pair->far >= 0)
    close (pair->far);
  g_free (pair);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

static void
poke (Pair *pair)
{
  g_assert_cmpint (send (pair->far, "x", 1, MSG_NOSIGNAL), ==, 1);
}

static void
run (Fixture *fixture, guint turns)
{
  while (turns-- > 0)
    g_main_context_iteration (fixture->context, FALSE);
}

static void
test_silence_is_not_reported (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Pair) pair = pair_new (fixture, CCBT_READY_READ);

  g_assert_false (g_main_context_iteration (fixture->context, FALSE));
  g_assert_cmpuint (pair->n_calls, ==, 0);
}

static void
test_only_what_was_asked_for (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Pair) reader = pair_new (fixture, CCBT_READY_READ);
  g_autoptr (Pair) writer = pair_new (fixture, CCBT_READY_WRITE);
  g_autoptr (Pair) both = pair_new (fixture, CCBT_READY_READ | CCBT_READY_WRITE);
  g_autoptr (Pair) neither = pair_new (fixture, 0);

  poke (reader);
  poke (writer);
  poke (both);
  poke (neither);
  run (fixture, 1);
  g_assert_cmpuint (reader->ready, ==, CCBT_READY_READ);
  g_assert_cmpuint (writer->ready, ==, CCBT_READY_WRITE);
  g_assert_cmpuint (both->ready, ==, CCBT_READY_READ | CCBT_READY_WRITE);
  g_assert_cmpuint (neither->n_calls, ==, 0);
}

static void
test_told_again_until_read (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Pair) pair = pair_new (fixture, CCBT_READY_READ);

  poke (pair);
  run (fixture, 3);
  g_assert_cmpuint (pair->n_calls, ==, 3);
  pair->drains = TRUE;
  run (fixture, 3);
  g_assert_cmpuint (pair->n_calls, ==, 4);
}

static void
test_interest_changes (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Pair) pair = pair_new (fixture, 0);

  poke (pair);
  run (fixture, 2);
  g_assert_cmpuint (pair->n_calls, ==, 0);
  ccbt_reactor_set_interest (fixture->reactor, &pair->watch, CCBT_READY_READ);
  run (fixture, 1);
  g_assert_cmpuint (pair->n_calls, ==, 1);
  ccbt_reactor_set_interest (fixture->reactor, &pair->watch, 0);
  run (fixture, 2);
  g_assert_cmpuint (pair->n_calls, ==, 1);
}

static void
test_hang_up_is_told_unasked (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Pair) pair = pair_new (fixture, 0);

  close (pair->far);
  pair->far = -1;
  run (fixture, 1);
  g_assert_cmpuint (pair->ready, ==, CCBT_READY_ERROR);
}

/* Far more than fit one turn: each still gets its own. */
static void
test_many_are_all_served (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) pair_free);

  for (guint i = 0; i < MANY; i++)
    g_ptr_array_add (pairs, pair_new (fixture, CCBT_READY_READ));
  for (guint i = 0; i < MANY; i++)
    {
      Pair *pair = g_ptr_array_index (pairs, i);

      pair->drains = TRUE;
      poke (pair);
    }
  run (fixture, MANY);
  for (guint i = 0; i < MANY; i++)
    g_assert_cmpuint (((Pair *) g_ptr_array_index (pairs, i))->n_calls, ==, 1);
}

/* Those who are never done must not starve the others: everybody is served within a few turns. */
static void
test_busy_ones_starve_nobody (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) pair_free);

  for (guint i = 0; i < MANY; i++)
    {
      g_ptr_array_add (pairs, pair_new (fixture, CCBT_READY_READ));
      poke (g_ptr_array_index (pairs, i));
    }
  run (fixture, MANY / 64 + 1);
  for (guint i = 0; i < MANY; i++)
    g_assert_cmpuint (((Pair *) g_ptr_array_index (pairs, i))->n_calls, >=, 1);
}

static gboolean
count_cb (gpointer data)
{
  ++*(guint *) data;
  return G_SOURCE_CONTINUE;
}

static void
test_other_sources_get_their_turn (Fixture *fixture, gconstpointer unused)
{
  G_GNUC_UNUSED g_autoptr (Pair) busy = pair_new (fixture, CCBT_READY_READ | CCBT_READY_WRITE);
  g_autoptr (GSource) source = g_timeout_source_new (0);
  guint n_calls = 0;

  g_source_set_callback (source, count_cb, &n_calls, NULL);
  g_source_attach (source, fixture->context);
  run (fixture, 20);
  g_source_destroy (source);
  g_assert_cmpuint (n_calls, >=, 10);
}

/* --- Removal --- */

/* All are ready in one turn; the first one called removes another, which must not be called. */
static void
test_removed_while_dispatching_is_not_called (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Pair) a = pair_new (fixture, CCBT_READY_READ);
  g_autoptr (Pair) b = pair_new (fixture, CCBT_READY_READ);

  a->victim = b;
  b->victim = a;
  poke (a);
  poke (b);
  run (fixture, 1);
  g_assert_cmpuint (a->n_calls + b->n_calls, ==, 1);
  g_assert_true (a->watch.is_added != b->watch.is_added);
}

static void
test_may_remove_itself (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Pair) pair = pair_new (fixture, CCBT_READY_READ);
  g_autoptr (Pair) other = pair_new (fixture, CCBT_READY_READ);

  pair->victim = pair;
  poke (pair);
  poke (other);
  run (fixture, 3);
  g_assert_cmpuint (pair->n_calls, ==, 1);
  g_assert_cmpuint (other->n_calls, ==, 3);
}

static void
free_both_cb (gpointer data, guint ready)
{
  GPtrArray *pairs = data;

  g_ptr_array_set_size (pairs, 0);
}

static void
test_memory_may_go_while_dispatching (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) pair_free);

  for (guint i = 0; i < 10; i++)
    {
      Pair *pair = pair_new (fixture, CCBT_READY_READ);

      pair->watch.func = free_both_cb;
      pair->watch.data = pairs;
      g_ptr_array_add (pairs, pair);
      poke (pair);
    }
  run (fixture, 2);
  g_assert_cmpuint (pairs->len, ==, 0);
}

static void
readd_cb (gpointer data, guint ready)
{
  Pair *pair = data;

  ccbt_reactor_remove (pair->reactor, &pair->watch);
  ccbt_reactor_add (pair->reactor, &pair->watch, pair->near, CCBT_READY_READ, ready_cb, pair);
}

static void
test_may_be_added_again_while_dispatching (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Pair) pair = pair_new (fixture, CCBT_READY_READ);

  pair->watch.func = readd_cb;
  poke (pair);
  run (fixture, 1);
  g_assert_cmpuint (pair->n_calls, ==, 0);
  run (fixture, 1);
  g_assert_cmpuint (pair->n_calls, ==, 1);
}

static void
test_removing_twice_is_harmless (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (Pair) pair = pair_new (fixture, CCBT_READY_READ);
  CcbtWatch never_added = { 0 };

  ccbt_reactor_remove (fixture->reactor, &pair->watch);
  ccbt_reactor_remove (fixture->reactor, &pair->watch);
  ccbt_reactor_remove (fixture->reactor, &never_added);
  poke (pair);
  run (fixture, 2);
  g_assert_cmpuint (pair->n_calls, ==, 0);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/reactor/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("silence-is-not-reported", test_silence_is_not_reported);
  ADD ("only-what-was-asked-for", test_only_what_was_asked_for);
  ADD ("told-again-until-read", test_told_again_until_read);
  ADD ("interest-changes", test_interest_changes);
  ADD ("hang-up-is-told-unasked", test_hang_up_is_told_unasked);
  ADD ("many-are-all-served", test_many_are_all_served);
  ADD ("busy-ones-starve-nobody", test_busy_ones_starve_nobody);
  ADD ("other-sources-get-their-turn", test_other_sources_get_their_turn);
  ADD ("removed-while-dispatching", test_removed_while_dispatching_is_not_called);
  ADD ("may-remove-itself", test_may_remove_itself);
  ADD ("memory-may-go", test_memory_may_go_while_dispatching);
  ADD ("may-be-added-again", test_may_be_added_again_while_dispatching);
  ADD ("removing-twice-is-harmless", test_removing_twice_is_harmless);
  return g_test_run ();
}
