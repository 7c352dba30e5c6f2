/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "bitonic-columns.h"

/* The folders of this machine and the .torrent files in them. */
typedef struct _BitonicBrowser BitonicBrowser;

/* @folder: (nullable): NULL = the working folder. Returns: (transfer full) */
BitonicBrowser *bitonic_browser_new (const char *folder);
void bitonic_browser_free (BitonicBrowser *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BitonicBrowser, bitonic_browser_free)

/* Moves, or opens a folder. Returns: (transfer full) (nullable): the .torrent that was chosen */
char *bitonic_browser_feed (BitonicBrowser *self, gunichar key);
/* Over all of @canvas. */
void bitonic_browser_draw (BitonicBrowser *self, BitonicCanvas *canvas);
