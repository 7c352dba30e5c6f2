/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "picker/ccbt-picker.h"

/* The requests we have out with one peer, oldest first, and how many there should be. Pure: told of
 * events and the time. The depth follows what is measured: rate x (latency + a cushion), found by a
 * slow start that goes on as long as more requests bring more rate; never a fixed number. */
typedef struct
{
  CcbtBlock block;
  guint32 length;        /* bytes */
  gint64 sent_at;        /* monotonic microseconds */
  gboolean is_abandoned; /* given up (choke, cancel, timeout); its block may still come */
} CcbtRequestOut;

typedef struct
{
  CcbtRequestOut *items; /* a window [head, head + n_items) into `capacity` */
  guint head;
  guint n_items;
  guint capacity;
  guint n_live; /* of them not abandoned */
  guint target; /* how many should be live */
  guint limit;  /* never more: the peer's reqq and our setting */
  gboolean is_slow_start;
  double best_rate;   /* bytes/s in slow start, to see whether growing still helps */
  gint64 judged_at;   /* when slow start was last judged */
  gint64 latency;     /* microseconds, smoothed smallest answer time; 0 = not measured */
  gint64 oldest_sent; /* sent_at of the oldest live one; 0 = none */
} CcbtRequestQueue;

void ccbt_request_queue_init (CcbtRequestQueue *self, guint limit);
void ccbt_request_queue_clear (CcbtRequestQueue *self);

void ccbt_request_queue_push (CcbtRequestQueue *self, CcbtBlock block, guint32 length, gint64 now);

/* Returns: the position of the request for exactly this block, or -1 */
int ccbt_request_queue_find (CcbtRequestQueue *self, CcbtBlock block, guint32 length);

static inline CcbtRequestOut *
ccbt_request_queue_get (CcbtRequestQueue *self, guint position)
{
  return &self->items[self->head + position];
}

/* Takes the request at @position out: its block came, or was refused. */
void ccbt_request_queue_remove (CcbtRequestQueue *self, guint position);
/* Keeps it to recognise a late block, but counts it no longer. The oldest abandoned ones fall out
 * past twice the limit. */
void ccbt_request_queue_abandon (CcbtRequestQueue *self, guint position);

/* A block came that was asked for at @sent_at. */
void ccbt_request_queue_note_arrival (CcbtRequestQueue *self, gint64 sent_at, gint64 now);
/* About once a second. @rate: bytes/s from this peer; @cushion: seconds of data to have asked for
 * beyond the latency. */
void ccbt_request_queue_tick (CcbtRequestQueue *self, double rate, double cushion, gint64 now);
