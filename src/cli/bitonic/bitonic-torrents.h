/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* All torrents of the instance as they are known here; those that pass the filter, in the order wanted.
 * Thousands of them: a change touches what it changed, and sorting waits until somebody looks. */
typedef struct
{
  guint32 id;
  char *info_hash;
  char *name;
  char *category;
  char *error_text;
  char *folder;
  char *state;    /* as the instance calls it */
  char *priority; /* the same */
  double progress;
  double down_rate;
  double up_rate;
  double ratio_goal;
  guint64 total_size;
  guint64 done_size;
  guint64 downloaded;
  guint64 uploaded;
  guint64 position;
  guint64 download_limit;
  guint64 upload_limit;
  gint64 eta;
  gint64 added_at;
  guint32 n_peers;
  guint32 n_seeds;
  guint32 n_pieces;
  guint32 n_pieces_have;
  gboolean is_forced;
  gboolean is_private;
  gboolean is_sequential;
  gboolean is_super_seeding;
  gboolean is_marked;
  gboolean is_shown; /* passes the filter */
  char *folded;      /* the name, to search in */
  char *collate_key; /* the name, to sort by */
} BitonicTorrent;

typedef enum
{
  BITONIC_SORT_NAME,
  BITONIC_SORT_STATE,
  BITONIC_SORT_PROGRESS,
  BITONIC_SORT_SIZE,
  BITONIC_SORT_DOWN,
  BITONIC_SORT_UP,
  BITONIC_SORT_ETA,
  BITONIC_SORT_RATIO,
  BITONIC_SORT_PEERS,
  BITONIC_SORT_ADDED,
  BITONIC_SORT_PLACE, /* in the queue */
  BITONIC_N_SORTS,
} BitonicSort;

typedef struct _BitonicTorrents BitonicTorrents;

BitonicTorrents *bitonic_torrents_new (void);
void bitonic_torrents_free (BitonicTorrents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BitonicTorrents, bitonic_torrents_free)

/* The fields of control/ccbt-control-client.h that it wants. NULL-terminated. */
const char *const *bitonic_torrents_get_fields (void);

/* @changes: (tbaa{sv}au), as the signal TorrentsChanged brings it. */
void bitonic_torrents_apply (BitonicTorrents *self, GVariant *changes);

/* "" = all; else a part of the name, a state, or a category. */
void bitonic_torrents_set_filter (BitonicTorrents *self, const char *filter);
const char *bitonic_torrents_get_filter (BitonicTorrents *self);
void bitonic_torrents_set_sort (BitonicTorrents *self, BitonicSort sort, gboolean is_reversed);
BitonicSort bitonic_torrents_get_sort (BitonicTorrents *self, gboolean *is_reversed);

/* Those that are shown, in order. Borrowed, until the next change. */
GPtrArray *bitonic_torrents_get_shown (BitonicTorrents *self);
guint bitonic_torrents_count (BitonicTorrents *self);
/* (nullable) */
BitonicTorrent *bitonic_torrents_lookup (BitonicTorrents *self, guint32 id);
/* Its place among those shown; -1 = not there */
int bitonic_torrents_find (BitonicTorrents *self, guint32 id);

/* Those marked; none shown is marked: @otherwise ((nullable)). Returns: (transfer container) */
GPtrArray *bitonic_torrents_get_marked (BitonicTorrents *self, BitonicTorrent *otherwise);
void bitonic_torrents_mark_all (BitonicTorrents *self, gboolean is_marked);
