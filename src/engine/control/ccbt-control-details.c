/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-peer.h"
#include "control/ccbt-control-service-private.h"
#include "base/ccbt-error.h"
#include "session/ccbt-command.h"

#define MAX_WAITING 64
#define PATIENCE_S 10

typedef struct
{
  CcbtControlService *service;
  GDBusMethodInvocation *invocation;
  char *info_hash;
  CcbtControlParts parts;
  gboolean is_subscribed;
  GSource *timeout;
} Details;

static void
unsubscribed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CcbtControlService *self = data;
  GVariant *reply = ccbt_command_call_finish (result, NULL); /* removed meanwhile: fine */

  g_clear_pointer (&reply, g_variant_unref);
  self->n_calls--;
}

/* The invocation has been answered. */
static void
end_details (Details *details)
{
  CcbtControlService *self = details->service;

  if (details->is_subscribed)
    {
      self->n_calls++;
      ccbt_command_call_async (self->host, "torrent.unsubscribe",
                               g_variant_new ("(s)", details->info_hash), NULL, unsubscribed_cb,
                               self);
    }
  g_ptr_array_remove_fast (self->details, details);
  if (details->timeout != NULL)
    {
      g_source_destroy (details->timeout);
      g_source_unref (details->timeout);
    }
  g_free (details->info_hash);
  g_free (details);
}

static gboolean
timeout_cb (gpointer data)
{
  Details *details = data;

  g_dbus_method_invocation_return_error (details->invocation, CCBT_ERROR, CCBT_ERROR_BUSY,
                                         "The torrent's details did not come in time.");
  end_details (details);
  return G_SOURCE_REMOVE;
}

static CcbtTorrentId
find_id (GPtrArray *statuses, const char *info_hash)
{
  for (guint i = 0; i < statuses->len; i++)
    {
      const CcbtTorrentStatus *status = g_ptr_array_index (statuses, i);

      if (g_ascii_strcasecmp (status->info_hash, info_hash) == 0)
        return status->id;
    }
  return 0;
}

/* Returns: TRUE when it is over */
static gboolean
try_answer (Details *details)
{
  g_autoptr (GPtrArray) statuses = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GArray) removed = NULL;
  gboolean start_over;
  CcbtTorrentId id;

  ccbt_snapshot_store_pull (details->service->snapshots, 0, &statuses, &all, &removed, &start_over);
  id = find_id (statuses, details->info_hash);
  for (guint i = 0; id != 0 && i < all->len; i++)
    {
      const CcbtTorrentDetails *found = g_ptr_array_index (all, i);

      if (found->id != id)
        continue;
      ccbt_control_reply (
          details->invocation,
          g_variant_new ("(@a{sv})", ccbt_control_details_to_variant (found, details->parts)));
      end_details (details);
      return TRUE;
    }
  return FALSE;
}

static void
subscribed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Details *details = data;
  GError *error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  details->service->n_calls--;
  if (reply == NULL)
    {
      g_dbus_method_invocation_take_error (details->invocation, error);
      end_details (details);
      return;
    }
  details->is_subscribed = TRUE;
  if (try_answer (details))
    return;
  details->timeout = g_timeout_source_new_seconds (PATIENCE_S);
  g_source_set_callback (details->timeout, timeout_cb, details, NULL);
  g_source_attach (details->timeout, details->service->context);
}

void
ccbt_control_details_begin (CcbtControlService *self, GDBusMethodInvocation *invocation,
                            const char *info_hash, CcbtControlParts parts)
{
  Details *details;

  if (self->details->len >= MAX_WAITING)
    {
      g_dbus_method_invocation_return_error (invocation, CCBT_ERROR, CCBT_ERROR_BUSY,
                                             "Too many ask for details at once.");
      return;
    }
  details = g_new0 (Details, 1);
  details->service = self;
  details->invocation = invocation;
  details->info_hash = g_strdup (info_hash);
  details->parts = parts;
  g_ptr_array_add (self->details, details);
  self->n_calls++;
  ccbt_command_call_async (self->host, "torrent.subscribe", g_variant_new ("(s)", info_hash), NULL,
                           subscribed_cb, details);
}

void
ccbt_control_details_tick (CcbtControlService *self)
{
  for (guint i = self->details->len; i-- > 0;)
    {
      Details *details = g_ptr_array_index (self->details, i);

      if (details->is_subscribed)
        try_answer (details);
    }
}
