/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-engine-host-private.h"

#include <string.h>

struct _CcbtCall
{
  GTask *task; /* returns on the caller's context */
  guint verb;
  GVariant *arguments;
  gulong cancelled_id;
  gint is_answered; /* atomic: by the engine or by the caller's cancelling, whichever comes first */
  gint references;  /* atomic: engine, and the cancellable's handler */
};

static void
call_unref (gpointer data)
{
  CcbtCall *call = data;

  if (!g_atomic_int_dec_and_test (&call->references))
    return;
  g_variant_unref (call->arguments);
  g_object_unref (call->task);
  g_free (call);
}

static gboolean
claim_answer (CcbtCall *call)
{
  return g_atomic_int_compare_and_exchange (&call->is_answered, FALSE, TRUE);
}

static void
finish_call (CcbtCall *call)
{
  GCancellable *cancellable = g_task_get_cancellable (call->task);

  if (call->cancelled_id != 0)
    g_cancellable_disconnect (cancellable, call->cancelled_id);
  call_unref (call);
}

void
ccbt_call_reply (CcbtCall *call, GVariant *reply)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (reply != NULL ? reply : g_variant_new ("()"));
  guint n_verbs;

  g_warn_if_fail (g_variant_is_of_type (
      sunk, G_VARIANT_TYPE (ccbt_command_get_table (&n_verbs)[call->verb].reply)));
  if (claim_answer (call))
    g_task_return_pointer (call->task, g_steal_pointer (&sunk), (GDestroyNotify) g_variant_unref);
  finish_call (call);
}

void
ccbt_call_reply_error (CcbtCall *call, GError *error)
{
  if (claim_answer (call))
    g_task_return_error (call->task, error);
  else
    g_error_free (error);
  finish_call (call);
}

void
ccbt_call_run (CcbtCall *call, CcbtSession *session)
{
  if (session == NULL)
    {
      ccbt_call_reply_error (
          call, g_error_new (CCBT_ERROR, CCBT_ERROR_BUSY, "The engine is shutting down."));
      return;
    }
  if (g_atomic_int_get (&call->is_answered))
    {
      finish_call (call); /* given up before it began */
      return;
    }
  ccbt_command_get_handler (call->verb) (session, call, call->arguments);
}

/* Any thread: the caller gives up the wait. */
static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  CcbtCall *call = data;

  if (claim_answer (call))
    g_task_return_new_error (call->task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
}

const CcbtCommandInfo *
ccbt_command_lookup (const char *verb)
{
  guint n_verbs;
  const CcbtCommandInfo *table = ccbt_command_get_table (&n_verbs);

  for (guint i = 0; i < n_verbs; i++)
    if (g_str_equal (table[i].verb, verb))
      return &table[i];
  return NULL;
}

void
ccbt_command_call_async (CcbtEngineHost *host, const char *verb, GVariant *arguments,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (arguments);
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  const CcbtCommandInfo *info = ccbt_command_lookup (verb);
  CcbtCall *call;
  guint n_verbs;

  g_task_set_source_tag (task, ccbt_command_call_async);
  g_task_set_check_cancellable (task, FALSE); /* an answer that is there counts */
  if (info == NULL || !g_variant_is_of_type (sunk, G_VARIANT_TYPE (info->arguments)))
    {
      g_task_return_new_error (task, CCBT_ERROR, CCBT_ERROR_INVALID, "%s: %s", verb,
                               info == NULL ? "no such command" : "wrong arguments");
      return;
    }
  call = g_new0 (CcbtCall, 1);
  call->references = 1;
  call->verb = (guint) (info - ccbt_command_get_table (&n_verbs));
  call->arguments = g_steal_pointer (&sunk);
  call->task = g_steal_pointer (&task);
  if (cancellable != NULL)
    {
      g_atomic_int_inc (&call->references);
      call->cancelled_id
          = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), call, call_unref);
    }
  ccbt_engine_host_post_call (host, call);
}

GVariant *
ccbt_command_call_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
