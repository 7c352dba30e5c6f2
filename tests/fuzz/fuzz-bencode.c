/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-bencode.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Reads every value below @container; the recursion is bounded by the parser's limit on depth. */
static void
read_all (CcbtBencodeValue container, CcbtSpan outer)
{
  guint left = ccbt_bencode_value_get_length (container);
  CcbtBencodeIter iter;
  CcbtBencodeValue value;
  CcbtSpan key, text;
  gint64 number;

  ccbt_bencode_iter_init (&iter, container);
  while (ccbt_bencode_iter_next (&iter, &key, &value))
    {
      CcbtSpan raw = ccbt_bencode_value_get_raw (value);

      g_assert (left-- > 0);
      g_assert (raw.data > outer.data && raw.data + raw.len < outer.data + outer.len);
      g_assert (ccbt_bencode_value_get_kind (value) != CCBT_BENCODE_NONE);
      if (ccbt_bencode_value_get_string (value, &text))
        g_assert (text.data + text.len == raw.data + raw.len);
      ccbt_bencode_value_get_integer (value, &number);
      read_all (value, raw);
    }
  g_assert (left == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (CcbtBencode) document = NULL;
  gsize consumed = 0;

  document = ccbt_bencode_parse ((CcbtSpan){ data, size }, &ccbt_bencode_limits_message, &consumed,
                                 NULL);
  if (document != NULL)
    {
      CcbtBencodeValue root = ccbt_bencode_get_root (document);
      CcbtSpan raw = ccbt_bencode_value_get_raw (root);

      g_assert (raw.data == data && raw.len == consumed && consumed <= size);
      read_all (root, raw);
    }
  return 0;
}
