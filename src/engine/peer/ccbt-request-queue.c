/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/ccbt-request-queue.h"
#include "base/ccbt-clock.h"

#define FIRST_TARGET 16 /* blocks: one window of a slow-starting TCP connection */
#define FLOOR 4         /* blocks: one lost round trip must not idle a slow peer */

void
ccbt_request_queue_init (CcbtRequestQueue *self, guint limit)
{
  *self = (CcbtRequestQueue){ .limit = MAX (limit, 1), .is_slow_start = TRUE };
  self->target = MIN (FIRST_TARGET, self->limit);
}

void
ccbt_request_queue_clear (CcbtRequestQueue *self)
{
  g_free (self->items);
  *self = (CcbtRequestQueue){ 0 };
}

static void
make_room (CcbtRequestQueue *self)
{
  if (self->head + self->n_items < self->capacity)
    return;
  if (self->head > self->n_items) /* at least half is free in front: slide instead of growing */
    {
      memcpy (self->items, self->items + self->head, self->n_items * sizeof *self->items);
      self->head = 0;
      return;
    }
  self->capacity = MAX (32, 2 * self->capacity);
  self->items = g_renew (CcbtRequestOut, self->items, self->capacity);
}

static void
find_oldest_live (CcbtRequestQueue *self)
{
  self->oldest_sent = 0;
  for (guint i = 0; i < self->n_items && self->n_live > 0; i++)
    if (!ccbt_request_queue_get (self, i)->is_abandoned)
      {
        self->oldest_sent = ccbt_request_queue_get (self, i)->sent_at;
        return;
      }
}

static void
drop_at (CcbtRequestQueue *self, guint position)
{
  CcbtRequestOut *items = self->items + self->head;

  if (position == 0)
    self->head++;
  else
    memmove (items + position, items + position + 1,
             (self->n_items - position - 1) * sizeof *items);
  if (--self->n_items == 0)
    self->head = 0;
}

void
ccbt_request_queue_push (CcbtRequestQueue *self, CcbtBlock block, guint32 length, gint64 now)
{
  make_room (self);
  self->items[self->head + self->n_items++]
      = (CcbtRequestOut){ .block = block, .length = length, .sent_at = now };
  if (self->n_live++ == 0)
    self->oldest_sent = now;
}

int
ccbt_request_queue_find (CcbtRequestQueue *self, CcbtBlock block, guint32 length)
{
  for (guint i = 0; i < self->n_items; i++)
    {
      const CcbtRequestOut *request = ccbt_request_queue_get (self, i);

      if (request->block.piece == block.piece && request->block.block == block.block
          && request->length == length)
        return (int) i;
    }
  return -1;
}

void
ccbt_request_queue_remove (CcbtRequestQueue *self, guint position)
{
  gboolean was_live = !ccbt_request_queue_get (self, position)->is_abandoned;

  drop_at (self, position);
  if (was_live)
    {
      self->n_live--;
      find_oldest_live (self);
    }
}

void
ccbt_request_queue_abandon (CcbtRequestQueue *self, guint position)
{
  CcbtRequestOut *request = ccbt_request_queue_get (self, position);

  if (request->is_abandoned)
    return;
  request->is_abandoned = TRUE;
  self->n_live--;
  find_oldest_live (self);
  for (guint i = 0; i < self->n_items && self->n_items - self->n_live > self->limit; i++)
    if (ccbt_request_queue_get (self, i)->is_abandoned)
      drop_at (self, i--);
}

void
ccbt_request_queue_note_arrival (CcbtRequestQueue *self, gint64 sent_at, gint64 now)
{
  gint64 took = now - sent_at;

  if (self->latency == 0 || took < self->latency)
    self->latency = MAX (took, 1);
  if (self->is_slow_start && self->target < self->limit)
    self->target++;
}

void
ccbt_request_queue_tick (CcbtRequestQueue *self, double rate, double cushion, gint64 now)
{
  double seconds, wanted;

  self->latency
      += self->latency
         / 64; /* forgets an old best slowly; answers in a full queue say nothing of the path */
  if (self->is_slow_start)
    {
      /* Before anything was asked for there is nothing to judge. */
      if (self->judged_at == 0 || (self->latency == 0 && self->n_live == 0))
        self->judged_at = now;
      if (now - self->judged_at < CCBT_SECOND)
        return;
      /* Still gaining a tenth a second: the queue was the limit, let it go on growing. */
      self->is_slow_start = rate > 1.1 * self->best_rate && self->target < self->limit;
      self->best_rate = MAX (self->best_rate, rate);
      self->judged_at = now;
      if (self->is_slow_start)
        return;
    }
  seconds = (double) self->latency / CCBT_SECOND + cushion;
  wanted = rate * seconds / CCBT_BLOCK_SIZE;
  self->target = (guint) CLAMP (wanted, FLOOR, self->limit);
  self->target = MIN (self->target, self->limit);
}
