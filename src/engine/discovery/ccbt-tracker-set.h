/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* discovery: every way to learn of peers. It hands addresses to its owner and must not know
 * torrents or peers. */

#include "base/ccbt-torrent-status.h"
#include "discovery/ccbt-announce.h"
#include "discovery/ccbt-tracker-tiers.h"

/* The trackers of one torrent in tiers (BEP 12): within a tier shuffled once, the first that
 * answers moves to its front; the next tier is asked when the whole tier failed. One announce at a
 * time; a silent tracker is given up after 5 s while there is another to ask. Intervals and minimum
 * intervals of the tracker are kept: it is asked again by its interval, or by its minimum interval
 * when it gave one and peers are needed. Failures back off (15 s x 2^n up to 30 minutes, and up to a
 * quarter more). Events: "started" is the first successful announce, "completed" exactly once and
 * only when the download finished here, "stopped" only to trackers that heard "started". URLs of
 * schemes we cannot ask are listed with a message and never asked. While it does not announce, it
 * scrapes. */
typedef struct _CcbtTrackerSet CcbtTrackerSet;

/* Questions the set asks its owner; all on the engine thread. None may free the set. */
typedef struct
{
  /* Totals since this start of the torrent, in bytes. */
  void (*get_totals) (gpointer owner, guint64 *uploaded, guint64 *downloaded, guint64 *left);
  guint16 (*get_port) (gpointer owner);
  gint (*get_number_wanted) (gpointer owner); /* peers still useful; 0 = none */
  /* (nullable) Is it worth asking before the interval is over? NULL: while peers are wanted */
  gboolean (*needs_peers) (gpointer owner);
  void (*take_peers) (gpointer owner, const CcbtAddress *addresses, guint n_addresses,
                      gboolean tracker_is_local);
  /* (nullable): seconds an announce may take */
  guint (*get_timeout) (gpointer owner);
  void (*announced) (gpointer owner, const char *url, const CcbtAnnounceReply *reply);
  void (*failed) (gpointer owner, const char *url, const char *message);
  /* (nullable) A tracker says that this is our address (BEP 24); port 0. */
  void (*found_external_ip) (gpointer owner, const CcbtAddress *address);
} CcbtTrackerSetOwner;

typedef struct
{
  gboolean announce_to_all_tiers; /* one tracker of every tier, not only of the first that works */
  gboolean announce_to_all_trackers; /* all of a tier, not only the first that works */
  guint scrape_interval;             /* seconds; 0 = only when told to */
} CcbtTrackerOptions;

#define CCBT_SCRAPE_INTERVAL (30u * 60) /* unless told otherwise */

/* @access: copied, what it names outlives the set. Returns: (transfer full) */
CcbtTrackerSet *ccbt_tracker_set_new (const CcbtTrackerSetOwner *questions, gpointer owner,
                                      const CcbtTrackerAccess *access, const CcbtSha1 *info_hash,
                                      const guint8 peer_id[20], guint32 key, guint64 seed);
/* Cancels what is being asked; sends nothing. A stop that is under way goes on by itself. */
void ccbt_tracker_set_free (CcbtTrackerSet *self);

/* Duplicates, hosts beyond ASCII and what is no URL are ignored; 200 at most.
 * Returns: FALSE when it was not added */
gboolean ccbt_tracker_set_add (CcbtTrackerSet *self, const char *url, guint tier);
guint ccbt_tracker_set_get_n (CcbtTrackerSet *self);
/* The list becomes @entries, in their order within a tier; those that stay keep what is known of
 * them and go on; those that go are told "stopped"; new ones are asked when it is their turn. */
void ccbt_tracker_set_replace (CcbtTrackerSet *self, const CcbtTrackerEntry *entries,
                               guint n_entries);
void ccbt_tracker_set_set_options (CcbtTrackerSet *self, const CcbtTrackerOptions *options);

/* While a stop is under way it waits for its end: "started" must not overtake "stopped". */
void ccbt_tracker_set_start (CcbtTrackerSet *self);
/* The download finished here. Only the first call counts. */
void ccbt_tracker_set_complete (CcbtTrackerSet *self);
/* Sends "stopped" where it is due, and before it a "completed" that has not been told. @done
 * (nullable) runs once, when all were answered or after 2 s; from within this call when nobody is
 * to be told. */
void ccbt_tracker_set_stop (CcbtTrackerSet *self, void (*done) (gpointer data), gpointer data);
/* Asks again now, but never before the tracker's minimum interval has passed.
 * Returns: seconds it will still wait; 0 = asked at once, or there is none to ask */
gint64 ccbt_tracker_set_announce_now (CcbtTrackerSet *self);
/* We stand at another address, or listen on another port for the world: those that work are told at
 * once. What is under way began at the old address, and is given up. */
void ccbt_tracker_set_note_moved (CcbtTrackerSet *self);
/* Does whatever is due; about once a second. */
void ccbt_tracker_set_tick (CcbtTrackerSet *self);
/* The same for a torrent that stands still: scrapes only. */
void ccbt_tracker_set_tick_idle (CcbtTrackerSet *self);
/* When one of the two will have something to do, as far as can be told now; G_MAXINT64 = never. */
gint64 ccbt_tracker_set_get_next_tick (CcbtTrackerSet *self);
/* Asks all its trackers for their counts, unless they were asked within the last minute.
 * Returns: how many can be asked */
guint ccbt_tracker_set_scrape_now (CcbtTrackerSet *self);

/* Seconds until the first of its trackers may be asked for counts; 0 = now, or there is none. */
gint64 ccbt_tracker_set_get_scrape_wait (CcbtTrackerSet *self);

/* Did all that were asked fail, and at least one was asked? */
gboolean ccbt_tracker_set_fails (CcbtTrackerSet *self);

/* Best known swarm size over all trackers; -1 = unknown. */
void ccbt_tracker_set_get_swarm (CcbtTrackerSet *self, int *seeds, int *leechers);
/* Appends one CcbtTrackerStatus each. */
void ccbt_tracker_set_describe (CcbtTrackerSet *self, GPtrArray *out);
