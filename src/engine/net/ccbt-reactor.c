/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-reactor.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Events taken per turn: enough to amortise the wait, few enough that timers and disk results get
 * their turn. */
#define EVENTS_PER_TURN 64

struct _CcbtReactor
{
  int epoll_fd;
  GSource *source;
  guint n_watches;
  struct epoll_event events[EVENTS_PER_TURN]; /* of the turn being dispatched */
  int n_events;
  int next_event;
};

typedef struct
{
  GSource parent;
  CcbtReactor *reactor;
} ReactorSource;

static guint32
to_epoll (guint interest)
{
  return ((interest & CCBT_READY_READ) ? (guint32) EPOLLIN : 0)
         | ((interest & CCBT_READY_WRITE) ? (guint32) EPOLLOUT : 0);
}

static guint
from_epoll (guint32 events)
{
  return ((events & EPOLLIN) ? CCBT_READY_READ : 0) | ((events & EPOLLOUT) ? CCBT_READY_WRITE : 0)
         | ((events & (EPOLLERR | EPOLLHUP)) ? CCBT_READY_ERROR : 0);
}

static gboolean
dispatch_cb (GSource *source, GSourceFunc callback, gpointer user_data)
{
  CcbtReactor *self = ((ReactorSource *) source)->reactor;
  int n = epoll_wait (self->epoll_fd, self->events, EVENTS_PER_TURN, 0);

  self->n_events = MAX (n, 0);
  for (self->next_event = 0; self->next_event < self->n_events;)
    {
      struct epoll_event *event = &self->events[self->next_event++];
      CcbtWatch *watch = event->data.ptr;

      if (watch != NULL)
        watch->func (watch->data, from_epoll (event->events));
    }
  self->n_events = 0;
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = dispatch_cb };

CcbtReactor *
ccbt_reactor_new (GMainContext *context)
{
  CcbtReactor *self = g_new0 (CcbtReactor, 1);

  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd < 0)
    g_error ("epoll_create1: %s", g_strerror (errno));
  self->source = g_source_new (&source_funcs, sizeof (ReactorSource));
  g_source_set_static_name (self->source, "ccbt-reactor");
  ((ReactorSource *) self->source)->reactor = self;
  g_source_add_unix_fd (self->source, self->epoll_fd, G_IO_IN);
  g_source_attach (self->source, context);
  return self;
}

void
ccbt_reactor_free (CcbtReactor *self)
{
  g_warn_if_fail (self->n_watches == 0);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->epoll_fd);
  g_free (self);
}

void
ccbt_reactor_add (CcbtReactor *self, CcbtWatch *watch, int fd, guint interest, CcbtReadyFunc func,
                  gpointer data)
{
  struct epoll_event event = { .events = to_epoll (interest), .data.ptr = watch };

  g_return_if_fail (!watch->is_added);

  *watch
      = (CcbtWatch){ .fd = fd, .interest = interest, .is_added = TRUE, .func = func, .data = data };
  if (epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
    g_error ("epoll_ctl add: %s", g_strerror (errno));
  self->n_watches++;
}

void
ccbt_reactor_set_interest (CcbtReactor *self, CcbtWatch *watch, guint interest)
{
  struct epoll_event event = { .events = to_epoll (interest), .data.ptr = watch };

  g_return_if_fail (watch->is_added);

  if (watch->interest == interest)
    return;
  watch->interest = interest;
  if (epoll_ctl (self->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) != 0)
    g_error ("epoll_ctl modify: %s", g_strerror (errno));
}

void
ccbt_reactor_remove (CcbtReactor *self, CcbtWatch *watch)
{
  if (!watch->is_added)
    return;
  watch->is_added = FALSE;
  self->n_watches--;
  epoll_ctl (self->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
  for (int i = self->next_event; i < self->n_events; i++)
    if (self->events[i].data.ptr == watch)
      self->events[i].data.ptr = NULL;
}
