/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "bitonic-app.h"

/* The forms there are. Each is filled with what is, and opens as the dialog of its name. */
void bitonic_forms_open_add (BitonicApp *self, const char *what);
void bitonic_forms_open_options (BitonicApp *self); /* of the selected torrent */
void bitonic_forms_open_limits (BitonicApp *self);  /* of the instance */

/* What was filled in is asked of the instance. FALSE, with a message: it makes no sense, and stays open. */
gboolean bitonic_forms_submit (BitonicApp *self);

/* @what: a path, "~/" allowed, a URL or a magnet link. FALSE: said why not. */
gboolean bitonic_forms_add_torrent (BitonicApp *self, const char *what, const char *folder,
                                    gboolean paused, gboolean sequential);
