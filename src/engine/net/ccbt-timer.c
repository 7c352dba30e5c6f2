/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-timer.h"

struct _CcbtTimer
{
  GSource *source;
  CcbtClock *clock; /* borrowed */
  GSourceOnceFunc call;
  gpointer data;
};

static gboolean
dispatch (GSource *source, GSourceFunc function, gpointer data)
{
  CcbtTimer *self = data;

  g_source_set_ready_time (source, -1);
  self->call (self->data);
  return G_SOURCE_CONTINUE;
}

static gboolean
ignore_cb (gpointer data)
{
  return G_SOURCE_CONTINUE; /* only dispatch() runs; GLib wants a callback all the same */
}

CcbtTimer *
ccbt_timer_new (CcbtClock *clock, GSourceOnceFunc call, gpointer data)
{
  static GSourceFuncs functions = { .dispatch = dispatch };
  CcbtTimer *self = g_new0 (CcbtTimer, 1);

  self->clock = clock;
  self->call = call;
  self->data = data;
  self->source = g_source_new (&functions, sizeof (GSource));
  g_source_set_static_name (self->source, "ccbt-timer");
  g_source_set_callback (self->source, ignore_cb, self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

void
ccbt_timer_free (CcbtTimer *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_free (self);
}

void
ccbt_timer_set (CcbtTimer *self, gint64 when)
{
  gint64 wait;

  if (when == G_MAXINT64)
    {
      g_source_set_ready_time (self->source, -1);
      return;
    }
  wait = MAX (when - ccbt_clock_now (self->clock), 0);
  g_source_set_ready_time (self->source, g_get_monotonic_time () + wait);
}
