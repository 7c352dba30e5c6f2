/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-calls.h"
#include "control/ccbt-control-error.h"
#include "control/ccbt-control-interface.h"
#include "control/ccbt-control-values.h"

#define MAX_CALLS 64u /* at once */

struct _BitonicCalls
{
  GDBusConnection *connection;
  GCancellable *cancellable;
  BitonicAnswered answered;
  gpointer data;
  GQueue waiting; /* Call */
  guint n_calls;  /* on their way */
};

typedef struct
{
  BitonicCalls *calls;
  char *verb;
  GVariant *arguments; /* packed */
} Call;

void
bitonic_ask (GDBusConnection *connection, const char *method, GVariant *arguments,
             const char *reply, int timeout_ms, GCancellable *cancellable,
             GAsyncReadyCallback callback, gpointer data)
{
  g_dbus_connection_call (connection, NULL, CCBT_CONTROL_PATH, CCBT_CONTROL_SESSION, method,
                          arguments, G_VARIANT_TYPE (reply), G_DBUS_CALL_FLAGS_NONE, timeout_ms,
                          cancellable, callback, data);
}

GVariant *
bitonic_take_answer (GObject *source, GAsyncResult *result, gboolean *is_over, GError **error)
{
  GError *problem = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &problem);

  *is_over = reply == NULL && g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (*is_over)
    g_error_free (problem);
  else if (reply == NULL)
    g_propagate_error (error, ccbt_control_error_from_dbus (problem));
  return reply;
}

static void
call_free (gpointer data)
{
  Call *call = data;

  g_free (call->verb);
  g_variant_unref (call->arguments);
  g_free (call);
}

static void called_cb (GObject *source, GAsyncResult *result, gpointer data);

static void
start (BitonicCalls *self)
{
  while (self->n_calls < MAX_CALLS && !g_queue_is_empty (&self->waiting))
    {
      Call *call = g_queue_pop_head (&self->waiting);

      self->n_calls++;
      bitonic_ask (self->connection, "Call", g_variant_new ("(sv)", call->verb, call->arguments),
                   "(v)", BITONIC_CALL_TIMEOUT_MS, self->cancellable, called_cb, call);
    }
}

static void
called_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  BitonicCalls *self = call->calls;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL, inner = NULL;
  gboolean is_over;

  reply = bitonic_take_answer (source, result, &is_over, &error);
  if (!is_over)
    {
      self->n_calls--;
      start (self);
      if (reply != NULL)
        g_variant_get (reply, "(v)", &inner);
      self->answered (self->data, call->verb, inner, error);
    }
  call_free (call);
}

BitonicCalls *
bitonic_calls_new (GDBusConnection *connection, GCancellable *cancellable, BitonicAnswered answered,
                   gpointer data)
{
  BitonicCalls *self = g_new0 (BitonicCalls, 1);

  self->connection = connection;
  self->cancellable = cancellable;
  self->answered = answered;
  self->data = data;
  return self;
}

void
bitonic_calls_free (BitonicCalls *self)
{
  g_queue_clear_full (&self->waiting, call_free);
  g_free (self);
}

void
bitonic_calls_add (BitonicCalls *self, const char *verb, GVariant *arguments)
{
  Call *call = g_new (Call, 1);

  *call = (Call){ self, g_strdup (verb),
                  ccbt_control_tuple_pack (arguments != NULL ? arguments : g_variant_new ("()")) };
  g_queue_push_tail (&self->waiting, call);
  start (self);
}
