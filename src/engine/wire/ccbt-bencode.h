/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* wire: every format that crosses the network or comes in a file, as pure functions: bytes in,
 * values out. No I/O, no clock, no globals. Everything read here was written by a stranger. */

#include "base/ccbt-error.h"
#include "base/ccbt-span.h"

/* A parsed bencode document (BEP 3): a flat array of tokens over the caller's bytes, no copies, no
 * recursion. */
typedef struct _CcbtBencode CcbtBencode;

typedef enum
{
  CCBT_BENCODE_NONE, /* absent: what look-ups of a missing key give */
  CCBT_BENCODE_INTEGER,
  CCBT_BENCODE_STRING,
  CCBT_BENCODE_LIST,
  CCBT_BENCODE_DICT,
} CcbtBencodeKind;

typedef struct
{
  guint max_depth;  /* nesting */
  guint max_tokens; /* values and keys together */
  gsize max_size;   /* bytes of the whole document */
} CcbtBencodeLimits;

/* For .torrent files: 100 deep, 3,000,000 tokens, 10 MiB (threats B01, B02, B24). */
extern const CcbtBencodeLimits ccbt_bencode_limits_file;
/* For messages of peers and trackers: 16 deep, 20,000 tokens, 1 MiB. */
extern const CcbtBencodeLimits ccbt_bencode_limits_message;

/* A value: plain, copy it; valid as long as the document and its bytes. */
typedef struct
{
  const CcbtBencode *document;
  guint token;
} CcbtBencodeValue;

/* Parses one value at the start of @bytes, which must stay alive and unchanged as long as the
 * result.
 * @consumed: (out) (optional): length of the value; NULL = trailing bytes are an error.
 * Accepts dictionaries whose keys are not sorted; refuses duplicate keys, leading zeros, "-0",
 * integers outside gint64, string lengths past the end. Errors: MALFORMED (with the byte offset),
 * TOO_LARGE. Returns: (transfer full) (nullable) */
CcbtBencode *ccbt_bencode_parse (CcbtSpan bytes, const CcbtBencodeLimits *limits, gsize *consumed,
                                 GError **error);
void ccbt_bencode_free (CcbtBencode *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtBencode, ccbt_bencode_free)

CcbtBencodeValue ccbt_bencode_get_root (const CcbtBencode *self);

CcbtBencodeKind ccbt_bencode_value_get_kind (CcbtBencodeValue value);

/* The exact bytes of the value in the document, for hashing and for passing on. */
CcbtSpan ccbt_bencode_value_get_raw (CcbtBencodeValue value);

/* Each returns FALSE, leaving @out alone, when the value is absent or of another kind. */
gboolean ccbt_bencode_value_get_integer (CcbtBencodeValue value, gint64 *out);
gboolean ccbt_bencode_value_get_string (CcbtBencodeValue value, CcbtSpan *out);

/* Value of @key in a dictionary; kind NONE when absent or when @dict is no dictionary. Linear in
 * the entries: read big dictionaries (file trees) with the iterator. */
CcbtBencodeValue ccbt_bencode_value_lookup (CcbtBencodeValue dict, const char *key);
gboolean ccbt_bencode_value_lookup_integer (CcbtBencodeValue dict, const char *key, gint64 *out);
gboolean ccbt_bencode_value_lookup_string (CcbtBencodeValue dict, const char *key, CcbtSpan *out);

/* Over the items of a list or the entries of a dictionary, in document order. */
typedef struct
{
  CcbtBencodeValue container;
  guint next;
  guint end;
} CcbtBencodeIter;

void ccbt_bencode_iter_init (CcbtBencodeIter *iter, CcbtBencodeValue container);
/* @key: (out) (optional): empty for lists */
gboolean ccbt_bencode_iter_next (CcbtBencodeIter *iter, CcbtSpan *key, CcbtBencodeValue *value);

/* Number of items or entries; 0 for scalars. */
guint ccbt_bencode_value_get_length (CcbtBencodeValue value);

/* Writer: appends to @out. The caller writes dictionary keys in byte order, as BEP 3 asks. */
void ccbt_bencode_write_integer (GByteArray *out, gint64 value);
void ccbt_bencode_write_string (GByteArray *out, CcbtSpan text);
void ccbt_bencode_write_key (GByteArray *out,
                             const char *key); /* a string; named for the reader's sake */
void ccbt_bencode_begin_list (GByteArray *out);
void ccbt_bencode_begin_dict (GByteArray *out);
void ccbt_bencode_end (GByteArray *out);
