/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"

/* How much two ends should prefer each other: a number both come to alike, that nobody can choose
 * but by choosing where in the network to stand (BEP 40). Larger is better; 0 across families. */
guint32 ccbt_peer_priority (const CcbtAddress *a, const CcbtAddress *b);
