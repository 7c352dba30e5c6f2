/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "picker/ccbt-rate-bucket.h"

/* A limit that torrents share by weight. While several want more than it gives, each passes bytes in
 * proportion to its weight; what one leaves is for the others. Two plain structs: the limit keeps no
 * list of claims, so a torrent may go at any time. Pure. */

/* A torrent's part in it; zeroed, it weighs as little as is possible. */
typedef struct
{
  guint weight;   /* 1 to CCBT_RATE_WEIGHT_MAX; 0 counts as 1 */
  guint64 served; /* bytes that passed, by weight: the least comes first */
} CcbtRateClaim;

#define CCBT_RATE_WEIGHT_MAX 64u

typedef struct
{
  CcbtRateBucket bucket; /* for reading; ccbt_rate_bucket_set_limit () may be used on it */
  guint64 reached;       /* how far the claim was that was served last */
  gboolean has_waiting;
  guint64 first_waiting; /* the least `served` of those that wait */
} CcbtRateShare;

/* What goes with each direction of a torrent: its own limit, and its part in the session's. */
typedef struct
{
  CcbtRateBucket bucket;
  CcbtRateClaim claim;
} CcbtRateGroup;

/* How many of @want bytes may pass now; 0 also while somebody waits who comes first. @claim:
 * (nullable): of nobody, in nobody's turn. */
guint32 ccbt_rate_share_available (CcbtRateShare *self, const CcbtRateClaim *claim, guint32 want,
                                   gint64 now);
void ccbt_rate_share_take (CcbtRateShare *self, CcbtRateClaim *claim, guint32 bytes);
/* @claim could pass more. Holds until ccbt_rate_share_begin_round (). */
void ccbt_rate_share_wait (CcbtRateShare *self, const CcbtRateClaim *claim);
/* Nobody waits; the caller now serves those that did, in the order of their `served`. */
void ccbt_rate_share_begin_round (CcbtRateShare *self);
