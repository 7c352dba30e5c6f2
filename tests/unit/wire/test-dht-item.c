/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-dht-item.h"

/* The examples of BEP 44. Its private key is in the form after hashing, not a seed of RFC 8032, so
 * its signatures can be checked here, but not made. */
#define KEY "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548"
#define SIGNATURE                                                                                  \
  "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"                               \
  "1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01"
#define SALTED_SIGNATURE                                                                           \
  "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17d"                               \
  "df9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08"
#define VALUE CCBT_SPAN_LITERAL ("12:Hello World!")
#define SALT CCBT_SPAN_LITERAL ("foobar")
#define NO_SALT ((CcbtSpan){ NULL, 0 })

static void
decode (const char *hex, guint8 *out, gsize len)
{
  g_assert_true (ccbt_hex_decode (hex, strlen (hex), out, len));
}

static void
assert_hex (const guint8 *bytes, gsize len, const char *hex)
{
  g_autofree char *text = ccbt_hex_encode (bytes, len);

  g_assert_cmpstr (text, ==, hex);
}

static void
test_targets_are_those_of_the_examples (void)
{
  guint8 key[32];
  CcbtSha1 target;

  decode (KEY, key, sizeof key);
  target = ccbt_dht_item_get_mutable_target (key, NO_SALT);
  assert_hex (target.bytes, 20, "4a533d47ec9c7d95b1ad75f576cffc641853b750");
  target = ccbt_dht_item_get_mutable_target (key, SALT);
  assert_hex (target.bytes, 20, "411eba73b6f087ca51a3795d9c8c938d365e32c1");
  target = ccbt_dht_item_get_immutable_target (VALUE);
  assert_hex (target.bytes, 20, "e5f96f6f38320f0f33959cb4d3d656452117aadb");
}

/* BEP 46 */
static void
test_targets_of_mutable_torrents (void)
{
  guint8 key[32];
  CcbtSha1 target;

  decode ("8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e", key, sizeof key);
  target = ccbt_dht_item_get_mutable_target (key, NO_SALT);
  assert_hex (target.bytes, 20, "cc3f9d90b572172053626f9980ce261a850d050b");
  target = ccbt_dht_item_get_mutable_target (key, CCBT_SPAN_LITERAL ("n"));
  assert_hex (target.bytes, 20, "59ee7c2cb9b4f7eb1986ee2d18fd2fdb8a56554f");
}

static void
test_signatures_of_the_examples_hold (void)
{
  guint8 key[32], plain[64], salted[64];

  decode (KEY, key, sizeof key);
  decode (SIGNATURE, plain, sizeof plain);
  decode (SALTED_SIGNATURE, salted, sizeof salted);
  g_assert_true (ccbt_dht_item_verify (key, plain, NO_SALT, 1, VALUE));
  g_assert_true (ccbt_dht_item_verify (key, salted, SALT, 1, VALUE));

  g_assert_false (ccbt_dht_item_verify (key, salted, NO_SALT, 1, VALUE));
  g_assert_false (ccbt_dht_item_verify (key, plain, SALT, 1, VALUE));
  g_assert_false (ccbt_dht_item_verify (key, plain, NO_SALT, 2, VALUE));
  g_assert_false (
      ccbt_dht_item_verify (key, plain, NO_SALT, 1, CCBT_SPAN_LITERAL ("12:Hello world!")));
  g_assert_false (ccbt_dht_item_verify (key, plain, NO_SALT, 1, (CcbtSpan){ NULL, 0 }));
}

static void
test_any_changed_bit_breaks_a_signature (void)
{
  guint8 key[32], signature[64];

  decode (KEY, key, sizeof key);
  decode (SIGNATURE, signature, sizeof signature);
  for (guint i = 0; i < 64 * 8; i++)
    {
      signature[i / 8] ^= (guint8) (1u << i % 8);
      g_assert_false (ccbt_dht_item_verify (key, signature, NO_SALT, 1, VALUE));
      signature[i / 8] ^= (guint8) (1u << i % 8);
    }
  for (guint i = 0; i < 32 * 8; i++)
    {
      key[i / 8] ^= (guint8) (1u << i % 8);
      g_assert_false (ccbt_dht_item_verify (key, signature, NO_SALT, 1, VALUE));
      key[i / 8] ^= (guint8) (1u << i % 8);
    }
}

/* RFC 8032, 7.1, test 1 */
static void
test_public_keys_are_those_of_the_seed (void)
{
  guint8 seed[32], key[32];

  decode ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", seed, sizeof seed);
  ccbt_dht_item_get_public_key (seed, key);
  assert_hex (key, sizeof key, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

static void
check_signing (CcbtSpan salt, gint64 sequence)
{
  guint8 seed[32] = { 7 }, key[32], signature[64], again[64];

  ccbt_dht_item_get_public_key (seed, key);
  ccbt_dht_item_sign (seed, salt, sequence, VALUE, signature);
  ccbt_dht_item_sign (seed, salt, sequence, VALUE, again);
  g_assert_cmpmem (signature, 64, again, 64);
  g_assert_true (ccbt_dht_item_verify (key, signature, salt, sequence, VALUE));
  g_assert_false (ccbt_dht_item_verify (key, signature, salt, sequence ^ 1, VALUE));
}

/* Computed with an Ed25519 written in Python after RFC 8032, which also makes the signatures of
 * BEP 44's examples. */
static void
test_signatures_are_those_of_others (void)
{
  guint8 seed[32] = { 7 }, key[32], signature[64];

  ccbt_dht_item_get_public_key (seed, key);
  assert_hex (key, sizeof key, "a2fa2f4a355ba2e907a53009e9e37caddf7ac7e66a08ba07631f553072b3f24c");
  ccbt_dht_item_sign (seed, SALT, 1, VALUE, signature);
  assert_hex (signature, sizeof signature,
              "4a3d21146bab0070926bc79fbb58c09190cb47b65be34ba43fb08316f31ca5d2"
              "b21d9595849ce8284daabd75f19bbfc0d288ab65304766fa69a3501ba4fff90c");
  ccbt_dht_item_sign (seed, NO_SALT, G_MAXINT64, VALUE, signature);
  assert_hex (signature, sizeof signature,
              "b76cdde7106c19c7da4caa3574fd5d6f12675030372e187be7f63d9b7e9d3e59"
              "d9e1cf572a44e1b35d438d2b4844f00f8077721627327e652a8b72e46c8a1309");
}

static void
test_what_is_signed_verifies (void)
{
  guint8 long_salt[65] = { 0 };
  guint8 key[32] = { 0 }, signature[64] = { 0 };

  check_signing (NO_SALT, 0);
  check_signing (SALT, 1);
  check_signing ((CcbtSpan){ long_salt, 64 }, G_MAXINT64);
  g_assert_false (ccbt_dht_item_verify (key, signature, (CcbtSpan){ long_salt, 65 }, 1, VALUE));
}

static void
test_values_are_canonical_bencode (void)
{
  static const char *const good[] = {
    "i1e", "0:", "le", "de", "d1:a1:b1:b0:e", "d0:0:1:a0:e", "d1:a0:2:aa0:e", "ld1:ai1eed1:ai2eee"
  };
  static const char *const bad[] = { "",
                                     "i01e",
                                     "i-0e",
                                     "1:",
                                     "i1ei2e",
                                     "l",
                                     "d1:b0:1:a0:e",
                                     "d2:aa0:1:a0:e",
                                     "d1:a0:1:a0:e",
                                     "ld1:b0:1:a0:ee",
                                     "d1:ad1:z0:1:y0:ee" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (ccbt_dht_item_is_valid_value (ccbt_span_from_string (good[i])));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (ccbt_dht_item_is_valid_value (ccbt_span_from_string (bad[i])));
}

static void
test_deep_values_are_refused (void)
{
  g_autofree char *deep = g_strnfill (1000, 'l');

  memset (deep + 500, 'e', 500);
  g_assert_false (ccbt_dht_item_is_valid_value (ccbt_span_from_string (deep)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dht-item/targets-are-those-of-the-examples",
                   test_targets_are_those_of_the_examples);
  g_test_add_func ("/dht-item/targets-of-mutable-torrents", test_targets_of_mutable_torrents);
  g_test_add_func ("/dht-item/signatures-of-the-examples-hold",
                   test_signatures_of_the_examples_hold);
  g_test_add_func ("/dht-item/any-changed-bit-breaks-a-signature",
                   test_any_changed_bit_breaks_a_signature);
  g_test_add_func ("/dht-item/public-keys-are-those-of-the-seed",
                   test_public_keys_are_those_of_the_seed);
  g_test_add_func ("/dht-item/signatures-are-those-of-others", test_signatures_are_those_of_others);
  g_test_add_func ("/dht-item/what-is-signed-verifies", test_what_is_signed_verifies);
  g_test_add_func ("/dht-item/values-are-canonical-bencode", test_values_are_canonical_bencode);
  g_test_add_func ("/dht-item/deep-values-are-refused", test_deep_values_are_refused);
  return g_test_run ();
}
