/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-batch.h"
#include <glib/gi18n.h>
#include "ccbt-error-text.h"
#include "session/ccbt-command.h"

typedef struct
{
  CcbtWindow *window;
  CcbtBatchFunc done; /* NULL: nobody asks */
  guint n_open;       /* answers to come, and one while calls are still being made */
  guint n_done;
  guint n_failed;
  GVariant *reply; /* NULL: none worked yet */
  GError *error;   /* the first; NULL: none failed yet */
} Batch;

static void
tell_error (Batch *batch)
{
  g_autofree char *text = ccbt_error_text (batch->error);
  g_autofree char *whole = NULL;

  if (batch->n_failed > 1)
    /* Translators: number of torrents with which something did not work, what went wrong first */
    whole = g_strdup_printf (ngettext ("%u torrent: %s", "%u torrents: %s", batch->n_failed),
                             batch->n_failed, text);
  ccbt_window_tell (batch->window, whole != NULL ? whole : text);
}

static void
close_one (Batch *batch)
{
  if (--batch->n_open > 0)
    return;
  if (batch->error != NULL)
    tell_error (batch);
  else if (batch->n_done > 0 && batch->done != NULL)
    batch->done (batch->window, batch->n_done, batch->reply);
  g_clear_error (&batch->error);
  g_clear_pointer (&batch->reply, g_variant_unref);
  g_object_unref (batch->window);
  g_free (batch);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Batch *batch = data;
  g_autoptr (GError) error = NULL;
  GVariant *reply = ccbt_command_call_finish (result, &error);

  if (reply != NULL)
    {
      g_clear_pointer (&batch->reply, g_variant_unref);
      batch->reply = reply;
      batch->n_done++;
    }
  else
    {
      batch->n_failed++;
      if (batch->error == NULL)
        batch->error = g_steal_pointer (&error);
    }
  close_one (batch);
}

static Batch *
begin (CcbtWindow *window, CcbtBatchFunc done)
{
  Batch *batch = g_new0 (Batch, 1);

  batch->window = g_object_ref (window);
  batch->done = done;
  batch->n_open = 1;
  return batch;
}

static void
call (Batch *batch, const char *verb, const char *info_hash, GVariant *options)
{
  GVariant *children[] = { g_variant_new_string (info_hash), options };

  if (ccbt_client_call_async (ccbt_window_get_client (batch->window), verb,
                              g_variant_new_tuple (children, options != NULL ? 2 : 1), NULL,
                              answered_cb, batch))
    batch->n_open++;
}

void
ccbt_batch_run (CcbtWindow *window, const char *verb, const char *const *info_hashes,
                GVariant *options, CcbtBatchFunc done)
{
  g_autoptr (GVariant) owned = options != NULL ? g_variant_ref_sink (options) : NULL;
  Batch *batch = begin (window, done);

  for (guint i = 0; info_hashes[i] != NULL; i++)
    call (batch, verb, info_hashes[i], owned);
  close_one (batch);
}

void
ccbt_batch_run_each (CcbtWindow *window, const char *verb, const char *const *info_hashes,
                     GVariant *const *options, CcbtBatchFunc done)
{
  Batch *batch = begin (window, done);

  for (guint i = 0; info_hashes[i] != NULL; i++)
    call (batch, verb, info_hashes[i], options[i]);
  close_one (batch);
}
