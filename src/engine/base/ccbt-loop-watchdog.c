/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-loop-watchdog.h"

/* Of this thread: a poll function is given no data of its own. */
static __thread CcbtHistogram *turns_of_thread;
static __thread gint64 turn_began; /* 0: before the first poll */

/* In place of g_poll(): what lies between two polls is one turn. */
static gint
poll_and_measure (GPollFD *fds, guint n_fds, gint timeout)
{
  gint n;

  if (turns_of_thread != NULL && turn_began != 0)
    ccbt_histogram_add (turns_of_thread, g_get_monotonic_time () - turn_began);
  n = g_poll (fds, n_fds, timeout);
  turn_began = g_get_monotonic_time ();
  return n;
}

void
ccbt_loop_watchdog_install (GMainContext *context, CcbtHistogram *turns)
{
  g_return_if_fail (turns != NULL && turns_of_thread == NULL);

  turns_of_thread = turns;
  turn_began = 0;
  g_main_context_set_poll_func (context, poll_and_measure);
}

void
ccbt_loop_watchdog_remove (GMainContext *context)
{
  turns_of_thread = NULL;
  turn_began = 0;
  g_main_context_set_poll_func (context, g_poll);
}
