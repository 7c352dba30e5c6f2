/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "net/ccbt-http.h"

/* Telling trackers "stopped": in parallel, and given up after 2 s. Nobody needs to live on for it:
 * it keeps itself until all were answered. */
typedef struct _CcbtTrackerFarewell CcbtTrackerFarewell;

typedef struct
{
  void (*completion_told) (gpointer owner);
  void (*finished) (gpointer owner); /* once, at last */
} CcbtTrackerFarewellOwner;

/* @cancellable: (transfer full): is cancelled when the time is over. One reference, to be released
 * when everything has been said. */
CcbtTrackerFarewell *ccbt_tracker_farewell_new (const CcbtTrackerFarewellOwner *questions,
                                                gpointer owner, CcbtHttp *http,
                                                GCancellable *cancellable);

/* Asks @stopped_url; before that, and waiting for the answer, @completed_url (nullable). */
void ccbt_tracker_farewell_say (CcbtTrackerFarewell *self, const char *completed_url,
                                const char *stopped_url);

/* @done (nullable) runs once, when all were answered or the time is over. */
void ccbt_tracker_farewell_add_done (CcbtTrackerFarewell *self, void (*done) (gpointer data),
                                     gpointer data);

/* The owner goes: it hears nothing more. */
void ccbt_tracker_farewell_forget_owner (CcbtTrackerFarewell *self);

/* While a reference is held it does not count as answered. */
CcbtTrackerFarewell *ccbt_tracker_farewell_ref (CcbtTrackerFarewell *self);
void ccbt_tracker_farewell_unref (CcbtTrackerFarewell *self);
