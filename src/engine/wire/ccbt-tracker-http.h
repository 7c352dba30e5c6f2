/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-address.h"
#include "base/ccbt-error.h"
#include "base/ccbt-info-hash.h"

/* HTTP announces: BEP 3, 7, 23, 24 (external ip), 31 (retry in). */
typedef enum
{
  CCBT_ANNOUNCE_NONE,
  CCBT_ANNOUNCE_STARTED,
  CCBT_ANNOUNCE_COMPLETED,
  CCBT_ANNOUNCE_STOPPED,
} CcbtAnnounceEvent;

typedef struct
{
  CcbtSha1 info_hash;
  guint8 peer_id[20];
  guint16 port;
  guint64 uploaded; /* bytes since "started", as BEP 3 asks */
  guint64 downloaded;
  guint64 left;
  guint32 key; /* the same for the whole session, so that a tracker knows us after our address
                  changed */
  gint number_wanted; /* -1 = left to the tracker */
  CcbtAnnounceEvent event;
  const char *tracker_id; /* (nullable) */
  const char *ipv6;       /* (nullable): our global IPv6 address (BEP 7) */
} CcbtAnnounceRequest;

typedef struct
{
  char *failure;        /* printable, 200 characters at most; NULL = it worked */
  gint64 retry_in;      /* seconds; with a failure; -1 = never again, 0 = not said */
  char *warning;        /* printable; NULL without */
  guint32 interval;     /* seconds, clamped to 60 .. 86,400; 1,800 when absent or absurd (B67) */
  guint32 min_interval; /* seconds, 0 when absent, clamped to 86,400 */
  char *tracker_id;     /* any bytes but NUL, 512 at most; NULL when absent or longer (B69) */
  int seeds;            /* "complete"; -1 when absent */
  int leechers;         /* "incomplete" */
  GArray *peers; /* CcbtAddress: compact, compact IPv6 and dictionary forms together, 3,000 at most;
                    names are not looked up (B70); port 0 left out */
  gboolean has_external_ip;
  CcbtAddress external_ip; /* port 0 */
} CcbtAnnounceReply;

#define CCBT_TRACKER_REPLY_MAX (1024u * 1024) /* bytes of a body after decompression (B62, B63) */

/* @announce_url: may have a query already, which is kept as it is. The binary hash is
 * percent-encoded by us: parse the result with G_URI_FLAGS_ENCODED or it is mangled. Returns:
 * (transfer full) */
char *ccbt_announce_build_url (const char *announce_url, const CcbtAnnounceRequest *request);

/* An empty one: no failure, nothing known. Returns: (transfer full) */
CcbtAnnounceReply *ccbt_announce_reply_new (void);
/* @peers: entries of 6 or 18 bytes; an incomplete one at the end is left out. */
void ccbt_announce_reply_add_compact (CcbtAnnounceReply *self, CcbtSpan peers, gboolean is_ipv6);
/* Seconds as a tracker said them, within the bounds above. */
guint32 ccbt_announce_clamp_interval (gint64 seconds);
/* A number of seeds or leechers as a tracker said it: -1 when negative, and at most 100 million, so
 * that sums of them stay in an int (B71). */
int ccbt_announce_clamp_count (gint64 count);

/* Errors: MALFORMED, TOO_LARGE. Returns: (transfer full) (nullable) */
CcbtAnnounceReply *ccbt_announce_reply_parse (CcbtSpan body, GError **error);
void ccbt_announce_reply_free (CcbtAnnounceReply *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtAnnounceReply, ccbt_announce_reply_free)
