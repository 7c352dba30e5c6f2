/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "peer/ccbt-peer.h"

/* Among the files of peer/. */

/* Sets the phase by the table. */
void ccbt_peer_step (CcbtPeer *self, CcbtPeerEvent event);

/* A callback into the owner may close the peer: hold it while working on it. */
void ccbt_peer_hold (CcbtPeer *self);
void ccbt_peer_release (CcbtPeer *self);

/* Reads and handles as much as one turn allows. */
void ccbt_peer_receive (CcbtPeer *self);
/* Handles one whole message that is no PIECE. */
void ccbt_peer_handle_message (CcbtPeer *self, const CcbtMessage *message);
/* Bytes at the start of a connection, until both handshakes are through. Returns: bytes used */
gsize ccbt_peer_handle_handshake (CcbtPeer *self, CcbtSpan in);

/* Writes as much as the transport takes. */
void ccbt_peer_flush (CcbtPeer *self);
void ccbt_peer_update_interest (CcbtPeer *self);
/* Remembers that it waits for a bucket or the disk. */
void ccbt_peer_stall (CcbtPeer *self);

/* REQUEST and CANCEL from the other side. */
void ccbt_peer_take_upload_request (CcbtPeer *self, const CcbtMessage *message);
void ccbt_peer_drop_upload_request (CcbtPeer *self, const CcbtMessage *message);
/* Starts disk reads for what is asked, as far as the socket can use it. */
void ccbt_peer_feed_uploads (CcbtPeer *self);
/* Choked: what was asked and not read is refused (BEP 6) or forgotten. */
void ccbt_peer_drop_uploads (CcbtPeer *self);
void ccbt_peer_free_uploads (CcbtPeer *self);

/* The next block to send, with its head. */
typedef struct _CcbtUploadBuffer CcbtUploadBuffer;
typedef struct
{
  guint8 head[CCBT_MESSAGE_PIECE_HEAD];
  CcbtUploadBuffer *buffer; /* a reference */
  const guint8 *data;
  guint32 length;
  guint32 sent; /* of head and data together */
} CcbtUploadBlock;
void ccbt_upload_block_free (CcbtPeer *self, CcbtUploadBlock *block);

CcbtPeerHandle ccbt_peer_table_add (CcbtPeerTable *self, CcbtPeer *peer);
void ccbt_peer_table_remove (CcbtPeerTable *self, CcbtPeerHandle handle);
