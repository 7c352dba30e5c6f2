/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-torrent-status.h"

/* What the pretended engine tells of torrents: plausible numbers, the same for all. */

typedef struct
{
  const char *path;
  guint64 length;
} FakeFile;

#define FAKE_N_FILES 6u
extern const FakeFile fake_files[FAKE_N_FILES];

/* Of all the files. */
guint64 fake_torrent_get_size (void);

/* A torrent with plausible numbers, not published yet: change what the test is about, then put it.
 */
CcbtTorrentStatus *fake_torrent_new (CcbtTorrentId id, const char *name, CcbtTorrentState state,
                                     double progress);

/* What its user decided: a{sv} of base/ccbt-torrent-options.h as text. */
void fake_torrent_set_options (CcbtTorrentStatus *status, const char *changes);

/* Returns: (transfer full) */
CcbtTorrentStatus *fake_torrent_copy (const CcbtTorrentStatus *from);

/* Some of everything. Returns: (transfer full) */
CcbtTorrentDetails *fake_torrent_make_details (CcbtTorrentId id);
