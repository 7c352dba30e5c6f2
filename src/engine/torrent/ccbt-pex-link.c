/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-pex-link.h"

/* First let it say what it has, and others connect: the first message is the fullest. */
#define FIRST_AFTER (5 * CCBT_SECOND)
/* A little more than the minute, lest a message that was quick on its way counts as too early. */
#define PERIOD (61 * CCBT_SECOND)
#define HEAR_PERIOD (50 * CCBT_SECOND)
#define HEAR_AT_ONCE 2.0
#define PATIENCE 10u
#define PORTS_PER_ADDRESS 2u

void
ccbt_pex_link_init (CcbtPexLink *self, gint64 now)
{
  *self = (CcbtPexLink){
    .told = g_hash_table_new_full (ccbt_address_hash, ccbt_address_equal_func, g_free, NULL),
    .next_send = now + FIRST_AFTER,
    .may_hear = HEAR_AT_ONCE,
    .heard_at = now,
  };
}

void
ccbt_pex_link_clear (CcbtPexLink *self)
{
  g_clear_pointer (&self->told, g_hash_table_unref);
}

/* --- Telling --- */

gboolean
ccbt_pex_link_is_due (const CcbtPexLink *self, guint64 generation, gint64 now)
{
  return now >= self->next_send && self->told_up_to != generation;
}

static gboolean
is_worth_telling (CcbtPexLink *self, const CcbtPexPeer *contact, const CcbtAddress *peer,
                  gboolean peer_is_seed)
{
  return !ccbt_address_equal (&contact->address, peer)
         && !(peer_is_seed && (contact->flags & CCBT_PEX_IS_SEED) != 0)
         && ccbt_pex_may_pass (&contact->address, peer)
         && !g_hash_table_contains (self->told, &contact->address);
}

/* Returns: TRUE when all of them found room */
static gboolean
tell_added (CcbtPexLink *self, CcbtPexMessage *message, const GArray *contacts,
            const CcbtAddress *peer, gboolean peer_is_seed)
{
  for (guint i = 0; i < contacts->len; i++)
    {
      const CcbtPexPeer *contact = &g_array_index (contacts, CcbtPexPeer, i);

      if (!is_worth_telling (self, contact, peer, peer_is_seed))
        continue;
      if (message->added->len >= CCBT_PEX_MAX_SENT)
        return FALSE;
      g_array_append_val (message->added, *contact);
      g_hash_table_add (self->told, g_memdup2 (&contact->address, sizeof contact->address));
    }
  return TRUE;
}

/* Returns: TRUE when all of them found room */
static gboolean
tell_dropped (CcbtPexLink *self, CcbtPexMessage *message, const GArray *contacts)
{
  g_autoptr (GHashTable) connected = g_hash_table_new (ccbt_address_hash, ccbt_address_equal_func);
  GHashTableIter iter;
  gpointer address;

  for (guint i = 0; i < contacts->len; i++)
    g_hash_table_add (connected, &g_array_index (contacts, CcbtPexPeer, i).address);
  g_hash_table_iter_init (&iter, self->told);
  while (g_hash_table_iter_next (&iter, &address, NULL))
    {
      if (g_hash_table_contains (connected, address))
        continue;
      if (message->dropped->len >= CCBT_PEX_MAX_SENT)
        return FALSE;
      g_array_append_vals (message->dropped, address, 1);
      g_hash_table_iter_remove (&iter);
    }
  return TRUE;
}

CcbtPexMessage *
ccbt_pex_link_compose (CcbtPexLink *self, const GArray *contacts, guint64 generation,
                       const CcbtAddress *peer, gboolean peer_is_seed, gint64 now)
{
  g_autoptr (CcbtPexMessage) message = NULL;
  gboolean is_whole;

  if (!ccbt_pex_link_is_due (self, generation, now))
    return NULL;
  message = ccbt_pex_message_new ();
  is_whole = tell_dropped (self, message, contacts);
  is_whole = tell_added (self, message, contacts, peer, peer_is_seed) && is_whole;
  if (is_whole)
    self->told_up_to = generation;
  if (message->added->len + message->dropped->len == 0)
    return NULL;
  self->next_send = now + PERIOD;
  return g_steal_pointer (&message);
}

/* --- Hearing --- */

gboolean
ccbt_pex_link_may_hear (CcbtPexLink *self, gint64 now)
{
  self->may_hear += (double) (now - self->heard_at) / HEAR_PERIOD;
  self->may_hear = MIN (self->may_hear, HEAR_AT_ONCE);
  self->heard_at = now;
  if (self->n_ignored >= PATIENCE)
    return FALSE; /* for good */
  if (self->may_hear < 1)
    {
      self->n_ignored++;
      return FALSE;
    }
  self->may_hear -= 1;
  return TRUE;
}

gboolean
ccbt_pex_may_pass (const CcbtAddress *contact, const CcbtAddress *other)
{
  CcbtAddressScope scope = ccbt_address_get_scope (other);

  switch (ccbt_address_get_scope (contact))
    {
    case CCBT_ADDRESS_GLOBAL:
      return TRUE;
    case CCBT_ADDRESS_PRIVATE:
      return scope == CCBT_ADDRESS_PRIVATE || scope == CCBT_ADDRESS_LOOPBACK;
    case CCBT_ADDRESS_LOOPBACK:
      return scope == CCBT_ADDRESS_LOOPBACK;
    case CCBT_ADDRESS_LINK_LOCAL:
      return scope == CCBT_ADDRESS_LINK_LOCAL && !contact->is_ipv6; /* no interface is said */
    default:
      return FALSE;
    }
}

/* Of the first @n, how many share @address' IP? */
static guint
count_same_ip (const GArray *added, guint n, const CcbtAddress *address)
{
  guint n_same = 0;

  for (guint i = 0; i < n; i++)
    n_same += ccbt_address_same_ip (&g_array_index (added, CcbtPexPeer, i).address, address);
  return n_same;
}

void
ccbt_pex_filter (GArray *added, const CcbtAddress *teller, const CcbtAddress *own)
{
  guint n_kept = 0;

  for (guint i = 0; i < added->len; i++)
    {
      const CcbtPexPeer contact = g_array_index (added, CcbtPexPeer, i);

      if (!ccbt_pex_may_pass (&contact.address, teller)
          || (own != NULL && ccbt_address_equal (&contact.address, own))
          || (ccbt_address_get_scope (&contact.address) == CCBT_ADDRESS_GLOBAL
              && count_same_ip (added, n_kept, &contact.address) >= PORTS_PER_ADDRESS))
        continue;
      g_array_index (added, CcbtPexPeer, n_kept++) = contact;
    }
  g_array_set_size (added, n_kept);
}
