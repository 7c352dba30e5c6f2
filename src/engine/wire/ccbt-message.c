/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-message.h"
#include "wire/ccbt-metainfo.h"

#define PREFIX_SIZE 4u

/* What follows the kind. */
typedef enum
{
  BODY_UNKNOWN,
  BODY_EMPTY,
  BODY_PIECE, /* an index */
  BODY_RANGE, /* index, offset, length */
  BODY_BLOCK, /* index, offset, bytes */
  BODY_BITFIELD,
  BODY_PORT,
  BODY_EXTENDED,
} BodyShape;

static const guint8 shapes[] = {
  [CCBT_MESSAGE_CHOKE] = BODY_EMPTY,        [CCBT_MESSAGE_UNCHOKE] = BODY_EMPTY,
  [CCBT_MESSAGE_INTERESTED] = BODY_EMPTY,   [CCBT_MESSAGE_NOT_INTERESTED] = BODY_EMPTY,
  [CCBT_MESSAGE_HAVE] = BODY_PIECE,         [CCBT_MESSAGE_BITFIELD] = BODY_BITFIELD,
  [CCBT_MESSAGE_REQUEST] = BODY_RANGE,      [CCBT_MESSAGE_PIECE] = BODY_BLOCK,
  [CCBT_MESSAGE_CANCEL] = BODY_RANGE,       [CCBT_MESSAGE_PORT] = BODY_PORT,
  [CCBT_MESSAGE_SUGGEST] = BODY_PIECE,      [CCBT_MESSAGE_HAVE_ALL] = BODY_EMPTY,
  [CCBT_MESSAGE_HAVE_NONE] = BODY_EMPTY,    [CCBT_MESSAGE_REJECT] = BODY_RANGE,
  [CCBT_MESSAGE_ALLOWED_FAST] = BODY_PIECE, [CCBT_MESSAGE_EXTENDED] = BODY_EXTENDED,
};

static BodyShape
get_shape (guint kind)
{
  return kind < G_N_ELEMENTS (shapes) ? shapes[kind] : BODY_UNKNOWN;
}

/* Without metainfo the largest torrent that could be. */
static guint32
get_n_pieces (const CcbtMessageLimits *limits)
{
  return limits->n_pieces > 0 ? limits->n_pieces : CCBT_METAINFO_MAX_PIECES;
}

static guint32
get_bitfield_size (guint32 n_pieces)
{
  return n_pieces / 8 + (n_pieces % 8 > 0 ? 1 : 0);
}

/* Lengths that @shape may have, in bytes after the length prefix. */
static void
get_length_range (BodyShape shape, const CcbtMessageLimits *limits, guint32 *shortest,
                  guint32 *longest)
{
  switch (shape)
    {
    case BODY_EMPTY:
      *shortest = *longest = 1;
      break;
    case BODY_PIECE:
      *shortest = *longest = 5;
      break;
    case BODY_RANGE:
      *shortest = *longest = 13;
      break;
    case BODY_PORT:
      *shortest = *longest = 3;
      break;
    case BODY_BLOCK:
      *shortest = 10;
      *longest = 9 + CCBT_MESSAGE_MAX_BLOCK;
      break;
    case BODY_BITFIELD:
      *longest = 1 + get_bitfield_size (get_n_pieces (limits));
      *shortest = limits->n_pieces > 0 ? *longest : 1;
      break;
    case BODY_EXTENDED:
      *shortest = 2;
      *longest = CCBT_MESSAGE_MAX_EXTENDED;
      break;
    case BODY_UNKNOWN:
    default:
      *shortest = 1;
      *longest = CCBT_MESSAGE_MAX_UNKNOWN;
    }
}

static guint32
get_longest_of_all (const CcbtMessageLimits *limits)
{
  return MAX (CCBT_MESSAGE_MAX_EXTENDED, 1 + get_bitfield_size (limits->n_pieces));
}

/* What can be said before the body is there: a liar must not make us wait for it, and buffer it. */
static gboolean
check_length (CcbtSpan in, guint32 length, const CcbtMessageLimits *limits, GError **error)
{
  guint32 shortest = 1, longest = get_longest_of_all (limits);

  if (length > longest)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE, "length %u, limit %u", length, longest);
      return FALSE;
    }
  if (in.len == PREFIX_SIZE)
    return TRUE;
  get_length_range (get_shape (in.data[PREFIX_SIZE]), limits, &shortest, &longest);
  if (length >= shortest && length <= longest)
    return TRUE;
  g_set_error (error, CCBT_ERROR,
               length > longest && longest > shortest ? CCBT_ERROR_TOO_LARGE : CCBT_ERROR_MALFORMED,
               "message %u, length %u, allowed %u to %u", in.data[PREFIX_SIZE], length, shortest,
               longest);
  return FALSE;
}

static gboolean
check_piece (const CcbtMessage *message, const CcbtMessageLimits *limits, GError **error)
{
  if (message->piece < get_n_pieces (limits))
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "message %d, piece %u of %u",
               (int) message->kind, message->piece, get_n_pieces (limits));
  return FALSE;
}

static gboolean
check_range (const CcbtMessage *message, const CcbtMessageLimits *limits, GError **error)
{
  if (!check_piece (message, limits, error))
    return FALSE;
  if (message->length > CCBT_MESSAGE_MAX_BLOCK)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE, "message %d, block of %u, limit %u",
                   (int) message->kind, message->length, CCBT_MESSAGE_MAX_BLOCK);
      return FALSE;
    }
  /* No piece reaches past 4 GiB; so offset + length fits 32 bits wherever it is added up later. */
  if (message->length == 0 || (guint64) message->offset + message->length > G_MAXUINT32)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "message %d, offset %u, length %u",
                   (int) message->kind, message->offset, message->length);
      return FALSE;
    }
  return TRUE;
}

/* The length was checked before. */
static gboolean
check_spare_bits (CcbtSpan bitfield, const CcbtMessageLimits *limits, GError **error)
{
  guint used = limits->n_pieces % 8;

  if (used == 0 || (bitfield.data[bitfield.len - 1] & (0xff >> used)) == 0)
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "bitfield has pieces past %u",
               limits->n_pieces);
  return FALSE;
}

/* @body: all that follows the kind, of a length that get_length_range() allows; of a block only its
 * head. */
static gboolean
read_body (BodyShape shape, CcbtSpan body, const CcbtMessageLimits *limits, CcbtMessage *out,
           GError **error)
{
  switch (shape)
    {
    case BODY_PIECE:
      out->piece = ccbt_read_u32 (body.data);
      return check_piece (out, limits, error);
    case BODY_RANGE:
    case BODY_BLOCK:
      out->piece = ccbt_read_u32 (body.data);
      out->offset = ccbt_read_u32 (body.data + 4);
      if (shape == BODY_RANGE)
        out->length = ccbt_read_u32 (body.data + 8);
      return check_range (out, limits, error);
    case BODY_BITFIELD:
      out->payload = body;
      return check_spare_bits (body, limits, error);
    case BODY_PORT:
      out->port = ccbt_read_u16 (body.data);
      return TRUE;
    case BODY_EXTENDED:
      out->extended_id = body.data[0];
      out->payload = (CcbtSpan){ body.data + 1, body.len - 1 };
      return TRUE;
    case BODY_EMPTY:
    case BODY_UNKNOWN:
    default:
      return TRUE;
    }
}

CcbtParse
ccbt_message_parse (CcbtSpan in, const CcbtMessageLimits *limits, CcbtMessage *out, gsize *consumed,
                    GError **error)
{
  guint32 length;
  gsize needed;
  BodyShape shape;

  if (in.len < PREFIX_SIZE)
    return CCBT_PARSE_NEED_MORE;
  length = ccbt_read_u32 (in.data);
  if (length == 0)
    {
      *out = (CcbtMessage){ .kind = CCBT_MESSAGE_KEEP_ALIVE };
      *consumed = PREFIX_SIZE;
      return CCBT_PARSE_DONE;
    }
  if (!check_length (in, length, limits, error))
    return CCBT_PARSE_FAILED;
  if (in.len == PREFIX_SIZE)
    return CCBT_PARSE_NEED_MORE;

  shape = get_shape (in.data[PREFIX_SIZE]);
  needed = shape == BODY_BLOCK ? CCBT_MESSAGE_PIECE_HEAD : PREFIX_SIZE + (gsize) length;
  if (in.len < needed)
    return CCBT_PARSE_NEED_MORE;
  *out = (CcbtMessage){ .kind = shape == BODY_UNKNOWN ? CCBT_MESSAGE_UNKNOWN
                                                      : (CcbtMessageKind) in.data[PREFIX_SIZE],
                        .length = shape == BODY_BLOCK ? length - 9 : 0 };
  if (!read_body (shape, (CcbtSpan){ in.data + PREFIX_SIZE + 1, needed - PREFIX_SIZE - 1 }, limits,
                  out, error))
    return CCBT_PARSE_FAILED;
  *consumed = needed;
  return CCBT_PARSE_DONE;
}

static void
append_head (GByteArray *out, gsize length, CcbtMessageKind kind)
{
  guint8 head[PREFIX_SIZE + 1];

  ccbt_write_u32 (head, (guint32) length);
  head[PREFIX_SIZE] = (guint8) kind;
  g_byte_array_append (out, head, sizeof head);
}

static void
append_span (GByteArray *out, CcbtSpan span)
{
  if (span.len > 0)
    g_byte_array_append (out, span.data, (guint) span.len);
}

static void
append_range (GByteArray *out, const CcbtMessage *message)
{
  guint8 bytes[CCBT_MESSAGE_REQUEST_SIZE];

  ccbt_message_write_request (bytes, message->kind, message->piece, message->offset,
                              message->length);
  g_byte_array_append (out, bytes, sizeof bytes);
}

static void
append_block_head (GByteArray *out, const CcbtMessage *message)
{
  guint8 bytes[CCBT_MESSAGE_PIECE_HEAD];

  ccbt_message_write_piece_head (bytes, message->piece, message->offset, message->length);
  g_byte_array_append (out, bytes, sizeof bytes);
}

static void
append_port (GByteArray *out, const CcbtMessage *message)
{
  guint8 bytes[2];

  append_head (out, 3, message->kind);
  ccbt_write_u16 (bytes, message->port);
  g_byte_array_append (out, bytes, sizeof bytes);
}

void
ccbt_message_write (GByteArray *out, const CcbtMessage *message)
{
  if (message->kind == CCBT_MESSAGE_KEEP_ALIVE)
    {
      ccbt_append_u32 (out, 0);
      return;
    }
  switch (get_shape (message->kind))
    {
    case BODY_EMPTY:
      append_head (out, 1, message->kind);
      break;
    case BODY_PIECE:
      append_head (out, 5, message->kind);
      ccbt_append_u32 (out, message->piece);
      break;
    case BODY_RANGE:
      append_range (out, message);
      break;
    case BODY_BLOCK:
      append_block_head (out, message);
      break;
    case BODY_PORT:
      append_port (out, message);
      break;
    case BODY_BITFIELD:
      append_head (out, 1 + message->payload.len, message->kind);
      append_span (out, message->payload);
      break;
    case BODY_EXTENDED:
      append_head (out, 2 + message->payload.len, message->kind);
      g_byte_array_append (out, &message->extended_id, 1);
      append_span (out, message->payload);
      break;
    case BODY_UNKNOWN:
    default:
      g_return_if_reached ();
    }
}

void
ccbt_message_write_piece_head (guint8 out[CCBT_MESSAGE_PIECE_HEAD], guint32 piece, guint32 offset,
                               guint32 length)
{
  ccbt_write_u32 (out, 9 + length);
  out[4] = CCBT_MESSAGE_PIECE;
  ccbt_write_u32 (out + 5, piece);
  ccbt_write_u32 (out + 9, offset);
}

void
ccbt_message_write_request (guint8 out[CCBT_MESSAGE_REQUEST_SIZE], CcbtMessageKind kind,
                            guint32 piece, guint32 offset, guint32 length)
{
  ccbt_write_u32 (out, 13);
  out[4] = (guint8) kind;
  ccbt_write_u32 (out + 5, piece);
  ccbt_write_u32 (out + 9, offset);
  ccbt_write_u32 (out + 13, length);
}
