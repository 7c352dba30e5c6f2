/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-state-database-private.h"

/* Makes the best of what is on the disk, and says in @warning what it did, in sentences. */

/* Opens @path whatever state it is in: makes it when it is new, opens it read-only when it is of a
 * newer version, replaces it when it is damaged: by the newest whole backup, together with every
 * record that can still be read from the damaged file, which is kept.
 * Errors: NO_SPACE, READ_ONLY, DISK. Returns: (transfer full) (nullable) */
CcbtStateDatabase *ccbt_state_recovery_open (const char *path, GString *warning, GError **error);

/* What of @rows is damaged is taken from a backup; a torrent that is in none is left out, and stays
 * in the file. Returns: (transfer full): array of CcbtTorrentRecord */
GPtrArray *ccbt_state_recovery_mend (CcbtStateDatabase *database, const char *path, GPtrArray *rows,
                                     GString *warning);
