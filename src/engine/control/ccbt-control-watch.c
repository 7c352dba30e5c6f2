/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-peer.h"
#include "control/ccbt-control-service-private.h"

#define MAX_WATCHERS 128

typedef struct
{
  CcbtControlService *service;
  GDBusConnection *connection;
  char *destination; /* NULL over the socket */
  guint name_watch;
  guint64 mask;
  guint64 generation;
} Watcher;

static void
watcher_free (gpointer data)
{
  Watcher *watcher = data;

  if (watcher->name_watch != 0)
    g_bus_unwatch_name (watcher->name_watch);
  g_object_unref (watcher->connection);
  g_free (watcher->destination);
  g_free (watcher);
}

static void
vanished_cb (GDBusConnection *connection, const char *name, gpointer data)
{
  Watcher *watcher = data;

  ccbt_control_watch_remove (watcher->service, watcher->connection, name);
}

void
ccbt_control_watch_remove (CcbtControlService *self, GDBusConnection *connection,
                           const char *destination)
{
  for (guint i = self->watchers->len; i-- > 0;)
    {
      const Watcher *watcher = g_ptr_array_index (self->watchers, i);

      if (watcher->connection == connection && g_strcmp0 (watcher->destination, destination) == 0)
        g_ptr_array_remove_index (self->watchers, i);
    }
}

void
ccbt_control_watch_add (CcbtControlService *self, GDBusConnection *connection,
                        const char *destination, guint64 mask)
{
  Watcher *watcher;

  ccbt_control_watch_remove (self, connection, destination);
  if (self->watchers->len >= MAX_WATCHERS)
    g_ptr_array_remove_index (self->watchers, 0);
  watcher = g_new0 (Watcher, 1);
  watcher->service = self;
  watcher->connection = g_object_ref (connection);
  watcher->destination = g_strdup (destination);
  watcher->mask = mask;
  if (destination != NULL)
    watcher->name_watch = g_bus_watch_name_on_connection (
        connection, destination, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, vanished_cb, watcher, NULL);
  g_ptr_array_set_free_func (self->watchers, watcher_free);
  g_ptr_array_add (self->watchers, watcher);
  ccbt_control_watch_tick (self); /* all there is */
}

/* Latest wins: who has not taken the last signal gets all of it in a later one. */
static void
tell (CcbtControlService *self, Watcher *watcher)
{
  g_autoptr (GVariant) list = NULL;
  const guint64 before = watcher->generation;

  if (!ccbt_control_peer_can_signal (watcher->connection))
    return;
  list = g_variant_ref_sink (
      ccbt_control_list_to_variant (self->snapshots, before, watcher->mask, &watcher->generation));
  if (watcher->generation != before)
    ccbt_control_peer_signal (watcher->connection, watcher->destination, "TorrentsChanged", list);
}

void
ccbt_control_watch_tick (CcbtControlService *self)
{
  for (guint i = 0; i < self->watchers->len; i++)
    tell (self, g_ptr_array_index (self->watchers, i));
}
