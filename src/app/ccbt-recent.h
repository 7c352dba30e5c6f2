/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Puts the file that a torrent was added from among the recently used ones. @source: a{sv} as
 * torrent.add takes it; one without a file is passed over */
void ccbt_recent_note_added (GVariant *source);
