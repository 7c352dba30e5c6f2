/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-connection-status.h"

const char *
ccbt_reach_get_name (CcbtReach reach)
{
  static const char *const names[] = { "unknown", "open", "likely", "closed", "no-network" };

  return names[reach];
}
