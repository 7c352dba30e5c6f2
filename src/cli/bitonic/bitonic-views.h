/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "bitonic-app.h"

/* What the views are made of. */

/* The name of the selected torrent. Returns: the rows it took */
guint bitonic_draw_subject (BitonicApp *self, guint y);
/* A table as wide as the screen, scrolled as its view is. */
void bitonic_draw_table (BitonicApp *self, guint y, guint height, const BitonicTable *table);
guint bitonic_style_of_state (const char *state);

guint bitonic_count_rows (BitonicApp *self);

/* bitonic-view-torrents.c */
guint bitonic_count_torrents (BitonicApp *self);
void bitonic_draw_torrents (BitonicApp *self, guint y, guint height);
void bitonic_draw_queue (BitonicApp *self, guint y, guint height);

/* bitonic-view-facts.c */
guint bitonic_count_facts (BitonicApp *self);
void bitonic_draw_facts (BitonicApp *self, guint y, guint height);
guint bitonic_count_network (BitonicApp *self);
void bitonic_draw_network (BitonicApp *self, guint y, guint height);

/* bitonic-view-details.c */
void bitonic_draw_peers (BitonicApp *self, guint y, guint height);
void bitonic_draw_trackers (BitonicApp *self, guint y, guint height);
void bitonic_draw_files (BitonicApp *self, guint y, guint height);
void bitonic_draw_pieces (BitonicApp *self, guint y, guint height);

/* bitonic-view-log.c */
guint bitonic_count_events (BitonicApp *self);
void bitonic_draw_events (BitonicApp *self, guint y, guint height);
