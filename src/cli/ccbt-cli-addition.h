/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* How a torrent is to be added. */
typedef struct
{
  const char *folder; /* (nullable): where its files go, relative to ours */
  gboolean paused;
  gboolean sequential;
  const char *category; /* (nullable) */
} CcbtCliAddition;

/* The arguments of torrent.add for @what: a magnet link, the URL of a .torrent, or such a file, which is
 * read here: the instance may not see our files. Errors: INVALID, MALFORMED, those of files. Returns: (transfer full) (nullable) */
GVariant *ccbt_cli_make_addition (const char *what, const CcbtCliAddition *settings,
                                  GError **error);
