/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-dht-item.h"

#include "wire/ccbt-bencode.h"
#include "wire/ccbt-krpc.h"

#include <openssl/evp.h>

#define KEY_SIZE 32u
#define SIGNATURE_SIZE 64u

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)

/* --- Targets --- */

CcbtSha1
ccbt_dht_item_get_immutable_target (CcbtSpan value)
{
  CcbtSha1 target;

  if (!EVP_Digest (value.data, value.len, target.bytes, NULL, EVP_sha1 (), NULL))
    g_error ("SHA-1 is not available");
  return target;
}

CcbtSha1
ccbt_dht_item_get_mutable_target (const guint8 public_key[32], CcbtSpan salt)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  CcbtSha1 target;

  if (context == NULL || !EVP_DigestInit_ex2 (context, EVP_sha1 (), NULL)
      || !EVP_DigestUpdate (context, public_key, KEY_SIZE)
      || !EVP_DigestUpdate (context, salt.data, salt.len)
      || !EVP_DigestFinal_ex (context, target.bytes, NULL))
    g_error ("SHA-1 is not available");
  return target;
}

/* --- Values --- */

static gboolean
is_before (CcbtSpan a, CcbtSpan b)
{
  gsize len = MIN (a.len, b.len);
  int order = len > 0 ? memcmp (a.data, b.data, len) : 0;

  return order < 0 || (order == 0 && a.len < b.len);
}

/* As deep as the parser's limit at most. */
static gboolean
has_sorted_keys (CcbtBencodeValue container)
{
  gboolean is_dict = ccbt_bencode_value_get_kind (container) == CCBT_BENCODE_DICT;
  CcbtBencodeIter iter;
  CcbtBencodeValue value;
  CcbtSpan key, last = { NULL, 0 };

  ccbt_bencode_iter_init (&iter, container);
  for (guint i = 0; ccbt_bencode_iter_next (&iter, &key, &value); i++)
    {
      if ((is_dict && i > 0 && !is_before (last, key)) || !has_sorted_keys (value))
        return FALSE;
      last = key;
    }
  return TRUE;
}

gboolean
ccbt_dht_item_is_valid_value (CcbtSpan value)
{
  g_autoptr (CcbtBencode) document
      = ccbt_bencode_parse (value, &ccbt_bencode_limits_message, NULL, NULL);

  return document != NULL && has_sorted_keys (ccbt_bencode_get_root (document));
}

/* --- Signatures --- */

/* What is signed: salt, sequence number and value, encoded one by one, so that no part of one can
 * be taken for part of another (BEP 44, "Signature Verification"). */
static GByteArray *
make_signed_bytes (CcbtSpan salt, gint64 sequence, CcbtSpan value)
{
  GByteArray *bytes = g_byte_array_sized_new ((guint) (value.len + CCBT_KRPC_MAX_SALT) + 64);

  if (salt.len > 0)
    {
      ccbt_bencode_write_key (bytes, "salt");
      ccbt_bencode_write_string (bytes, salt);
    }
  ccbt_bencode_write_key (bytes, "seq");
  ccbt_bencode_write_integer (bytes, sequence);
  ccbt_bencode_write_key (bytes, "v");
  g_byte_array_append (bytes, value.data, (guint) value.len);
  return bytes;
}

gboolean
ccbt_dht_item_verify (const guint8 public_key[32], const guint8 signature[64], CcbtSpan salt,
                      gint64 sequence, CcbtSpan value)
{
  g_autoptr (EVP_PKEY) key
      = EVP_PKEY_new_raw_public_key (EVP_PKEY_ED25519, NULL, public_key, KEY_SIZE);
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  g_autoptr (GByteArray) bytes = NULL;

  if (salt.len > CCBT_KRPC_MAX_SALT || value.len == 0 || value.len > G_MAXUINT16 || key == NULL
      || context == NULL)
    return FALSE;
  bytes = make_signed_bytes (salt, sequence, value);
  return EVP_DigestVerifyInit (context, NULL, NULL, NULL, key) == 1
         && EVP_DigestVerify (context, signature, SIGNATURE_SIZE, bytes->data, bytes->len) == 1;
}

static EVP_PKEY *
load_private_key (const guint8 private_key[32])
{
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key (EVP_PKEY_ED25519, NULL, private_key, KEY_SIZE);

  if (key == NULL)
    g_error ("Ed25519 is not available"); /* any 32 bytes are a key */
  return key;
}

void
ccbt_dht_item_get_public_key (const guint8 private_key[32], guint8 public_key[32])
{
  g_autoptr (EVP_PKEY) key = load_private_key (private_key);
  gsize len = KEY_SIZE;

  if (EVP_PKEY_get_raw_public_key (key, public_key, &len) != 1)
    g_error ("Ed25519 failed");
}

void
ccbt_dht_item_sign (const guint8 private_key[32], CcbtSpan salt, gint64 sequence, CcbtSpan value,
                    guint8 signature[64])
{
  g_autoptr (EVP_PKEY) key = load_private_key (private_key);
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  g_autoptr (GByteArray) bytes = NULL;
  gsize len = SIGNATURE_SIZE;

  g_return_if_fail (salt.len <= CCBT_KRPC_MAX_SALT);
  g_return_if_fail (value.len > 0 && value.len <= G_MAXUINT16);

  bytes = make_signed_bytes (salt, sequence, value);
  if (context == NULL || EVP_DigestSignInit (context, NULL, NULL, NULL, key) != 1
      || EVP_DigestSign (context, signature, &len, bytes->data, bytes->len) != 1)
    g_error ("Ed25519 failed");
}
