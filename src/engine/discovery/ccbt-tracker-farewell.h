/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "discovery/ccbt-announce.h"

/* Telling trackers "stopped": in parallel, and given up after 2 s. Nobody needs to live on for it:
 * it keeps itself until all were answered. */
typedef struct _CcbtTrackerFarewell CcbtTrackerFarewell;

typedef struct
{
  void (*completion_told) (gpointer owner);
  void (*finished) (gpointer owner); /* once, at last */
} CcbtTrackerFarewellOwner;

/* @questions, @owner: (nullable). One reference, to be released when everything has been said. */
CcbtTrackerFarewell *ccbt_tracker_farewell_new (const CcbtTrackerFarewellOwner *questions,
                                                gpointer owner, const CcbtTrackerAccess *access);

/* Asks @stopped; before that, and waiting for the answer, @completed (nullable). */
void ccbt_tracker_farewell_say (CcbtTrackerFarewell *self, const char *url,
                                const CcbtAnnounceRequest *completed,
                                const CcbtAnnounceRequest *stopped);
/* @completing: (transfer full): tells "completed" to @url already: @stopped comes after it. */
void ccbt_tracker_farewell_adopt (CcbtTrackerFarewell *self, CcbtAnnounce *completing,
                                  const char *url, const CcbtAnnounceRequest *stopped);

/* @done (nullable) runs once, when all were answered or the time is over. */
void ccbt_tracker_farewell_add_done (CcbtTrackerFarewell *self, void (*done) (gpointer data),
                                     gpointer data);

/* The owner goes: it hears nothing more. */
void ccbt_tracker_farewell_forget_owner (CcbtTrackerFarewell *self);

/* While a reference is held it does not count as answered. */
CcbtTrackerFarewell *ccbt_tracker_farewell_ref (CcbtTrackerFarewell *self);
void ccbt_tracker_farewell_unref (CcbtTrackerFarewell *self);
