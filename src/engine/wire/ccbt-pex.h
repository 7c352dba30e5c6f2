/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "base/ccbt-error.h"

/* ut_pex (BEP 11). */
typedef enum
{
  CCBT_PEX_PREFERS_ENCRYPTION = 0x01,
  CCBT_PEX_IS_SEED = 0x02, /* upload only */
  CCBT_PEX_HAS_UTP = 0x04,
  CCBT_PEX_HAS_HOLEPUNCH = 0x08,
  CCBT_PEX_IS_REACHABLE = 0x10, /* we reached it by dialling */
} CcbtPexFlags;

typedef struct
{
  CcbtAddress address;
  guint8 flags;
} CcbtPexPeer;

#define CCBT_PEX_MAX_PEERS 200u /* read of one message: added, and as many dropped */

typedef struct
{
  GArray *added;   /* CcbtPexPeer, both families */
  GArray *dropped; /* CcbtAddress */
} CcbtPexMessage;

/* Port 0 and unusable addresses are left out. Errors: MALFORMED, TOO_LARGE.
 * Returns: (transfer full) (nullable) */
CcbtPexMessage *ccbt_pex_parse (CcbtSpan payload, GError **error);
CcbtPexMessage *ccbt_pex_message_new (void);
void ccbt_pex_message_free (CcbtPexMessage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtPexMessage, ccbt_pex_message_free)
void ccbt_pex_write (GByteArray *out, const CcbtPexMessage *message);
