/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

/* What makes all torrents wait, though nobody paused them. Asked at each run of the queue: nobody
 * minds a few seconds, and what answers may belong to another thread's loop. */

static gboolean
is_metered (gpointer data)
{
  return g_network_monitor_get_network_metered (g_network_monitor_get_default ());
}

static gboolean
saves_power (gpointer data)
{
  CcbtSession *self = data;

  if (self->power == NULL)
    self->power = g_power_profile_monitor_dup_default ();
  return g_power_profile_monitor_get_power_saver_enabled (self->power);
}

void
ccbt_session_set_conditions (CcbtSession *self, const CcbtConditions *conditions)
{
  self->conditions
      = conditions != NULL ? *conditions : (CcbtConditions){ is_metered, saves_power, self };
  self->queue_due = TRUE;
}

CcbtWait
ccbt_session_find_wait (CcbtSession *self)
{
  const CcbtConditions *conditions = &self->conditions;

  if (ccbt_config_get_boolean (self->config, "queue.wait_when_metered")
      && conditions->is_metered (conditions->data))
    return CCBT_WAIT_METERED;
  if (ccbt_config_get_boolean (self->config, "queue.wait_when_saving_power")
      && conditions->saves_power (conditions->data))
    return CCBT_WAIT_POWER;
  return CCBT_WAIT_NONE;
}
