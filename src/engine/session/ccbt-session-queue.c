/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-queue.h"
#include "session/ccbt-session-private.h"

/* Who runs and who waits; seeds that have given enough. */

#define DECIDE_EVERY (10 * CCBT_SECOND) /* without an event */
#define DECIDE_AT_MOST_EVERY (CCBT_SECOND)
#define DECIDED_AT_ONCE 50u /* torrents: deciding about so few costs nothing */

/* What is left of this second. */
static guint
get_starts_left (CcbtSession *self, guint per_second)
{
  gint64 now = ccbt_clock_now (self->peers.clock);

  if (self->starts_since == 0 || now - self->starts_since >= CCBT_SECOND)
    {
      self->starts_since = now;
      self->n_starts = 0;
    }
  return per_second - MIN (self->n_starts, per_second);
}

static CcbtQueueLimits
get_limits (CcbtSession *self)
{
  guint starts = (guint) ccbt_config_get_integer (self->config, "queue.starts_per_second");

  return (CcbtQueueLimits){
    .max_active = (guint) ccbt_config_get_integer (self->config, "queue.max_active_torrents"),
    .max_downloading
    = (guint) ccbt_config_get_integer (self->config, "queue.max_active_downloading"),
    .max_seeding = (guint) ccbt_config_get_integer (self->config, "queue.max_active_seeding"),
    .fetching_is_free = !ccbt_config_get_boolean (self->config, "queue.count_metadata"),
    .limits_starts = starts > 0,
    .max_starts = get_starts_left (self, starts),
  };
}

static CcbtSeedGoals
get_usual_goals (CcbtSession *self)
{
  return (CcbtSeedGoals){
    .ratio = ccbt_config_get_number (self->config, "queue.seed_ratio_goal"),
    .seed_time = ccbt_config_get_integer (self->config, "queue.seed_time_goal"),
    .idle = ccbt_config_get_integer (self->config, "queue.seed_idle_goal"),
    .needs_all = ccbt_config_get_boolean (self->config, "queue.seed_goals_all"),
  };
}

static CcbtQueueEntry
make_entry (CcbtTorrent *torrent, guint index, gboolean ignores_slow)
{
  const CcbtTorrentOptions *options = ccbt_torrent_get_options (torrent);
  CcbtTorrentQueueFacts facts;

  ccbt_torrent_get_queue_facts (torrent, &facts);
  return (CcbtQueueEntry){
    .priority = options->priority,
    .position = options->position,
    .index = index,
    .is_forced = options->is_forced,
    .is_paused = facts.is_paused,
    .has_failed = facts.has_failed,
    .is_complete = facts.is_complete,
    .is_fetching = facts.is_fetching,
    .is_running = facts.is_running,
    .is_slow = ignores_slow && facts.is_slow,
  };
}

void
ccbt_session_run_queue (CcbtSession *self)
{
  guint n = self->torrents->len;
  g_autofree CcbtQueueEntry *entries = NULL;
  CcbtQueueLimits limits;
  gboolean ignores_slow;

  self->queue_due = FALSE;
  self->next_queue = ccbt_clock_now (self->peers.clock) + DECIDE_EVERY;
  self->earliest_queue = ccbt_clock_now (self->peers.clock) + DECIDE_AT_MOST_EVERY;
  if (self->is_ephemeral || self->closed != NULL) /* what is named on a command line runs */
    return;
  ccbt_check_turns_set_most (
      self->environment.check_turns,
      (guint) ccbt_config_get_integer (self->config, "queue.max_active_checking"));
  entries = g_new (CcbtQueueEntry, n);
  limits = get_limits (self);
  ignores_slow = ccbt_config_get_boolean (self->config, "queue.ignore_slow");
  for (guint i = 0; i < n; i++)
    entries[i] = make_entry (g_ptr_array_index (self->torrents, i), i, ignores_slow);
  if (ccbt_queue_decide (entries, n, &limits) > 0)
    self->next_queue = self->earliest_queue; /* the next ones start a second later */
  self->waits_for = ccbt_session_find_wait (self);
  for (guint i = 0; i < n; i++)
    {
      entries[i].runs
          = entries[i].runs && (self->waits_for == CCBT_WAIT_NONE || entries[i].is_forced);
      self->n_starts += entries[i].runs && !entries[i].is_running && !entries[i].is_forced;
      ccbt_torrent_set_held (g_ptr_array_index (self->torrents, i), !entries[i].runs);
    }
}

void
ccbt_session_run_queue_soon (CcbtSession *self)
{
  if (self->torrents->len <= DECIDED_AT_ONCE
      || ccbt_clock_now (self->peers.clock) >= self->earliest_queue)
    ccbt_session_run_queue (self);
  else
    self->queue_due = TRUE;
}

int
ccbt_session_compare_turns (gconstpointer first, gconstpointer second)
{
  const CcbtTorrentOptions *a = ccbt_torrent_get_options ((CcbtTorrent *) first);
  const CcbtTorrentOptions *b = ccbt_torrent_get_options ((CcbtTorrent *) second);

  if (a->is_forced != b->is_forced)
    return a->is_forced ? -1 : 1;
  if (a->priority != b->priority)
    return a->priority > b->priority ? -1 : 1;
  return a->position < b->position ? -1 : a->position > b->position;
}

/* --- Goals --- */

static void
removed_cb (gpointer data)
{
}

static gboolean
is_to_be_removed (CcbtSession *self, CcbtTorrent *torrent)
{
  CcbtGoalAction action = ccbt_torrent_get_options (torrent)->goal_action;

  if (action == CCBT_GOAL_ACTION_INHERIT)
    return g_str_equal (ccbt_config_get_string (self->config, "queue.seed_goal_action"), "remove");
  return action == CCBT_GOAL_ACTION_REMOVE;
}

static gboolean
has_given_enough (CcbtTorrent *torrent, const CcbtSeedGoals *usual)
{
  CcbtSeedGoals goals = ccbt_seed_goals_resolve (ccbt_torrent_get_options (torrent), usual);
  CcbtTorrentQueueFacts facts;
  CcbtSeedFacts seed;

  ccbt_torrent_get_queue_facts (torrent, &facts);
  seed = (CcbtSeedFacts){ .downloaded = facts.downloaded,
                          .total_size = facts.total_size,
                          .uploaded = facts.uploaded,
                          .seeding_seconds = facts.seeding_seconds,
                          .idle_seconds = facts.idle_seconds };
  return facts.is_seeding && !ccbt_torrent_get_options (torrent)->is_forced
         && ccbt_seed_goals_are_reached (&goals, &seed);
}

static void
apply_goals (CcbtSession *self)
{
  CcbtSeedGoals usual = get_usual_goals (self);

  for (guint i = self->torrents->len; i-- > 0;)
    {
      CcbtTorrent *torrent = g_ptr_array_index (self->torrents, i);

      if (!has_given_enough (torrent, &usual))
        continue;
      ccbt_event_ring_post (self->events, CCBT_EVENT_SEED_GOAL_REACHED,
                            ccbt_torrent_get_id (torrent), ccbt_clock_wall (self->peers.clock),
                            NULL);
      if (is_to_be_removed (self, torrent))
        ccbt_session_remove (self, torrent, FALSE, removed_cb, NULL);
      else
        ccbt_torrent_set_paused (torrent, TRUE);
    }
}

void
ccbt_session_tick_queue (CcbtSession *self, gint64 now)
{
  if (self->is_ephemeral || self->closed != NULL
      || now < (self->queue_due ? self->earliest_queue : self->next_queue))
    return;
  apply_goals (self);
  ccbt_session_run_queue (self);
}

/* --- Places --- */

static guint64
get_position (CcbtTorrent *torrent)
{
  return ccbt_torrent_get_options (torrent)->position;
}

static void
set_position (CcbtTorrent *torrent, guint64 position)
{
  g_autoptr (CcbtTorrentOptions) options = NULL;
  g_autoptr (GVariant) change = NULL;

  if (get_position (torrent) == position)
    return;
  change = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {'position': <%t>}", position));
  options = ccbt_torrent_options_change (ccbt_torrent_get_options (torrent), change, NULL);
  ccbt_torrent_set_options (torrent, options);
}

void
ccbt_session_enqueue (CcbtSession *self, CcbtTorrent *torrent)
{
  guint64 last = 0;

  for (guint i = 0; i < self->torrents->len; i++)
    if (g_ptr_array_index (self->torrents, i) != torrent)
      last = MAX (last, get_position (g_ptr_array_index (self->torrents, i)));
  if (get_position (torrent) == 0)
    set_position (torrent, last + 1);
  ccbt_torrent_set_held (torrent, !self->is_ephemeral);
  /* Thousands that are added together are decided about at the next tick. */
  ccbt_session_run_queue_soon (self);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  guint64 first = get_position (*(CcbtTorrent *const *) a);
  guint64 second = get_position (*(CcbtTorrent *const *) b);

  return first < second ? -1 : first > second;
}

GPtrArray *
ccbt_session_list_queue (CcbtSession *self)
{
  GPtrArray *order = g_ptr_array_new ();

  g_ptr_array_extend (order, self->torrents, NULL, NULL);
  g_ptr_array_sort (order, compare_places); /* a stable sort: equals as they were added */
  return order;
}

void
ccbt_session_move_in_queue (CcbtSession *self, CcbtTorrent *torrent, guint place)
{
  g_autoptr (GPtrArray) order = ccbt_session_list_queue (self);

  g_ptr_array_remove (order, torrent);
  g_ptr_array_insert (order, (gint) MIN (place, order->len), torrent);
  for (guint i = 0; i < order->len; i++)
    set_position (g_ptr_array_index (order, i), i + 1);
  ccbt_session_run_queue (self);
}
