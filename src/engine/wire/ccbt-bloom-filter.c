/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-bloom-filter.h"

#include <math.h>
#include <openssl/evp.h>

#define N_BITS (8u * CCBT_BLOOM_FILTER_SIZE)
#define N_HASHES 2u
#define MAX_ESTIMATE 6000u

void
ccbt_bloom_filter_add (CcbtBloomFilter *self, const CcbtAddress *address)
{
  guint8 digest[20];

  if (!EVP_Digest (address->ip, address->is_ipv6 ? 16 : 4, digest, NULL, EVP_sha1 (), NULL))
    g_error ("SHA-1 is not available");
  for (guint i = 0; i < N_HASHES; i++)
    {
      /* Low byte first, unlike everything else on the wire. */
      guint bit = (digest[2 * i] | (guint) digest[2 * i + 1] << 8) % N_BITS;

      self->bytes[bit / 8] |= (guint8) (1u << bit % 8);
    }
}

void
ccbt_bloom_filter_merge (CcbtBloomFilter *self, const guint8 *bytes)
{
  for (guint i = 0; i < CCBT_BLOOM_FILTER_SIZE; i++)
    self->bytes[i] |= bytes[i];
}

guint
ccbt_bloom_filter_estimate (const CcbtBloomFilter *self)
{
  guint n_zeros = N_BITS;
  double estimate;

  for (guint i = 0; i < CCBT_BLOOM_FILTER_SIZE; i++)
    n_zeros -= (guint) __builtin_popcount (self->bytes[i]);
  if (n_zeros == N_BITS)
    return 0;
  if (n_zeros == 0)
    return MAX_ESTIMATE;
  estimate = log ((double) n_zeros / N_BITS) / (N_HASHES * log (1.0 - 1.0 / N_BITS));
  return (guint) MIN (estimate + 0.5, (double) MAX_ESTIMATE);
}
