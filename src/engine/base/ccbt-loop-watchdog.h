/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-histogram.h"

/* Measures how long each turn of a main loop takes: the time from the end of one poll to the
 * beginning of the next, in which nothing else on that thread gets its turn. Waiting does not count.
 *
 * Call on the thread that runs @context; one watchdog a thread. It costs two readings of the clock
 * a turn. The turn in which it is installed is not counted. @turns stays the caller's, and must
 * outlive the watchdog. */
void ccbt_loop_watchdog_install (GMainContext *context, CcbtHistogram *turns);

/* The turn in which it is removed is not counted. */
void ccbt_loop_watchdog_remove (GMainContext *context);
