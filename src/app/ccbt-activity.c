/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-activity.h"
#include <glib/gi18n.h>
#include "ccbt-format.h"

#define SECONDS_BETWEEN_LOOKS 1

/* What one torrent adds to the sums. */
typedef struct
{
  gboolean is_downloading;
  guint64 wanted_size;
  guint64 done_size;
} Share;

struct _CcbtActivity
{
  GObject parent_instance;
  CcbtSnapshotStore *store; /* NULL: nothing is followed yet */
  guint watch;
  guint look_source;
  guint64 generation;
  GHashTable *shares; /* CcbtTorrentId -> Share */
  CcbtActivityStatus status;
};

G_DEFINE_FINAL_TYPE (CcbtActivity, ccbt_activity, G_TYPE_OBJECT)

static guint changed_signal;

static void
subtract (CcbtActivity *self, CcbtTorrentId id)
{
  const Share *share = g_hash_table_lookup (self->shares, GUINT_TO_POINTER (id));

  if (share == NULL)
    return;
  self->status.n_downloading -= share->is_downloading;
  self->status.wanted_size -= share->wanted_size;
  self->status.done_size -= share->done_size;
  g_hash_table_remove (self->shares, GUINT_TO_POINTER (id));
}

static void
add (CcbtActivity *self, const CcbtTorrentStatus *torrent)
{
  Share *share = g_new0 (Share, 1);

  if (torrent->state == CCBT_TORRENT_STATE_DOWNLOADING
      || torrent->state == CCBT_TORRENT_STATE_METADATA)
    *share = (Share){ TRUE, torrent->wanted_size, MIN (torrent->done_size, torrent->wanted_size) };
  g_hash_table_insert (self->shares, GUINT_TO_POINTER (torrent->id), share);
  self->status.n_downloading += share->is_downloading;
  self->status.wanted_size += share->wanted_size;
  self->status.done_size += share->done_size;
}

static void
look (CcbtActivity *self)
{
  g_autoptr (GPtrArray) changed = NULL;
  g_autoptr (GPtrArray) details = NULL;
  g_autoptr (GArray) removed = NULL;
  CcbtSessionStatus session;
  gboolean start_over;

  self->generation = ccbt_snapshot_store_pull (self->store, self->generation, &changed, &details,
                                               &removed, &start_over);
  if (start_over)
    {
      g_hash_table_remove_all (self->shares);
      self->status = (CcbtActivityStatus){ 0 };
    }
  for (guint i = 0; i < removed->len; i++)
    subtract (self, g_array_index (removed, CcbtTorrentId, i));
  for (guint i = 0; i < changed->len; i++)
    {
      const CcbtTorrentStatus *torrent = changed->pdata[i];

      subtract (self, torrent->id);
      add (self, torrent);
    }
  ccbt_snapshot_store_get_session (self->store, &session);
  self->status.n_torrents = g_hash_table_size (self->shares);
  self->status.down_rate = session.down_rate;
  self->status.up_rate = session.up_rate;
  self->status.is_alternative = session.is_alternative;
  self->status.waits_for = session.waits_for;
}

static gboolean
look_cb (gpointer data)
{
  g_autoptr (CcbtActivity) self = g_object_ref (data);
  const CcbtActivityStatus before = self->status;

  self->look_source = 0;
  look (self);
  if (memcmp (&before, &self->status, sizeof before) != 0)
    g_signal_emit (self, changed_signal, 0);
  return G_SOURCE_REMOVE;
}

static void
snapshots_cb (gpointer data)
{
  CcbtActivity *self = data;

  if (self->look_source == 0)
    self->look_source = g_timeout_add_seconds (SECONDS_BETWEEN_LOOKS, look_cb, self);
}

static void
ccbt_activity_dispose (GObject *object)
{
  CcbtActivity *self = CCBT_ACTIVITY (object);

  g_clear_handle_id (&self->look_source, g_source_remove);
  if (self->store != NULL)
    ccbt_snapshot_store_remove_watch (self->store, self->watch);
  g_clear_pointer (&self->store, ccbt_snapshot_store_unref);
  G_OBJECT_CLASS (ccbt_activity_parent_class)->dispose (object);
}

static void
ccbt_activity_finalize (GObject *object)
{
  g_hash_table_unref (CCBT_ACTIVITY (object)->shares);
  G_OBJECT_CLASS (ccbt_activity_parent_class)->finalize (object);
}

static void
ccbt_activity_class_init (CcbtActivityClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ccbt_activity_dispose;
  object_class->finalize = ccbt_activity_finalize;
  changed_signal = g_signal_new ("changed", CCBT_TYPE_ACTIVITY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ccbt_activity_init (CcbtActivity *self)
{
  self->shares = g_hash_table_new_full (NULL, NULL, NULL, g_free);
}

CcbtActivity *
ccbt_activity_new (void)
{
  return g_object_new (CCBT_TYPE_ACTIVITY, NULL);
}

void
ccbt_activity_follow (CcbtActivity *self, CcbtSnapshotStore *store)
{
  g_return_if_fail (CCBT_IS_ACTIVITY (self) && self->store == NULL);

  self->store = ccbt_snapshot_store_ref (store);
  self->watch = ccbt_snapshot_store_add_watch (store, NULL, snapshots_cb, self);
}

const CcbtActivityStatus *
ccbt_activity_get_status (CcbtActivity *self)
{
  return &self->status;
}

const char *
ccbt_activity_describe_wait (CcbtWait wait)
{
  return wait == CCBT_WAIT_METERED ? _ ("Torrents wait: the network is metered")
                                   : _ ("Torrents wait: the computer saves power");
}

char *
ccbt_activity_describe (CcbtActivity *self)
{
  const CcbtActivityStatus *status = &self->status;
  g_autofree char *rates = ccbt_format_rates (status->down_rate, status->up_rate);
  g_autofree char *torrents = NULL;

  if (status->waits_for != CCBT_WAIT_NONE && status->n_downloading == 0 && *rates == '\0')
    return g_strdup (ccbt_activity_describe_wait (status->waits_for));
  if (status->n_downloading == 0)
    return *rates != '\0' ? g_steal_pointer (&rates)
                          : g_strdup (_ ("Nothing is being transferred"));
  torrents = g_strdup_printf (
      ngettext ("Downloading %u torrent", "Downloading %u torrents", status->n_downloading),
      status->n_downloading);
  if (*rates == '\0')
    return g_steal_pointer (&torrents);
  /* Translators: such as "Downloading 2 torrents" and "↓ 1.2 MB/s" */
  return g_strdup_printf (C_ ("activity", "%s, %s"), torrents, rates);
}
