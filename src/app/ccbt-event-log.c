/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-event-log.h"

struct _CcbtEventLog
{
  GObject parent_instance;
  CcbtSnapshotStore *snapshots;
  GSequence *items; /* CcbtEventItem, owned; the first goes as easily as the last comes */
};

static void ccbt_event_log_init_model (GListModelInterface *model);

G_DEFINE_FINAL_TYPE_WITH_CODE (CcbtEventLog, ccbt_event_log, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ccbt_event_log_init_model))

/* When it comes or goes there may be no snapshot of it: the event tells its name, printable as that of a snapshot. */
static char *
dup_name (CcbtEventLog *self, const CcbtEvent *event)
{
  g_autoptr (CcbtTorrentStatus) status = NULL;
  const char *name;

  if (event->torrent == 0)
    return g_strdup ("");
  if (event->payload != NULL && g_variant_lookup (event->payload, "name", "&s", &name))
    return g_strdup (name);
  status = ccbt_snapshot_store_lookup (self->snapshots, event->torrent);
  return g_strdup (status != NULL ? status->name : "");
}

static void
event_cb (CcbtEventLog *self, CcbtEvent *event)
{
  g_autofree char *name = NULL;
  guint n = (guint) g_sequence_get_length (self->items);

  if ((CCBT_EVENT_LOG_MASK & CCBT_EVENT_MASK (event->type)) == 0)
    return;
  name = dup_name (self, event);
  g_sequence_append (self->items, ccbt_event_item_new (event, name));
  g_list_model_items_changed (G_LIST_MODEL (self), n, 0, 1);
  if (n < CCBT_EVENT_LOG_MAX)
    return;
  g_sequence_remove (g_sequence_get_begin_iter (self->items));
  g_list_model_items_changed (G_LIST_MODEL (self), 0, 1, 0);
}

/* --- Model --- */

static GType
get_item_type (GListModel *list)
{
  return CCBT_TYPE_EVENT_ITEM;
}

static guint
get_n_items (GListModel *list)
{
  return (guint) g_sequence_get_length (CCBT_EVENT_LOG (list)->items);
}

static gpointer
get_item (GListModel *list, guint position)
{
  CcbtEventLog *self = CCBT_EVENT_LOG (list);

  if (position >= get_n_items (list))
    return NULL;
  return g_object_ref (g_sequence_get (g_sequence_get_iter_at_pos (self->items, (int) position)));
}

static void
ccbt_event_log_init_model (GListModelInterface *model)
{
  model->get_item_type = get_item_type;
  model->get_n_items = get_n_items;
  model->get_item = get_item;
}

static void
ccbt_event_log_finalize (GObject *object)
{
  CcbtEventLog *self = CCBT_EVENT_LOG (object);

  g_sequence_free (self->items);
  g_clear_pointer (&self->snapshots, ccbt_snapshot_store_unref);
  G_OBJECT_CLASS (ccbt_event_log_parent_class)->finalize (object);
}

static void
ccbt_event_log_class_init (CcbtEventLogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_event_log_finalize;
}

static void
ccbt_event_log_init (CcbtEventLog *self)
{
  self->items = g_sequence_new (g_object_unref);
}

CcbtEventLog *
ccbt_event_log_new (CcbtEventBus *bus, CcbtSnapshotStore *snapshots)
{
  CcbtEventLog *self = g_object_new (CCBT_TYPE_EVENT_LOG, NULL);

  self->snapshots = ccbt_snapshot_store_ref (snapshots);
  g_signal_connect_object (bus, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  return self;
}
