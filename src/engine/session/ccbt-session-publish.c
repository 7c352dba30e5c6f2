/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

/* When a thousand torrents change, peers are served between two lots of them. */
#define PUBLISHED_PER_TURN 100u

void
ccbt_session_note_changed (gpointer session, CcbtTorrent *torrent)
{
  g_hash_table_add (((CcbtSession *) session)->changed, torrent);
  ((CcbtSession *) session)->queue_due = TRUE;
  ccbt_session_wake (session, torrent);
  ccbt_session_update_discovery (session, torrent);
}

/* The rates of what moves change without an event. Who rests does not move. */
static void
mark_moving (CcbtSession *self)
{
  for (guint i = 0; i < ccbt_roster_get_n_awake (self->roster); i++)
    if (ccbt_torrent_is_moving (ccbt_roster_get_awake (self->roster, i)))
      g_hash_table_add (self->changed, ccbt_roster_get_awake (self->roster, i));
}

/* Returns: FALSE when there are more than @most */
static gboolean
put_changed (CcbtSession *self, guint most)
{
  GHashTableIter iter;
  gpointer torrent;

  g_hash_table_iter_init (&iter, self->changed);
  for (guint i = 0; i < most && g_hash_table_iter_next (&iter, &torrent, NULL); i++)
    {
      ccbt_snapshot_store_put (self->snapshots, ccbt_torrent_describe (torrent));
      g_hash_table_iter_remove (&iter);
    }
  return g_hash_table_size (self->changed) == 0;
}

static void
put_details (CcbtSession *self)
{
  GHashTableIter iter;
  gpointer torrent;

  g_hash_table_iter_init (&iter, self->watched);
  while (g_hash_table_iter_next (&iter, &torrent, NULL))
    ccbt_snapshot_store_put_details (self->snapshots, ccbt_torrent_describe_details (torrent));
}

static void
publish_session (CcbtSession *self, gint64 now)
{
  CcbtSessionStatus status = { .n_torrents = self->torrents->len,
                               .n_peers = ccbt_peer_table_get_n (self->peers.table),
                               .port = self->environment.port,
                               .engine_dispatch = self->turns,
                               .disk_queue = ccbt_disk_pool_get_queued_bytes (self->peers.disk) };
  guint64 down = self->environment.downloaded - self->down.total;
  guint64 up = self->environment.uploaded - self->up.total;

  ccbt_rate_meter_add (&self->down, down);
  ccbt_rate_meter_add (&self->up, up);
  ccbt_session_count_transfers (self, down, up);
  status.down_rate = ccbt_rate_meter_update (&self->down, now);
  status.up_rate = ccbt_rate_meter_update (&self->up, now);
  status.downloaded = self->down.total;
  status.uploaded = self->up.total;
  status.all_downloaded = ccbt_rate_history_get_downloaded (self->history);
  status.all_uploaded = ccbt_rate_history_get_uploaded (self->history);
  status.is_alternative = self->is_alternative;
  status.is_scheduled = self->is_alternative && self->was_scheduled;
  status.waits_for = self->waits_for;
  status.download_limit = self->peers.download.bucket.limit;
  status.upload_limit = self->peers.upload.bucket.limit;
  ccbt_session_describe_connection (self, &status.connection, now);
  ccbt_snapshot_store_put_session (self->snapshots, &status);
}

static void
finish_publishing (CcbtSession *self)
{
  gint64 now = ccbt_clock_now (self->peers.clock);

  if (now >= self->next_details)
    {
      self->next_details = now + CCBT_SECOND;
      put_details (self);
    }
  publish_session (self, now);
  ccbt_snapshot_store_flush (self->snapshots);
}

static gboolean
publish_rest_cb (gpointer data)
{
  CcbtSession *self = data;

  if (!put_changed (self, PUBLISHED_PER_TURN))
    return G_SOURCE_CONTINUE;
  ccbt_session_stop_timer (&self->publish_rest);
  finish_publishing (self);
  return G_SOURCE_REMOVE;
}

void
ccbt_session_publish (CcbtSession *self)
{
  mark_moving (self);
  if (put_changed (self, PUBLISHED_PER_TURN))
    finish_publishing (self);
  else if (self->publish_rest == NULL)
    self->publish_rest = ccbt_session_start_timer (0, publish_rest_cb, self);
}

void
ccbt_session_publish_now (gpointer session)
{
  CcbtSession *self = session;

  put_changed (self, G_MAXUINT);
  finish_publishing (self);
}
