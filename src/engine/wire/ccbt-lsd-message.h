/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-error.h"
#include "base/ccbt-info-hash.h"
#include "base/ccbt-span.h"

/* Local service discovery (BEP 14): text like HTTP, multicast. */
#define CCBT_LSD_MAX_HASHES 20u /* read or written in one message, which fits 1,400 bytes */
#define CCBT_LSD_MAX_COOKIE 64u

typedef struct
{
  guint16 port;
  CcbtSha1 info_hashes[CCBT_LSD_MAX_HASHES];
  guint n_info_hashes;
  char cookie[CCBT_LSD_MAX_COOKIE + 1]; /* "" when absent or longer */
} CcbtLsdMessage;

/* Errors: MALFORMED: no BT-SEARCH, no usable port, no info-hash. */
gboolean ccbt_lsd_message_parse (CcbtSpan datagram, CcbtLsdMessage *out, GError **error);
/* @host: the group as it stands in the Host line, "239.192.152.143:6771" */
void ccbt_lsd_message_write (GByteArray *out, const CcbtLsdMessage *message, const char *host);
