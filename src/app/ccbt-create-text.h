/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* What is said of torrents that are made. @status: a{sv} of create.status. */

/* "1.2 GB of 4.7 GB". Returns: (transfer full) */
char *ccbt_create_text_progress (GVariant *status, double *share);
/* Of one that is done: its file, and what was left out. Returns: (transfer full) */
char *ccbt_create_text_done (GVariant *status, const char *output);
/* Of one that failed. Returns: (transfer full) */
char *ccbt_create_text_failure (GVariant *status);
/* Of one that was not begun. Returns: (transfer full) */
char *ccbt_create_text_refusal (const GError *error);

/* @text: an address a line, an empty line before the next tier. Returns: (transfer floating): aas */
GVariant *ccbt_create_text_parse_tiers (const char *text);
/* @text: addresses with spaces between them. Returns: (transfer floating): as */
GVariant *ccbt_create_text_parse_addresses (const char *text);
