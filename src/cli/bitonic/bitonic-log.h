/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* What happened lately. */
typedef struct
{
  gint64 time;   /* microseconds since 1970 */
  char *type;    /* as the instance calls it */
  char *torrent; /* its name, "" when none is known */
  char *text;
  gboolean is_alert;
} BitonicEvent;

typedef struct _BitonicLog BitonicLog;

BitonicLog *bitonic_log_new (void);
void bitonic_log_free (BitonicLog *self);
/* @event: a{sv} of docs/dbus.md; @torrent: (nullable): its torrent's name */
void bitonic_log_add (BitonicLog *self, GVariant *event, const char *torrent);
/* Only what went wrong. */
void bitonic_log_set_alerts_only (BitonicLog *self, gboolean alerts_only);
gboolean bitonic_log_get_alerts_only (BitonicLog *self);
/* Oldest first: BitonicEvent. Borrowed, until the next change. */
GPtrArray *bitonic_log_get_shown (BitonicLog *self);
guint bitonic_log_count_alerts (BitonicLog *self);
