/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-error.h"
#include "base/ccbt-span.h"

/* Messages between peers: BEP 3, BEP 5 (port), BEP 6 (fast), BEP 10 (extended). */
typedef enum
{
  CCBT_MESSAGE_CHOKE = 0,
  CCBT_MESSAGE_UNCHOKE = 1,
  CCBT_MESSAGE_INTERESTED = 2,
  CCBT_MESSAGE_NOT_INTERESTED = 3,
  CCBT_MESSAGE_HAVE = 4,
  CCBT_MESSAGE_BITFIELD = 5,
  CCBT_MESSAGE_REQUEST = 6,
  CCBT_MESSAGE_PIECE = 7,
  CCBT_MESSAGE_CANCEL = 8,
  CCBT_MESSAGE_PORT = 9,
  CCBT_MESSAGE_SUGGEST = 13,
  CCBT_MESSAGE_HAVE_ALL = 14,
  CCBT_MESSAGE_HAVE_NONE = 15,
  CCBT_MESSAGE_REJECT = 16,
  CCBT_MESSAGE_ALLOWED_FAST = 17,
  CCBT_MESSAGE_EXTENDED = 20,
  CCBT_MESSAGE_KEEP_ALIVE = 254, /* not on the wire: length 0 */
  CCBT_MESSAGE_UNKNOWN = 255,    /* well framed, kind not known: skip */
} CcbtMessageKind;

/* Longest body of a message that is no PIECE, EXTENDED or BITFIELD, in bytes after the length
 * prefix. */
#define CCBT_MESSAGE_MAX_UNKNOWN 65536u
#define CCBT_MESSAGE_MAX_EXTENDED (1024u * 1024)
/* What others may request of us, in bytes; we ask for CCBT_BLOCK_SIZE. */
#define CCBT_MESSAGE_MAX_BLOCK (128u * 1024)
#define CCBT_MESSAGE_PIECE_HEAD 13u /* length, kind, index, offset */
#define CCBT_MESSAGE_REQUEST_SIZE 17u

typedef struct
{
  CcbtMessageKind kind;
  guint32 piece;  /* HAVE, REQUEST, PIECE, CANCEL, SUGGEST, REJECT, ALLOWED_FAST */
  guint32 offset; /* bytes from the start of the piece: REQUEST, PIECE, CANCEL, REJECT */
  guint32 length; /* bytes: REQUEST, CANCEL, REJECT; PIECE: of the block that follows the head */
  guint16 port;   /* PORT */
  guint8 extended_id; /* EXTENDED: 0 = handshake */
  CcbtSpan payload;   /* BITFIELD, EXTENDED: borrowed from the input */
} CcbtMessage;

typedef struct
{
  /* 0 = not known yet (magnet): then indices and bitfields up to CCBT_METAINFO_MAX_PIECES pass,
   * spare bits too; who keeps them checks them again once the number is known. */
  guint32 n_pieces;
} CcbtMessageLimits;

/* Parses one message at the start of @in. A PIECE is done after its 13-byte head: its @length bytes
 * of block follow what was consumed. Judges a length on its four bytes alone, and a fixed-size kind
 * on five, before waiting for more (threats B31-B33). Checks that piece indices are in range, that
 * a bitfield has the right length and no spare bits set (B35, B36), that a range has 1 to
 * CCBT_MESSAGE_MAX_BLOCK bytes and that its offset + length fits 32 bits (B37). Whether the range
 * lies in its piece is for those to judge who know the piece. What is found does not depend on how
 * the bytes were split. Errors: MALFORMED, TOO_LARGE; both mean: close. No allocation but for the
 * error. */
CcbtParse ccbt_message_parse (CcbtSpan in, const CcbtMessageLimits *limits, CcbtMessage *out,
                              gsize *consumed, GError **error);

/* Appends @message to @out; for PIECE the 13-byte head only. */
void ccbt_message_write (GByteArray *out, const CcbtMessage *message);

/* The hot ones, into a caller's buffer. */
void ccbt_message_write_piece_head (guint8 out[CCBT_MESSAGE_PIECE_HEAD], guint32 piece,
                                    guint32 offset, guint32 length);
void ccbt_message_write_request (guint8 out[CCBT_MESSAGE_REQUEST_SIZE], CcbtMessageKind kind,
                                 guint32 piece, guint32 offset, guint32 length);
