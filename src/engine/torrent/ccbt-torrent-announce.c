/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-private.h"

/* What a torrent tells its trackers, and what it does with what they say. */

#define A_HANDFUL 5u /* of peers and addresses to try */

static void
get_totals_cb (gpointer owner, guint64 *uploaded, guint64 *downloaded, guint64 *left)
{
  CcbtTorrent *self = owner;
  guint64 total = self->map.total_size;

  *uploaded = self->uploaded - self->started_uploaded;
  *downloaded = self->downloaded - self->started_downloaded;
  *left = 1; /* a magnet: a leecher, of unknown size */
  if (self->picker != NULL)
    *left = self->is_finished
                ? 0
                : total
                      - MIN (total, (guint64) ccbt_picker_get_have (self->picker)->n_set
                                        * self->map.piece_length);
  if (self->picker != NULL && !self->is_finished && *left == 0)
    *left = 1; /* the short last piece */
}

static guint16
get_port_cb (gpointer owner)
{
  const CcbtTorrentEnvironment *environment = ((CcbtTorrent *) owner)->environment;

  return environment->announced_port != 0 ? environment->announced_port : environment->port;
}

static gint
get_number_wanted_cb (gpointer owner)
{
  CcbtTorrent *self = owner;

  if (ccbt_candidates_count_idle (&self->candidates) > 1000)
    return 0;
  if (self->is_finished)
    return MIN (self->environment->number_wanted, 50); /* leeches find us as well */
  return self->environment->number_wanted;
}

/* A tracker is asked before its interval is over only when there is hardly anybody left. */
static gboolean
needs_peers_cb (gpointer owner)
{
  CcbtTorrent *self = owner;

  return !self->is_finished
         && self->peers->len + ccbt_candidates_count_idle (&self->candidates) < A_HANDFUL;
}

static guint
get_timeout_cb (gpointer owner)
{
  return ((CcbtTorrent *) owner)->environment->tracker_timeout;
}

static void
take_peers_cb (gpointer owner, const CcbtAddress *addresses, guint n_addresses,
               gboolean tracker_is_local)
{
  ccbt_torrent_add_peers (owner, CCBT_PEER_SOURCE_TRACKER, addresses, n_addresses,
                          tracker_is_local);
}

static void
announced_cb (gpointer owner, const char *url, const CcbtAnnounceReply *reply)
{
  CcbtTorrent *self = owner;

  if (ccbt_event_ring_wants (self->environment->events, CCBT_EVENT_TRACKER_ANNOUNCED))
    {
      g_autofree char *redacted = ccbt_text_redact_url (url);

      ccbt_torrent_post (
          self, CCBT_EVENT_TRACKER_ANNOUNCED,
          g_variant_new_parsed ("{'url': <%s>, 'peers': <%u>}", redacted, reply->peers->len));
    }
  ccbt_torrent_changed (self);
}

static void
announce_failed_cb (gpointer owner, const char *url, const char *message)
{
  CcbtTorrent *self = owner;
  g_autofree char *redacted = ccbt_text_redact_url (url);

  ccbt_torrent_post (self, CCBT_EVENT_TRACKER_FAILED,
                     g_variant_new_parsed ("{'url': <%s>, 'message': <%s>}", redacted, message));
  ccbt_torrent_changed (self);
}

const CcbtTrackerSetOwner ccbt_torrent_tracker_questions = {
  .get_totals = get_totals_cb,
  .get_port = get_port_cb,
  .get_number_wanted = get_number_wanted_cb,
  .needs_peers = needs_peers_cb,
  .get_timeout = get_timeout_cb,
  .take_peers = take_peers_cb,
  .announced = announced_cb,
  .failed = announce_failed_cb,
};
