/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-info-hash.h"

#include <string.h>

#define V1 "00112233445566778899aabbccddeeff01234567"
#define V2 "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"

static CcbtInfoHash
make (guint8 v1, guint8 v2)
{
  CcbtInfoHash hash = { .has_v1 = v1 != 0, .has_v2 = v2 != 0 };

  memset (hash.v1.bytes, v1, sizeof hash.v1.bytes);
  memset (hash.v2.bytes, v2, sizeof hash.v2.bytes);
  return hash;
}

/* A hybrid is found by either of its hashes. */
static void
test_one_equal_version_is_a_match (void)
{
  const struct
  {
    guint8 a_v1, a_v2, b_v1, b_v2; /* 0 = has none */
    gboolean matches;
  } cases[] = {
    { 1, 0, 1, 0, TRUE },  { 1, 0, 2, 0, FALSE }, { 0, 1, 0, 1, TRUE }, { 0, 1, 0, 2, FALSE },
    { 1, 0, 0, 1, FALSE }, { 1, 2, 1, 0, TRUE },  { 1, 2, 0, 2, TRUE }, { 1, 2, 0, 3, FALSE },
    { 1, 2, 1, 2, TRUE },  { 1, 2, 3, 2, TRUE },  { 1, 2, 1, 3, TRUE }, { 1, 2, 3, 4, FALSE },
    { 0, 0, 0, 0, FALSE }, { 1, 2, 0, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CcbtInfoHash a = make (cases[i].a_v1, cases[i].a_v2);
      CcbtInfoHash b = make (cases[i].b_v1, cases[i].b_v2);

      g_assert_cmpint (ccbt_info_hash_matches (&a, &b), ==, cases[i].matches);
      g_assert_cmpint (ccbt_info_hash_matches (&b, &a), ==, cases[i].matches);
    }
}

/* BEP 52. */
static void
test_the_wire_carries_v1_or_the_start_of_v2 (void)
{
  CcbtInfoHash hybrid = make (1, 2), v2_only;
  CcbtSha1 wire = ccbt_info_hash_get_wire (&hybrid);

  g_assert_cmpmem (wire.bytes, 20, hybrid.v1.bytes, 20);
  g_assert_true (ccbt_info_hash_from_string (V2, &v2_only));
  wire = ccbt_info_hash_get_wire (&v2_only);
  g_assert_cmpmem (wire.bytes, 20, v2_only.v2.bytes, 20);
}

static void
test_hashes_survive_the_way_to_text_and_back (void)
{
  const char *const texts[] = { V1, V2 };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      CcbtInfoHash hash;
      g_autofree char *upper = g_ascii_strup (texts[i], -1);
      g_autofree char *text = NULL;

      g_assert_true (ccbt_info_hash_from_string (upper, &hash));
      g_assert_cmpint (hash.has_v1, ==, i == 0);
      g_assert_cmpint (hash.has_v2, ==, i == 1);
      text = ccbt_info_hash_to_string (&hash);
      g_assert_cmpstr (text, ==, texts[i]);
    }
}

static void
test_a_hybrid_is_named_by_v1 (void)
{
  CcbtInfoHash hybrid = make (0xab, 0xcd);
  g_autofree char *text = ccbt_info_hash_to_string (&hybrid);

  g_assert_cmpstr (text, ==, "abababababababababababababababababababab");
}

static void
test_other_lengths_and_letters_are_refused (void)
{
  CcbtInfoHash hash;

  for (guint len = 0; len < 70; len++)
    {
      g_autofree char *text = g_strnfill (len, 'a');

      g_assert_cmpint (ccbt_info_hash_from_string (text, &hash), ==, len == 40 || len == 64);
    }
  for (guint i = 0; i < 64; i++)
    {
      g_autofree char *text = g_strdup (V2);

      text[i] = "gG /:@`\377"[i % 8];
      g_assert_false (ccbt_info_hash_from_string (text, &hash));
      g_assert_false (hash.has_v1 || hash.has_v2);
    }
}

static void
test_hex_covers_every_byte (void)
{
  for (guint i = 0; i < 256; i++)
    {
      guint8 byte = (guint8) i, back;
      g_autofree char *text = ccbt_hex_encode (&byte, 1);
      g_autofree char *expected = g_strdup_printf ("%02x", i);

      g_assert_cmpstr (text, ==, expected);
      g_assert_true (ccbt_hex_decode (text, 2, &back, 1));
      g_assert_cmpuint (back, ==, i);
    }
}

static void
test_hex_wants_two_digits_a_byte (void)
{
  guint8 out[2] = { 7, 7 };

  g_assert_true (ccbt_hex_decode ("", 0, out, 0));
  g_assert_false (ccbt_hex_decode ("a", 1, out, 1));
  g_assert_false (ccbt_hex_decode ("abc", 3, out, 1));
  g_assert_false (ccbt_hex_decode ("0x", 2, out, 1));
  g_assert_cmpuint (out[1], ==, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/base/info-hash/" #name, test_##name)
  ADD (one_equal_version_is_a_match);
  ADD (the_wire_carries_v1_or_the_start_of_v2);
  ADD (hashes_survive_the_way_to_text_and_back);
  ADD (a_hybrid_is_named_by_v1);
  ADD (other_lengths_and_letters_are_refused);
  ADD (hex_covers_every_byte);
  ADD (hex_wants_two_digits_a_byte);
#undef ADD
  return g_test_run ();
}
