/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* A tracker that the user names: what strangers name is judged in ccbt-tracker-tiers, and left out
 * in silence. */

/* Errors: INVALID, with a sentence for the user.
 * Returns: (transfer full) (nullable): the URL as a list of trackers has it */
char *ccbt_tracker_url_check (const char *url, GError **error);
