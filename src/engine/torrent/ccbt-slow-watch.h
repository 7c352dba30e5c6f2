/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Whether something moves next to nothing. It must last a minute, either way: a torrent at the border, or one
 * that gets a block now and then, shall not make others start and stop in turn. Zeroed: not slow. */
typedef struct
{
  gboolean is_slow;
  guint seconds; /* in a row that speak against is_slow */
} CcbtSlowWatch;

/* Returns: after how many seconds without anything moving is_slow will change; 0 = never */
guint ccbt_slow_watch_get_remaining (const CcbtSlowWatch *self);
/* It has moved at @rate (bytes per second of payload) for @seconds more. Returns: TRUE when is_slow changed */
gboolean ccbt_slow_watch_count (CcbtSlowWatch *self, double rate, guint64 seconds);
