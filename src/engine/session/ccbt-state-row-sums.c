/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-row-sums-private.h"
#include "session/ccbt-state-checksum-private.h"

guint64
ccbt_state_sum_list (const CcbtTorrentRecord *record)
{
  const CcbtInfoHash *hash = &record->info_hash;
  CcbtStateChecksum sum = CCBT_STATE_CHECKSUM_INIT;

  ccbt_state_checksum_add_data (&sum, hash->v1.bytes, hash->has_v1 ? sizeof hash->v1.bytes : 0);
  ccbt_state_checksum_add_data (&sum, hash->v2.bytes, hash->has_v2 ? sizeof hash->v2.bytes : 0);
  ccbt_state_checksum_add_text (&sum, record->magnet);
  ccbt_state_checksum_add_text (&sum, record->name);
  ccbt_state_checksum_add_text (&sum, record->folder);
  ccbt_state_checksum_add_integer (&sum, record->is_paused != FALSE);
  ccbt_state_checksum_add_integer (&sum, record->is_sequential != FALSE);
  ccbt_state_checksum_add_integer (&sum, record->seeds != FALSE);
  ccbt_state_checksum_add_integer (&sum, (guint64) record->added_at);
  ccbt_state_checksum_add_integer (&sum, (guint64) record->completed_at);
  ccbt_state_checksum_add_bytes (&sum, record->priorities);
  ccbt_state_checksum_add_bytes (&sum, record->trackers);
  if (record->options != NULL) /* version 1 did not have them */
    ccbt_state_checksum_add_bytes (&sum, record->options);
  return sum.state;
}

guint64
ccbt_state_sum_metainfo (gint64 id, GBytes *metainfo)
{
  CcbtStateChecksum sum = CCBT_STATE_CHECKSUM_INIT;

  ccbt_state_checksum_add_integer (&sum, (guint64) id);
  ccbt_state_checksum_add_bytes (&sum, metainfo);
  return sum.state;
}

guint64
ccbt_state_sum_progress (gint64 id, const CcbtTorrentRecord *record)
{
  CcbtStateChecksum sum = CCBT_STATE_CHECKSUM_INIT;

  ccbt_state_checksum_add_integer (&sum, (guint64) id);
  ccbt_state_checksum_add_integer (&sum, record->downloaded);
  ccbt_state_checksum_add_integer (&sum, record->uploaded);
  ccbt_state_checksum_add_integer (&sum, record->wasted);
  ccbt_state_checksum_add_bytes (&sum, record->verified);
  ccbt_state_checksum_add_bytes (&sum, record->durable);
  ccbt_state_checksum_add_text (&sum, record->boot_id);
  ccbt_state_checksum_add_bytes (&sum, record->stamps);
  ccbt_state_checksum_add_bytes (&sum, record->peers);
  if (record->active_seconds != 0 || record->seeding_seconds != 0) /* nor these */
    {
      ccbt_state_checksum_add_integer (&sum, record->active_seconds);
      ccbt_state_checksum_add_integer (&sum, record->seeding_seconds);
    }
  return sum.state;
}

guint64
ccbt_state_sum_value (const char *name, GBytes *value)
{
  CcbtStateChecksum sum = CCBT_STATE_CHECKSUM_INIT;

  ccbt_state_checksum_add_text (&sum, name);
  ccbt_state_checksum_add_bytes (&sum, value);
  return sum.state;
}
