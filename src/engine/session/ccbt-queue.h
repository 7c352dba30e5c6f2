/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-torrent-options.h"

/* Which torrents run. Pure: what there is and the limits in, who runs out. */
typedef struct
{
  CcbtQueuePriority priority;
  guint64 position; /* smaller is earlier */
  guint index;      /* of its adding: decides between equals */
  gboolean is_forced;
  gboolean is_paused;  /* by the user: never runs */
  gboolean has_failed; /* waits for its disk: runs, and takes nobody's place */
  gboolean is_complete;
  gboolean is_fetching; /* a magnet link without its metadata */
  gboolean is_running;  /* as decided before: does not start now */
  gboolean is_slow;     /* has been moving next to nothing for a while: takes nobody's place */
  gboolean runs;        /* (out) */
} CcbtQueueEntry;

typedef struct
{
  guint max_active;          /* together; 0 = no limit */
  guint max_downloading;     /* 0 = no limit */
  guint max_seeding;         /* 0 = no limit */
  gboolean fetching_is_free; /* those that fetch metadata take nobody's place, and need none */
  gboolean limits_starts;
  guint
      max_starts; /* of those that do not run yet, with limits_starts; forced ones are not counted */
} CcbtQueueLimits;

/* Those of higher priority come first, then by position. One that has its place and may not start yet keeps
 * it. O(n log n). Returns: how many of these there are */
guint ccbt_queue_decide (CcbtQueueEntry *entries, guint n_entries, const CcbtQueueLimits *limits);

/* --- When a seed has given enough --- */

typedef struct
{
  guint64 downloaded;
  guint64 total_size; /* stands for it when nothing was downloaded */
  guint64 uploaded;
  guint64 seeding_seconds;
  guint64 idle_seconds; /* since a byte was last given */
} CcbtSeedFacts;

/* Goals that are CCBT_GOAL_NONE do not count. */
typedef struct
{
  double ratio;
  gint64 seed_time; /* s */
  gint64 idle;      /* s */
  gboolean needs_all;
} CcbtSeedGoals;

/* What @options decide, and for the rest @usual. */
CcbtSeedGoals ccbt_seed_goals_resolve (const CcbtTorrentOptions *options,
                                       const CcbtSeedGoals *usual);
gboolean ccbt_seed_goals_are_reached (const CcbtSeedGoals *self, const CcbtSeedFacts *facts);
