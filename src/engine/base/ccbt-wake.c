/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-wake.h"

struct _CcbtWake
{
  GMainContext *context;
  GSourceOnceFunc call;
  gpointer data;

  GMutex lock;     /* guards what follows */
  GSource *source; /* attached and not yet run; NULL = nothing asked for */
  gboolean is_closed;
};

static void
clear_wake (gpointer data)
{
  CcbtWake *self = data;

  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
}

static void
release_wake (gpointer data)
{
  g_atomic_rc_box_release_full (data, clear_wake);
}

static gboolean
run_cb (gpointer data)
{
  CcbtWake *self = data;
  gboolean is_closed;

  /* Cleared before the call: what is asked for during the call must lead to another one. */
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->source, g_source_unref);
  is_closed = self->is_closed;
  g_mutex_unlock (&self->lock);
  if (!is_closed)
    self->call (self->data);
  return G_SOURCE_REMOVE;
}

CcbtWake *
ccbt_wake_new (GMainContext *context, GSourceOnceFunc call, gpointer data)
{
  CcbtWake *self = g_atomic_rc_box_new0 (CcbtWake);

  self->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  self->call = call;
  self->data = data;
  g_mutex_init (&self->lock);
  return self;
}

void
ccbt_wake_ring (CcbtWake *self)
{
  g_mutex_lock (&self->lock);
  if (self->source == NULL && !self->is_closed)
    {
      self->source = g_idle_source_new ();
      g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
      g_source_set_static_name (self->source, "ccbt-wake");
      g_source_set_callback (self->source, run_cb, g_atomic_rc_box_acquire (self), release_wake);
      g_source_attach (self->source, self->context);
    }
  g_mutex_unlock (&self->lock);
}

void
ccbt_wake_free (CcbtWake *self)
{
  g_autoptr (GSource) source = NULL;

  g_mutex_lock (&self->lock);
  source = g_steal_pointer (&self->source);
  self->is_closed = TRUE;
  g_mutex_unlock (&self->lock);
  if (source != NULL)
    g_source_destroy (source);
  release_wake (self);
}
