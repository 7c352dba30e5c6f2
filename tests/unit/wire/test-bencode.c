/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-bencode.h"

static const CcbtBencodeLimits small_limits
    = { .max_depth = 5, .max_tokens = 20, .max_size = 4096 };

static CcbtBencode *
parse (const char *text, GError **error)
{
  return ccbt_bencode_parse (ccbt_span_from_string (text), &small_limits, NULL, error);
}

static void
assert_refused (CcbtSpan bytes, int code)
{
  /* A copy of just that size lets the address sanitizer see a read past its end. */
  g_autofree guint8 *copy = g_memdup2 (bytes.data, bytes.len);
  g_autoptr (GError) error = NULL;
  CcbtBencode *document
      = ccbt_bencode_parse ((CcbtSpan){ copy, bytes.len }, &small_limits, NULL, &error);

  g_assert_null (document);
  g_assert_error (error, CCBT_ERROR, code);
}

static void
assert_malformed (const char *text)
{
  assert_refused (ccbt_span_from_string (text), CCBT_ERROR_MALFORMED);
}

static void
test_all_kinds_are_read (void)
{
  static const char text[]
      = "d3:bigi9223372036854775807e4:listl0:i-1ed1:k1:vee5:smalli-9223372036854775808ee";
  g_autoptr (CcbtBencode) document = parse (text, NULL);
  CcbtBencodeValue root = ccbt_bencode_get_root (document);
  CcbtBencodeValue list = ccbt_bencode_value_lookup (root, "list");
  CcbtBencodeIter iter;
  CcbtBencodeValue item;
  CcbtSpan span;
  gint64 number;

  g_assert_true (ccbt_bencode_value_lookup_integer (root, "big", &number));
  g_assert_cmpint (number, ==, G_MAXINT64);
  g_assert_true (ccbt_bencode_value_lookup_integer (root, "small", &number));
  g_assert_cmpint (number, ==, G_MININT64);
  g_assert_cmpuint (ccbt_bencode_value_get_length (root), ==, 3);
  g_assert_cmpuint (ccbt_bencode_value_get_length (list), ==, 3);

  ccbt_bencode_iter_init (&iter, list);
  g_assert_true (ccbt_bencode_iter_next (&iter, &span, &item));
  g_assert_cmpuint (span.len, ==, 0);
  g_assert_true (ccbt_bencode_value_get_string (item, &span));
  g_assert_cmpuint (span.len, ==, 0);
  g_assert_true (ccbt_bencode_iter_next (&iter, NULL, &item));
  g_assert_true (ccbt_bencode_value_get_integer (item, &number));
  g_assert_cmpint (number, ==, -1);
  g_assert_true (ccbt_bencode_iter_next (&iter, NULL, &item));
  g_assert_true (ccbt_bencode_value_lookup_string (item, "k", &span));
  g_assert_cmpmem (span.data, span.len, "v", 1);
  g_assert_false (ccbt_bencode_iter_next (&iter, NULL, &item));
}

static void
test_raw_bytes_are_exact (void)
{
  g_autoptr (CcbtBencode) document = parse ("d1:ali1e2:xxe1:bd1:ci7eee", NULL);
  CcbtBencodeValue root = ccbt_bencode_get_root (document);
  CcbtSpan raw = ccbt_bencode_value_get_raw (ccbt_bencode_value_lookup (root, "a"));

  g_assert_cmpmem (raw.data, raw.len, "li1e2:xxe", 9);
  raw = ccbt_bencode_value_get_raw (ccbt_bencode_value_lookup (root, "b"));
  g_assert_cmpmem (raw.data, raw.len, "d1:ci7ee", 8);
  raw = ccbt_bencode_value_get_raw (root);
  g_assert_cmpuint (raw.len, ==, 25);
}

static void
test_absent_values_are_harmless (void)
{
  g_autoptr (CcbtBencode) document = parse ("d1:ai1ee", NULL);
  CcbtBencodeValue none = ccbt_bencode_value_lookup (ccbt_bencode_get_root (document), "b");
  CcbtBencodeValue number = ccbt_bencode_value_lookup (ccbt_bencode_get_root (document), "a");
  CcbtSpan text = CCBT_SPAN_LITERAL ("untouched");
  CcbtBencodeIter iter;
  gint64 value = 77;

  g_assert_cmpint (ccbt_bencode_value_get_kind (none), ==, CCBT_BENCODE_NONE);
  g_assert_cmpuint (ccbt_bencode_value_get_raw (none).len, ==, 0);
  g_assert_cmpuint (ccbt_bencode_value_get_length (none), ==, 0);
  g_assert_false (ccbt_bencode_value_get_integer (none, &value));
  g_assert_cmpint (value, ==, 77);
  g_assert_false (ccbt_bencode_value_get_string (number, &text));
  g_assert_cmpuint (text.len, ==, 9);
  g_assert_cmpint (ccbt_bencode_value_get_kind (ccbt_bencode_value_lookup (number, "x")), ==,
                   CCBT_BENCODE_NONE);
  ccbt_bencode_iter_init (&iter, none);
  g_assert_false (ccbt_bencode_iter_next (&iter, NULL, &none));
  ccbt_bencode_iter_init (&iter, number);
  g_assert_false (ccbt_bencode_iter_next (&iter, NULL, &none));
}

static void
test_trailing_bytes_only_when_asked_for (void)
{
  g_autoptr (CcbtBencode) document = NULL;
  gsize consumed = 0;

  assert_malformed ("i1ei2e");
  document
      = ccbt_bencode_parse (CCBT_SPAN_LITERAL ("d1:ai1eeREST"), &small_limits, &consumed, NULL);
  g_assert_nonnull (document);
  g_assert_cmpuint (consumed, ==, 8);
}

/* B03, B04 */
static void
test_bad_numbers_are_refused (void)
{
  static const char *const bad[] = { "ie",
                                     "i-e",
                                     "i-0e",
                                     "i00e",
                                     "i01e",
                                     "i-01e",
                                     "i--1e",
                                     "i+1e",
                                     "i 1e",
                                     "i1",
                                     "i1.0e",
                                     "i1x",
                                     "i9223372036854775808e",
                                     "i-9223372036854775809e",
                                     "i18446744073709551617e",
                                     "i99999999999999999999999999e",
                                     "-1:a",
                                     "01:a",
                                     "00:",
                                     "2:a",
                                     "1",
                                     "1a",
                                     ":a",
                                     "+1:a",
                                     "9223372036854775808:a",
                                     "18446744073709551617:a",
                                     "18446744073709551616:",
                                     "4294967297:a" };
  g_autofree char *digits = g_strnfill (4000, '9');

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_malformed (bad[i]);
  assert_malformed (digits);
}

static void
test_broken_structure_is_refused (void)
{
  static const char *const bad[]
      = { "",         "e",    "l",       "d",    "x",           "le1:",   "d1:ae",
          "di1ei2ee", "d1:a", "dl1:aee", "li1e", "d1:ai1e1:be", "l1:ae}", "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_malformed (bad[i]);
}

static void
test_every_prefix_is_refused (void)
{
  static const char text[] = "d4:infod6:lengthi12e4:name3:abce1:zl1:a1:bee";

  for (gsize len = 0; len < sizeof text - 1; len++)
    assert_refused ((CcbtSpan){ (const guint8 *) text, len }, CCBT_ERROR_MALFORMED);
}

/* B05 */
static void
test_duplicate_keys_are_refused_sorted_or_not (void)
{
  g_autoptr (CcbtBencode) unsorted = parse ("d1:bi1e1:ai2e2:abi3ee", NULL);
  gint64 value;

  assert_malformed ("d1:ai1e1:ai2ee");
  assert_malformed ("d1:ai1e1:bi2e1:ai3ee");
  assert_malformed ("d1:bd1:xi1e1:ci1e1:xi2ee1:ai0ee");
  g_assert_nonnull (unsorted);
  g_assert_true (
      ccbt_bencode_value_lookup_integer (ccbt_bencode_get_root (unsorted), "ab", &value));
  g_assert_cmpint (value, ==, 3);
}

/* B01 */
static void
test_depth_is_limited (void)
{
  g_autoptr (CcbtBencode) deep = parse ("llllleeeee", NULL);

  g_assert_nonnull (deep);
  assert_refused (CCBT_SPAN_LITERAL ("lllllleeeeee"), CCBT_ERROR_TOO_LARGE);
  assert_refused (CCBT_SPAN_LITERAL ("d1:ad1:ad1:ad1:ad1:adeeeeeee"), CCBT_ERROR_TOO_LARGE);
}

static void
test_a_million_open_lists_are_refused (void)
{
  g_autofree char *text = g_strnfill (1000000, 'l');
  g_autoptr (GError) error = NULL;

  g_assert_null (
      ccbt_bencode_parse (ccbt_span_from_string (text), &ccbt_bencode_limits_file, NULL, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE);
}

/* B24 */
static void
test_size_is_limited (void)
{
  g_autofree char *text = g_strnfill (4097, 'x');

  assert_refused (ccbt_span_from_string (text), CCBT_ERROR_TOO_LARGE);
}

/* B02 */
static void
test_token_flood_is_refused_quickly (void)
{
  g_autofree char *flood = g_strnfill (10 * 1024 * 1024, '0');
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  flood[0] = 'l';
  for (gsize i = 2; flood[i] != '\0'; i += 2)
    flood[i] = ':';
  g_assert_null (
      ccbt_bencode_parse (ccbt_span_from_string (flood), &ccbt_bencode_limits_file, NULL, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
}

/* Keys in descending order, so that every one of them goes through the table. */
static void
test_huge_unsorted_dictionaries_take_linear_time (void)
{
  g_autoptr (GString) text = g_string_new ("d");
  g_autoptr (CcbtBencode) document = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start;

  for (guint i = 900000; i > 0; i--)
    g_string_append_printf (text, "6:%06u0:", i);
  g_string_append_c (text, 'e');
  start = g_get_monotonic_time ();
  document = ccbt_bencode_parse (ccbt_span_from_string (text->str), &ccbt_bencode_limits_file, NULL,
                                 &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ccbt_bencode_value_get_length (ccbt_bencode_get_root (document)), ==, 900000);

  g_clear_pointer (&document, ccbt_bencode_free);
  g_string_truncate (text, text->len - 1);
  g_string_append (text, "6:9000000:e");
  document = ccbt_bencode_parse (ccbt_span_from_string (text->str), &ccbt_bencode_limits_file, NULL,
                                 &error);
  g_assert_null (document);
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
}

static void
test_what_is_written_is_read_again (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  ccbt_bencode_begin_dict (out);
  ccbt_bencode_write_key (out, "a");
  ccbt_bencode_write_integer (out, G_MININT64);
  ccbt_bencode_write_key (out, "b");
  ccbt_bencode_begin_list (out);
  ccbt_bencode_write_string (out, (CcbtSpan){ (const guint8 *) "\0x", 2 });
  ccbt_bencode_write_string (out, (CcbtSpan){ NULL, 0 });
  ccbt_bencode_end (out);
  ccbt_bencode_end (out);
  g_assert_cmpmem (out->data, out->len, "d1:ai-9223372036854775808e1:bl2:\0x0:ee", 38);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bencode/all-kinds-are-read", test_all_kinds_are_read);
  g_test_add_func ("/bencode/raw-bytes-are-exact", test_raw_bytes_are_exact);
  g_test_add_func ("/bencode/absent-values-are-harmless", test_absent_values_are_harmless);
  g_test_add_func ("/bencode/trailing-bytes-only-when-asked-for",
                   test_trailing_bytes_only_when_asked_for);
  g_test_add_func ("/bencode/bad-numbers-are-refused", test_bad_numbers_are_refused);
  g_test_add_func ("/bencode/broken-structure-is-refused", test_broken_structure_is_refused);
  g_test_add_func ("/bencode/every-prefix-is-refused", test_every_prefix_is_refused);
  g_test_add_func ("/bencode/duplicate-keys-are-refused-sorted-or-not",
                   test_duplicate_keys_are_refused_sorted_or_not);
  g_test_add_func ("/bencode/depth-is-limited", test_depth_is_limited);
  g_test_add_func ("/bencode/a-million-open-lists-are-refused",
                   test_a_million_open_lists_are_refused);
  g_test_add_func ("/bencode/size-is-limited", test_size_is_limited);
  g_test_add_func ("/bencode/token-flood-is-refused-quickly", test_token_flood_is_refused_quickly);
  g_test_add_func ("/bencode/huge-unsorted-dictionaries-take-linear-time",
                   test_huge_unsorted_dictionaries_take_linear_time);
  g_test_add_func ("/bencode/what-is-written-is-read-again", test_what_is_written_is_read_again);
  return g_test_run ();
}
