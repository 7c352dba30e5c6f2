/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-connection-status.h"

/* How we stand in the network as one line of JSON, without what changes all the time: equal lines say
 * that nothing has changed. Returns: (transfer full) */
char *ccbt_cli_connection_to_json (const CcbtConnectionStatus *status);
