/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "wire/ccbt-pex.h"

/* Peers that work but that we parted from for reasons of our own, two seeds for one. Where few are
 * connected they are told of once, lest a swarm of seeds has nobody to tell of (BEP 11, filling
 * underpopulated lists). Pure; zero it first. */
typedef struct
{
  GArray *entries; /* NULL until the first */
} CcbtPexRecent;

#define CCBT_PEX_RECENT_MAX 25u /* of each family, together with connected ones */

void ccbt_pex_recent_clear (CcbtPexRecent *self);
void ccbt_pex_recent_note (CcbtPexRecent *self, const CcbtPexPeer *peer, gint64 now);
/* Forgets those that everybody has had the time to be told of. Returns: TRUE when there were any */
gboolean ccbt_pex_recent_expire (CcbtPexRecent *self, gint64 now);
/* @contacts: (element-type CcbtPexPeer): those connected; the latest of the others are added */
void ccbt_pex_recent_fill (const CcbtPexRecent *self, GArray *contacts);
