/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ccbt-torrent-item.h"

/* What torrents are told apart by. */
typedef enum
{
  CCBT_FILTER_STATE,
  CCBT_FILTER_CATEGORY,
  CCBT_FILTER_TAG,
  CCBT_FILTER_FOLDER,
} CcbtFilterGroup;

#define CCBT_N_FILTER_GROUPS (CCBT_FILTER_FOLDER + 1)

/* "category", for what is remembered; never translated. */
const char *ccbt_filter_group_get_name (CcbtFilterGroup group);

/* The keys of CCBT_FILTER_STATE: several can hold at the same time. */
typedef enum
{
  CCBT_FILTER_DOWNLOADING, /* also what is not known yet */
  CCBT_FILTER_SEEDING,
  CCBT_FILTER_DONE,
  CCBT_FILTER_ACTIVE,  /* something moves */
  CCBT_FILTER_STALLED, /* downloading, and nothing comes */
  CCBT_FILTER_WAITING, /* for its turn */
  CCBT_FILTER_PAUSED,
  CCBT_FILTER_CHECKING,
  CCBT_FILTER_FAILED,
} CcbtFilterState;

#define CCBT_N_FILTER_STATES (CCBT_FILTER_FAILED + 1)

/* "downloading"; never translated. */
const char *ccbt_filter_state_get_name (CcbtFilterState state);

/* A bit for each that holds. */
guint ccbt_filter_state_find (const CcbtTorrentStatus *status);

/* Lets those CcbtTorrentItem through that have the text in their name and, of each group of which
 * anything is chosen, one of the chosen keys. Keys: the name of a state, a category, a tag (both: ""
 * = none), a folder. */
#define CCBT_TYPE_TORRENT_FILTER (ccbt_torrent_filter_get_type ())
G_DECLARE_FINAL_TYPE (CcbtTorrentFilter, ccbt_torrent_filter, CCBT, TORRENT_FILTER, GtkFilter)

CcbtTorrentFilter *ccbt_torrent_filter_new (void);

/* @text: "" = any name */
void ccbt_torrent_filter_set_search (CcbtTorrentFilter *self, const char *text);

/* @chosen: (array length=CCBT_N_FILTER_GROUPS) (transfer full): sets of keys; NULL = any */
void ccbt_torrent_filter_set_chosen (CcbtTorrentFilter *self,
                                     GHashTable *chosen[CCBT_N_FILTER_GROUPS]);

/* To be told what changed in the torrents; looks at all of them again where it matters. */
void ccbt_torrent_filter_refresh (CcbtTorrentFilter *self, CcbtTorrentFields changed);
