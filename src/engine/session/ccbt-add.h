/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-session.h"

/* Adding what somebody has: loads it (ccbt-load.h), reads how it is to be added, adds it. */

/* @torrent: NULL with @error. @is_new: FALSE when it was there already. All borrowed. Engine context. */
typedef void (*CcbtAddDone) (gpointer data, CcbtTorrent *torrent, gboolean is_new,
                             const GError *error);

/* @arguments: a{sv} as the verb torrent.add takes it. Errors: those of loading; INVALID; UNSUPPORTED. */
void ccbt_add (CcbtSession *session, GVariant *arguments, CcbtAddDone done, gpointer data);
