/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-error.h"
#include "base/ccbt-info-hash.h"
#include "base/ccbt-span.h"

/* Items of the DHT (BEP 44): immutable ones are named by the SHA-1 of their bencoded bytes, mutable
 * ones by public key and salt, and signed with Ed25519 (OpenSSL). */

/* @value: bencoded bytes */
CcbtSha1 ccbt_dht_item_get_immutable_target (CcbtSpan value);
CcbtSha1 ccbt_dht_item_get_mutable_target (const guint8 public_key[32], CcbtSpan salt);

/* Is @value one bencoded value, with the keys of every dictionary in order? Others must not be
 * stored: each reader would write them differently, and hash something else. */
gboolean ccbt_dht_item_is_valid_value (CcbtSpan value);

/* FALSE also for salts over CCBT_KRPC_MAX_SALT, which nobody may sign. Costs about 0.1 ms: limit how
 * often strangers make us do it. */
gboolean ccbt_dht_item_verify (const guint8 public_key[32], const guint8 signature[64],
                               CcbtSpan salt, gint64 sequence, CcbtSpan value);

/* @private_key: the 32-byte seed of RFC 8032. */
void ccbt_dht_item_get_public_key (const guint8 private_key[32], guint8 public_key[32]);
void ccbt_dht_item_sign (const guint8 private_key[32], CcbtSpan salt, gint64 sequence,
                         CcbtSpan value, guint8 signature[64]);
