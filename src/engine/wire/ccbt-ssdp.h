/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-span.h"

/* How UPnP devices are found (UPnP Device Architecture 1.1, section 1). */
#define CCBT_SSDP_PORT 1900u
#define CCBT_SSDP_GROUP_IPV4 "239.255.255.250"
#define CCBT_SSDP_GROUP_IPV6 "ff02::c"
#define CCBT_SSDP_MAX_SIZE 4096u /* bytes of a datagram that we look at */
#define CCBT_SSDP_MAX_URL 512u

typedef struct
{
  gboolean is_notice;               /* said to everybody; FALSE: an answer to a search */
  gboolean is_leaving;              /* of a notice: the device goes away */
  char location[CCBT_SSDP_MAX_URL]; /* of the description; "" = not named */
  char target[128];                 /* what kind of device or service speaks; "" = not named */
  gboolean has_boot_id;
  guint32 boot_id; /* another one after each restart */
} CcbtSsdpMessage;

/* @host: whom it is sent to, with port. @target: the kind looked for. */
void ccbt_ssdp_write_search (GByteArray *out, const char *host, const char *target,
                             guint max_seconds);

/* Errors: MALFORMED, TOO_LARGE: drop it. */
gboolean ccbt_ssdp_parse (CcbtSpan datagram, CcbtSsdpMessage *out, GError **error);
