/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* net: sockets and what runs over them: readiness, byte transports, listening, HTTP. It must not
 * know peers, pieces or torrents. */

#include <glib.h>

/* One GSource over one epoll descriptor for every peer socket: a thousand idle sockets cost nothing
 * per turn of the loop, where a GSource each costs 138 us. Level-triggered. One thread. */
typedef struct _CcbtReactor CcbtReactor;

typedef enum
{
  CCBT_READY_READ = 1 << 0,
  CCBT_READY_WRITE = 1 << 1,
  CCBT_READY_ERROR = 1 << 2, /* hang-up or error; given whether asked for or not */
} CcbtReady;

typedef void (*CcbtReadyFunc) (gpointer data, guint ready);

/* Embedded in its owner; zero it first. */
typedef struct
{
  int fd;
  guint interest; /* CcbtReady bits as last set */
  gboolean is_added;
  CcbtReadyFunc func;
  gpointer data;
} CcbtWatch;

/* Attaches to @context. Returns: (transfer full) */
CcbtReactor *ccbt_reactor_new (GMainContext *context);
void ccbt_reactor_free (CcbtReactor *self); /* every watch must have been removed */

void ccbt_reactor_add (CcbtReactor *self, CcbtWatch *watch, int fd, guint interest,
                       CcbtReadyFunc func, gpointer data);
void ccbt_reactor_set_interest (CcbtReactor *self, CcbtWatch *watch, guint interest);
/* Its function is not called any more, not even for what is being dispatched. Idempotent. */
void ccbt_reactor_remove (CcbtReactor *self, CcbtWatch *watch);
