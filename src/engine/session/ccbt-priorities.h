/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* What is wanted of files that are not known yet, as CcbtTorrentRecord keeps it.
 * @files: indices in any order; those no torrent can have are passed over
 * Returns: (transfer full): CCBT_PRIORITY_NORMAL for each of them, everything else is skipped */
GBytes *ccbt_priorities_from_selection (const guint32 *files, gsize n_files);
