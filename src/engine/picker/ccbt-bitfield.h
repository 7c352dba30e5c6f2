/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* picker: what to ask of whom, whom to serve, how fast: pure decisions over small structs. No
 * sockets, no files, no clock but the one handed in. */

#include "base/ccbt-span.h"

/* A set of piece indices in BEP 3's bit order. A full or an empty one takes no memory for its bits.
 */
typedef struct
{
  guint8 *bits; /* NULL when full or empty */
  guint32 n_bits;
  guint32 n_set;
} CcbtBitfield;

void ccbt_bitfield_init (CcbtBitfield *self, guint32 n_bits);
void ccbt_bitfield_clear (CcbtBitfield *self); /* frees the bits; all unset, n_bits 0 */
/* @bytes: exactly (n_bits + 7) / 8, spare bits ignored. */
void ccbt_bitfield_set_from_bytes (CcbtBitfield *self, CcbtSpan bytes);
void ccbt_bitfield_copy (CcbtBitfield *self, const CcbtBitfield *from); /* @self initialised */
void ccbt_bitfield_set_all (CcbtBitfield *self);
void ccbt_bitfield_unset_all (CcbtBitfield *self);
gboolean ccbt_bitfield_set (CcbtBitfield *self,
                            guint32 index); /* TRUE when it was unset; collapses when full */
gboolean ccbt_bitfield_unset (CcbtBitfield *self, guint32 index); /* TRUE when it was set */

static inline gboolean
ccbt_bitfield_is_full (const CcbtBitfield *self)
{
  return self->n_set == self->n_bits;
}

static inline gboolean
ccbt_bitfield_get (const CcbtBitfield *self, guint32 index)
{
  if (self->bits == NULL)
    return self->n_set > 0; /* full: n_bits is never 0 where an index is valid */
  return (self->bits[index >> 3] >> (7 - (index & 7))) & 1;
}

/* Appends the (n_bits + 7) / 8 bytes of the wire form. */
void ccbt_bitfield_write (const CcbtBitfield *self, GByteArray *out);
