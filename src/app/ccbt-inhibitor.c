/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-inhibitor.h"

#define MIN_RATE 1000.0 /* bytes per second, both ways together: less is talk of the protocol */

struct _CcbtInhibitor
{
  GObject parent_instance;
  CcbtSleepLock *lock;
  CcbtActivity *activity;
  guint linger_seconds;
  guint linger_source; /* 0 while something is transferred, and once the lock is given back */
  gboolean is_awake;
};

G_DEFINE_FINAL_TYPE (CcbtInhibitor, ccbt_inhibitor, G_TYPE_OBJECT)

static gboolean
release_cb (gpointer data)
{
  CcbtInhibitor *self = data;

  self->linger_source = 0;
  self->is_awake = FALSE;
  ccbt_sleep_lock_set_wanted (self->lock, FALSE);
  return G_SOURCE_REMOVE;
}

static void
activity_changed_cb (CcbtInhibitor *self)
{
  const CcbtActivityStatus *status = ccbt_activity_get_status (self->activity);

  if (status->down_rate + status->up_rate >= MIN_RATE)
    {
      g_clear_handle_id (&self->linger_source, g_source_remove);
      if (!self->is_awake)
        ccbt_sleep_lock_set_wanted (self->lock, TRUE);
      self->is_awake = TRUE;
    }
  else if (self->is_awake && self->linger_source == 0)
    self->linger_source = g_timeout_add_seconds (self->linger_seconds, release_cb, self);
}

static void
ccbt_inhibitor_dispose (GObject *object)
{
  CcbtInhibitor *self = CCBT_INHIBITOR (object);

  g_clear_handle_id (&self->linger_source, g_source_remove);
  if (self->lock != NULL)
    ccbt_sleep_lock_set_wanted (self->lock, FALSE);
  g_clear_object (&self->lock);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ccbt_inhibitor_parent_class)->dispose (object);
}

static void
ccbt_inhibitor_class_init (CcbtInhibitorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ccbt_inhibitor_dispose;
}

static void
ccbt_inhibitor_init (CcbtInhibitor *self)
{
}

CcbtInhibitor *
ccbt_inhibitor_new (CcbtSleepLock *lock, CcbtActivity *activity, guint linger_seconds)
{
  CcbtInhibitor *self = g_object_new (CCBT_TYPE_INHIBITOR, NULL);

  self->lock = g_object_ref (lock);
  self->activity = g_object_ref (activity);
  self->linger_seconds = linger_seconds;
  g_signal_connect_object (activity, "changed", G_CALLBACK (activity_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}
