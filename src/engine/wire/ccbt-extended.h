/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-address.h"
#include "base/ccbt-error.h"
#include "base/ccbt-span.h"

/* Extended messages: the handshake of BEP 10 and ut_metadata of BEP 9. */

/* What we understand of an extended handshake. Numbers are clamped, text is printable (threat B49).
 */
typedef struct
{
  guint8 metadata_id; /* the id *they* want ut_metadata messages to carry; 0 = not offered */
  guint8 pex_id;
  guint8 dont_have_id;   /* lt_donthave, BEP 54 */
  guint8 holepunch_id;   /* ut_holepunch, BEP 55 */
  char *client;          /* v, 64 characters at most; NULL when absent */
  guint16 port;          /* p; 0 when absent */
  guint32 request_queue; /* reqq, 1 to 100,000; 250 when absent */
  guint32 metadata_size; /* 0 when absent or absurd (more than CCBT_METAINFO_MAX_SIZE) */
  gboolean upload_only;
  gboolean prefers_encryption; /* e */
  gboolean has_your_ip;
  CcbtAddress your_ip; /* our address as they see it; port 0 */
} CcbtExtendedHandshake;

void ccbt_extended_handshake_clear (CcbtExtendedHandshake *self);

/* @payload: after the extended id. Wrong types and absurd values count as absent. @out is cleared
 * first and holds nothing after a failure. Errors: MALFORMED, TOO_LARGE. */
gboolean ccbt_extended_handshake_parse (CcbtSpan payload, CcbtExtendedHandshake *out,
                                        GError **error);

/* Appends the bencoded dictionary. Fields that are 0 or NULL are left out. */
void ccbt_extended_handshake_write (GByteArray *out, const CcbtExtendedHandshake *handshake);

/* lt_donthave (BEP 54): the piece they no longer have. Errors: MALFORMED. */
gboolean ccbt_dont_have_parse (CcbtSpan payload, guint32 *piece, GError **error);

#define CCBT_METADATA_PIECE_SIZE 16384u

typedef enum
{
  CCBT_METADATA_REQUEST = 0,
  CCBT_METADATA_DATA = 1,
  CCBT_METADATA_REJECT = 2,
} CcbtMetadataKind;

typedef struct
{
  CcbtMetadataKind kind;
  guint32 piece;
  guint32 total_size; /* DATA */
  CcbtSpan data;      /* DATA: borrowed from the input; 1 to CCBT_METADATA_PIECE_SIZE bytes */
} CcbtMetadataMessage;

/* @out borrows from @payload. Errors: TOO_LARGE, MALFORMED (wrong types, piece negative or past
 * CCBT_METAINFO_MAX_SIZE, sizes that do not fit; B50, B51). A kind that is not known gives
 * MALFORMED too: ignore the message, keep the peer.
 */
gboolean ccbt_metadata_message_parse (CcbtSpan payload, CcbtMetadataMessage *out, GError **error);
void ccbt_metadata_message_write (GByteArray *out, const CcbtMetadataMessage *message);
