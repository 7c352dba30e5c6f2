/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-clock.h"
#include "session/ccbt-reachability.h"

static CcbtReachEvidence
make_evidence (const char *source, const char *external)
{
  CcbtReachEvidence evidence = { .has_source = source != NULL, .has_external = external != NULL };

  if (source != NULL)
    g_assert_true (ccbt_address_parse_ip (source, 0, &evidence.source));
  if (external != NULL)
    g_assert_true (ccbt_address_parse_ip (external, 0, &evidence.external));
  return evidence;
}

static void
test_seen_is_believed (void)
{
  CcbtReachEvidence evidence = make_evidence ("192.168.1.2", "8.8.4.4");

  g_assert_cmpint (ccbt_reachability_judge (&evidence), ==, CCBT_REACH_UNKNOWN);
  evidence.n_incoming = 1;
  g_assert_cmpint (ccbt_reachability_judge (&evidence), ==, CCBT_REACH_OPEN);
}

static void
test_no_network (void)
{
  CcbtReachEvidence evidence = make_evidence (NULL, NULL);

  g_assert_cmpint (ccbt_reachability_judge (&evidence), ==, CCBT_REACH_NO_NETWORK);
}

static void
test_router (void)
{
  CcbtReachEvidence evidence = make_evidence ("192.168.1.2", "8.8.4.4");

  evidence.listening_for = 600 * CCBT_SECOND;
  g_assert_cmpint (ccbt_reachability_judge (&evidence), ==, CCBT_REACH_UNKNOWN);
  evidence.n_outgoing = 5;
  g_assert_cmpint (ccbt_reachability_judge (&evidence), ==, CCBT_REACH_CLOSED);
  evidence.is_mapped = TRUE;
  g_assert_cmpint (ccbt_reachability_judge (&evidence), ==, CCBT_REACH_LIKELY);
}

static void
test_no_router_between (void)
{
  CcbtReachEvidence direct = make_evidence ("8.8.4.4", "8.8.4.4");
  CcbtReachEvidence rewritten = make_evidence ("8.8.4.4", "9.9.9.9");
  CcbtReachEvidence unseen = make_evidence ("2600::1", NULL);

  g_assert_cmpint (ccbt_reachability_judge (&direct), ==, CCBT_REACH_LIKELY);
  g_assert_cmpint (ccbt_reachability_judge (&rewritten), ==, CCBT_REACH_UNKNOWN);
  g_assert_cmpint (ccbt_reachability_judge (&unseen), ==, CCBT_REACH_LIKELY);
  direct.listening_for = 600 * CCBT_SECOND;
  direct.n_outgoing = 1;
  g_assert_cmpint (ccbt_reachability_judge (&direct), ==, CCBT_REACH_CLOSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/reachability/seen-is-believed", test_seen_is_believed);
  g_test_add_func ("/session/reachability/no-network", test_no_network);
  g_test_add_func ("/session/reachability/router", test_router);
  g_test_add_func ("/session/reachability/no-router-between", test_no_router_between);
  return g_test_run ();
}
