/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* app: the window over the engine. Includes session/ and base/ only; knows no socket, no torrent
 * file, no disk pool. One model (CcbtTorrentList) listens to the event bus, views bind to models in
 * data/ui, every deed is a GAction that ends in one engine verb. */

#include "base/ccbt-torrent-status.h"

/* Values as people of the locale write them. All return: (transfer full). */

char *ccbt_format_rate (double bytes_per_second); /* "1.2 MB/s" */
char *ccbt_format_percent (double share);         /* 0.0-1.0; only what is whole says 100 */
char *ccbt_format_duration (gint64 seconds);      /* two units at most: "2 hours 5 minutes" */
char *ccbt_format_date (gint64 wall_time);        /* microseconds since 1970; 0 = "" */
char *ccbt_format_ratio (guint64 uploaded, guint64 downloaded);

/* "↓ 1.2 MB/s  ↑ 30 kB/s", only what moves; "" when nothing does. */
char *ccbt_format_rates (double down_rate, double up_rate);

/* For searching without regard to case; compare with strstr(). */
char *ccbt_format_search_key (const char *text);

/* Returns: (transfer none) */
const char *ccbt_format_queue_priority (CcbtQueuePriority priority);

/* What the torrent does, in words. */
char *ccbt_format_state (const CcbtTorrentStatus *status);

/* "1.2 GB of 4.7 GB (26%)" */
char *ccbt_format_amount (const CcbtTorrentStatus *status);

/* "3 minutes left", or "" */
char *ccbt_format_eta (const CcbtTorrentStatus *status);

/* "4 connected, 2 of them seeds; 30 seeds in the swarm" */
char *ccbt_format_peers (const CcbtTorrentStatus *status);
