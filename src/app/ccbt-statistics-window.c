/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-statistics-window.h"
#include <glib/gi18n.h>
#include "session/ccbt-command.h"
#include "ccbt-format.h"
#include "ccbt-rate-graph.h"
#include "ccbt-resource.h"

#define ASK_EVERY_MS 1000

struct _CcbtStatisticsWindow
{
  AdwWindow parent_instance;
  CcbtClient *client;
  GCancellable *cancellable;
  guint timer; /* 0 = none */
  gboolean is_asking;

  GtkDropDown *scale;
  CcbtRateGraph *graph;
  GtkLabel *down_now;
  GtkLabel *up_now;
  GtkLabel *downloaded;
  GtkLabel *uploaded;
  GtkLabel *ratio;
  GtkLabel *all_downloaded;
  GtkLabel *all_uploaded;
  GtkLabel *all_ratio;
  GtkLabel *torrents;
  GtkLabel *peers;
};

G_DEFINE_FINAL_TYPE (CcbtStatisticsWindow, ccbt_statistics_window, ADW_TYPE_WINDOW)

/* --- The graph --- */

static void
take_history (CcbtStatisticsWindow *self, GVariant *reply)
{
  g_autoptr (GVariant) down = NULL;
  g_autoptr (GVariant) up = NULL;
  const guint64 *down_bytes, *up_bytes;
  gsize n_down, n_up;
  guint step;

  g_variant_get (reply, "(xu@at@at)", NULL, &step, &down, &up);
  down_bytes = g_variant_get_fixed_array (down, &n_down, sizeof *down_bytes);
  up_bytes = g_variant_get_fixed_array (up, &n_up, sizeof *up_bytes);
  /* The last slot has only begun: its rate would seem to fall. */
  if (MIN (n_down, n_up) > 1 && step > 0)
    ccbt_rate_graph_set (self->graph, down_bytes, up_bytes, (guint) MIN (n_down, n_up) - 1, step);
}

static void
history_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  g_autoptr (CcbtStatisticsWindow) self = data;

  self->is_asking = FALSE;
  if (reply != NULL)
    take_history (self, reply);
}

static void
ask (CcbtStatisticsWindow *self)
{
  static const char *const scales[] = { "seconds", "minutes", "hours" };
  guint selected = gtk_drop_down_get_selected (self->scale);

  if (self->is_asking || selected >= G_N_ELEMENTS (scales))
    return;
  self->is_asking = ccbt_client_call_async (self->client, "statistics.history",
                                            g_variant_new ("(s)", scales[selected]),
                                            self->cancellable, history_cb, g_object_ref (self));
  if (!self->is_asking)
    g_object_unref (self);
}

static gboolean
timer_cb (gpointer data)
{
  ask (data);
  return G_SOURCE_CONTINUE;
}

static void
scale_changed_cb (CcbtStatisticsWindow *self)
{
  ask (self);
}

/* --- The numbers --- */

static void
set_size (GtkLabel *label, guint64 bytes)
{
  g_autofree char *text = g_format_size (bytes);

  gtk_label_set_label (label, text);
}

static void
set_rate (GtkLabel *label, double rate)
{
  g_autofree char *text = ccbt_format_rate (rate);

  gtk_label_set_label (label, text);
}

static void
set_ratio (GtkLabel *label, guint64 uploaded, guint64 downloaded)
{
  g_autofree char *text = ccbt_format_ratio (uploaded, downloaded);

  gtk_label_set_label (label, text);
}

static void
set_number (GtkLabel *label, guint number)
{
  g_autofree char *text = g_strdup_printf ("%u", number);

  gtk_label_set_label (label, text);
}

static void
update (CcbtStatisticsWindow *self)
{
  CcbtSessionStatus status;

  ccbt_event_bus_get_session (ccbt_client_get_bus (self->client), &status);
  set_rate (self->down_now, status.down_rate);
  set_rate (self->up_now, status.up_rate);
  set_size (self->downloaded, status.downloaded);
  set_size (self->uploaded, status.uploaded);
  set_ratio (self->ratio, status.uploaded, status.downloaded);
  set_size (self->all_downloaded, status.all_downloaded);
  set_size (self->all_uploaded, status.all_uploaded);
  set_ratio (self->all_ratio, status.all_uploaded, status.all_downloaded);
  set_number (self->torrents, status.n_torrents);
  set_number (self->peers, status.n_peers);
}

static void
ccbt_statistics_window_dispose (GObject *object)
{
  CcbtStatisticsWindow *self = CCBT_STATISTICS_WINDOW (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (ccbt_statistics_window_parent_class)->dispose (object);
}

static void
ccbt_statistics_window_finalize (GObject *object)
{
  g_object_unref (CCBT_STATISTICS_WINDOW (object)->cancellable);
  G_OBJECT_CLASS (ccbt_statistics_window_parent_class)->finalize (object);
}

static void
ccbt_statistics_window_class_init (CcbtStatisticsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ccbt_statistics_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = ccbt_statistics_window_finalize;
  g_type_ensure (CCBT_TYPE_RATE_GRAPH);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CCBT_RESOURCE ("ui/statistics-window.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, scale);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, graph);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, down_now);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, up_now);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, downloaded);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, uploaded);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, ratio);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, all_downloaded);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, all_uploaded);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, all_ratio);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, torrents);
  gtk_widget_class_bind_template_child (widget_class, CcbtStatisticsWindow, peers);
  gtk_widget_class_bind_template_callback (widget_class, scale_changed_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ccbt_statistics_window_init (CcbtStatisticsWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  /* What takes the keyboard is the button inside, and a drop-down does not pass its name on. */
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (gtk_widget_get_first_child (GTK_WIDGET (self->scale))),
      GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Span of Time"), -1);
}

CcbtStatisticsWindow *
ccbt_statistics_window_new (GtkWindow *parent, CcbtClient *client)
{
  CcbtStatisticsWindow *self
      = g_object_new (CCBT_TYPE_STATISTICS_WINDOW, "transient-for", parent, NULL);

  self->client = g_object_ref (client);
  g_signal_connect_object (ccbt_client_get_bus (client), "session-changed", G_CALLBACK (update),
                           self, G_CONNECT_SWAPPED);
  self->timer = g_timeout_add (ASK_EVERY_MS, timer_cb, self);
  update (self);
  ask (self);
  return self;
}
