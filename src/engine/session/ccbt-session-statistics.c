/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

/* What was moved when, over all runs. */

#define STORED "history"
#define STORE_EVERY (60 * CCBT_SECOND)

static gint64
get_wall_seconds (CcbtSession *self)
{
  return ccbt_clock_wall (self->peers.clock) / G_USEC_PER_SEC;
}

void
ccbt_session_start_statistics (CcbtSession *self)
{
  g_autoptr (GBytes) bytes = ccbt_state_store_load_value (self->store, STORED);

  self->history = bytes != NULL ? ccbt_rate_history_load (bytes) : NULL;
  if (bytes != NULL && self->history == NULL)
    g_warning ("The history of transfers cannot be read; it begins anew.");
  if (self->history == NULL)
    self->history = ccbt_rate_history_new ();
  self->next_store_history = ccbt_clock_now (self->peers.clock) + STORE_EVERY;
}

static void
store (CcbtSession *self)
{
  g_autoptr (GBytes) bytes = ccbt_rate_history_save (self->history);

  ccbt_state_store_put_total (self->store, STORED, bytes);
  self->is_history_changed = FALSE;
}

void
ccbt_session_count_transfers (CcbtSession *self, guint64 down, guint64 up)
{
  if (down + up == 0)
    return;
  ccbt_rate_history_add (self->history, get_wall_seconds (self), down, up);
  self->is_history_changed = TRUE;
}

void
ccbt_session_tick_statistics (CcbtSession *self, gint64 now)
{
  if (now < self->next_store_history)
    return;
  self->next_store_history = now + STORE_EVERY;
  if (self->is_history_changed)
    store (self);
}

void
ccbt_session_stop_statistics (CcbtSession *self)
{
  if (self->is_history_changed)
    store (self);
}

GVariant *
ccbt_session_describe_history (CcbtSession *self, CcbtHistoryScale scale)
{
  guint length = ccbt_history_scale_get_length (scale);
  g_autofree guint64 *down = g_new (guint64, length);
  g_autofree guint64 *up = g_new (guint64, length);
  gint64 now = get_wall_seconds (self);

  ccbt_rate_history_read (self->history, scale, now, down, up);
  return g_variant_new (
      "(xu@at@at)", now, ccbt_history_scale_get_step (scale),
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, down, length, sizeof *down),
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, up, length, sizeof *up));
}
