/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"

/* The filters of a DHT scrape (BEP 33): 256 bytes, two bits an IP address. */
#define CCBT_BLOOM_FILTER_SIZE 256u

typedef struct
{
  guint8 bytes[CCBT_BLOOM_FILTER_SIZE];
} CcbtBloomFilter;

/* The port does not count. */
void ccbt_bloom_filter_add (CcbtBloomFilter *self, const CcbtAddress *address);
/* @bytes: CCBT_BLOOM_FILTER_SIZE of them. Afterwards @self holds what either held. */
void ccbt_bloom_filter_merge (CcbtBloomFilter *self, const guint8 *bytes);
/* Estimated number of addresses in it; 6000 at most, more cannot be told apart. */
guint ccbt_bloom_filter_estimate (const CcbtBloomFilter *self);
