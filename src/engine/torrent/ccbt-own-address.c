/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-own-address.h"

#define ENOUGH 3u
#define AHEAD_AT_MOST 10u /* an address that has changed is noticed in good time */

gboolean
ccbt_own_address_vote (CcbtOwnAddress *self, const CcbtAddress *said, const CcbtAddress *voter)
{
  gboolean was_known = ccbt_own_address_get (self) != NULL;

  if (ccbt_address_get_scope (said) != CCBT_ADDRESS_GLOBAL
      || ccbt_address_same_ip (&self->last_voter, voter))
    return FALSE;
  self->last_voter = *voter;
  if (self->n_for == 0)
    {
      self->said = *said;
      self->said.port = 0;
    }
  if (ccbt_address_same_ip (&self->said, said))
    self->n_for = MIN (self->n_for + 1, AHEAD_AT_MOST);
  else
    self->n_for--;
  return (ccbt_own_address_get (self) != NULL) != was_known;
}

const CcbtAddress *
ccbt_own_address_get (const CcbtOwnAddress *self)
{
  return self->n_for >= ENOUGH ? &self->said : NULL;
}
