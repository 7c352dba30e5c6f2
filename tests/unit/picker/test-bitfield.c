/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-random.h"
#include "picker/ccbt-bitfield.h"

/* Sizes around the borders of bytes and words. */
static const guint32 sizes[] = { 1, 7, 8, 9, 63, 64, 65, 1000 };

static void
assert_matches (const CcbtBitfield *field, const gboolean *model)
{
  guint32 n_set = 0;

  for (guint32 i = 0; i < field->n_bits; i++)
    {
      g_assert_cmpint (ccbt_bitfield_get (field, i), ==, model[i]);
      n_set += model[i] ? 1 : 0;
    }
  g_assert_cmpuint (field->n_set, ==, n_set);
  g_assert_cmpint (ccbt_bitfield_is_full (field), ==, n_set == field->n_bits);
  g_assert_cmpint (field->bits == NULL, ==, n_set == 0 || n_set == field->n_bits);
}

static void
test_agrees_with_an_array_of_booleans (void)
{
  CcbtRandom random;

  ccbt_random_init (&random, 1);
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autofree gboolean *model = g_new0 (gboolean, sizes[s]);
      CcbtBitfield field;

      ccbt_bitfield_init (&field, sizes[s]);
      for (guint step = 0; step < 2000; step++)
        {
          guint32 index = ccbt_random_below (&random, sizes[s]);
          /* Mostly setting, then mostly unsetting: reaches full and empty. */
          gboolean value = ccbt_random_below (&random, 10) < (step % 1000 < 500 ? 9u : 1u);

          if (value)
            g_assert_cmpint (ccbt_bitfield_set (&field, index), ==, !model[index]);
          else
            g_assert_cmpint (ccbt_bitfield_unset (&field, index), ==, model[index]);
          model[index] = value;
          if (sizes[s] < 100 || step % 50 == 0)
            assert_matches (&field, model);
        }
      ccbt_bitfield_clear (&field);
    }
}

static void
test_the_first_bit_is_the_highest_of_the_first_byte (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  const guint8 expected[] = { 0x81, 0x40 };
  CcbtBitfield field;

  ccbt_bitfield_init (&field, 10);
  ccbt_bitfield_set (&field, 0);
  ccbt_bitfield_set (&field, 7);
  ccbt_bitfield_set (&field, 9);
  ccbt_bitfield_write (&field, out);
  g_assert_cmpmem (out->data, out->len, expected, sizeof expected);
  ccbt_bitfield_clear (&field);
}

static void
test_spare_bits_are_ignored_and_written_as_zero (void)
{
  const guint8 in[] = { 0xff, 0xff }, full[] = { 0xff, 0xc0 }, less[] = { 0x7f, 0xc0 };
  g_autoptr (GByteArray) out = g_byte_array_new ();
  CcbtBitfield field;

  ccbt_bitfield_init (&field, 10);
  ccbt_bitfield_set_from_bytes (&field, (CcbtSpan){ in, 2 });
  g_assert_true (ccbt_bitfield_is_full (&field));
  g_assert_null (field.bits);
  ccbt_bitfield_write (&field, out);
  g_assert_cmpmem (out->data, out->len, full, 2);
  ccbt_bitfield_unset (&field, 0);
  g_assert_cmpmem (field.bits, 2, less, 2);
  ccbt_bitfield_write (&field, out);
  g_assert_cmpmem (out->data + 2, out->len - 2, less, 2);
  ccbt_bitfield_clear (&field);
}

static void
test_bytes_survive_reading_and_writing (void)
{
  CcbtRandom random;

  ccbt_random_init (&random, 2);
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      gsize len = (sizes[s] + 7) / 8;
      g_autofree guint8 *bytes = g_malloc (len);
      g_autoptr (GByteArray) out = g_byte_array_new ();
      CcbtBitfield field, copy;

      for (gsize i = 0; i < len; i++)
        bytes[i] = (guint8) ccbt_random_next (&random);
      if (sizes[s] % 8 != 0)
        bytes[len - 1] &= (guint8) (0xff << (8 - sizes[s] % 8));
      ccbt_bitfield_init (&field, sizes[s]);
      ccbt_bitfield_init (&copy, sizes[s]);
      ccbt_bitfield_set_from_bytes (&field, (CcbtSpan){ bytes, len });
      ccbt_bitfield_copy (&copy, &field);
      ccbt_bitfield_unset_all (&field);
      ccbt_bitfield_write (&copy, out);
      g_assert_cmpmem (out->data, out->len, bytes, len);
      ccbt_bitfield_clear (&field);
      ccbt_bitfield_clear (&copy);
    }
}

static void
test_a_copy_shares_nothing (void)
{
  CcbtBitfield field, copy;

  ccbt_bitfield_init (&field, 20);
  ccbt_bitfield_init (&copy, 20);
  ccbt_bitfield_set (&copy, 1);
  ccbt_bitfield_set (&field, 3);
  ccbt_bitfield_copy (&copy, &field);
  ccbt_bitfield_set (&field, 4);
  g_assert_true (ccbt_bitfield_get (&copy, 3));
  g_assert_false (ccbt_bitfield_get (&copy, 1));
  g_assert_false (ccbt_bitfield_get (&copy, 4));
  g_assert_cmpuint (copy.n_set, ==, 1);
  ccbt_bitfield_clear (&field);
  ccbt_bitfield_clear (&copy);
}

static void
test_all_and_none_take_no_memory (void)
{
  CcbtBitfield field;

  ccbt_bitfield_init (&field, 20);
  ccbt_bitfield_set (&field, 3);
  ccbt_bitfield_set_all (&field);
  g_assert_null (field.bits);
  g_assert_true (ccbt_bitfield_get (&field, 19));
  ccbt_bitfield_unset (&field, 19);
  g_assert_nonnull (field.bits);
  ccbt_bitfield_unset_all (&field);
  g_assert_null (field.bits);
  g_assert_false (ccbt_bitfield_get (&field, 0));
  ccbt_bitfield_clear (&field);
}

static void
test_a_set_of_nothing_is_harmless (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  CcbtBitfield field, copy;

  ccbt_bitfield_init (&field, 0);
  ccbt_bitfield_init (&copy, 0);
  ccbt_bitfield_set_from_bytes (&field, (CcbtSpan){ (const guint8 *) "", 0 });
  ccbt_bitfield_copy (&copy, &field);
  ccbt_bitfield_write (&copy, out);
  g_assert_cmpuint (out->len, ==, 0);
  ccbt_bitfield_clear (&field);
  ccbt_bitfield_clear (&copy);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bitfield/model", test_agrees_with_an_array_of_booleans);
  g_test_add_func ("/bitfield/bit-order", test_the_first_bit_is_the_highest_of_the_first_byte);
  g_test_add_func ("/bitfield/spare-bits", test_spare_bits_are_ignored_and_written_as_zero);
  g_test_add_func ("/bitfield/round-trip", test_bytes_survive_reading_and_writing);
  g_test_add_func ("/bitfield/copy", test_a_copy_shares_nothing);
  g_test_add_func ("/bitfield/all-and-none", test_all_and_none_take_no_memory);
  g_test_add_func ("/bitfield/nothing", test_a_set_of_nothing_is_harmless);
  return g_test_run ();
}
