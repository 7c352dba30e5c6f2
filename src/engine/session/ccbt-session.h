/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-config.h"
#include "session/ccbt-config-live.h"
#include "session/ccbt-engine-host.h"
#include "session/ccbt-state-store.h"
#include "torrent/ccbt-torrent.h"
#include "wire/ccbt-magnet.h"

/* All torrents of one run, what they share, and what is stored of them. Lives on the engine's
 * context; other folders reach it through ccbt-command.h, ccbt-snapshot-store.h and
 * ccbt-event-ring.h only. */
typedef struct _CcbtSession CcbtSession;

/* On the engine's context, before its loop runs. @options, @config: borrowed. Errors: BUSY, DISK,
 * INVALID, NETWORK. Returns: (transfer full) (nullable) */
CcbtSession *ccbt_session_new (const CcbtEngineOptions *options, CcbtConfig *config,
                               CcbtSnapshotStore *snapshots, CcbtEventRing *events, GError **error);
/* Everything is closed and saved when @done runs; free it afterwards. */
void ccbt_session_close (CcbtSession *self, void (*done) (gpointer data), gpointer data);
void ccbt_session_free (CcbtSession *self);

/* How to add a torrent; borrowed during the call. */
typedef struct
{
  CcbtMetainfo *metainfo;   /* (nullable) */
  const CcbtMagnet *magnet; /* (nullable): one of the two */
  const char *magnet_text;  /* (nullable) the link as given */
  const char *folder;       /* (nullable): the configured one */
  gboolean is_paused;
  gboolean is_sequential;
  gboolean seeds;
  GBytes *priorities; /* (nullable) see CcbtTorrentRecord; NULL = as the magnet says, or all */
  CcbtTorrentOptions *options; /* (nullable): none decided */
} CcbtAddRequest;

/* @is_new: (out): FALSE when it was there already; then its trackers and peers are merged (never
 * for private ones). Errors: UNSUPPORTED. Returns: (transfer none) (nullable) */
CcbtTorrent *ccbt_session_add (CcbtSession *self, const CcbtAddRequest *request, gboolean *is_new,
                               GError **error);
/* A torrent as another program left it; borrowed. Without a folder it goes to the usual one.
 * Returns: FALSE when it was there already */
gboolean ccbt_session_take_over (CcbtSession *self, CcbtTorrentRecord *record);
/* @done runs when its files are closed (and deleted). */
void ccbt_session_remove (CcbtSession *self, CcbtTorrent *torrent, gboolean delete_files,
                          void (*done) (gpointer data), gpointer data);
/* @info_hash: hex. Returns: (nullable) (transfer none) */
CcbtTorrent *ccbt_session_lookup (CcbtSession *self, const char *info_hash);
CcbtTorrent *ccbt_session_find (CcbtSession *self, const CcbtInfoHash *info_hash);
/* (element-type CcbtTorrent), in the order added; borrowed */
GPtrArray *ccbt_session_get_torrents (CcbtSession *self);

void ccbt_session_subscribe (CcbtSession *self, CcbtTorrent *torrent, gboolean subscribe);
/* Asks the DHT for peers of it now, but not more than once a minute. */
void ccbt_session_look_up_now (CcbtSession *self, CcbtTorrent *torrent);
void ccbt_session_set_limits (CcbtSession *self, guint64 download, guint64 upload);
/* Of each peer; bytes per second, 0 = none. */
void ccbt_session_set_peer_limits (CcbtSession *self, guint64 download, guint64 upload);
/* The alternative limits instead of the usual ones, or back; until the schedule says something else. */
void ccbt_session_set_alternative (CcbtSession *self, gboolean alternative);

/* What the computer says of itself, asked on the engine's context. */
typedef struct
{
  gboolean (*is_metered) (gpointer data);
  gboolean (*saves_power) (gpointer data);
  gpointer data;
} CcbtConditions;

/* @conditions: copied; NULL = the truth */
void ccbt_session_set_conditions (CcbtSession *self, const CcbtConditions *conditions);

/* @done: everything had is on disk and recorded, or @error says what failed. */
void ccbt_session_flush (CcbtSession *self, void (*done) (gpointer data, const GError *error),
                         gpointer data);

/* Torrents that are ticked; the others have nothing to do. */
guint ccbt_session_count_awake (CcbtSession *self);
/* How long each turn of the engine's loop took; the host fills it. */
CcbtHistogram *ccbt_session_get_turns (CcbtSession *self);
CcbtHttp *ccbt_session_get_http (CcbtSession *self);
CcbtDiskPool *ccbt_session_get_disk (CcbtSession *self);
/* Borrowed. */
CcbtConfig *ccbt_session_get_config (CcbtSession *self);
CcbtConfigLive *ccbt_session_get_settings (CcbtSession *self);
/* Does a change of @key take effect while the session runs? */
gboolean ccbt_session_applies_setting (const char *key);
/* Stores all there is of the torrent, soon. */
void ccbt_session_save (CcbtSession *self, CcbtTorrent *torrent);
