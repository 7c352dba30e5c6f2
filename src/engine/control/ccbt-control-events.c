/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-peer.h"
#include "control/ccbt-control-service-private.h"
#include "base/ccbt-error.h"

#define MAX_KEPT 1024
#define MAX_WAITING 256
#define MAX_TIMEOUT_MS 60000
/* Many a second: the engine makes them only once somebody has asked. */
#define NOISY                                                                                      \
  (CCBT_EVENT_MASK (CCBT_EVENT_PIECE_VERIFIED) | CCBT_EVENT_MASK (CCBT_EVENT_PEER_CONNECTED)       \
   | CCBT_EVENT_MASK (CCBT_EVENT_PEER_DISCONNECTED))

struct _CcbtControlEvents
{
  CcbtControlService *service;
  CcbtEventRing *ring;
  guint reader;
  guint64 mask;
  GQueue kept;  /* CcbtEvent, oldest first */
  guint64 gone; /* sequence of the newest that is not kept any more */
  guint64 newest;
  GPtrArray *waiting;
};

typedef struct
{
  CcbtControlEvents *events;
  GDBusMethodInvocation *invocation;
  guint64 cursor;
  guint64 mask;
  GSource *timeout;
} Waiter;

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;

  if (waiter->timeout != NULL)
    {
      g_source_destroy (waiter->timeout);
      g_source_unref (waiter->timeout);
    }
  g_free (waiter);
}

static void
keep (CcbtControlEvents *self, CcbtEvent *event)
{
  if (event->sequence > self->newest + 1)
    self->gone = event->sequence - 1; /* the ring has lost some */
  self->newest = event->sequence;
  g_queue_push_tail (&self->kept, ccbt_event_ref (event));
  if (self->kept.length > MAX_KEPT)
    {
      CcbtEvent *oldest = g_queue_pop_head (&self->kept);

      self->gone = MAX (self->gone, oldest->sequence);
      ccbt_event_unref (oldest);
    }
}

/* Returns: FALSE when there is none yet and @is_last is FALSE */
static gboolean
try_answer (Waiter *waiter, gboolean is_last)
{
  CcbtControlEvents *self = waiter->events;
  GVariantBuilder builder;
  gboolean has_any = FALSE;
  const guint64 lost
      = waiter->cursor > 0 && waiter->cursor < self->gone ? self->gone - waiter->cursor : 0;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (GList *l = self->kept.head; l != NULL; l = l->next)
    {
      const CcbtEvent *event = l->data;
      g_autoptr (CcbtTorrentStatus) status = NULL;

      if (event->sequence <= waiter->cursor || (waiter->mask & CCBT_EVENT_MASK (event->type)) == 0)
        continue;
      if (event->torrent != 0)
        status = ccbt_snapshot_store_lookup (self->service->snapshots, event->torrent);
      g_variant_builder_add_value (&builder, ccbt_control_event_to_variant (
                                                 event, status != NULL ? status->info_hash : NULL));
      has_any = TRUE;
    }
  if (!has_any && !is_last)
    {
      g_variant_builder_clear (&builder);
      return FALSE;
    }
  ccbt_control_reply (waiter->invocation,
                      g_variant_new ("(ttaa{sv})", self->newest, lost, &builder));
  return TRUE;
}

static void
events_cb (gpointer data)
{
  CcbtControlEvents *self = data;
  g_autoptr (GPtrArray) events = ccbt_event_ring_read (self->ring, self->reader, 256, NULL);

  for (guint i = 0; i < events->len; i++)
    keep (self, g_ptr_array_index (events, i));
  for (guint i = self->waiting->len; events->len > 0 && i-- > 0;)
    if (try_answer (g_ptr_array_index (self->waiting, i), FALSE))
      g_ptr_array_remove_index (self->waiting, i);
}

static gboolean
timeout_cb (gpointer data)
{
  Waiter *waiter = data;

  try_answer (waiter, TRUE);
  g_ptr_array_remove (waiter->events->waiting, waiter);
  return G_SOURCE_REMOVE;
}

static void
listen (CcbtControlEvents *self, guint64 mask)
{
  const gboolean is_first = self->reader == 0; /* what came while the session started counts */

  if (!is_first)
    {
      events_cb (self);
      ccbt_event_ring_remove_reader (self->ring, self->reader);
    }
  self->mask = mask;
  self->reader = ccbt_event_ring_add_reader (self->ring, mask, is_first, self->service->context,
                                             events_cb, self);
}

static gboolean
parse_types (const char *const *names, guint64 *mask, GError **error)
{
  *mask = 0;
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      guint type = 0;

      while (type < CCBT_N_EVENT_TYPES && !g_str_equal (ccbt_event_type_get_name (type), names[i]))
        type++;
      if (type == CCBT_N_EVENT_TYPES)
        {
          g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "There is no event “%.64s”.",
                       names[i]);
          return FALSE;
        }
      *mask |= CCBT_EVENT_MASK (type);
    }
  if (*mask == 0)
    *mask = CCBT_EVENT_MASK_ALL;
  return TRUE;
}

void
ccbt_control_events_begin (CcbtControlEvents *self, GDBusMethodInvocation *invocation,
                           guint64 cursor, const char *const *types, guint timeout_ms)
{
  GError *error = NULL;
  guint64 mask;
  Waiter *waiter;

  if (!parse_types (types, &mask, &error))
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return;
    }
  if (self->waiting->len >= MAX_WAITING)
    {
      g_dbus_method_invocation_return_error (invocation, CCBT_ERROR, CCBT_ERROR_BUSY,
                                             "Too many wait for events.");
      return;
    }
  if ((mask & ~self->mask) != 0)
    listen (self, self->mask | mask);
  waiter = g_new0 (Waiter, 1);
  waiter->events = self;
  waiter->invocation = invocation;
  waiter->cursor = cursor > self->newest ? 0 : cursor; /* of an earlier run */
  waiter->mask = mask;
  if (try_answer (waiter, timeout_ms == 0))
    {
      waiter_free (waiter);
      return;
    }
  waiter->timeout = g_timeout_source_new (MIN (timeout_ms, MAX_TIMEOUT_MS));
  g_source_set_callback (waiter->timeout, timeout_cb, waiter, NULL);
  g_source_attach (waiter->timeout, self->service->context);
  g_ptr_array_add (self->waiting, waiter);
}

CcbtControlEvents *
ccbt_control_events_new (CcbtControlService *service)
{
  CcbtControlEvents *self = g_new0 (CcbtControlEvents, 1);

  self->service = service;
  self->ring = ccbt_event_ring_ref (ccbt_engine_host_get_events (service->host));
  self->waiting = g_ptr_array_new_with_free_func (waiter_free);
  listen (self, CCBT_EVENT_MASK_ALL & ~NOISY);
  return self;
}

/* On the service's thread: whoever waits is answered. */
void
ccbt_control_events_free (CcbtControlEvents *self)
{
  for (guint i = 0; i < self->waiting->len; i++)
    try_answer (g_ptr_array_index (self->waiting, i), TRUE);
  g_ptr_array_unref (self->waiting);
  ccbt_event_ring_remove_reader (self->ring, self->reader);
  ccbt_event_ring_unref (self->ring);
  g_queue_clear_full (&self->kept, (GDestroyNotify) ccbt_event_unref);
  g_free (self);
}
