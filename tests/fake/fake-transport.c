/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-transport.h"

static gssize
read_vectors (CcbtTransport *transport, const struct iovec *vectors, int n_vectors, GError **error)
{
  FakeTransport *self = (FakeTransport *) transport;
  gsize position = 0;

  g_assert_false (self->is_closed);
  if (self->unread->len == 0)
    return self->has_ended ? 0 : CCBT_IO_AGAIN;
  for (int i = 0; i < n_vectors && position < self->unread->len; i++)
    {
      gsize part = MIN (vectors[i].iov_len, self->unread->len - position);

      memcpy (vectors[i].iov_base, self->unread->data + position, part);
      position += part;
    }
  g_byte_array_remove_range (self->unread, 0, (guint) position);
  return (gssize) position;
}

static gssize
write_vectors (CcbtTransport *transport, const struct iovec *vectors, int n_vectors, GError **error)
{
  FakeTransport *self = (FakeTransport *) transport;
  gsize total = 0;

  g_assert_false (self->is_closed);
  for (int i = 0; i < n_vectors; i++)
    {
      g_byte_array_append (self->written, vectors[i].iov_base, (guint) vectors[i].iov_len);
      total += vectors[i].iov_len;
    }
  return (gssize) total;
}

static void
set_interest (CcbtTransport *transport, guint interest)
{
  ((FakeTransport *) transport)->interest = interest;
}

static void
mark_closed (CcbtTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  g_assert_false (self->is_closed);
  self->is_closed = TRUE;
}

static const CcbtTransportClass fake_class = {
  .readv = read_vectors, .writev = write_vectors, .set_interest = set_interest, .close = mark_closed
};

FakeTransport *
fake_transport_new (void)
{
  FakeTransport *self = g_new0 (FakeTransport, 1);

  self->parent.klass = &fake_class;
  self->unread = g_byte_array_new ();
  self->written = g_byte_array_new ();
  return self;
}

void
fake_transport_free (FakeTransport *self)
{
  g_byte_array_unref (self->unread);
  g_byte_array_unref (self->written);
  g_free (self);
}

void
fake_transport_connect (FakeTransport *self)
{
  self->parent.ready (self->parent.owner, CCBT_READY_WRITE);
}

void
fake_transport_run (FakeTransport *self)
{
  while (!self->is_closed && (self->interest & CCBT_READY_READ)
         && (self->unread->len > 0 || self->has_ended))
    self->parent.ready (self->parent.owner, CCBT_READY_READ);
}

void
fake_transport_feed (FakeTransport *self, const guint8 *data, gsize len)
{
  g_byte_array_append (self->unread, data, (guint) len);
  fake_transport_run (self);
}

void
fake_transport_end (FakeTransport *self)
{
  self->has_ended = TRUE;
  fake_transport_run (self);
}
