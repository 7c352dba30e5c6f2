/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/ccbt-peer-private.h"

/* A handle is generation << SLOT_BITS | slot; the generation starts at 1, so no handle is 0. */
#define SLOT_BITS 14
#define SLOT_MASK ((1u << SLOT_BITS) - 1)

typedef struct
{
  CcbtPeer *peer;
  guint32 generation;
} Slot;

struct _CcbtPeerTable
{
  GArray *slots;
  GArray *free_slots; /* guint32 */
};

CcbtPeerTable *
ccbt_peer_table_new (void)
{
  CcbtPeerTable *self = g_new (CcbtPeerTable, 1);

  self->slots = g_array_new (FALSE, TRUE, sizeof (Slot));
  self->free_slots = g_array_new (FALSE, FALSE, sizeof (guint32));
  return self;
}

void
ccbt_peer_table_free (CcbtPeerTable *self)
{
  g_array_unref (self->slots);
  g_array_unref (self->free_slots);
  g_free (self);
}

CcbtPeerHandle
ccbt_peer_table_add (CcbtPeerTable *self, CcbtPeer *peer)
{
  guint32 index;
  Slot *slot;

  if (self->free_slots->len > 0)
    {
      index = g_array_index (self->free_slots, guint32, self->free_slots->len - 1);
      g_array_set_size (self->free_slots, self->free_slots->len - 1);
    }
  else
    {
      index = self->slots->len;
      g_assert (index <= SLOT_MASK); /* the connection limit's upper bound is below it */
      g_array_set_size (self->slots, index + 1);
    }
  slot = &g_array_index (self->slots, Slot, index);
  slot->peer = peer;
  slot->generation = (slot->generation + 1) & (G_MAXUINT32 >> SLOT_BITS);
  if (slot->generation == 0)
    slot->generation = 1;
  return slot->generation << SLOT_BITS | index;
}

void
ccbt_peer_table_remove (CcbtPeerTable *self, CcbtPeerHandle handle)
{
  guint32 index = handle & SLOT_MASK;

  g_return_if_fail (ccbt_peer_table_lookup (self, handle) != NULL);

  g_array_index (self->slots, Slot, index).peer = NULL;
  g_array_append_val (self->free_slots, index);
}

CcbtPeer *
ccbt_peer_table_lookup (CcbtPeerTable *self, CcbtPeerHandle handle)
{
  guint32 index = handle & SLOT_MASK;
  const Slot *slot;

  if (handle == CCBT_PEER_NONE || index >= self->slots->len)
    return NULL;
  slot = &g_array_index (self->slots, Slot, index);
  return slot->generation == handle >> SLOT_BITS ? slot->peer : NULL;
}

guint
ccbt_peer_table_get_n (CcbtPeerTable *self)
{
  return self->slots->len - self->free_slots->len;
}

guint
ccbt_peer_table_count_ip (CcbtPeerTable *self, const CcbtAddress *address)
{
  guint n = 0;

  for (guint i = 0; i < self->slots->len; i++)
    {
      const CcbtPeer *peer = g_array_index (self->slots, Slot, i).peer;

      n += peer != NULL && ccbt_address_same_ip (&peer->address, address);
    }
  return n;
}
