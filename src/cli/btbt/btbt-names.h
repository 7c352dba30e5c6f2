/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Which torrent a user means: "#ID" as the list numbers them, four or more hex digits that begin its
 * info-hash, its name, or a part of the name that no other has.
 * @torrents: aa{sv} with "id" u, "info-hash" s, "name" s.
 * Errors: NOT_FOUND: none; INVALID: several, which the message lists.
 * Returns: (transfer full) (nullable): the info-hash */
char *btbt_names_resolve (GVariant *torrents, const char *name, GError **error);
