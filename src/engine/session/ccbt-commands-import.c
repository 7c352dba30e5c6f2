/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-import.h"
#include "session/ccbt-session-private.h"
#include "base/ccbt-error.h"

#define TAKEN_PER_TURN 16u

/* Torrents of other programs join the session. */

typedef struct
{
  CcbtSession *session;
  CcbtCall *call;
  CcbtImportSource source;
  char *folder;
  GPtrArray *items; /* CcbtImportItem */
  gboolean *taken;  /* one each */
  guint next;
  GSource *timer;
  CcbtDiskJob job;
} Import;

static void
import_free (Import *self)
{
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_free (self->taken);
  g_free (self->folder);
  g_free (self);
}

static void
read_in_worker (CcbtDiskJob *job)
{
  Import *self = job->owner;

  self->items = ccbt_import_read_folder (self->source, self->folder, &job->error);
}

static GVariant *
describe (GPtrArray *items, const gboolean *taken)
{
  GVariantBuilder report;

  g_variant_builder_init (&report, G_VARIANT_TYPE ("a(sbas)"));
  for (guint i = 0; i < items->len; i++)
    {
      const CcbtImportItem *item = g_ptr_array_index (items, i);

      g_variant_builder_add (
          &report, "(sb@as)", item->name, taken[i],
          g_variant_new_strv ((const char *const *) item->notes->pdata, (gssize) item->notes->len));
    }
  return g_variant_new ("(a(sbas))", &report);
}

static void
finish (Import *self)
{
  ccbt_call_reply (self->call, describe (self->items, self->taken));
  ccbt_session_stop_timer (&self->timer);
  import_free (self);
}

/* Each is parsed and started here: thousands at once would hold up the loop. */
static gboolean
take_some_cb (gpointer data)
{
  Import *self = data;

  for (guint n = 0; n < TAKEN_PER_TURN && self->next < self->items->len; n++, self->next++)
    {
      CcbtImportItem *item = g_ptr_array_index (self->items, self->next);

      if (item->record == NULL)
        continue;
      self->taken[self->next]
          = self->session->closed == NULL && ccbt_session_take_over (self->session, item->record);
      if (!self->taken[self->next])
        ccbt_import_item_note (item, self->session->closed == NULL ? "It is in the list already."
                                                                   : "The session is closing.");
    }
  if (self->next < self->items->len)
    return G_SOURCE_CONTINUE;
  finish (self);
  return G_SOURCE_REMOVE;
}

static void
read_cb (CcbtDiskJob *job)
{
  Import *self = job->owner;
  GError *error = g_steal_pointer (&job->error);

  if (error != NULL)
    {
      ccbt_call_reply_error (self->call, error);
      import_free (self);
      return;
    }
  self->taken = g_new0 (gboolean, self->items->len);
  self->timer = ccbt_session_start_timer (0, take_some_cb, self);
}

static void
session_import (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  Import *self = g_new0 (Import, 1);
  const char *name;

  *self = (Import){ .session = session, .call = call };
  g_variant_get (arguments, "(&ss)", &name, &self->folder);
  if (!ccbt_import_source_from_name (name, &self->source) || !g_path_is_absolute (self->folder))
    {
      ccbt_call_reply_error (
          call, g_error_new (CCBT_ERROR, CCBT_ERROR_INVALID,
                             "Allowed are qbittorrent, deluge, transmission or rtorrent, and the "
                             "whole path of its folder."));
      import_free (self);
      return;
    }
  self->job = (CcbtDiskJob){
    .kind = CCBT_DISK_CALL, .call = read_in_worker, .done = read_cb, .owner = self
  };
  ccbt_disk_pool_submit (ccbt_session_get_disk (session), &self->job);
}

static const CcbtCommandEntry entries[] = {
  { { "session.import", "(ss)", "(a(sbas))",
      "Take over the torrents of qbittorrent, deluge, transmission or rtorrent from its folder; "
      "replies name, whether it was taken, and what did not carry over" },
    session_import },
};

const CcbtCommandGroup ccbt_import_commands = { entries, G_N_ELEMENTS (entries) };
