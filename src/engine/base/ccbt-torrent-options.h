/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib-object.h>

/* What the user decided about one torrent, beside its files and trackers: its place in the queue,
 * its limits, when it has seeded enough, how it is filed. One vocabulary for the verbs, for what is
 * stored and for the snapshots. */

/* Lowest first. PAUSED is no priority: CcbtTorrentStatus.is_paused. */
typedef enum
{
  CCBT_QUEUE_PRIORITY_LOW,
  CCBT_QUEUE_PRIORITY_NORMAL,
  CCBT_QUEUE_PRIORITY_HIGH,
  CCBT_QUEUE_PRIORITY_MAXIMUM,
} CcbtQueuePriority;

#define CCBT_N_QUEUE_PRIORITIES (CCBT_QUEUE_PRIORITY_MAXIMUM + 1)

typedef enum
{
  CCBT_GOAL_ACTION_INHERIT, /* of its category, else the setting */
  CCBT_GOAL_ACTION_STOP,
  CCBT_GOAL_ACTION_REMOVE, /* the files stay */
} CcbtGoalAction;

#define CCBT_N_GOAL_ACTIONS (CCBT_GOAL_ACTION_REMOVE + 1)

/* Of a goal: */
#define CCBT_GOAL_INHERIT (-1) /* of its category, else the setting */
#define CCBT_GOAL_NONE 0

#define CCBT_MAX_TAGS 64
#define CCBT_MAX_LABEL 100 /* bytes of a category, a tag */

/* Immutable once shared. Its parts as keys of a{sv}, with their types:
 *   "priority" s "low" "normal" "high" "maximum"; "forced" b; "position" t
 *   "download-limit" t, "upload-limit" t   bytes per second, 0 = none
 *   "max-connections" u, "upload-slots" u  0 = the setting
 *   "ratio-goal" d; "seed-time-goal" x seconds; "idle-goal" x seconds; "goal-action" s "inherit" "stop"
 *   "remove"; "super-seeding" b; "category" s ("" = none); "tags" as; "display-name" s ("" = the torrent's own) */
typedef struct
{
  CcbtQueuePriority priority;
  gboolean is_forced; /* runs whatever the queue says */
  guint64 position;   /* place among all; smaller is earlier; ties: as added */
  guint64 download_limit;
  guint64 upload_limit;
  guint max_connections;
  guint upload_slots;
  double ratio_goal;     /* uploaded / downloaded */
  gint64 seed_time_goal; /* s of seeding */
  gint64 idle_goal;      /* s of seeding to nobody */
  CcbtGoalAction goal_action;
  gboolean is_super_seeding; /* BEP 16 */
  char *category;            /* never NULL */
  GStrv tags;                /* sorted, without doubles; never NULL */
  char *display_name;        /* never NULL */
} CcbtTorrentOptions;

#define CCBT_TYPE_TORRENT_OPTIONS (ccbt_torrent_options_get_type ())
GType ccbt_torrent_options_get_type (void);

/* As they are without a decision. */
CcbtTorrentOptions *ccbt_torrent_options_new (void);
CcbtTorrentOptions *ccbt_torrent_options_ref (CcbtTorrentOptions *self);
void ccbt_torrent_options_unref (CcbtTorrentOptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtTorrentOptions, ccbt_torrent_options_unref)

/* @changes: a{sv}; keys that are not in it stay as in @self.
 * Errors: INVALID: an unknown key, a wrong type, a value out of range: the message names the key, and
 * nothing is changed. Returns: (transfer full) (nullable) */
CcbtTorrentOptions *ccbt_torrent_options_change (CcbtTorrentOptions *self, GVariant *changes,
                                                 GError **error);
/* All of it. Returns: (transfer floating): a{sv} */
GVariant *ccbt_torrent_options_to_variant (CcbtTorrentOptions *self);

/* One of them. @key: "tags". Returns: (transfer floating) (nullable): NULL: there is no such option */
GVariant *ccbt_torrent_options_get_value (CcbtTorrentOptions *self, const char *key);

/* As stored. */
GBytes *ccbt_torrent_options_to_bytes (CcbtTorrentOptions *self);
/* Whatever is there: keys that are damaged or unknown are left at their default. Returns: (transfer
 * full) */
CcbtTorrentOptions *ccbt_torrent_options_from_bytes (GBytes *bytes);

/* "high"; never translated. */
const char *ccbt_queue_priority_get_name (CcbtQueuePriority priority);
