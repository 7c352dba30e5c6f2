/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "base/ccbt-error.h"

/* ut_holepunch (BEP 55): binary, not bencoded. */
typedef enum
{
  CCBT_HOLEPUNCH_RENDEZVOUS = 0,
  CCBT_HOLEPUNCH_CONNECT = 1,
  CCBT_HOLEPUNCH_ERROR = 2,
} CcbtHolepunchKind;

typedef enum
{
  CCBT_HOLEPUNCH_OK = 0,
  CCBT_HOLEPUNCH_NO_SUCH_PEER = 1, /* the target is no usable address */
  CCBT_HOLEPUNCH_NOT_CONNECTED = 2,
  CCBT_HOLEPUNCH_NO_SUPPORT = 3,
  CCBT_HOLEPUNCH_NO_SELF = 4,
} CcbtHolepunchError;

typedef struct
{
  CcbtHolepunchKind kind;
  CcbtAddress address;
  CcbtHolepunchError code; /* ERROR */
} CcbtHolepunchMessage;

/* Errors: MALFORMED (length, kind, family). */
gboolean ccbt_holepunch_parse (CcbtSpan payload, CcbtHolepunchMessage *out, GError **error);
void ccbt_holepunch_write (GByteArray *out, const CcbtHolepunchMessage *message);
