/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* Questions to the instance, and verbs that take turns: it cuts off who asks a thousand things and does
 * not wait. */

#define BITONIC_CALL_TIMEOUT_MS 60000

/* A method of the interface Session. @arguments: floating is taken; @reply: their type. */
void bitonic_ask (GDBusConnection *connection, const char *method, GVariant *arguments,
                  const char *reply, int timeout_ms, GCancellable *cancellable,
                  GAsyncReadyCallback callback, gpointer data);
/* Returns: (transfer full) (nullable): NULL with @error, or with *is_over: it was cancelled, and who
 * asked may be gone */
GVariant *bitonic_take_answer (GObject *source, GAsyncResult *result, gboolean *is_over,
                               GError **error);

typedef void (*BitonicAnswered) (gpointer data, const char *verb, GVariant *reply,
                                 const GError *error);

/* For one connection. */
typedef struct _BitonicCalls BitonicCalls;

/* @answered: for each, with @reply or @error. Borrows both objects. */
BitonicCalls *bitonic_calls_new (GDBusConnection *connection, GCancellable *cancellable,
                                 BitonicAnswered answered, gpointer data);
/* After @cancellable was cancelled: nothing is answered any more. */
void bitonic_calls_free (BitonicCalls *self);
/* @arguments: floating is taken; NULL = "()". */
void bitonic_calls_add (BitonicCalls *self, const char *verb, GVariant *arguments);
