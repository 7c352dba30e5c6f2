/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-torrent-status.h"

G_DEFINE_BOXED_TYPE (CcbtTorrentStatus, ccbt_torrent_status, ccbt_torrent_status_ref,
                     ccbt_torrent_status_unref)
G_DEFINE_BOXED_TYPE (CcbtTorrentDetails, ccbt_torrent_details, ccbt_torrent_details_ref,
                     ccbt_torrent_details_unref)

static void
clear_status (gpointer data)
{
  CcbtTorrentStatus *self = data;

  g_free (self->info_hash);
  g_free (self->name);
  g_free (self->folder);
  g_free (self->content_path);
  g_free (self->magnet);
  g_free (self->error_text);
  g_free (self->move_target);
  g_clear_pointer (&self->options, ccbt_torrent_options_unref);
}

static void
clear_details (gpointer data)
{
  CcbtTorrentDetails *self = data;

  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->peers);
  g_ptr_array_unref (self->trackers);
  g_clear_pointer (&self->pieces, g_bytes_unref);
  g_free (self->summary);
}

static void
free_file (gpointer data)
{
  CcbtFileStatus *file = data;

  g_free (file->path);
  g_free (file);
}

static void
free_peer (gpointer data)
{
  CcbtPeerStatus *peer = data;

  g_free (peer->address);
  g_free (peer->client);
  g_free (peer);
}

void
ccbt_tracker_status_free (gpointer data)
{
  CcbtTrackerStatus *tracker = data;

  g_free (tracker->url);
  g_free (tracker->message);
  g_free (tracker);
}

const char *
ccbt_torrent_state_get_name (CcbtTorrentState state)
{
  static const char *const names[CCBT_TORRENT_N_STATES] = {
    [CCBT_TORRENT_STATE_METADATA] = "metadata",
    [CCBT_TORRENT_STATE_CHECKING] = "checking",
    [CCBT_TORRENT_STATE_DOWNLOADING] = "downloading",
    [CCBT_TORRENT_STATE_SEEDING] = "seeding",
    [CCBT_TORRENT_STATE_PAUSED] = "paused",
    [CCBT_TORRENT_STATE_QUEUED] = "queued",
    [CCBT_TORRENT_STATE_FILES_MISSING] = "files-missing",
    [CCBT_TORRENT_STATE_ERROR] = "error",
  };

  g_return_val_if_fail ((guint) state < CCBT_TORRENT_N_STATES, "error");

  return names[state];
}

const char *
ccbt_wait_get_name (CcbtWait wait)
{
  static const char *const names[] = { "", "metered-network", "power-saving" };

  return (guint) wait < G_N_ELEMENTS (names) ? names[wait] : "";
}

const char *
ccbt_tracker_state_get_name (CcbtTrackerState state)
{
  switch (state)
    {
    case CCBT_TRACKER_STATE_IDLE:
      return "idle";
    case CCBT_TRACKER_STATE_ANNOUNCING:
      return "announcing";
    case CCBT_TRACKER_STATE_WORKING:
      return "working";
    case CCBT_TRACKER_STATE_FAILED:
      return "failed";
    default:
      g_return_val_if_reached ("failed");
    }
}

CcbtTorrentStatus *
ccbt_torrent_status_new (void)
{
  return g_atomic_rc_box_new0 (CcbtTorrentStatus);
}

CcbtTorrentStatus *
ccbt_torrent_status_ref (CcbtTorrentStatus *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ccbt_torrent_status_unref (CcbtTorrentStatus *self)
{
  g_atomic_rc_box_release_full (self, clear_status);
}

CcbtTorrentDetails *
ccbt_torrent_details_new (void)
{
  CcbtTorrentDetails *self = g_atomic_rc_box_new0 (CcbtTorrentDetails);

  self->files = g_ptr_array_new_with_free_func (free_file);
  self->peers = g_ptr_array_new_with_free_func (free_peer);
  self->trackers = g_ptr_array_new_with_free_func (ccbt_tracker_status_free);
  return self;
}

CcbtTorrentDetails *
ccbt_torrent_details_ref (CcbtTorrentDetails *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ccbt_torrent_details_unref (CcbtTorrentDetails *self)
{
  g_atomic_rc_box_release_full (self, clear_details);
}
