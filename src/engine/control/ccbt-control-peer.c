/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-peer.h"
#include "control/ccbt-control-interface.h"
#include "base/ccbt-error.h"

#define MAX_REQUESTS 1024                            /* in progress, or answered and not taken */
#define MAX_WAITING_BYTES ((gsize) 64 * 1024 * 1024) /* of answers not taken */
#define MAX_REQUEST ((gsize) 24 * 1024 * 1024)       /* a .torrent has 10 MiB at most */
#define MAX_REPLY ((gsize) 100 * 1024 * 1024)        /* D-Bus: 128 MiB */

typedef struct
{
  gint n_requests; /* atomic */
  gint n_signals;  /* atomic: queued, not sent */
  GMutex lock;
  GHashTable *replies; /* serial of the request -> gsize */
  gsize waiting_bytes;
} Peer;

static void
peer_free (gpointer data)
{
  Peer *peer = data;

  g_hash_table_unref (peer->replies);
  g_mutex_clear (&peer->lock);
  g_free (peer);
}

static Peer *
get_peer (GDBusConnection *connection)
{
  return g_object_get_data (G_OBJECT (connection), "ccbt-control-peer");
}

static void
forget_reply (Peer *peer, guint32 serial)
{
  gpointer size;

  g_atomic_int_dec_and_test (&peer->n_requests);
  g_mutex_lock (&peer->lock);
  if (g_hash_table_steal_extended (peer->replies, GUINT_TO_POINTER (serial), NULL, &size))
    peer->waiting_bytes -= GPOINTER_TO_SIZE (size);
  g_mutex_unlock (&peer->lock);
}

/* Every request is answered, so that every one can be counted down. */
static GDBusMessage *
want_reply (GDBusMessage *message)
{
  GDBusMessage *copy;

  if ((g_dbus_message_get_flags (message) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) == 0)
    return message;
  copy = g_dbus_message_copy (message, NULL);
  if (copy != NULL)
    g_dbus_message_set_flags (copy, g_dbus_message_get_flags (message)
                                        & ~G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  g_object_unref (message);
  return copy;
}

/* GDBus's thread. Incoming: counts, or cuts off. Outgoing: called when a message is about to be
 * written, and not while those before it wait for a slow reader. */
static GDBusMessage *
filter_cb (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  Peer *peer = data;
  const GDBusMessageType type = g_dbus_message_get_message_type (message);
  GVariant *body;

  if (!incoming)
    {
      if (type == G_DBUS_MESSAGE_TYPE_SIGNAL)
        g_atomic_int_dec_and_test (&peer->n_signals);
      else if (type != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
        forget_reply (peer, g_dbus_message_get_reply_serial (message));
      return message;
    }
  body = g_dbus_message_get_body (message);
  if (type != G_DBUS_MESSAGE_TYPE_METHOD_CALL
      || (body != NULL && g_variant_get_size (body) > MAX_REQUEST)
      || g_atomic_int_add (&peer->n_requests, 1) >= MAX_REQUESTS)
    {
      g_dbus_connection_close (connection, NULL, NULL, NULL);
      g_object_unref (message);
      return NULL;
    }
  return want_reply (message);
}

void
ccbt_control_peer_attach (GDBusConnection *connection)
{
  Peer *peer = g_new0 (Peer, 1);

  g_mutex_init (&peer->lock);
  peer->replies = g_hash_table_new (NULL, NULL);
  g_object_set_data_full (G_OBJECT (connection), "ccbt-control-peer", peer, peer_free);
  /* Without a reference: GDBus holds the connection while it calls, and would give a reference back from
   * the loop of this thread, which can have ended before. */
  g_dbus_connection_add_filter (connection, filter_cb, peer, NULL);
}

/* Returns: FALSE when too much waits already */
static gboolean
remember_reply (Peer *peer, guint32 serial, gsize size)
{
  gboolean fits;

  g_mutex_lock (&peer->lock);
  /* One answer always fits, however large. */
  fits = peer->waiting_bytes == 0 || peer->waiting_bytes + size <= MAX_WAITING_BYTES;
  if (fits
      && g_hash_table_insert (peer->replies, GUINT_TO_POINTER (serial), GSIZE_TO_POINTER (size)))
    peer->waiting_bytes += size;
  g_mutex_unlock (&peer->lock);
  return fits;
}

void
ccbt_control_reply (GDBusMethodInvocation *invocation, GVariant *reply)
{
  GDBusConnection *connection = g_dbus_method_invocation_get_connection (invocation);
  Peer *peer = get_peer (connection);
  g_autoptr (GVariant) sunk = g_variant_ref_sink (reply);
  const gsize size = g_variant_get_size (sunk);

  if (size > MAX_REPLY)
    {
      g_dbus_method_invocation_return_error (invocation, CCBT_ERROR, CCBT_ERROR_TOO_LARGE,
                                             "The answer is too large: ask for less.");
      return;
    }
  if (peer != NULL
      && !remember_reply (
          peer, g_dbus_message_get_serial (g_dbus_method_invocation_get_message (invocation)),
          size))
    g_dbus_connection_close (connection, NULL, NULL, NULL);
  g_dbus_method_invocation_return_value (invocation, sunk);
}

gboolean
ccbt_control_peer_can_signal (GDBusConnection *connection)
{
  Peer *peer = get_peer (connection);

  return peer == NULL || g_atomic_int_get (&peer->n_signals) == 0;
}

void
ccbt_control_peer_emit (GDBusConnection *connection, const char *destination, const char *path,
                        const char *interface, const char *name, GVariant *arguments)
{
  Peer *peer = get_peer (connection);

  if (peer != NULL)
    g_atomic_int_inc (&peer->n_signals);
  g_dbus_connection_emit_signal (connection, destination, path, interface, name, arguments, NULL);
}

gboolean
ccbt_control_peer_signal (GDBusConnection *connection, const char *destination, const char *name,
                          GVariant *arguments)
{
  if (!ccbt_control_peer_can_signal (connection))
    return FALSE;
  ccbt_control_peer_emit (connection, destination, CCBT_CONTROL_PATH, CCBT_CONTROL_SESSION, name,
                          arguments);
  return TRUE;
}
