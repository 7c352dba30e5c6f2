/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* A list of trackers as one edits it: an address a line, an empty line before the next tier. */

/* @statuses: (element-type CcbtTrackerStatus), tier by tier. Returns: (transfer full) */
char *ccbt_tracker_text_format (GPtrArray *statuses);

/* Returns: (transfer full), floating: a(us), tiers counted from 0 */
GVariant *ccbt_tracker_text_parse (const char *text);
