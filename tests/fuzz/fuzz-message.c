/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first byte chooses the number of pieces, the rest is a stream of messages. */
#include "wire/ccbt-message.h"
#include "wire/ccbt-metainfo.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const guint32 piece_counts[] = { 0, 1, 7, 8, 9, 20, 1000, CCBT_METAINFO_MAX_PIECES };

static void
check_written_bytes (const CcbtMessage *message, CcbtSpan read)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  if (message->kind == CCBT_MESSAGE_UNKNOWN)
    return;
  ccbt_message_write (out, message);
  g_assert_true (ccbt_span_equal ((CcbtSpan){ out->data, out->len }, read));
}

static void
check_values (const CcbtMessage *message, const CcbtMessageLimits *limits)
{
  guint32 n_pieces = limits->n_pieces > 0 ? limits->n_pieces : CCBT_METAINFO_MAX_PIECES;

  g_assert_cmpuint (message->piece, <, n_pieces);
  g_assert_cmpuint (message->length, <=, CCBT_MESSAGE_MAX_BLOCK);
  g_assert_cmpuint ((guint64) message->offset + message->length, <=, G_MAXUINT32);
  g_assert_cmpuint (message->payload.len, <=, CCBT_MESSAGE_MAX_EXTENDED);
}

/* However few bytes came, the answer is that of all of them, or "more". A failure stays one, with
 * its reason. */
static void
check_splits (CcbtSpan in, const CcbtMessageLimits *limits, CcbtParse whole, gsize consumed,
              const GError *whole_error)
{
  gsize end = whole == CCBT_PARSE_DONE ? consumed : in.len;
  gboolean has_failed = FALSE;

  for (gsize len = 0; len <= end; len++)
    {
      g_autoptr (GError) error = NULL;
      CcbtMessage message;
      gsize used = 0;
      CcbtParse parse
          = ccbt_message_parse ((CcbtSpan){ in.data, len }, limits, &message, &used, &error);

      if (len == end)
        g_assert_cmpint (parse, ==, whole);
      else
        g_assert_true (parse == CCBT_PARSE_NEED_MORE
                       || (parse == CCBT_PARSE_FAILED && whole == CCBT_PARSE_FAILED));
      g_assert_true (!has_failed || parse == CCBT_PARSE_FAILED);
      has_failed = parse == CCBT_PARSE_FAILED;
      if (has_failed)
        g_assert_cmpint (error->code, ==, whole_error->code);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  CcbtMessageLimits limits;
  gsize position = 1;

  if (size == 0)
    return 0;
  limits.n_pieces = piece_counts[data[0] % G_N_ELEMENTS (piece_counts)];
  while (position < size)
    {
      CcbtSpan in = { data + position, size - position };
      g_autoptr (GError) error = NULL;
      CcbtMessage message;
      gsize consumed = 0;
      CcbtParse parse = ccbt_message_parse (in, &limits, &message, &consumed, &error);

      check_splits (in, &limits, parse, consumed, error);
      if (parse != CCBT_PARSE_DONE)
        break;
      check_values (&message, &limits);
      check_written_bytes (&message, (CcbtSpan){ in.data, consumed });
      position += consumed;
      if (message.kind == CCBT_MESSAGE_PIECE)
        position += MIN (message.length, size - position);
    }
  return 0;
}
