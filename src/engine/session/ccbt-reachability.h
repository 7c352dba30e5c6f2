/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "base/ccbt-connection-status.h"

/* Judges from what was seen whether others can connect to us by one family of addresses. Pure. */
typedef struct
{
  gboolean has_source; /* there is a way out */
  CcbtAddress source;  /* the address that we send from */
  gboolean has_external;
  CcbtAddress external; /* as others see us */
  gboolean is_mapped;   /* the router says that it forwards our port */
  guint64 n_incoming;   /* connections from outside */
  gint64 listening_for; /* microseconds */
  guint n_outgoing;     /* connections to outside that we made in this time */
} CcbtReachEvidence;

CcbtReach ccbt_reachability_judge (const CcbtReachEvidence *evidence);
