/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-stall-report.h"
#include "base/ccbt-loop-watchdog.h"

/* What a hand feels: the window must not stand still for longer. */
#define STALL_US 20000u

struct _CcbtStallReport
{
  gint64 began;
  gint64 first_frame; /* monotonic time; 0: not yet */
  CcbtHistogram turns;
};

/* The turn in which the first frame is drawn belongs to the start, and is not counted. */
static void
after_paint_cb (GdkFrameClock *clock, gpointer data)
{
  CcbtStallReport *self = data;

  self->first_frame = g_get_monotonic_time ();
  ccbt_loop_watchdog_install (NULL, &self->turns);
  g_signal_handlers_disconnect_by_data (clock, self);
}

static void
mapped_cb (GtkWidget *window, gpointer data)
{
  CcbtStallReport *self = data;

  g_signal_handlers_disconnect_by_data (window, self);
  if (self->first_frame == 0)
    g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint",
                      G_CALLBACK (after_paint_cb), self);
}

static void
print_turns (const char *loop, const CcbtHistogram *turns)
{
  g_print ("{\"loop\": \"%s\", \"turns\": %" G_GUINT64_FORMAT ", \"p50_us\": %" G_GUINT64_FORMAT
           ", \"p99_us\": %" G_GUINT64_FORMAT ", \"longest_us\": %" G_GUINT64_FORMAT
           ", \"over_20ms\": %" G_GUINT64_FORMAT "}\n",
           loop, ccbt_histogram_count_over (turns, 0), ccbt_histogram_quantile (turns, 0.5),
           ccbt_histogram_quantile (turns, 0.99), turns->longest,
           ccbt_histogram_count_over (turns, STALL_US));
}

CcbtStallReport *
ccbt_stall_report_new (gint64 began)
{
  CcbtStallReport *self = g_new0 (CcbtStallReport, 1);

  self->began = began;
  return self;
}

void
ccbt_stall_report_free (CcbtStallReport *self)
{
  if (self->first_frame != 0)
    ccbt_loop_watchdog_remove (NULL);
  g_free (self);
}

void
ccbt_stall_report_set_window (CcbtStallReport *self, GtkWidget *window)
{
  if (self->first_frame == 0)
    g_signal_connect (window, "map", G_CALLBACK (mapped_cb), self);
}

void
ccbt_stall_report_print (CcbtStallReport *self, CcbtClient *client)
{
  CcbtSessionStatus session = { 0 };

  if (ccbt_client_get_bus (client) != NULL)
    ccbt_event_bus_get_session (ccbt_client_get_bus (client), &session);
  print_turns ("engine", &session.engine_dispatch);
  print_turns ("window", &self->turns);
  if (self->first_frame != 0)
    g_print ("{\"first_frame_ms\": %" G_GINT64_FORMAT "}\n",
             (self->first_frame - self->began) / 1000);
}
