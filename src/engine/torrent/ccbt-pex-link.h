/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "wire/ccbt-pex.h"

/* One peer's side of the peer exchange (BEP 11): what we told it, when it may hear again, and how
 * much of what it says we listen to. Pure. */
typedef struct
{
  GHashTable *told;   /* CcbtAddress: those it believes us connected to */
  gint64 next_send;   /* not before */
  guint64 told_up_to; /* generation of the contacts it has been told in full; 0 = none */
  double may_hear;    /* messages */
  gint64 heard_at;
  guint n_ignored;
} CcbtPexLink;

#define CCBT_PEX_MAX_SENT 50u /* added, and as many dropped, in one message */

void ccbt_pex_link_init (CcbtPexLink *self, gint64 now);
void ccbt_pex_link_clear (CcbtPexLink *self);

/* Is there something it may be told now? @generation: changes with the contacts, never 0 */
gboolean ccbt_pex_link_is_due (const CcbtPexLink *self, guint64 generation, gint64 now);
/* What is new to @peer since the last time, at most CCBT_PEX_MAX_SENT of each kind.
 * @contacts: (element-type CcbtPexPeer): all we are connected to, @peer among them
 * @peer: where it listens, or where it connects from
 * @peer_is_seed: seeds are not told of seeds
 * Returns: (transfer full) (nullable): NULL when there is nothing to say */
CcbtPexMessage *ccbt_pex_link_compose (CcbtPexLink *self, const GArray *contacts,
                                       guint64 generation, const CcbtAddress *peer,
                                       gboolean peer_is_seed, gint64 now);

/* A message came. Returns: FALSE when it is not to be read: too many came (threat B52) */
gboolean ccbt_pex_link_may_hear (CcbtPexLink *self, gint64 now);

/* May @contact be told to, or heard from, somebody at @other? Loopback addresses stay on this
 * machine, private ones among private ones. */
gboolean ccbt_pex_may_pass (const CcbtAddress *contact, const CcbtAddress *other);
/* Leaves of @added what @teller can know and what is not ourselves: of one global IP address two
 * ports at most. @own: (nullable): ourselves, as @teller sees us */
void ccbt_pex_filter (GArray *added, const CcbtAddress *teller, const CcbtAddress *own);
