/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-log-window.h"
#include "ccbt-event-view.h"
#include "ccbt-resource.h"

struct _CcbtLogWindow
{
  AdwWindow parent_instance;
  CcbtEventView *view;
};

G_DEFINE_FINAL_TYPE (CcbtLogWindow, ccbt_log_window, ADW_TYPE_WINDOW)

static void
ccbt_log_window_class_init (CcbtLogWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (CCBT_TYPE_EVENT_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/log-window.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtLogWindow, view);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ccbt_log_window_init (CcbtLogWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

CcbtLogWindow *
ccbt_log_window_new (GtkWindow *parent, CcbtEventLog *log)
{
  CcbtLogWindow *self = g_object_new (CCBT_TYPE_LOG_WINDOW, "transient-for", parent, NULL);

  ccbt_event_view_set_log (self->view, log);
  return self;
}
