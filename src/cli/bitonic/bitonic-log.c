/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-log.h"
#include <string.h>

#define MAX_EVENTS 1000u

struct _BitonicLog
{
  GPtrArray *events;
  GPtrArray *shown;
  gboolean alerts_only;
  gboolean is_dirty;
};

static void
event_free (gpointer data)
{
  BitonicEvent *event = data;

  g_free (event->type);
  g_free (event->torrent);
  g_free (event->text);
  g_free (event);
}

BitonicLog *
bitonic_log_new (void)
{
  BitonicLog *self = g_new0 (BitonicLog, 1);

  self->events = g_ptr_array_new_with_free_func (event_free);
  self->shown = g_ptr_array_new ();
  return self;
}

void
bitonic_log_free (BitonicLog *self)
{
  g_ptr_array_unref (self->shown);
  g_ptr_array_unref (self->events);
  g_free (self);
}

void
bitonic_log_add (BitonicLog *self, GVariant *values, const char *torrent)
{
  static const char *const alerts[]
      = { "torrent-error", "piece-failed",  "peer-banned", "tracker-failed",
          "listen-failed", "state-warning", NULL };
  BitonicEvent *event = g_new0 (BitonicEvent, 1);

  if (!g_variant_lookup (values, "type", "s", &event->type))
    event->type = g_strdup ("");
  if (!g_variant_lookup (values, "text", "s", &event->text))
    event->text = g_strdup ("");
  g_variant_lookup (values, "time", "x", &event->time);
  event->torrent = g_strdup (torrent != NULL ? torrent : "");
  event->is_alert = g_strv_contains (alerts, event->type);
  if (self->events->len >= 2 * MAX_EVENTS)
    g_ptr_array_remove_range (self->events, 0, MAX_EVENTS);
  g_ptr_array_add (self->events, event);
  self->is_dirty = TRUE;
}

void
bitonic_log_set_alerts_only (BitonicLog *self, gboolean alerts_only)
{
  self->alerts_only = alerts_only;
  self->is_dirty = TRUE;
}

gboolean
bitonic_log_get_alerts_only (BitonicLog *self)
{
  return self->alerts_only;
}

GPtrArray *
bitonic_log_get_shown (BitonicLog *self)
{
  if (!self->is_dirty)
    return self->shown;
  self->is_dirty = FALSE;
  g_ptr_array_set_size (self->shown, 0);
  for (guint i = 0; i < self->events->len; i++)
    {
      BitonicEvent *event = self->events->pdata[i];

      if (event->is_alert || !self->alerts_only)
        g_ptr_array_add (self->shown, event);
    }
  return self->shown;
}

guint
bitonic_log_count_alerts (BitonicLog *self)
{
  guint n = 0;

  for (guint i = 0; i < self->events->len; i++)
    n += ((BitonicEvent *) self->events->pdata[i])->is_alert != 0;
  return n;
}
