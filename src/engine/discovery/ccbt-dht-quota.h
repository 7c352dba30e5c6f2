/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "base/ccbt-clock.h"

/* Queries a DHT node answers (threat B80): a small bucket for each address, and one for all
 * together. */
typedef struct _CcbtDhtQuota CcbtDhtQuota;

CcbtDhtQuota *ccbt_dht_quota_new (void);
void ccbt_dht_quota_free (CcbtDhtQuota *self);
/* May this query be answered? By IPv4 address or IPv6 /64: 10 a second with a burst of 30; 500 a
 * second of all; 2,048 addresses remembered. */
gboolean ccbt_dht_quota_take (CcbtDhtQuota *self, const CcbtAddress *from, gint64 now);
guint ccbt_dht_quota_get_n_addresses (CcbtDhtQuota *self);
