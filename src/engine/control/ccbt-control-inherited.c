/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-service-private.h"
#include "base/ccbt-error.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections of a socket that the service manager listens on: what comes in by it is served like what comes
 * in by the instance's own. */

#define MAX_BEGINNING 16     /* connections that have not said who they are */
#define PATIENCE_SECONDS 30u /* that they have for it */

typedef struct
{
  CcbtControlService *service;
  GCancellable *patience;
  GSource *timeout;
} Beginning;

static gboolean
give_up_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
begun_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Beginning *beginning = data;
  CcbtControlService *self = beginning->service;
  g_autoptr (GDBusConnection) connection = g_dbus_connection_new_finish (result, NULL);

  self->n_beginning--;
  g_source_destroy (beginning->timeout);
  g_source_unref (beginning->timeout);
  g_object_unref (beginning->patience);
  g_free (beginning);
  if (connection == NULL)
    return; /* somebody else, or nobody */
  if (ccbt_control_service_take (self, connection))
    g_dbus_connection_start_message_processing (connection);
  else
    g_dbus_connection_close (connection, NULL, NULL, NULL);
}

static gboolean
incoming_cb (GSocketService *listener, GSocketConnection *stream, GObject *source, gpointer data)
{
  CcbtControlService *self = data;
  g_autoptr (GDBusAuthObserver) observer = NULL;
  g_autofree char *guid = NULL;
  Beginning *beginning;

  if (self->is_stopping || self->n_beginning >= MAX_BEGINNING)
    return TRUE; /* it is closed with the last reference */
  observer = ccbt_control_service_make_observer ();
  guid = g_dbus_generate_guid ();
  beginning = g_new0 (Beginning, 1);
  beginning->service = self;
  beginning->patience = g_cancellable_new ();
  beginning->timeout = g_timeout_source_new_seconds (PATIENCE_SECONDS);
  g_source_set_callback (beginning->timeout, give_up_cb, beginning->patience, NULL);
  g_source_attach (beginning->timeout, self->context);
  self->n_beginning++;
  g_dbus_connection_new (G_IO_STREAM (stream), guid,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                             | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER
                             | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                         observer, beginning->patience, begun_cb, beginning);
  return TRUE;
}

/* Returns: whether @descriptor is a socket that listens for streams on this machine */
static gboolean
is_listening (int descriptor)
{
  int domain = 0, type = 0, listens = 0;
  socklen_t length = sizeof (int);

  return getsockopt (descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0
         && getsockopt (descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0
         && getsockopt (descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0
         && domain == AF_UNIX && type == SOCK_STREAM && listens;
}

/* On the service's thread, whose context the listener is to use. */
static gboolean
listen_cb (gpointer data)
{
  CcbtControlService *self = data;

  if (!self->is_stopping)
    g_socket_service_start (self->inherited);
  return G_SOURCE_REMOVE;
}

gboolean
ccbt_control_service_listen (CcbtControlService *self, int descriptor, GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSource) source = g_idle_source_new ();
  g_autoptr (GError) problem = NULL;

  if (!is_listening (descriptor) || (socket = g_socket_new_from_fd (descriptor, &problem)) == NULL)
    {
      close (descriptor);
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                   "The socket of the service manager is none that listens: %s",
                   problem != NULL ? problem->message : "ListenStream= with a path is wanted");
      return FALSE;
    }
  self->inherited = g_socket_service_new ();
  g_socket_service_stop (self->inherited); /* until it is on its thread */
  g_signal_connect (self->inherited, "incoming", G_CALLBACK (incoming_cb), self);
  if (!g_socket_listener_add_socket (G_SOCKET_LISTENER (self->inherited), socket, NULL, error))
    return FALSE;
  g_source_set_callback (source, listen_cb, self, NULL);
  g_source_attach (source, self->context);
  return TRUE;
}

void
ccbt_control_service_stop_listening (CcbtControlService *self)
{
  if (self->inherited == NULL)
    return;
  g_socket_service_stop (self->inherited);
  g_socket_listener_close (G_SOCKET_LISTENER (self->inherited));
}
