/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-session.h"
#include "wire/ccbt-magnet.h"

/* Mutable torrents (BEP 46): a link that names a publisher's key is asked for in the DHT, which says
 * which torrent it is now. Engine context. */

/* @info_hash: NULL with @error: UNSUPPORTED: the DHT is off; NOT_FOUND: nobody has the item in time,
 * or the session ends; MALFORMED: it names no torrent. Both borrowed. */
typedef void (*CcbtMutableLinkDone) (gpointer data, const CcbtInfoHash *info_hash,
                                     const GError *error);

/* Asks for a minute at most. @magnet: with a public key; not kept. @done comes once, perhaps from
 * within this call. */
void ccbt_mutable_link_resolve (CcbtSession *session, const CcbtMagnet *magnet,
                                CcbtMutableLinkDone done, gpointer data);
/* All that wait are told that they wait in vain. Before the DHT ends. */
void ccbt_mutable_links_stop (CcbtSession *session);
/* What an item says. Errors: MALFORMED. */
gboolean ccbt_mutable_link_read (CcbtSpan value, CcbtInfoHash *out, GError **error);
