/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-store-private.h"

#include "discovery/ccbt-dht-id.h"
#include "wire/ccbt-dht-item.h"

typedef CcbtDhtStoredItem Item;

static void
free_item (gpointer data)
{
  Item *item = data;

  g_bytes_unref (item->value);
  g_free (item);
}

GHashTable *
ccbt_dht_store_items_new (void)
{
  return g_hash_table_new_full (ccbt_sha1_hash, ccbt_sha1_equal, NULL, free_item);
}

static gboolean
is_old (gpointer key, gpointer value, gpointer data)
{
  const Item *item = value;
  const gint64 *now = data;

  return *now - item->stored_at >= CCBT_DHT_ITEM_LIFE;
}

void
ccbt_dht_store_items_tick (CcbtDhtStore *self, gint64 now)
{
  g_hash_table_foreach_remove (self->items, is_old, &now);
}

/* --- put --- */

/* What can be said of @put without knowing what is stored. */
static int
check_arguments (const CcbtKrpcMessage *put)
{
  if (put->value.len > CCBT_KRPC_MAX_VALUE)
    return CCBT_KRPC_ERROR_TOO_BIG;
  if (put->value.len == 0 || !ccbt_dht_item_is_valid_value (put->value))
    return CCBT_KRPC_ERROR_PROTOCOL;
  /* Half a mutable item is a mistake, not an immutable one. */
  if (put->has_key != put->has_signature || put->has_key != put->has_sequence)
    return CCBT_KRPC_ERROR_PROTOCOL;
  if (put->has_key && put->salt.len > CCBT_KRPC_MAX_SALT)
    return CCBT_KRPC_ERROR_SALT;
  if (put->has_key && put->sequence < 0)
    return CCBT_KRPC_ERROR_PROTOCOL;
  return 0;
}

static gboolean
has_value (const Item *item, CcbtSpan value)
{
  return ccbt_span_equal (item->item.value, value);
}

/* May @put follow what is stored? Asked before the signature, which costs most. */
static int
check_order (const Item *stored, const CcbtKrpcMessage *put)
{
  /* A key can be found whose bytes are a bencoded string: then both kinds have one target. The
   * first one stays. */
  if (stored->item.is_mutable != put->has_key)
    return CCBT_KRPC_ERROR_PROTOCOL;
  if (!put->has_key)
    return 0;
  if (put->has_cas && put->cas != stored->item.sequence)
    return CCBT_KRPC_ERROR_CAS;
  if (put->sequence < stored->item.sequence
      || (put->sequence == stored->item.sequence && !has_value (stored, put->value)))
    return CCBT_KRPC_ERROR_SEQUENCE;
  return 0;
}

/* Returns: FALSE when @target itself is what has to give way */
static gboolean
make_room_for_item (CcbtDhtStore *self, const CcbtSha1 *own_id, const CcbtSha1 *target)
{
  const CcbtSha1 *farthest;

  if (g_hash_table_size (self->items) < CCBT_DHT_STORE_MAX_ITEMS)
    return TRUE;
  farthest = ccbt_dht_store_find_farthest (self->items, own_id);
  if (ccbt_dht_id_compare (own_id, target, farthest) >= 0)
    return FALSE;
  g_hash_table_remove (self->items, farthest);
  return TRUE;
}

static void
store_item (CcbtDhtStore *self, const CcbtSha1 *target, const CcbtKrpcMessage *put, gint64 now)
{
  Item *item = g_new0 (Item, 1);

  item->target = *target;
  item->stored_at = now;
  item->value = g_bytes_new (put->value.data, put->value.len);
  item->item.is_mutable = put->has_key;
  item->item.value.data = g_bytes_get_data (item->value, &item->item.value.len);
  if (put->has_key)
    {
      memcpy (item->item.public_key, put->public_key, sizeof item->item.public_key);
      memcpy (item->item.signature, put->signature, sizeof item->item.signature);
      item->item.sequence = put->sequence;
    }
  g_hash_table_replace (self->items, &item->target, item);
}

int
ccbt_dht_store_put (CcbtDhtStore *self, const CcbtSha1 *own_id, const CcbtKrpcMessage *put,
                    gint64 now)
{
  int code = check_arguments (put);
  CcbtSha1 target;
  Item *stored;

  if (code != 0)
    return code;
  target = put->has_key ? ccbt_dht_item_get_mutable_target (put->public_key, put->salt)
                        : ccbt_dht_item_get_immutable_target (put->value);
  stored = g_hash_table_lookup (self->items, &target);
  if (stored != NULL && (code = check_order (stored, put)) != 0)
    return code;
  /* The same again: it lives on. */
  if (stored != NULL && (!put->has_key || put->sequence == stored->item.sequence))
    {
      stored->stored_at = now;
      return 0;
    }
  if (put->has_key
      && !ccbt_dht_item_verify (put->public_key, put->signature, put->salt, put->sequence,
                                put->value))
    return CCBT_KRPC_ERROR_SIGNATURE;
  if (stored == NULL && !make_room_for_item (self, own_id, &target))
    return CCBT_KRPC_ERROR_SERVER;
  store_item (self, &target, put, now);
  return 0;
}

/* --- get --- */

gboolean
ccbt_dht_store_get_item (CcbtDhtStore *self, const CcbtSha1 *target, CcbtDhtItem *out)
{
  const Item *item = g_hash_table_lookup (self->items, target);

  if (item == NULL)
    return FALSE;
  *out = item->item;
  return TRUE;
}

guint
ccbt_dht_store_get_n_items (CcbtDhtStore *self)
{
  return g_hash_table_size (self->items);
}
