/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "discovery/ccbt-dht-id.h"
#include "wire/ccbt-krpc.h"

/* The routing table of a DHT node for one address family (BEP 5): buckets of 8 that split around
 * our own id, each with 8 in waiting. A node that answered is never replaced by one that did not;
 * an old one is pinged before it gives way (threat B83). One node per IP address, few per /24 or
 * /48. Pure: told of the time. */
#define CCBT_DHT_K 8u

typedef struct
{
  CcbtSha1 id;
  CcbtAddress address;
  gint64 last_seen;   /* answered us; 0 = never */
  gint64 last_query;  /* asked us */
  gint64 pinged_at;   /* a question to it is open since; 0 = none */
  guint round_trip;   /* milliseconds; 0 = unknown */
  guint8 n_failures;  /* in a row */
  gboolean is_secure; /* BEP 42 */
} CcbtDhtContact;

typedef struct _CcbtDhtTable CcbtDhtTable;

CcbtDhtTable *ccbt_dht_table_new (const CcbtSha1 *own_id, gboolean is_ipv6, guint64 seed);
void ccbt_dht_table_free (CcbtDhtTable *self);
/* Our id changed (BEP 42, once our address is known): all contacts are placed anew. */
void ccbt_dht_table_set_own_id (CcbtDhtTable *self, const CcbtSha1 *own_id);

/* It answered us: TRUE. We only heard of it or it asked us: FALSE (never replaces anybody).
 * @address scopes that may not be in a table are refused, loopback unless @allow_local. */
void ccbt_dht_table_note_node (CcbtDhtTable *self, const CcbtSha1 *id, const CcbtAddress *address,
                               gboolean answered, guint round_trip, gint64 now);
void ccbt_dht_table_allow_local (CcbtDhtTable *self, gboolean allow_local);
void ccbt_dht_table_note_failure (CcbtDhtTable *self, const CcbtAddress *address, gint64 now);

/* The good ones closest to @target, nearest first. Returns: number written, @max at most */
guint ccbt_dht_table_get_closest (CcbtDhtTable *self, const CcbtSha1 *target, CcbtDhtContact *out,
                                  guint max, gint64 now);
/* A contact to be pinged now, because somebody waits for its place or nothing was heard of it for 15
 * minutes. Returns: FALSE when there is none. Marks it as pinged. */
gboolean ccbt_dht_table_take_questionable (CcbtDhtTable *self, gint64 now, CcbtDhtContact *out);
/* A bucket not changed for 15 minutes: an id inside it to look up. Marks it as refreshed. */
gboolean ccbt_dht_table_take_stale_bucket (CcbtDhtTable *self, gint64 now, CcbtSha1 *target);

guint ccbt_dht_table_get_n_good (CcbtDhtTable *self, gint64 now);
guint ccbt_dht_table_get_n_nodes (CcbtDhtTable *self);
/* For keeping them: the good ones. Returns: (transfer full) (element-type CcbtKrpcNode) */
GArray *ccbt_dht_table_get_nodes (CcbtDhtTable *self, guint max);
