/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-message.h"
#include "wire/ccbt-metainfo.h"

#define N_PIECES 20u /* its bitfield has 3 bytes, the last with 4 spare bits */

static const CcbtMessageLimits limits = { .n_pieces = N_PIECES };
static const CcbtMessageLimits no_metainfo = { .n_pieces = 0 };

/* One message of each kind as the BEPs spell it, and what it means. */
typedef struct
{
  CcbtSpan bytes;
  CcbtMessage message;
} Example;

static const Example examples[] = {
  { { (const guint8 *) "\0\0\0\0", 4 }, { CCBT_MESSAGE_KEEP_ALIVE } },
  { { (const guint8 *) "\0\0\0\1\0", 5 }, { CCBT_MESSAGE_CHOKE } },
  { { (const guint8 *) "\0\0\0\1\1", 5 }, { CCBT_MESSAGE_UNCHOKE } },
  { { (const guint8 *) "\0\0\0\1\2", 5 }, { CCBT_MESSAGE_INTERESTED } },
  { { (const guint8 *) "\0\0\0\1\3", 5 }, { CCBT_MESSAGE_NOT_INTERESTED } },
  { { (const guint8 *) "\0\0\0\5\4\0\0\0\23", 9 }, { CCBT_MESSAGE_HAVE, .piece = 19 } },
  { { (const guint8 *) "\0\0\0\4\5\377\17\360", 8 },
    { CCBT_MESSAGE_BITFIELD, .payload = { (const guint8 *) "\377\17\360", 3 } } },
  { { (const guint8 *) "\0\0\0\15\6\0\0\0\7\0\0\100\0\0\0\100\0", 17 },
    { CCBT_MESSAGE_REQUEST, .piece = 7, .offset = 16384, .length = 16384 } },
  { { (const guint8 *) "\0\0\100\11\7\0\0\0\7\0\0\200\0", 13 },
    { CCBT_MESSAGE_PIECE, .piece = 7, .offset = 32768, .length = 16384 } },
  { { (const guint8 *) "\0\0\0\15\10\0\0\0\1\0\0\0\0\0\0\0\1", 17 },
    { CCBT_MESSAGE_CANCEL, .piece = 1, .offset = 0, .length = 1 } },
  { { (const guint8 *) "\0\0\0\3\11\32\341", 7 }, { CCBT_MESSAGE_PORT, .port = 6881 } },
  { { (const guint8 *) "\0\0\0\5\15\0\0\0\2", 9 }, { CCBT_MESSAGE_SUGGEST, .piece = 2 } },
  { { (const guint8 *) "\0\0\0\1\16", 5 }, { CCBT_MESSAGE_HAVE_ALL } },
  { { (const guint8 *) "\0\0\0\1\17", 5 }, { CCBT_MESSAGE_HAVE_NONE } },
  { { (const guint8 *) "\0\0\0\15\20\0\0\0\3\0\1\0\0\0\2\0\0", 17 },
    { CCBT_MESSAGE_REJECT, .piece = 3, .offset = 65536, .length = CCBT_MESSAGE_MAX_BLOCK } },
  { { (const guint8 *) "\0\0\0\5\21\0\0\0\0", 9 }, { CCBT_MESSAGE_ALLOWED_FAST, .piece = 0 } },
  { { (const guint8 *) "\0\0\0\4\24\3de", 8 },
    { CCBT_MESSAGE_EXTENDED, .extended_id = 3, .payload = { (const guint8 *) "de", 2 } } },
};

static void
assert_same (const CcbtMessage *a, const CcbtMessage *b)
{
  g_assert_cmpint (a->kind, ==, b->kind);
  g_assert_cmpuint (a->piece, ==, b->piece);
  g_assert_cmpuint (a->offset, ==, b->offset);
  g_assert_cmpuint (a->length, ==, b->length);
  g_assert_cmpuint (a->port, ==, b->port);
  g_assert_cmpuint (a->extended_id, ==, b->extended_id);
  g_assert_cmpmem (a->payload.data, a->payload.len, b->payload.data, b->payload.len);
}

/* Parses a copy of just @len bytes, so that a read past them is seen. */
static CcbtParse
parse_prefix (CcbtSpan bytes, gsize len, const CcbtMessageLimits *allowed, gsize *consumed)
{
  g_autofree guint8 *copy = g_memdup2 (bytes.data, len);
  g_autoptr (GError) error = NULL;
  CcbtMessage message;
  CcbtParse parse
      = ccbt_message_parse ((CcbtSpan){ copy, len }, allowed, &message, consumed, &error);

  g_assert_true ((parse == CCBT_PARSE_FAILED) == (error != NULL));
  return parse;
}

static void
assert_fails_with (CcbtSpan bytes, const CcbtMessageLimits *allowed, int code)
{
  g_autoptr (GError) error = NULL;
  CcbtMessage message;
  gsize consumed = 99;

  g_assert_cmpint (ccbt_message_parse (bytes, allowed, &message, &consumed, &error), ==,
                   CCBT_PARSE_FAILED);
  g_assert_error (error, CCBT_ERROR, code);
  g_assert_cmpuint (consumed, ==, 99);
}

/* Length prefix @length, then @kind, then zeros: just so many bytes as are given. */
static CcbtSpan
make_head (guint8 buffer[CCBT_MESSAGE_REQUEST_SIZE], guint32 length, guint kind, gsize given)
{
  memset (buffer, 0, CCBT_MESSAGE_REQUEST_SIZE);
  ccbt_write_u32 (buffer, length);
  buffer[4] = (guint8) kind;
  return (CcbtSpan){ buffer, given };
}

static void
test_each_kind_reads_as_the_beps_spell_it (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      CcbtMessage message;
      gsize consumed = 0;

      g_assert_cmpint (ccbt_message_parse (examples[i].bytes, &limits, &message, &consumed, NULL),
                       ==, CCBT_PARSE_DONE);
      g_assert_cmpuint (consumed, ==, examples[i].bytes.len);
      assert_same (&message, &examples[i].message);
    }
}

static void
test_each_kind_is_written_as_the_beps_spell_it (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();

      g_byte_array_append (out, (const guint8 *) "before", 6);
      ccbt_message_write (out, &examples[i].message);
      g_assert_cmpmem (out->data, 6, "before", 6);
      g_assert_cmpmem (out->data + 6, out->len - 6, examples[i].bytes.data, examples[i].bytes.len);
    }
}

static void
test_each_kind_survives_any_split (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    for (gsize len = 0; len < examples[i].bytes.len; len++)
      {
        gsize consumed = 99;

        g_assert_cmpint (parse_prefix (examples[i].bytes, len, &limits, &consumed), ==,
                         CCBT_PARSE_NEED_MORE);
        g_assert_cmpuint (consumed, ==, 99);
      }
}

static void
test_messages_in_a_row_are_told_apart (void)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  gsize position = 0;

  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      ccbt_message_write (stream, &examples[i].message);
      if (examples[i].message.kind == CCBT_MESSAGE_PIECE) /* the block behind its head */
        g_byte_array_set_size (stream, stream->len + examples[i].message.length);
    }
  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      CcbtMessage message;
      gsize consumed = 0;

      g_assert_cmpint (
          ccbt_message_parse ((CcbtSpan){ stream->data + position, stream->len - position },
                              &limits, &message, &consumed, NULL),
          ==, CCBT_PARSE_DONE);
      assert_same (&message, &examples[i].message);
      position += consumed + (message.kind == CCBT_MESSAGE_PIECE ? message.length : 0);
    }
  g_assert_cmpuint (position, ==, stream->len);
}

static void
test_a_block_is_done_with_its_head (void)
{
  guint8 head[CCBT_MESSAGE_PIECE_HEAD];
  CcbtMessage message;
  gsize consumed = 0;

  ccbt_message_write_piece_head (head, 5, 16384, CCBT_MESSAGE_MAX_BLOCK);
  g_assert_cmpint (
      ccbt_message_parse ((CcbtSpan){ head, sizeof head }, &limits, &message, &consumed, NULL), ==,
      CCBT_PARSE_DONE);
  g_assert_cmpuint (consumed, ==, CCBT_MESSAGE_PIECE_HEAD);
  g_assert_cmpuint (message.length, ==, CCBT_MESSAGE_MAX_BLOCK);
}

/* Threat B31. */
static void
test_a_huge_length_fails_on_its_four_bytes (void)
{
  const guint32 lies[]
      = { CCBT_MESSAGE_MAX_EXTENDED + 1, 16u * 1024 * 1024, G_MAXINT32, 0x80000000u, G_MAXUINT32 };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      guint8 bytes[CCBT_MESSAGE_REQUEST_SIZE];

      assert_fails_with (make_head (bytes, lies[i], 0, 4), &limits, CCBT_ERROR_TOO_LARGE);
      assert_fails_with (make_head (bytes, lies[i], 0, 4), &no_metainfo, CCBT_ERROR_TOO_LARGE);
    }
}

static void
test_the_longest_length_waits_for_its_kind (void)
{
  guint8 bytes[CCBT_MESSAGE_REQUEST_SIZE];
  gsize consumed;

  g_assert_cmpint (
      parse_prefix (make_head (bytes, CCBT_MESSAGE_MAX_EXTENDED, 0, 4), 4, &limits, &consumed), ==,
      CCBT_PARSE_NEED_MORE);
  g_assert_cmpint (
      parse_prefix (make_head (bytes, CCBT_MESSAGE_MAX_EXTENDED, CCBT_MESSAGE_EXTENDED, 5), 5,
                    &limits, &consumed),
      ==, CCBT_PARSE_NEED_MORE);
}

/* Threat B32: every length but the right one, judged on five bytes. */
static void
test_fixed_sizes_are_judged_with_the_kind (void)
{
  const struct
  {
    guint kind;
    guint32 length;
  } fixed[] = {
    { CCBT_MESSAGE_CHOKE, 1 },          { CCBT_MESSAGE_UNCHOKE, 1 },
    { CCBT_MESSAGE_INTERESTED, 1 },     { CCBT_MESSAGE_HAVE, 5 },
    { CCBT_MESSAGE_NOT_INTERESTED, 1 }, { CCBT_MESSAGE_REQUEST, 13 },
    { CCBT_MESSAGE_CANCEL, 13 },        { CCBT_MESSAGE_PORT, 3 },
    { CCBT_MESSAGE_SUGGEST, 5 },        { CCBT_MESSAGE_HAVE_ALL, 1 },
    { CCBT_MESSAGE_HAVE_NONE, 1 },      { CCBT_MESSAGE_REJECT, 13 },
    { CCBT_MESSAGE_BITFIELD, 4 },       { CCBT_MESSAGE_ALLOWED_FAST, 5 },
  };
  guint8 bytes[CCBT_MESSAGE_REQUEST_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    for (guint32 length = 1; length < 40; length++)
      {
        gsize consumed;
        CcbtSpan head = make_head (bytes, length, fixed[i].kind, 5);

        if (length != fixed[i].length)
          assert_fails_with (head, &limits, CCBT_ERROR_MALFORMED);
        else
          g_assert_cmpint (parse_prefix (head, 5, &limits, &consumed), !=, CCBT_PARSE_FAILED);
      }
}

static void
test_block_sizes_have_limits (void)
{
  guint8 bytes[CCBT_MESSAGE_REQUEST_SIZE];

  assert_fails_with (make_head (bytes, 9, CCBT_MESSAGE_PIECE, 5), &limits, CCBT_ERROR_MALFORMED);
  assert_fails_with (make_head (bytes, 10 + CCBT_MESSAGE_MAX_BLOCK, CCBT_MESSAGE_PIECE, 5), &limits,
                     CCBT_ERROR_TOO_LARGE);
}

/* Threat B33: framed, skipped, and no longer than the limit. */
static void
test_unknown_kinds_are_skipped (void)
{
  const guint kinds[] = { 10, 11, 12, 18, 19, 21, 22, 23, 100, 254, 255 };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree guint8 *bytes = g_malloc0 (4 + CCBT_MESSAGE_MAX_UNKNOWN);
      CcbtMessage message;
      gsize consumed = 0;

      ccbt_write_u32 (bytes, CCBT_MESSAGE_MAX_UNKNOWN);
      bytes[4] = (guint8) kinds[i];
      g_assert_cmpint (ccbt_message_parse ((CcbtSpan){ bytes, 4 + CCBT_MESSAGE_MAX_UNKNOWN },
                                           &limits, &message, &consumed, NULL),
                       ==, CCBT_PARSE_DONE);
      g_assert_cmpint (message.kind, ==, CCBT_MESSAGE_UNKNOWN);
      g_assert_cmpuint (consumed, ==, 4 + CCBT_MESSAGE_MAX_UNKNOWN);
      ccbt_write_u32 (bytes, CCBT_MESSAGE_MAX_UNKNOWN + 1);
      assert_fails_with ((CcbtSpan){ bytes, 5 }, &limits, CCBT_ERROR_TOO_LARGE);
    }
}

/* Threat B36. */
static void
test_piece_indices_are_in_range (void)
{
  const guint kinds[] = { CCBT_MESSAGE_HAVE,    CCBT_MESSAGE_SUGGEST, CCBT_MESSAGE_ALLOWED_FAST,
                          CCBT_MESSAGE_REQUEST, CCBT_MESSAGE_CANCEL,  CCBT_MESSAGE_REJECT,
                          CCBT_MESSAGE_PIECE };
  const guint32 wrong[] = { N_PIECES, 0x7fffffff, 0x80000000u, G_MAXUINT32 };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint n = 0; n < G_N_ELEMENTS (wrong); n++)
      {
        CcbtMessage message
            = { .kind = (CcbtMessageKind) kinds[i], .piece = N_PIECES - 1, .length = 16384 };
        g_autoptr (GByteArray) bytes = g_byte_array_new ();
        gsize consumed;

        ccbt_message_write (bytes, &message);
        g_assert_cmpint (
            parse_prefix ((CcbtSpan){ bytes->data, bytes->len }, bytes->len, &limits, &consumed),
            ==, CCBT_PARSE_DONE);
        ccbt_write_u32 (bytes->data + 5, wrong[n]);
        assert_fails_with ((CcbtSpan){ bytes->data, bytes->len }, &limits, CCBT_ERROR_MALFORMED);
      }
}

static void
test_without_metainfo_indices_stay_under_the_pieces_limit (void)
{
  CcbtMessage message = { .kind = CCBT_MESSAGE_HAVE, .piece = CCBT_METAINFO_MAX_PIECES - 1 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gsize consumed;

  ccbt_message_write (bytes, &message);
  g_assert_cmpint (
      parse_prefix ((CcbtSpan){ bytes->data, bytes->len }, bytes->len, &no_metainfo, &consumed), ==,
      CCBT_PARSE_DONE);
  ccbt_write_u32 (bytes->data + 5, CCBT_METAINFO_MAX_PIECES);
  assert_fails_with ((CcbtSpan){ bytes->data, bytes->len }, &no_metainfo, CCBT_ERROR_MALFORMED);
}

/* Threats B36, B37. */
static void
test_ranges_are_bounded_and_do_not_wrap (void)
{
  const struct
  {
    guint32 offset;
    guint32 length;
    int code; /* -1 = good */
  } ranges[] = {
    { 0, 0, CCBT_ERROR_MALFORMED },
    { 0, CCBT_MESSAGE_MAX_BLOCK, -1 },
    { 0, CCBT_MESSAGE_MAX_BLOCK + 1, CCBT_ERROR_TOO_LARGE },
    { 0, G_MAXUINT32, CCBT_ERROR_TOO_LARGE },
    { G_MAXUINT32 - 16384, 16384, -1 },
    { G_MAXUINT32 - 16383, 16384, CCBT_ERROR_MALFORMED },
    { G_MAXUINT32, 1, CCBT_ERROR_MALFORMED },
  };
  const CcbtMessageKind kinds[]
      = { CCBT_MESSAGE_REQUEST, CCBT_MESSAGE_CANCEL, CCBT_MESSAGE_REJECT };

  for (guint i = 0; i < G_N_ELEMENTS (ranges) * G_N_ELEMENTS (kinds); i++)
    {
      guint n = i / G_N_ELEMENTS (kinds);
      guint8 bytes[CCBT_MESSAGE_REQUEST_SIZE];
      CcbtSpan span = { bytes, sizeof bytes };
      gsize consumed;

      ccbt_message_write_request (bytes, kinds[i % G_N_ELEMENTS (kinds)], 0, ranges[n].offset,
                                  ranges[n].length);
      if (ranges[n].code < 0)
        g_assert_cmpint (parse_prefix (span, span.len, &limits, &consumed), ==, CCBT_PARSE_DONE);
      else
        assert_fails_with (span, &limits, ranges[n].code);
    }
}

static void
test_a_block_past_4_gib_is_refused (void)
{
  guint8 head[CCBT_MESSAGE_PIECE_HEAD];

  ccbt_message_write_piece_head (head, 0, G_MAXUINT32 - 100, 16384);
  assert_fails_with ((CcbtSpan){ head, sizeof head }, &limits, CCBT_ERROR_MALFORMED);
}

/* Threat B35: all counts of pieces around whole bytes; every spare bit, and every bit that is none.
 */
static void
test_bitfields_have_no_spare_bits (void)
{
  for (guint n_pieces = 1; n_pieces <= 33; n_pieces++)
    for (guint bit = 0; bit < (n_pieces + 7) / 8 * 8; bit++)
      {
        const CcbtMessageLimits some = { .n_pieces = n_pieces };
        guint8 bytes[10] = { 0, 0, 0, (guint8) (1 + (n_pieces + 7) / 8), CCBT_MESSAGE_BITFIELD };
        CcbtSpan span = { bytes, 5 + (n_pieces + 7) / 8 };
        gsize consumed;

        bytes[5 + bit / 8] = (guint8) (0x80 >> bit % 8);
        if (bit < n_pieces)
          g_assert_cmpint (parse_prefix (span, span.len, &some, &consumed), ==, CCBT_PARSE_DONE);
        else
          assert_fails_with (span, &some, CCBT_ERROR_MALFORMED);
      }
}

static void
test_without_metainfo_any_bitfield_up_to_the_limit_is_framed (void)
{
  const guint32 longest = 1 + CCBT_METAINFO_MAX_PIECES / 8;
  g_autofree guint8 *bytes = g_malloc (4 + longest);
  CcbtMessage message;
  gsize consumed = 0;

  memset (bytes, 0xff, 4 + longest);
  ccbt_write_u32 (bytes, longest);
  bytes[4] = CCBT_MESSAGE_BITFIELD;
  g_assert_cmpint (ccbt_message_parse ((CcbtSpan){ bytes, 4 + longest }, &no_metainfo, &message,
                                       &consumed, NULL),
                   ==, CCBT_PARSE_DONE);
  g_assert_cmpuint (message.payload.len, ==, longest - 1);
  ccbt_write_u32 (bytes, longest + 1);
  assert_fails_with ((CcbtSpan){ bytes, 5 }, &no_metainfo, CCBT_ERROR_TOO_LARGE);
}

static void
test_the_largest_torrent_has_a_bitfield (void)
{
  const CcbtMessageLimits largest = { .n_pieces = CCBT_METAINFO_MAX_PIECES };
  guint8 bytes[CCBT_MESSAGE_REQUEST_SIZE];
  gsize consumed;
  CcbtSpan head = make_head (bytes, 1 + CCBT_METAINFO_MAX_PIECES / 8, CCBT_MESSAGE_BITFIELD, 5);

  g_assert_cmpint (parse_prefix (head, 5, &largest, &consumed), ==, CCBT_PARSE_NEED_MORE);
}

static void
test_an_extended_message_has_an_id (void)
{
  guint8 bytes[CCBT_MESSAGE_REQUEST_SIZE];
  CcbtMessage message;
  gsize consumed = 0;

  assert_fails_with (make_head (bytes, 1, CCBT_MESSAGE_EXTENDED, 5), &limits, CCBT_ERROR_MALFORMED);
  g_assert_cmpint (ccbt_message_parse (make_head (bytes, 2, CCBT_MESSAGE_EXTENDED, 6), &limits,
                                       &message, &consumed, NULL),
                   ==, CCBT_PARSE_DONE);
  g_assert_cmpuint (message.payload.len, ==, 0);
  g_assert_cmpuint (consumed, ==, 6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/wire/message/" #name, test_##name)
  ADD (each_kind_reads_as_the_beps_spell_it);
  ADD (each_kind_is_written_as_the_beps_spell_it);
  ADD (each_kind_survives_any_split);
  ADD (messages_in_a_row_are_told_apart);
  ADD (a_block_is_done_with_its_head);
  ADD (a_huge_length_fails_on_its_four_bytes);
  ADD (the_longest_length_waits_for_its_kind);
  ADD (fixed_sizes_are_judged_with_the_kind);
  ADD (block_sizes_have_limits);
  ADD (unknown_kinds_are_skipped);
  ADD (piece_indices_are_in_range);
  ADD (without_metainfo_indices_stay_under_the_pieces_limit);
  ADD (ranges_are_bounded_and_do_not_wrap);
  ADD (a_block_past_4_gib_is_refused);
  ADD (bitfields_have_no_spare_bits);
  ADD (without_metainfo_any_bitfield_up_to_the_limit_is_framed);
  ADD (the_largest_torrent_has_a_bitfield);
  ADD (an_extended_message_has_an_id);
#undef ADD
  return g_test_run ();
}
