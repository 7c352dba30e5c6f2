/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-bitfield.h"

static gsize
count_bytes (const CcbtBitfield *self)
{
  return ((gsize) self->n_bits + 7) / 8;
}

/* Bits past the last index are 0 in memory and on the wire. */
static void
clear_spare_bits (const CcbtBitfield *self, guint8 *bytes)
{
  if (self->n_bits % 8 != 0)
    bytes[count_bytes (self) - 1] &= (guint8) (0xff << (8 - self->n_bits % 8));
}

/* Takes bytes of its own when it was full or empty. */
static void
make_bits (CcbtBitfield *self)
{
  if (self->bits != NULL)
    return;
  self->bits = g_malloc (count_bytes (self));
  memset (self->bits, self->n_set > 0 ? 0xff : 0, count_bytes (self));
  clear_spare_bits (self, self->bits);
}

static void
collapse (CcbtBitfield *self)
{
  if (self->n_set == 0 || self->n_set == self->n_bits)
    g_clear_pointer (&self->bits, g_free);
}

void
ccbt_bitfield_init (CcbtBitfield *self, guint32 n_bits)
{
  *self = (CcbtBitfield){ .n_bits = n_bits };
}

void
ccbt_bitfield_clear (CcbtBitfield *self)
{
  g_free (self->bits);
  *self = (CcbtBitfield){ 0 };
}

void
ccbt_bitfield_set_from_bytes (CcbtBitfield *self, CcbtSpan bytes)
{
  g_return_if_fail (bytes.len == count_bytes (self));

  g_free (self->bits);
  self->bits = g_memdup2 (bytes.data, bytes.len);
  clear_spare_bits (self, self->bits);
  self->n_set = 0;
  for (gsize i = 0; i < bytes.len; i++)
    self->n_set += (guint32) __builtin_popcount (self->bits[i]);
  collapse (self);
}

void
ccbt_bitfield_copy (CcbtBitfield *self, const CcbtBitfield *from)
{
  g_return_if_fail (self != from);

  g_free (self->bits);
  *self = *from;
  self->bits = from->bits != NULL ? g_memdup2 (from->bits, count_bytes (from)) : NULL;
}

void
ccbt_bitfield_set_all (CcbtBitfield *self)
{
  g_clear_pointer (&self->bits, g_free);
  self->n_set = self->n_bits;
}

void
ccbt_bitfield_unset_all (CcbtBitfield *self)
{
  g_clear_pointer (&self->bits, g_free);
  self->n_set = 0;
}

gboolean
ccbt_bitfield_set (CcbtBitfield *self, guint32 index)
{
  g_return_val_if_fail (index < self->n_bits, FALSE);

  if (ccbt_bitfield_get (self, index))
    return FALSE;
  make_bits (self);
  self->bits[index >> 3] |= (guint8) (0x80 >> (index & 7));
  self->n_set++;
  collapse (self);
  return TRUE;
}

gboolean
ccbt_bitfield_unset (CcbtBitfield *self, guint32 index)
{
  g_return_val_if_fail (index < self->n_bits, FALSE);

  if (!ccbt_bitfield_get (self, index))
    return FALSE;
  make_bits (self);
  self->bits[index >> 3] &= (guint8) ~(0x80 >> (index & 7));
  self->n_set--;
  collapse (self);
  return TRUE;
}

void
ccbt_bitfield_write (const CcbtBitfield *self, GByteArray *out)
{
  gsize len = count_bytes (self);
  guint before = out->len;

  if (len == 0)
    return;
  g_byte_array_set_size (out, (guint) (before + len));
  if (self->bits != NULL)
    memcpy (out->data + before, self->bits, len);
  else
    memset (out->data + before, self->n_set > 0 ? 0xff : 0, len);
  clear_spare_bits (self, out->data + before);
}
