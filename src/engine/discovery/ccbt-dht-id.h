/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "base/ccbt-info-hash.h"
#include "base/ccbt-random.h"

/* Node ids of the DHT: distance by exclusive or (BEP 5), and ids bound to an address (BEP 42). */

/* Leading bits that are equal, 0 to 160. */
guint ccbt_dht_id_common_bits (const CcbtSha1 *a, const CcbtSha1 *b);
/* <0 when @a is closer to @target than @b. */
int ccbt_dht_id_compare (const CcbtSha1 *target, const CcbtSha1 *a, const CcbtSha1 *b);

/* An id that BEP 42 accepts from @address; any id at all when @address is not global. */
CcbtSha1 ccbt_dht_id_make (CcbtRandom *random, const CcbtAddress *address);
/* Does BEP 42 accept it? Always TRUE for addresses that are not global. */
gboolean ccbt_dht_id_is_secure (const CcbtSha1 *id, const CcbtAddress *address);

/* A random id that shares exactly @n_bits leading bits with @id: for refreshing a bucket. */
CcbtSha1 ccbt_dht_id_make_near (CcbtRandom *random, const CcbtSha1 *id, guint n_bits);
