/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-tokens.h"

#define MINUTE (60 * CCBT_SECOND)
#define START (1000 * MINUTE)

typedef struct
{
  CcbtDhtTokens tokens;
  CcbtAddress address;
  CcbtSha1 target;
  guint8 token[CCBT_DHT_TOKEN_SIZE];
} Fixture;

static Fixture
make (void)
{
  Fixture f = { .address = { .ip = { 192, 0, 2, 1 }, .port = 6881 }, .target = { { 1, 2, 3 } } };

  ccbt_dht_tokens_init (&f.tokens, START);
  ccbt_dht_tokens_make (&f.tokens, &f.address, &f.target, START, f.token);
  return f;
}

static gboolean
check (Fixture *f, gint64 now)
{
  return ccbt_dht_tokens_check (&f->tokens, &f->address, &f->target,
                                (CcbtSpan){ f->token, sizeof f->token }, now);
}

static void
test_a_token_holds_for_its_address_and_target (void)
{
  Fixture f = make ();

  g_assert_true (check (&f, START));
  f.address.port = 1; /* NAT may change it */
  g_assert_true (check (&f, START));
  f.address.ip[3] = 2;
  g_assert_false (check (&f, START));
  f.address.ip[3] = 1;
  f.address.is_ipv6 = 1;
  g_assert_false (check (&f, START));
  f.address.is_ipv6 = 0;
  f.target.bytes[19] = 1;
  g_assert_false (check (&f, START));
  f.target.bytes[19] = 0;
  g_assert_true (check (&f, START));
}

static void
test_other_bytes_are_no_token (void)
{
  Fixture f = make ();
  guint8 longer[CCBT_DHT_TOKEN_SIZE + 1] = { 0 };

  memcpy (longer, f.token, sizeof f.token);
  g_assert_false (ccbt_dht_tokens_check (&f.tokens, &f.address, &f.target,
                                         (CcbtSpan){ longer, sizeof longer }, START));
  for (guint len = 0; len < sizeof f.token; len++)
    g_assert_false (ccbt_dht_tokens_check (&f.tokens, &f.address, &f.target,
                                           (CcbtSpan){ f.token, len }, START));
  for (guint i = 0; i < sizeof f.token; i++)
    {
      f.token[i] ^= 0x40;
      g_assert_false (check (&f, START));
      f.token[i] ^= 0x40;
    }
}

static void
test_a_token_outlives_one_rotation (void)
{
  Fixture f = make ();

  g_assert_true (check (&f, START + 5 * MINUTE - 1));
  g_assert_true (check (&f, START + 5 * MINUTE));
  g_assert_true (check (&f, START + 10 * MINUTE - 1));
  g_assert_false (check (&f, START + 10 * MINUTE));
}

/* Nobody asked meanwhile: the secret is as old as it is. */
static void
test_a_token_ends_after_a_pause (void)
{
  Fixture f = make ();
  Fixture late = make ();

  g_assert_true (check (&f, START + 9 * MINUTE)); /* rotates late, as of minute 5 */
  g_assert_false (check (&f, START + 10 * MINUTE));
  g_assert_false (check (&late, START + 100 * MINUTE));
}

static void
test_tokens_differ_between_nodes_and_over_time (void)
{
  Fixture a = make (), b = make ();
  guint8 later[CCBT_DHT_TOKEN_SIZE];

  g_assert_cmpint (memcmp (a.token, b.token, sizeof a.token), !=, 0);
  ccbt_dht_tokens_make (&a.tokens, &a.address, &a.target, START + 6 * MINUTE, later);
  g_assert_cmpint (memcmp (a.token, later, sizeof later), !=, 0);
  g_assert_true (check (&a, START + 6 * MINUTE));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dht-tokens/a-token-holds-for-its-address-and-target",
                   test_a_token_holds_for_its_address_and_target);
  g_test_add_func ("/dht-tokens/other-bytes-are-no-token", test_other_bytes_are_no_token);
  g_test_add_func ("/dht-tokens/a-token-outlives-one-rotation", test_a_token_outlives_one_rotation);
  g_test_add_func ("/dht-tokens/a-token-ends-after-a-pause", test_a_token_ends_after_a_pause);
  g_test_add_func ("/dht-tokens/tokens-differ-between-nodes-and-over-time",
                   test_tokens_differ_between_nodes_and_over_time);
  return g_test_run ();
}
