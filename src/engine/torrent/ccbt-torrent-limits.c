/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* What the user decided about a torrent, and its own limits: rates, connections, how much it counts
 * among others. */

guint
ccbt_torrent_get_connection_limit (CcbtTorrent *self)
{
  if (self->options->max_connections == 0)
    return self->environment->max_connections_per_torrent;
  return MIN (self->options->max_connections, self->environment->max_connections);
}

CcbtPriority
ccbt_torrent_get_priority (CcbtTorrent *self)
{
  static const CcbtPriority priorities[CCBT_N_QUEUE_PRIORITIES]
      = { CCBT_PRIORITY_LOW, CCBT_PRIORITY_NORMAL, CCBT_PRIORITY_HIGH, CCBT_PRIORITY_MAXIMUM };

  return priorities[self->options->priority];
}

/* Who gives and takes least, and of those who came last. Returns: (nullable) */
static CcbtPeer *
find_least_useful (CcbtTorrent *self)
{
  CcbtPeer *least = NULL;

  for (guint i = 0; i < self->peers->len; i++)
    {
      CcbtPeer *peer = g_ptr_array_index (self->peers, i);
      double rate = peer->down.per_second + peer->up.per_second;

      if (least == NULL || rate < least->down.per_second + least->up.per_second
          || (rate == least->down.per_second + least->up.per_second
              && peer->connected_at > least->connected_at))
        least = peer;
    }
  return least;
}

void
ccbt_torrent_apply_limits (CcbtTorrent *self)
{
  /* Of a limit that torrents share. */
  static const guint weights[CCBT_N_QUEUE_PRIORITIES] = { 1, 2, 4, 8 };
  gint64 now = ccbt_clock_now (self->environment->clock);

  ccbt_rate_bucket_set_limit (&self->download_group.bucket, self->options->download_limit, now);
  ccbt_rate_bucket_set_limit (&self->upload_group.bucket, self->options->upload_limit, now);
  self->download_group.claim.weight = self->upload_group.claim.weight
      = weights[self->options->priority];
  while (self->peers->len > ccbt_torrent_get_connection_limit (self))
    ccbt_peer_close_for (find_least_useful (self), CCBT_ERROR_REFUSED,
                         "more connections than this torrent may have");
}

CcbtTorrentOptions *
ccbt_torrent_get_options (CcbtTorrent *self)
{
  return self->options;
}

void
ccbt_torrent_set_options (CcbtTorrent *self, CcbtTorrentOptions *options)
{
  gboolean meets_anew = options->is_super_seeding != self->options->is_super_seeding;

  ccbt_torrent_options_ref (options);
  ccbt_torrent_options_unref (self->options);
  self->options = options;
  ccbt_torrent_apply_limits (self);
  if (meets_anew)
    ccbt_torrent_super_seed_changed (self);
  self->environment->save (self->environment->session, self, FALSE);
  ccbt_torrent_changed (self);
}
