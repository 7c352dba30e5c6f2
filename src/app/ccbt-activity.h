/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-snapshot-store.h"

/* What the session as a whole is doing. */
typedef struct
{
  guint n_torrents;
  guint n_downloading; /* those that are fetching metadata included */
  guint64 wanted_size; /* of those, as far as known */
  guint64 done_size;
  double down_rate;
  double up_rate;
  gboolean is_alternative; /* the alternative limits are in force */
  CcbtWait waits_for;
} CcbtActivityStatus;

/* Sums for whatever shows the session outside of the window: it goes on while the window is hidden
 * and the bus is suspended, but tells at most once a second, and nothing while nothing happens.
 * Signal "changed". */
#define CCBT_TYPE_ACTIVITY (ccbt_activity_get_type ())
G_DECLARE_FINAL_TYPE (CcbtActivity, ccbt_activity, CCBT, ACTIVITY, GObject)

CcbtActivity *ccbt_activity_new (void);

/* Starts to follow @store. Once. */
void ccbt_activity_follow (CcbtActivity *self, CcbtSnapshotStore *store);

const CcbtActivityStatus *ccbt_activity_get_status (CcbtActivity *self);

/* "Downloading 2 torrents, ↓ 1.2 MB/s  ↑ 30 kB/s". Returns: (transfer full) */
char *ccbt_activity_describe (CcbtActivity *self);

/* Why nothing is transferred, as a sentence. @wait: not CCBT_WAIT_NONE */
const char *ccbt_activity_describe_wait (CcbtWait wait);
