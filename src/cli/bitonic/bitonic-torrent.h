/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* One torrent as it is known here. */
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

/* The fields of control/ccbt-control-client.h that it is made of, NULL-terminated: those that lists are
 * made of, or the rest; "id" in both. Of thousands of torrents, each field takes its time. */
const char *const *bitonic_torrent_get_fields (gboolean more);

BitonicTorrent *bitonic_torrent_new (guint32 id);
void bitonic_torrent_free (gpointer torrent); /* BitonicTorrent */
/* @values: a{sv} of such fields; those without a value are not in it. */
void bitonic_torrent_set (BitonicTorrent *self, GVariant *values);

int bitonic_torrent_compare (const BitonicTorrent *a, const BitonicTorrent *b, BitonicSort sort);
/* By what is sorted: is it another than before? 0 for names and states. */
double bitonic_torrent_get_number (const BitonicTorrent *self, BitonicSort sort);
/* @filter: folded; "" = all; else a part of the name, a state, or a category */
gboolean bitonic_torrent_passes (const BitonicTorrent *self, const char *filter);
