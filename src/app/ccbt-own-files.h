/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* The files that torrents leave behind when they are removed, on their way to the trash (threat
 * C34): nothing but these files goes there, through no symbolic link below the torrents' folders. A
 * folder that holds nothing else goes as one, so that it comes back as one. */

typedef struct
{
  gboolean has_trashed; /* anything */
  gboolean has_left;    /* a folder of the torrents stays, since something else is in it */
} CcbtOwnFilesResult;

/* @torrents: a(saya(sb)) as of verb "torrent.list-own-files". Works on a thread of its own. */
void ccbt_own_files_trash_async (GVariant *torrents, GAsyncReadyCallback callback,
                                 gpointer user_data);

/* Errors: the first of the system's; everything else was tried nevertheless. @out is set in any
 * case. */
gboolean ccbt_own_files_trash_finish (GAsyncResult *result, CcbtOwnFilesResult *out,
                                      GError **error);
