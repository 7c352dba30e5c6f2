/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "net/ccbt-transport.h"

/* A transport whose other side is the test: bytes fed to it are read by its owner in exactly the
 * portions they were fed in; what the owner writes is kept. */
typedef struct
{
  CcbtTransport parent;
  GByteArray *unread;
  GByteArray *written;
  guint interest;
  gboolean has_ended; /* the other side has closed */
  gboolean is_closed; /* by the owner */
  gsize capacity;     /* bytes one write takes; 0: any number */
  gboolean is_bounded;
  gsize room;                            /* bounded: bytes it takes at all, then AGAIN */
  guint n_mapped;                        /* calls of send_mapped */
  void (*before_mapped) (gpointer data); /* what happens to the files just then; NULL */
  gpointer data;
} FakeTransport;

/* Stays with the test: the owner's close() only marks it closed. */
FakeTransport *fake_transport_new (void);
void fake_transport_free (FakeTransport *self);
/* The same, but it can send out of mapped files. */
FakeTransport *fake_transport_new_mapping (void);
/* Takes @room bytes more, as often as its owner wants to write. */
void fake_transport_drain (FakeTransport *self, gsize room);
/* The connection is through. */
void fake_transport_connect (FakeTransport *self);
/* These bytes have arrived; the owner reads as long as it wants to. */
void fake_transport_feed (FakeTransport *self, const guint8 *data, gsize len);
/* Lets the owner go on reading what it has left. */
void fake_transport_run (FakeTransport *self);
void fake_transport_end (FakeTransport *self);
