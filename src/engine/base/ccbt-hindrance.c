/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-hindrance.h"

const char *
ccbt_hindrance_get_name (CcbtHindrance hindrance)
{
  static const char *const names[CCBT_N_HINDRANCES] = {
    [CCBT_HINDRANCE_NONE] = "none",
    [CCBT_HINDRANCE_NO_PEERS] = "no-peers",
    [CCBT_HINDRANCE_NO_TRACKER] = "no-tracker",
    [CCBT_HINDRANCE_UNREACHABLE] = "unreachable",
    [CCBT_HINDRANCE_NO_PIECES] = "no-pieces",
    [CCBT_HINDRANCE_CHOKED] = "choked",
    [CCBT_HINDRANCE_OWN_LIMIT] = "own-limit",
    [CCBT_HINDRANCE_PEER_LIMIT] = "peer-limit",
    [CCBT_HINDRANCE_SESSION_LIMIT] = "session-limit",
    [CCBT_HINDRANCE_DISK] = "disk",
    [CCBT_HINDRANCE_NO_TAKERS] = "no-takers",
  };

  g_return_val_if_fail ((guint) hindrance < CCBT_N_HINDRANCES, "none");
  return names[hindrance];
}
