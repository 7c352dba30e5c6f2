/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-pex-recent.h"

/* Each link says something once in so long: one message tells of it, the next takes it back. */
#define TOLD_FOR (60 * CCBT_SECOND)

typedef struct
{
  CcbtPexPeer peer;
  gint64 until;
} Entry;

void
ccbt_pex_recent_clear (CcbtPexRecent *self)
{
  g_clear_pointer (&self->entries, g_array_unref);
}

void
ccbt_pex_recent_note (CcbtPexRecent *self, const CcbtPexPeer *peer, gint64 now)
{
  const Entry entry = { *peer, now + TOLD_FOR };

  if (self->entries == NULL)
    self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  for (guint i = 0; i < self->entries->len; i++)
    if (ccbt_address_equal (&g_array_index (self->entries, Entry, i).peer.address, &peer->address))
      return; /* lest one that comes and goes stays for ever */
  if (self->entries->len >= 2 * CCBT_PEX_RECENT_MAX)
    g_array_remove_index (self->entries, 0);
  g_array_append_val (self->entries, entry);
}

gboolean
ccbt_pex_recent_expire (CcbtPexRecent *self, gint64 now)
{
  gboolean found = FALSE;

  while (self->entries != NULL && self->entries->len > 0
         && g_array_index (self->entries, Entry, 0).until <= now)
    {
      g_array_remove_index (self->entries, 0);
      found = TRUE;
    }
  return found;
}

static gboolean
is_listed (const GArray *contacts, const CcbtAddress *address)
{
  for (guint i = 0; i < contacts->len; i++)
    if (ccbt_address_equal (&g_array_index (contacts, CcbtPexPeer, i).address, address))
      return TRUE;
  return FALSE;
}

void
ccbt_pex_recent_fill (const CcbtPexRecent *self, GArray *contacts)
{
  guint n[2] = { 0, 0 };

  for (guint i = 0; i < contacts->len; i++)
    n[g_array_index (contacts, CcbtPexPeer, i).address.is_ipv6]++;
  for (guint i = self->entries != NULL ? self->entries->len : 0; i-- > 0;)
    {
      const CcbtPexPeer *peer = &g_array_index (self->entries, Entry, i).peer;

      if (n[peer->address.is_ipv6] >= CCBT_PEX_RECENT_MAX || is_listed (contacts, &peer->address))
        continue;
      n[peer->address.is_ipv6]++;
      g_array_append_val (contacts, *peer);
    }
}
