/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-transport.h"

#include <unistd.h>

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

/* As the kernel does it for sendmsg: what cannot be read is an error, not a signal. */
static gsize
copy_bytes (FakeTransport *self, const struct iovec *vector, gsize len)
{
  guint old = self->written->len;
  gssize n;

  g_byte_array_set_size (self->written, old + (guint) len);
  n = process_vm_readv (getpid (), &(struct iovec){ self->written->data + old, len }, 1,
                        &(struct iovec){ vector->iov_base, len }, 1, 0);
  g_byte_array_set_size (self->written, old + (guint) MAX (n, 0));
  return (gsize) MAX (n, 0);
}

static gssize
write_vectors (CcbtTransport *transport, const struct iovec *vectors, int n_vectors, GError **error)
{
  FakeTransport *self = (FakeTransport *) transport;
  gsize most = self->capacity > 0 ? self->capacity : G_MAXSSIZE, total = 0;

  g_assert_false (self->is_closed);
  if (self->is_bounded && self->room == 0)
    return CCBT_IO_AGAIN;
  if (self->is_bounded)
    most = MIN (most, self->room);
  for (int i = 0; i < n_vectors && total < most; i++)
    {
      gsize len = MIN (vectors[i].iov_len, most - total),
            copied = copy_bytes (self, &vectors[i], len);

      total += copied;
      if (copied < len && total == 0)
        return CCBT_IO_UNREADABLE;
      if (copied < len)
        break;
    }
  self->room -= MIN (self->room, total);
  return (gssize) total;
}

static gssize
send_mapped (CcbtTransport *transport, const struct iovec *vectors, int n_vectors, GError **error)
{
  FakeTransport *self = (FakeTransport *) transport;

  self->n_mapped++;
  if (self->before_mapped != NULL)
    self->before_mapped (self->data);
  return write_vectors (transport, vectors, n_vectors, error);
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

static const CcbtTransportClass mapping_class = { .readv = read_vectors,
                                                  .writev = write_vectors,
                                                  .send_mapped = send_mapped,
                                                  .set_interest = set_interest,
                                                  .close = mark_closed };

FakeTransport *
fake_transport_new (void)
{
  FakeTransport *self = g_new0 (FakeTransport, 1);

  self->parent.klass = &fake_class;
  self->unread = g_byte_array_new ();
  self->written = g_byte_array_new ();
  return self;
}

FakeTransport *
fake_transport_new_mapping (void)
{
  FakeTransport *self = fake_transport_new ();

  self->parent.klass = &mapping_class;
  return self;
}

void
fake_transport_drain (FakeTransport *self, gsize room)
{
  self->is_bounded = TRUE;
  self->room = room;
  while (!self->is_closed && self->room > 0 && (self->interest & CCBT_READY_WRITE))
    self->parent.ready (self->parent.owner, CCBT_READY_WRITE);
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
