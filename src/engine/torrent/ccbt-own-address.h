/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"

/* Our address as the world sees it, from what peers say of it (BEP 10, yourip). Any one of them may
 * lie: an address is believed when it has been said by more than have said otherwise. Pure; zero it
 * first. */
typedef struct
{
  CcbtAddress said; /* port 0 */
  guint n_for;      /* votes it is ahead */
  CcbtAddress last_voter;
} CcbtOwnAddress;

/* @voter: who says so; twice in a row from one address counts once. Anything but a global address
 * is no vote. Returns: TRUE when what is believed has changed */
gboolean ccbt_own_address_vote (CcbtOwnAddress *self, const CcbtAddress *said,
                                const CcbtAddress *voter);
/* Returns: (nullable): NULL when not known */
const CcbtAddress *ccbt_own_address_get (const CcbtOwnAddress *self);
