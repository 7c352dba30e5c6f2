/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-creator.h"
#include "session/ccbt-command.h"

#define LOOK_MS 200

struct _CcbtCreator
{
  GObject parent_instance;
  CcbtClient *client;
  guint32 number; /* 0 = not begun */
  guint timer;
  gboolean is_cancelled;
};

G_DEFINE_FINAL_TYPE (CcbtCreator, ccbt_creator, G_TYPE_OBJECT)

enum
{
  STATUS,
  REFUSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void look (CcbtCreator *self);

static void
look_again_cb (gpointer data)
{
  CcbtCreator *self = data;

  self->timer = 0;
  look (self);
}

static gboolean
is_final (GVariant *status)
{
  static const char *const finals[] = { "done", "failed", "cancelled", NULL };
  const char *state = "";

  g_variant_lookup (status, "state", "&s", &state);
  return g_strv_contains (finals, state);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtCreator) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  g_autoptr (GVariant) status = NULL;

  if (self->is_cancelled)
    return;
  if (reply == NULL)
    {
      g_signal_emit (self, signals[REFUSED], 0, error);
      return;
    }
  status = g_variant_get_child_value (reply, 0);
  if (!is_final (status))
    self->timer = g_timeout_add_once (LOOK_MS, look_again_cb, self);
  g_signal_emit (self, signals[STATUS], 0, status);
}

static void
look (CcbtCreator *self)
{
  if (!ccbt_client_call_async (self->client, "create.status", g_variant_new ("(u)", self->number),
                               NULL, looked_cb, g_object_ref (self)))
    g_object_unref (self);
}

static void
give_up (CcbtCreator *self)
{
  ccbt_client_call_async (self->client, "create.cancel", g_variant_new ("(u)", self->number), NULL,
                          NULL, NULL);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtCreator) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply != NULL)
    g_variant_get (reply, "(u)", &self->number);
  if (self->is_cancelled)
    {
      if (reply != NULL)
        give_up (self);
      return;
    }
  if (reply == NULL)
    g_signal_emit (self, signals[REFUSED], 0, error);
  else
    look (self);
}

static void
ccbt_creator_dispose (GObject *object)
{
  CcbtCreator *self = CCBT_CREATOR (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (ccbt_creator_parent_class)->dispose (object);
}

static void
ccbt_creator_class_init (CcbtCreatorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ccbt_creator_dispose;
  signals[STATUS] = g_signal_new ("status", CCBT_TYPE_CREATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_VARIANT);
  signals[REFUSED] = g_signal_new ("refused", CCBT_TYPE_CREATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
ccbt_creator_init (CcbtCreator *self)
{
}

CcbtCreator *
ccbt_creator_new (CcbtClient *client)
{
  CcbtCreator *self = g_object_new (CCBT_TYPE_CREATOR, NULL);

  self->client = g_object_ref (client);
  return self;
}

void
ccbt_creator_start (CcbtCreator *self, GVariant *arguments)
{
  g_return_if_fail (CCBT_IS_CREATOR (self));

  if (!ccbt_client_call_async (self->client, "create.start", g_variant_new ("(@a{sv})", arguments),
                               NULL, started_cb, g_object_ref (self)))
    g_object_unref (self);
}

void
ccbt_creator_cancel (CcbtCreator *self)
{
  g_return_if_fail (CCBT_IS_CREATOR (self));

  self->is_cancelled = TRUE;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->number != 0)
    give_up (self);
}
