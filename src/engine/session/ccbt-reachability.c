/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-reachability.h"
#include "base/ccbt-clock.h"

/* Who has talked to others for so long and was never called is not reached. */
#define PATIENCE (3 * 60 * CCBT_SECOND)

/* Do others see the very address that this machine has? Then no router rewrites it. */
static gboolean
is_direct (const CcbtReachEvidence *evidence)
{
  if (ccbt_address_get_scope (&evidence->source) != CCBT_ADDRESS_GLOBAL)
    return FALSE;
  return !evidence->has_external || ccbt_address_same_ip (&evidence->source, &evidence->external);
}

CcbtReach
ccbt_reachability_judge (const CcbtReachEvidence *evidence)
{
  if (evidence->n_incoming > 0)
    return CCBT_REACH_OPEN;
  if (!evidence->has_source)
    return CCBT_REACH_NO_NETWORK;
  /* A firewall may still be between: after a while of silence the promise counts no more. */
  if (evidence->listening_for > PATIENCE && evidence->n_outgoing > 0 && !evidence->is_mapped)
    return CCBT_REACH_CLOSED;
  if (evidence->is_mapped || is_direct (evidence))
    return CCBT_REACH_LIKELY;
  return CCBT_REACH_UNKNOWN;
}
