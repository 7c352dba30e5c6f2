/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-error.h"
#include "base/ccbt-info-hash.h"
#include "base/ccbt-span.h"

/* The first 68 bytes each side sends (BEP 3). */
#define CCBT_HANDSHAKE_SIZE 68u

typedef struct
{
  CcbtSha1 info_hash; /* ccbt_info_hash_get_wire() */
  guint8 peer_id[20];
  gboolean has_extensions; /* BEP 10 */
  gboolean has_fast;       /* BEP 6 */
  gboolean has_dht;        /* BEP 5 */
  gboolean has_v2;         /* BEP 52: the sender also knows the v2 hash of a hybrid */
} CcbtHandshake;

void ccbt_handshake_write (const CcbtHandshake *handshake, guint8 out[CCBT_HANDSHAKE_SIZE]);

/* Two steps, so that an incoming connection can be refused before it sent its peer id: 48 bytes
 * name the torrent. FAILED on the first wrong byte. */
CcbtParse ccbt_handshake_parse_info_hash (CcbtSpan in, CcbtSha1 *out, GError **error);
CcbtParse ccbt_handshake_parse (CcbtSpan in, CcbtHandshake *out, GError **error);

/* "Transmission 3.00" out of a peer id, where its convention is known (BEP 20); printable, possibly
 * "". Returns: (transfer full) */
char *ccbt_handshake_describe_client (const guint8 peer_id[20]);
