/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-queue.h"

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const CcbtQueueEntry *first = *(const CcbtQueueEntry *const *) a;
  const CcbtQueueEntry *second = *(const CcbtQueueEntry *const *) b;

  if (first->priority != second->priority)
    return first->priority > second->priority ? -1 : 1;
  if (first->position != second->position)
    return first->position < second->position ? -1 : 1;
  return first->index < second->index ? -1 : first->index > second->index;
}

static gboolean
has_room (guint n, guint limit)
{
  return limit == 0 || n < limit;
}

static gboolean
is_free (const CcbtQueueEntry *entry, const CcbtQueueLimits *limits)
{
  return entry->is_forced || entry->has_failed || (entry->is_fetching && limits->fetching_is_free);
}

/* Returns: FALSE when @entry has to wait because too many start already */
static gboolean
may_start (const CcbtQueueEntry *entry, const CcbtQueueLimits *limits, guint *n_starts)
{
  if (!limits->limits_starts || entry->is_running || entry->is_forced)
    return TRUE;
  if (*n_starts >= limits->max_starts)
    return FALSE;
  (*n_starts)++;
  return TRUE;
}

guint
ccbt_queue_decide (CcbtQueueEntry *entries, guint n_entries, const CcbtQueueLimits *limits)
{
  g_autofree CcbtQueueEntry **order = g_new (CcbtQueueEntry *, n_entries);
  guint n_active = 0, n_downloading = 0, n_seeding = 0, n_starts = 0, n_late = 0;

  if (n_entries == 0)
    return 0;
  for (guint i = 0; i < n_entries; i++)
    order[i] = &entries[i];
  qsort (order, n_entries, sizeof *order, compare_entries);
  for (guint i = 0; i < n_entries; i++)
    {
      CcbtQueueEntry *entry = order[i];
      guint *n_alike = entry->is_complete ? &n_seeding : &n_downloading;
      guint limit = entry->is_complete ? limits->max_seeding : limits->max_downloading;
      gboolean has_place
          = !entry->is_paused
            && (is_free (entry, limits)
                || (has_room (*n_alike, limit) && has_room (n_active, limits->max_active)));

      entry->runs = has_place && may_start (entry, limits, &n_starts);
      n_late += has_place && !entry->runs;
      if (!has_place || entry->is_slow || is_free (entry, limits))
        continue;
      n_active++;
      (*n_alike)++;
    }
  return n_late;
}

/* --- Goals --- */

CcbtSeedGoals
ccbt_seed_goals_resolve (const CcbtTorrentOptions *options, const CcbtSeedGoals *usual)
{
  CcbtSeedGoals goals = *usual;

  if (options->ratio_goal != CCBT_GOAL_INHERIT)
    goals.ratio = options->ratio_goal;
  if (options->seed_time_goal != CCBT_GOAL_INHERIT)
    goals.seed_time = options->seed_time_goal;
  if (options->idle_goal != CCBT_GOAL_INHERIT)
    goals.idle = options->idle_goal;
  return goals;
}

static double
get_ratio (const CcbtSeedFacts *facts)
{
  guint64 base = facts->downloaded > 0 ? facts->downloaded : facts->total_size;

  return base > 0 ? (double) facts->uploaded / (double) base : 0;
}

gboolean
ccbt_seed_goals_are_reached (const CcbtSeedGoals *self, const CcbtSeedFacts *facts)
{
  guint n_goals = 0, n_reached = 0;

  if (self->ratio > 0)
    {
      n_goals++;
      n_reached += get_ratio (facts) >= self->ratio;
    }
  if (self->seed_time > 0)
    {
      n_goals++;
      n_reached += facts->seeding_seconds >= (guint64) self->seed_time;
    }
  if (self->idle > 0)
    {
      n_goals++;
      n_reached += facts->idle_seconds >= (guint64) self->idle;
    }
  return n_goals > 0 && (self->needs_all ? n_reached == n_goals : n_reached > 0);
}
