/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <sys/uio.h>
#include "base/ccbt-address.h"
#include "net/ccbt-reactor.h"

/* A two-way stream of bytes to a peer. TCP today; filters (encryption) and other bases fit behind
 * the same table, and peer code cannot tell them apart. */
typedef struct _CcbtTransport CcbtTransport;

#define CCBT_IO_AGAIN ((gssize) -1)      /* nothing now: wait for readiness */
#define CCBT_IO_FAILED ((gssize) -2)     /* the error is set */
#define CCBT_IO_UNREADABLE ((gssize) -3) /* send_mapped only: bytes of a file are not there */

typedef struct
{
  /* Bytes moved, 0 at the end of the stream (readv only), or one of the two above. */
  gssize (*readv) (CcbtTransport *self, const struct iovec *vectors, int n_vectors, GError **error);
  gssize (*writev) (CcbtTransport *self, const struct iovec *vectors, int n_vectors,
                    GError **error);
  /* As writev, but the bytes may lie in mapped files, which nobody but the kernel may look into
   * (ccbt-window-cache.h). (nullable): a transport that has to see the bytes itself (encryption)
   * cannot; then they are read into buffers first */
  gssize (*send_mapped) (CcbtTransport *self, const struct iovec *vectors, int n_vectors,
                         GError **error);
  /* Which readiness to report from now on; CCBT_READY_ERROR always is. */
  void (*set_interest) (CcbtTransport *self, guint interest);
  /* Does it hold bytes to read that no readiness will announce (TLS)? (nullable): never */
  gboolean (*has_buffered) (CcbtTransport *self);
  /* Does it begin at an address that is ours no more? Nothing will ever come over it then.
   * (nullable): never */
  gboolean (*is_stranded) (CcbtTransport *self);
  void (*close) (CcbtTransport *self); /* and free */
} CcbtTransportClass;

struct _CcbtTransport
{
  const CcbtTransportClass *klass;
  CcbtReadyFunc ready; /* the owner's; set both before the first set_interest() */
  gpointer owner;
};

static inline gssize
ccbt_transport_readv (CcbtTransport *self, const struct iovec *vectors, int n_vectors,
                      GError **error)
{
  return self->klass->readv (self, vectors, n_vectors, error);
}

static inline gssize
ccbt_transport_writev (CcbtTransport *self, const struct iovec *vectors, int n_vectors,
                       GError **error)
{
  return self->klass->writev (self, vectors, n_vectors, error);
}

static inline gboolean
ccbt_transport_can_send_mapped (const CcbtTransport *self)
{
  return self->klass->send_mapped != NULL;
}

static inline gssize
ccbt_transport_send_mapped (CcbtTransport *self, const struct iovec *vectors, int n_vectors,
                            GError **error)
{
  return self->klass->send_mapped (self, vectors, n_vectors, error);
}

static inline void
ccbt_transport_set_interest (CcbtTransport *self, guint interest)
{
  self->klass->set_interest (self, interest);
}

static inline gboolean
ccbt_transport_is_stranded (CcbtTransport *self)
{
  return self->klass->is_stranded != NULL && self->klass->is_stranded (self);
}

static inline void
ccbt_transport_close (CcbtTransport *self)
{
  self->klass->close (self);
}

/* Over a non-blocking TCP socket that is connected, or connecting: then the first CCBT_READY_WRITE
 * tells that it is through, or the first writev that it is not. @socket: (transfer full) */
CcbtTransport *ccbt_tcp_transport_new (CcbtReactor *reactor, GSocket *socket);
