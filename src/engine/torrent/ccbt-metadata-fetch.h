/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-info-hash.h"
#include "peer/ccbt-peer.h"

/* Fetches the info dictionary of a magnet link from several peers at once (BEP 9). Pure: told of
 * peers and messages, says what to ask whom. Whether the bytes are right is checked by the owner,
 * who reports back; after a failure the next try takes all of it from one peer, so that the liar is
 * known (threat B51). */
typedef struct _CcbtMetadataFetch CcbtMetadataFetch;

CcbtMetadataFetch *ccbt_metadata_fetch_new (void);
void ccbt_metadata_fetch_free (CcbtMetadataFetch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtMetadataFetch, ccbt_metadata_fetch_free)

/* The peer has the metadata and says how large it is. */
void ccbt_metadata_fetch_add_peer (CcbtMetadataFetch *self, CcbtPeerHandle peer, guint32 size);
void ccbt_metadata_fetch_remove_peer (CcbtMetadataFetch *self, CcbtPeerHandle peer);

/* What to ask @peer for now. Returns: FALSE = nothing */
gboolean ccbt_metadata_fetch_next (CcbtMetadataFetch *self, CcbtPeerHandle peer, gint64 now,
                                   guint32 *piece);

/* Returns: (transfer full) (nullable): the whole, when this was the last missing piece: hash it,
 * then tell */
GBytes *ccbt_metadata_fetch_take (CcbtMetadataFetch *self, CcbtPeerHandle peer,
                                  const CcbtMetadataMessage *message);
/* The peer refused; it is left alone for a while. */
void ccbt_metadata_fetch_take_reject (CcbtMetadataFetch *self, CcbtPeerHandle peer, gint64 now);

/* The bytes did not match. Returns: the one peer they all came from, to be banned, or
 * CCBT_PEER_NONE */
CcbtPeerHandle ccbt_metadata_fetch_note_failure (CcbtMetadataFetch *self);

double ccbt_metadata_fetch_get_progress (CcbtMetadataFetch *self);
