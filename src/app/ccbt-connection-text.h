/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-connection-status.h"

/* How we stand in the network, in sentences for people. All return: (transfer full). */

/* "Others can connect to you" */
char *ccbt_connection_text_get_verdict (const CcbtFamilyStatus *family);
/* What the verdict rests on, and what to do when it is bad. */
char *ccbt_connection_text_get_evidence (const CcbtConnectionStatus *status, gboolean is_ipv6);
const char *ccbt_connection_text_get_icon (CcbtReach reach); /* a symbolic icon; static */

/* Of the port at the router. */
char *ccbt_connection_text_get_router (const CcbtConnectionStatus *status);
char *ccbt_connection_text_get_router_evidence (const CcbtConnectionStatus *status);
/* Of the distributed hash table. */
char *ccbt_connection_text_get_dht (const CcbtConnectionStatus *status);
