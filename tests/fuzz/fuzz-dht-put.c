/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams one after another into one store: what it took can be asked for, and is signed. */
#include "discovery/ccbt-dht-store.h"
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-dht-item.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_stored (CcbtDhtStore *store, const CcbtKrpcMessage *put)
{
  CcbtSha1 target = put->has_key ? ccbt_dht_item_get_mutable_target (put->public_key, put->salt)
                                 : ccbt_dht_item_get_immutable_target (put->value);
  CcbtDhtItem item;

  g_assert_true (ccbt_dht_store_get_item (store, &target, &item));
  g_assert_true (ccbt_span_equal (item.value, put->value));
  g_assert_true (ccbt_dht_item_is_valid_value (item.value));
  g_assert_cmpuint (item.value.len, <=, CCBT_KRPC_MAX_VALUE);
  g_assert_cmpint (item.is_mutable, ==, put->has_key);
  if (item.is_mutable)
    g_assert_true (ccbt_dht_item_verify (item.public_key, item.signature, put->salt, item.sequence,
                                         item.value));
}

static void
put (CcbtDhtStore *store, CcbtSpan datagram, gint64 now)
{
  static const CcbtSha1 own_id = { { 0 } };
  CcbtKrpcMessage message;
  int code;

  if (!ccbt_krpc_parse (datagram, &message, NULL))
    return;
  code = ccbt_dht_store_put (store, &own_id, &message, now);
  if (code == 0)
    check_stored (store, &message);
  else
    g_assert_true ((code >= CCBT_KRPC_ERROR_GENERIC && code <= CCBT_KRPC_ERROR_SALT)
                   || code == CCBT_KRPC_ERROR_CAS || code == CCBT_KRPC_ERROR_SEQUENCE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  CcbtDhtStore *store = ccbt_dht_store_new (1);
  gint64 now = 0;

  while (size > 0)
    {
      gsize consumed = size;
      CcbtBencode *first = ccbt_bencode_parse ((CcbtSpan){ data, size },
                                               &ccbt_bencode_limits_message, &consumed, NULL);

      if (first == NULL)
        consumed = size;
      ccbt_bencode_free (first);
      put (store, (CcbtSpan){ data, consumed }, now);
      data += consumed;
      size -= consumed;
      now += 30 * 60 * CCBT_SECOND;
      ccbt_dht_store_tick (store, now);
    }
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), <=, CCBT_DHT_STORE_MAX_ITEMS);
  ccbt_dht_store_tick (store, now + CCBT_DHT_ITEM_LIFE);
  g_assert_cmpuint (ccbt_dht_store_get_n_items (store), ==, 0);
  ccbt_dht_store_free (store);
  return 0;
}
