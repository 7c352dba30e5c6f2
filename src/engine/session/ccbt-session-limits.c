/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

/* Which limits are in force: the usual ones or the alternative ones, and from when to when. */

#define LOOK_EVERY (5 * CCBT_SECOND)

static void
put_in_force (CcbtSession *self)
{
  gint64 now = ccbt_clock_now (self->peers.clock);
  const CcbtRatePair *rates = &self->usual;

  if (self->is_alternative)
    rates = &self->alternative;
  ccbt_rate_bucket_set_limit (&self->peers.download.bucket, rates->download, now);
  ccbt_rate_bucket_set_limit (&self->peers.upload.bucket, rates->upload, now);
  ccbt_peer_environment_wake_stalled (&self->peers);
}

static gboolean
is_scheduled (CcbtSession *self)
{
  g_autoptr (GDateTime) utc
      = g_date_time_new_from_unix_utc (ccbt_clock_wall (self->peers.clock) / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL && ccbt_limit_schedule_holds (self->schedule, local);
}

void
ccbt_session_read_peer_limits (CcbtSession *self)
{
  CcbtConfig *config = self->config;

  self->peers.lan_is_exempt = ccbt_config_get_boolean (config, "limits.lan_exempt");
  ccbt_session_set_peer_limits (self,
                                (guint64) ccbt_config_get_integer (config, "limits.per_peer_down"),
                                (guint64) ccbt_config_get_integer (config, "limits.per_peer_up"));
}

void
ccbt_session_start_limits (CcbtSession *self)
{
  CcbtConfig *config = self->config;
  g_autoptr (GError) error = NULL;

  self->usual.download = (guint64) ccbt_config_get_integer (config, "limits.download_rate");
  self->usual.upload = (guint64) ccbt_config_get_integer (config, "limits.upload_rate");
  self->alternative.download
      = (guint64) ccbt_config_get_integer (config, "limits.alternative_download_rate");
  self->alternative.upload
      = (guint64) ccbt_config_get_integer (config, "limits.alternative_upload_rate");
  ccbt_session_read_peer_limits (self);
  self->schedule = ccbt_limit_schedule_parse (
      ccbt_config_get_string (config, "limits.alternative_schedule"), &error);
  if (self->schedule == NULL)
    {
      g_warning ("limits.alternative_schedule: %s", error->message);
      self->schedule = ccbt_limit_schedule_parse ("", NULL);
    }
  self->was_scheduled = is_scheduled (self);
  self->is_alternative
      = self->was_scheduled || ccbt_config_get_boolean (config, "limits.alternative_enabled");
  put_in_force (self);
}

void
ccbt_session_set_limits (CcbtSession *self, guint64 download, guint64 upload)
{
  self->usual = (CcbtRatePair){ download, upload };
  put_in_force (self);
}

void
ccbt_session_set_peer_limits (CcbtSession *self, guint64 download, guint64 upload)
{
  self->peers.peer_download_limit = MIN (download, CCBT_RATE_LIMIT_MAX);
  self->peers.peer_upload_limit = MIN (upload, CCBT_RATE_LIMIT_MAX);
  ccbt_peer_environment_wake_stalled (&self->peers);
}

/* Holds until the schedule says something else. */
void
ccbt_session_set_alternative (CcbtSession *self, gboolean alternative)
{
  self->is_alternative = alternative;
  put_in_force (self);
}

void
ccbt_session_tick_limits (CcbtSession *self, gint64 now)
{
  gboolean scheduled;

  if (now < self->next_schedule)
    return;
  self->next_schedule = now + LOOK_EVERY;
  scheduled = is_scheduled (self);
  if (scheduled == self->was_scheduled)
    return;
  self->was_scheduled = scheduled;
  ccbt_session_set_alternative (self, scheduled);
}
