/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "bitonic-torrent.h"

/* All torrents of the instance as they are known here; those that pass the filter, in the order wanted.
 * Thousands of them: a change touches what it changed, and sorting waits until somebody looks. */
typedef struct _BitonicTorrents BitonicTorrents;

BitonicTorrents *bitonic_torrents_new (void);
void bitonic_torrents_free (BitonicTorrents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BitonicTorrents, bitonic_torrents_free)

/* @changes: (tbaa{sv}au), as the signal TorrentsChanged brings it. */
void bitonic_torrents_apply (BitonicTorrents *self, GVariant *changes);
/* The same of a list with other fields: who comes and who goes is told by those above. */
void bitonic_torrents_merge (BitonicTorrents *self, GVariant *changes);

/* "" = all; else a part of the name, a state, or a category. */
void bitonic_torrents_set_filter (BitonicTorrents *self, const char *filter);
const char *bitonic_torrents_get_filter (BitonicTorrents *self);
void bitonic_torrents_set_sort (BitonicTorrents *self, BitonicSort sort, gboolean is_reversed);
BitonicSort bitonic_torrents_get_sort (BitonicTorrents *self, gboolean *is_reversed);

/* Those that are shown, in order. Borrowed, until the next change. */
GPtrArray *bitonic_torrents_get_shown (BitonicTorrents *self);
guint bitonic_torrents_count (BitonicTorrents *self);
/* (nullable) */
BitonicTorrent *bitonic_torrents_lookup (BitonicTorrents *self, guint32 id);
/* Its place among those shown; -1 = not there */
int bitonic_torrents_find (BitonicTorrents *self, guint32 id);

/* Those marked; none shown is marked: @otherwise ((nullable)). Returns: (transfer container) */
GPtrArray *bitonic_torrents_get_marked (BitonicTorrents *self, BitonicTorrent *otherwise);
void bitonic_torrents_mark_all (BitonicTorrents *self, gboolean is_marked);
