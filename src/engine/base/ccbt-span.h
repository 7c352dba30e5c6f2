/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <string.h>

/* Bytes owned by someone else; valid as long as the buffer they point into. */
typedef struct
{
  const guint8 *data;
  gsize len;
} CcbtSpan;

/* The answer of every incremental parser. */
typedef enum
{
  CCBT_PARSE_DONE,
  CCBT_PARSE_NEED_MORE,
  CCBT_PARSE_FAILED,
} CcbtParse;

#define CCBT_SPAN_LITERAL(text) ((CcbtSpan){ (const guint8 *) (text), sizeof (text) - 1 })

static inline CcbtSpan
ccbt_span_from_string (const char *text)
{
  return (CcbtSpan){ (const guint8 *) text, strlen (text) };
}

static inline gboolean
ccbt_span_equal (CcbtSpan a, CcbtSpan b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

/* Big-endian integers as the wire has them; the caller has checked that the bytes are there. */
static inline guint16
ccbt_read_u16 (const guint8 *p)
{
  return (guint16) (p[0] << 8 | p[1]);
}

static inline guint32
ccbt_read_u32 (const guint8 *p)
{
  return (guint32) p[0] << 24 | (guint32) p[1] << 16 | (guint32) p[2] << 8 | p[3];
}

static inline void
ccbt_write_u16 (guint8 *p, guint16 value)
{
  p[0] = (guint8) (value >> 8);
  p[1] = (guint8) value;
}

static inline void
ccbt_write_u32 (guint8 *p, guint32 value)
{
  p[0] = (guint8) (value >> 24);
  p[1] = (guint8) (value >> 16);
  p[2] = (guint8) (value >> 8);
  p[3] = (guint8) value;
}

static inline void
ccbt_append_u16 (GByteArray *out, guint16 value)
{
  guint8 bytes[2];

  ccbt_write_u16 (bytes, value);
  g_byte_array_append (out, bytes, sizeof bytes);
}

static inline void
ccbt_append_u32 (GByteArray *out, guint32 value)
{
  guint8 bytes[4];

  ccbt_write_u32 (bytes, value);
  g_byte_array_append (out, bytes, sizeof bytes);
}
