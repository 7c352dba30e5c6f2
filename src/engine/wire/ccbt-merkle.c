/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-merkle.h"

#include <openssl/evp.h>
#include <string.h>

#define HASH_SIZE sizeof (CcbtSha256)

/* SHA-256 of the 64 bytes at @pair. @out may be the pair's own place. */
static void
hash_pair (EVP_MD_CTX *context, const CcbtSha256 *pair, CcbtSha256 *out)
{
  CcbtSha256 digest;

  if (!EVP_DigestInit_ex2 (context, NULL, NULL) || !EVP_DigestUpdate (context, pair, 2 * HASH_SIZE)
      || !EVP_DigestFinal_ex (context, digest.bytes, NULL))
    g_error ("SHA-256 failed"); /* only without memory */
  *out = digest;
}

CcbtSha256
ccbt_merkle_get_root (const guint8 *hashes, gsize n_hashes, guint height)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  g_autofree CcbtSha256 *row = g_new (CcbtSha256, n_hashes + 1);
  CcbtSha256 beyond[2] = { 0 }; /* a node of this height that covers nothing, twice */
  CcbtSha256 root;

  if (context == NULL || !EVP_DigestInit_ex2 (context, EVP_sha256 (), NULL))
    g_error ("SHA-256 is not available");
  memcpy (row, hashes, n_hashes * HASH_SIZE);
  for (guint i = 0; i < height; i++)
    {
      hash_pair (context, beyond, &beyond[0]);
      beyond[1] = beyond[0];
    }
  while (n_hashes > 1)
    {
      if (n_hashes % 2 == 1)
        row[n_hashes++] = beyond[0];
      n_hashes /= 2;
      for (gsize i = 0; i < n_hashes; i++)
        hash_pair (context, &row[2 * i], &row[i]);
      hash_pair (context, beyond, &beyond[0]);
      beyond[1] = beyond[0];
    }
  root = row[0];
  EVP_MD_CTX_free (context);
  return root;
}
