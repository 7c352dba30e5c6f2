/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"

/* One call at a time that can be moved, on the thread-default context it was made on. */
typedef struct _CcbtTimer CcbtTimer;

/* @clock: borrowed. Stands still until set. */
CcbtTimer *ccbt_timer_new (CcbtClock *clock, GSourceOnceFunc call, gpointer data);
/* @call may free it. */
void ccbt_timer_free (CcbtTimer *self);
/* @when: of @clock's monotonic side; G_MAXINT64 = not. Calls once, and may be set again then. */
void ccbt_timer_set (CcbtTimer *self, gint64 when);
