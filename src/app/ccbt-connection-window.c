/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-connection-window.h"
#include <glib/gi18n.h>
#include "ccbt-connection-text.h"
#include "ccbt-resource.h"

struct _CcbtConnectionWindow
{
  AdwWindow parent_instance;
  CcbtEventBus *bus;

  AdwActionRow *ipv4_row;
  GtkImage *ipv4_icon;
  AdwActionRow *ipv6_row;
  GtkImage *ipv6_icon;
  AdwActionRow *router_row;
  GtkLabel *port;
  GtkLabel *dht;
  GtkLabel *lsd;
};

G_DEFINE_FINAL_TYPE (CcbtConnectionWindow, ccbt_connection_window, ADW_TYPE_WINDOW)

/* Several times a second nothing has changed: then nothing is drawn anew, nor read out. */
static void
set_row (AdwActionRow *row, const char *title, const char *subtitle)
{
  if (g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), title) != 0)
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (g_strcmp0 (adw_action_row_get_subtitle (row), subtitle) != 0)
    adw_action_row_set_subtitle (row, subtitle);
}

static void
update_family (const CcbtConnectionStatus *status, gboolean is_ipv6, AdwActionRow *row,
               GtkImage *icon)
{
  const CcbtFamilyStatus *family = &status->families[is_ipv6 ? 1 : 0];
  g_autofree char *verdict = ccbt_connection_text_get_verdict (family);
  g_autofree char *evidence = ccbt_connection_text_get_evidence (status, is_ipv6);

  set_row (row, verdict, evidence);
  gtk_image_set_from_icon_name (icon, ccbt_connection_text_get_icon (family->reach));
}

static void
update (CcbtConnectionWindow *self)
{
  CcbtSessionStatus session;
  const CcbtConnectionStatus *status = &session.connection;
  g_autofree char *router = NULL;
  g_autofree char *router_evidence = NULL;
  g_autofree char *port = NULL;
  g_autofree char *dht = NULL;

  ccbt_event_bus_get_session (self->bus, &session);
  if (status->map_state == NULL)
    return; /* nothing was published yet */
  router = ccbt_connection_text_get_router (status);
  router_evidence = ccbt_connection_text_get_router_evidence (status);
  port = g_strdup_printf ("%u", status->tcp_port);
  dht = ccbt_connection_text_get_dht (status);
  update_family (status, FALSE, self->ipv4_row, self->ipv4_icon);
  update_family (status, TRUE, self->ipv6_row, self->ipv6_icon);
  set_row (self->router_row, router, router_evidence);
  gtk_label_set_label (self->port, port);
  gtk_label_set_label (self->dht, dht);
  gtk_label_set_label (self->lsd, status->has_lsd ? _ ("On") : _ ("Off"));
}

static void
ccbt_connection_window_dispose (GObject *object)
{
  g_clear_object (&CCBT_CONNECTION_WINDOW (object)->bus);
  G_OBJECT_CLASS (ccbt_connection_window_parent_class)->dispose (object);
}

static void
ccbt_connection_window_class_init (CcbtConnectionWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ccbt_connection_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CCBT_RESOURCE ("ui/connection-window.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtConnectionWindow, ipv4_row);
  gtk_widget_class_bind_template_child (widget_class, CcbtConnectionWindow, ipv4_icon);
  gtk_widget_class_bind_template_child (widget_class, CcbtConnectionWindow, ipv6_row);
  gtk_widget_class_bind_template_child (widget_class, CcbtConnectionWindow, ipv6_icon);
  gtk_widget_class_bind_template_child (widget_class, CcbtConnectionWindow, router_row);
  gtk_widget_class_bind_template_child (widget_class, CcbtConnectionWindow, port);
  gtk_widget_class_bind_template_child (widget_class, CcbtConnectionWindow, dht);
  gtk_widget_class_bind_template_child (widget_class, CcbtConnectionWindow, lsd);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ccbt_connection_window_init (CcbtConnectionWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

CcbtConnectionWindow *
ccbt_connection_window_new (GtkWindow *parent, CcbtEventBus *bus)
{
  CcbtConnectionWindow *self
      = g_object_new (CCBT_TYPE_CONNECTION_WINDOW, "transient-for", parent, NULL);

  self->bus = g_object_ref (bus);
  g_signal_connect_object (bus, "session-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return self;
}
