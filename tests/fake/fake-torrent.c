/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-torrent.h"

const FakeFile fake_files[] = {
  { "Sintel/Sintel.2010.1080p.mkv", 1180000000 }, { "Sintel/Subtitles/Sintel.de.srt", 36000 },
  { "Sintel/Subtitles/Sintel.en.srt", 34000 },    { "Sintel/Subtitles/Sintel.fr.srt", 37000 },
  { "Sintel/Extras/Making of.mkv", 312000000 },   { "Sintel/Poster.jpg", 890000 },
};

G_STATIC_ASSERT (G_N_ELEMENTS (fake_files) == FAKE_N_FILES);

guint64
fake_torrent_get_size (void)
{
  guint64 total = 0;

  for (guint i = 0; i < FAKE_N_FILES; i++)
    total += fake_files[i].length;
  return total;
}

CcbtTorrentStatus *
fake_torrent_new (CcbtTorrentId id, const char *name, CcbtTorrentState state, double progress)
{
  CcbtTorrentStatus *status = ccbt_torrent_status_new ();

  status->id = id;
  status->info_hash = g_strdup_printf ("%040x", id);
  status->name = g_strdup (name);
  status->folder = g_strdup ("/home/user/Downloads");
  status->content_path = g_build_filename (status->folder, name, NULL);
  status->magnet = g_strdup_printf ("magnet:?xt=urn:btih:%s", status->info_hash);
  status->state = state;
  status->options = ccbt_torrent_options_new ();
  status->has_metadata = state != CCBT_TORRENT_STATE_METADATA;
  status->is_paused = state == CCBT_TORRENT_STATE_PAUSED;
  status->is_complete = progress >= 1;
  status->n_files = FAKE_N_FILES;
  status->n_pieces = 700;
  status->n_pieces_have = (guint) (700 * progress);
  status->total_size = fake_torrent_get_size ();
  status->wanted_size = status->total_size;
  status->done_size = (guint64) ((double) status->total_size * progress);
  status->progress = progress;
  status->downloaded = status->done_size;
  status->eta = -1;
  status->swarm_seeds = -1;
  status->swarm_leechers = -1;
  status->added_at = (G_GINT64_CONSTANT (1790000000) + id * 60) * G_USEC_PER_SEC;
  return status;
}

CcbtTorrentStatus *
fake_torrent_copy (const CcbtTorrentStatus *from)
{
  CcbtTorrentStatus *status = ccbt_torrent_status_new ();

  *status = *from;
  status->info_hash = g_strdup (from->info_hash);
  status->name = g_strdup (from->name);
  status->folder = g_strdup (from->folder);
  status->content_path = g_strdup (from->content_path);
  status->magnet = g_strdup (from->magnet);
  status->error_text = g_strdup (from->error_text);
  status->options = ccbt_torrent_options_ref (from->options);
  return status;
}

/* Some of everything: what is there, begun, rare and nowhere. */
static CcbtPieceSummary *
make_up_pieces (void)
{
  CcbtPieceSummary *summary = ccbt_piece_summary_new (1024);

  summary->n_had = 635;
  summary->n_begun = 9;
  summary->n_missing = 389;
  summary->n_nowhere = 12;
  summary->n_peers = 3;
  for (guint i = 0; i < 1024; i++)
    {
      gboolean is_had = i < 500 || (i >= 560 && i < 695);
      gboolean is_begun = i >= 500 && i < 509;

      summary->stretches[i]
          = (CcbtPieceStretch){ is_had ? 255 : 0, is_begun ? 255 : 0, is_had ? 0 : 255,
                                is_had                  ? 0
                                : i >= 1000 && i < 1012 ? 0
                                                        : (guint8) (1 + i / 50 % 5) };
    }
  return summary;
}

CcbtTorrentDetails *
fake_torrent_make_details (CcbtTorrentId id)
{
  static const char *const peers[][2] = { { "192.0.2.17:51413", "Transmission 4.0.5" },
                                          { "198.51.100.4:6881", "qBittorrent 4.6.3" },
                                          { "[2001:db8::7]:16881", "libtorrent 2.0.9" } };
  CcbtTorrentDetails *details = ccbt_torrent_details_new ();
  CcbtTrackerStatus *tracker = g_new0 (CcbtTrackerStatus, 1);

  details->id = id;
  details->summary = make_up_pieces ();
  for (guint i = 40; i < CCBT_RATE_TRAIL_LENGTH; i++)
    {
      details->recent_down[i] = 3 * (1500000 + i * 10000 + i * i % 97 * 4000);
      details->recent_up[i] = 3 * (184000 + i * i % 31 * 3000);
    }
  for (guint i = 0; i < FAKE_N_FILES; i++)
    {
      CcbtFileStatus *file = g_new0 (CcbtFileStatus, 1);

      *file = (CcbtFileStatus){ g_strdup (fake_files[i].path), fake_files[i].length,
                                fake_files[i].length / (i + 1),
                                i == 4 ? CCBT_PRIORITY_SKIP : CCBT_PRIORITY_NORMAL };
      g_ptr_array_add (details->files, file);
    }
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      CcbtPeerStatus *peer = g_new0 (CcbtPeerStatus, 1);

      peer->address = g_strdup (peers[i][0]);
      peer->client = g_strdup (peers[i][1]);
      peer->progress = 1.0 / (i + 1);
      peer->down_rate = 812000.0 / (i + 1);
      peer->up_rate = i == 0 ? 0 : 31000;
      peer->is_encrypted = i == 1;
      peer->source = "tracker";
      g_ptr_array_add (details->peers, peer);
    }
  tracker->url = g_strdup ("https://tracker.example/announce");
  tracker->state = CCBT_TRACKER_STATE_WORKING;
  tracker->seeds = 41;
  tracker->leechers = 7;
  tracker->next_announce = 1260;
  g_ptr_array_add (details->trackers, tracker);
  return details;
}

void
fake_torrent_set_options (CcbtTorrentStatus *status, const char *changes)
{
  g_autoptr (GVariant) parsed = g_variant_parse (G_VARIANT_TYPE_VARDICT, changes, NULL, NULL, NULL);
  CcbtTorrentOptions *options = ccbt_torrent_options_change (status->options, parsed, NULL);

  g_assert_nonnull (options);
  ccbt_torrent_options_unref (status->options);
  status->options = options;
}
