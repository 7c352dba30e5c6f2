/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-piece-hash.h"

#include <openssl/evp.h>

struct _CcbtPieceHash
{
  EVP_MD_CTX *context;
  gboolean has_begun;
};

/* Fetched once: looking an algorithm up by name costs more than hashing a block. */
static const EVP_MD *
get_algorithm (void)
{
  static gsize algorithm = 0;

  if (g_once_init_enter (&algorithm))
    {
      EVP_MD *fetched = EVP_MD_fetch (NULL, "SHA1", NULL);

      if (fetched == NULL)
        g_error ("OpenSSL has no SHA-1");
      g_once_init_leave (&algorithm, (gsize) fetched);
    }
  return (const EVP_MD *) algorithm;
}

CcbtPieceHash *
ccbt_piece_hash_new (void)
{
  CcbtPieceHash *self = g_new0 (CcbtPieceHash, 1);

  self->context = EVP_MD_CTX_new ();
  if (self->context == NULL || EVP_DigestInit_ex2 (self->context, get_algorithm (), NULL) != 1)
    g_error ("OpenSSL cannot begin a hash");
  self->has_begun = TRUE;
  return self;
}

void
ccbt_piece_hash_reset (CcbtPieceHash *self)
{
  self->has_begun = FALSE;
}

void
ccbt_piece_hash_free (CcbtPieceHash *self)
{
  EVP_MD_CTX_free (self->context);
  g_free (self);
}

/* The context keeps its algorithm: to begin again is to set a few words. */
static void
begin (CcbtPieceHash *self)
{
  if (!self->has_begun && EVP_DigestInit_ex2 (self->context, NULL, NULL) != 1)
    g_error ("OpenSSL cannot begin a hash");
  self->has_begun = TRUE;
}

void
ccbt_piece_hash_update (CcbtPieceHash *self, const guint8 *data, gsize length)
{
  begin (self);
  if (EVP_DigestUpdate (self->context, data, length) != 1)
    g_error ("OpenSSL cannot hash");
}

CcbtSha1
ccbt_piece_hash_finish (CcbtPieceHash *self)
{
  CcbtSha1 digest = { { 0 } };

  begin (self);
  if (EVP_DigestFinal_ex (self->context, digest.bytes, NULL) != 1)
    g_error ("OpenSSL cannot finish a hash");
  self->has_begun = FALSE;
  return digest;
}
