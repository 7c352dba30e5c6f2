/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-announce-queue.h"

#define ENTERED_PER_TICK 200u

typedef struct
{
  guint under_way;
  guint under_way_per_host;
  guint per_second; /* beginning at one host; 0 = no limit */
} Limits;

static const Limits limits[2] = { { 50, 16, 20 }, { 64, 32, 0 } }; /* HTTP, UDP */

typedef struct
{
  char *name; /* with 'U' or 'H' before it */
  gboolean is_udp;
  GQueue waiting; /* Ticket */
  guint n_under_way;
  double allowance; /* announces that may begin now */
  gint64 counted_at;
} Host;

typedef struct
{
  guint id;
  Host *host;
  gboolean is_under_way;
  GList place; /* among the waiting ones of its host */
  CcbtAnnounceTurnFunc func;
  gpointer data;
} Ticket;

struct _CcbtAnnounceQueue
{
  CcbtClock *clock;
  GHashTable *hosts;   /* name -> Host */
  GHashTable *tickets; /* id -> Ticket */
  GQueue turns;        /* Host that has some waiting; the next one first */
  guint n_under_way[2];
  guint n_waiting;
  guint n_entered; /* since the last tick */
  gboolean is_held;
  guint next_id;
};

static void
host_free (gpointer data)
{
  Host *host = data;

  g_free (host->name);
  g_free (host);
}

CcbtAnnounceQueue *
ccbt_announce_queue_new (CcbtClock *clock)
{
  CcbtAnnounceQueue *self = g_new0 (CcbtAnnounceQueue, 1);

  self->clock = clock;
  self->hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, host_free);
  self->tickets = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_queue_init (&self->turns);
  return self;
}

void
ccbt_announce_queue_free (CcbtAnnounceQueue *self)
{
  g_queue_clear (&self->turns);
  g_hash_table_unref (self->tickets);
  g_hash_table_unref (self->hosts);
  g_free (self);
}

static Host *
get_host (CcbtAnnounceQueue *self, const char *name, gboolean is_udp)
{
  g_autofree char *key = g_strconcat (is_udp ? "U" : "H", name, NULL);
  Host *host = g_hash_table_lookup (self->hosts, key);

  if (host != NULL)
    return host;
  host = g_new0 (Host, 1);
  host->name = g_steal_pointer (&key);
  host->is_udp = is_udp;
  host->allowance = limits[is_udp].per_second;
  host->counted_at = ccbt_clock_now (self->clock);
  g_queue_init (&host->waiting);
  g_hash_table_insert (self->hosts, host->name, host);
  return host;
}

static void
update_allowance (CcbtAnnounceQueue *self, Host *host)
{
  double most = limits[host->is_udp].per_second;
  gint64 now = ccbt_clock_now (self->clock);

  host->allowance += most * (double) (now - host->counted_at) / (double) CCBT_SECOND;
  host->allowance = MIN (host->allowance, most);
  host->counted_at = now;
}

static gboolean
may_begin_at (CcbtAnnounceQueue *self, Host *host)
{
  const Limits *limit = &limits[host->is_udp];

  update_allowance (self, host);
  return self->n_under_way[host->is_udp] < limit->under_way
         && host->n_under_way < limit->under_way_per_host
         && (limit->per_second == 0 || host->allowance >= 1);
}

static void
begin (CcbtAnnounceQueue *self, Ticket *ticket)
{
  Host *host = ticket->host;

  ticket->is_under_way = TRUE;
  host->n_under_way++;
  host->allowance -= 1;
  self->n_under_way[host->is_udp]++;
}

/* The next whose turn it is, taken out of its line; its host goes to the end of theirs. */
static Ticket *
take_next (CcbtAnnounceQueue *self)
{
  for (GList *item = self->turns.head; item != NULL; item = item->next)
    {
      Host *host = item->data;
      Ticket *ticket;

      if (!may_begin_at (self, host))
        continue;
      ticket = g_queue_pop_head_link (&host->waiting)->data;
      self->n_waiting--;
      g_queue_delete_link (&self->turns, item);
      if (host->waiting.length > 0)
        g_queue_push_tail (&self->turns, host);
      return ticket;
    }
  return NULL;
}

static void
begin_due (CcbtAnnounceQueue *self)
{
  Ticket *ticket;

  while (!self->is_held && (ticket = take_next (self)) != NULL)
    {
      begin (self, ticket);
      ticket->func (ticket->data); /* may give it back, or take new ones */
    }
}

/* Its allowance is as good as new then. */
static gboolean
is_idle_cb (gpointer key, gpointer value, gpointer data)
{
  Host *host = value;

  update_allowance (data, host);
  return host->n_under_way == 0 && host->waiting.length == 0
         && host->allowance >= limits[host->is_udp].per_second;
}

void
ccbt_announce_queue_tick (CcbtAnnounceQueue *self)
{
  self->n_entered = 0;
  begin_due (self);
  g_hash_table_foreach_remove (self->hosts, is_idle_cb, self);
}

void
ccbt_announce_queue_hold (CcbtAnnounceQueue *self, gboolean hold)
{
  self->is_held = hold;
  begin_due (self);
}

gboolean
ccbt_announce_queue_has_time (CcbtAnnounceQueue *self)
{
  return self->n_entered < ENTERED_PER_TICK;
}

guint
ccbt_announce_queue_enter (CcbtAnnounceQueue *self, const char *host_name, gboolean is_udp,
                           gboolean *may_begin, CcbtAnnounceTurnFunc func, gpointer data)
{
  Ticket *ticket = g_new0 (Ticket, 1);
  Host *host = get_host (self, host_name, is_udp);

  if (++self->next_id == 0)
    self->next_id = 1;
  *ticket = (Ticket){ .id = self->next_id, .host = host, .func = func, .data = data };
  ticket->place.data = ticket;
  g_hash_table_insert (self->tickets, GUINT_TO_POINTER (ticket->id), ticket);
  self->n_entered++;
  *may_begin = !self->is_held && host->waiting.length == 0 && may_begin_at (self, host);
  if (*may_begin)
    {
      begin (self, ticket);
      return ticket->id;
    }
  if (host->waiting.length == 0)
    g_queue_push_tail (&self->turns, host);
  g_queue_push_tail_link (&host->waiting, &ticket->place);
  self->n_waiting++;
  return ticket->id;
}

void
ccbt_announce_queue_leave (CcbtAnnounceQueue *self, guint id)
{
  Ticket *ticket = g_hash_table_lookup (self->tickets, GUINT_TO_POINTER (id));
  Host *host;

  g_return_if_fail (ticket != NULL);

  host = ticket->host;
  if (ticket->is_under_way)
    {
      host->n_under_way--;
      self->n_under_way[host->is_udp]--;
    }
  else
    {
      g_queue_unlink (&host->waiting, &ticket->place);
      self->n_waiting--;
      if (host->waiting.length == 0)
        g_queue_remove (&self->turns, host);
    }
  g_hash_table_remove (self->tickets, GUINT_TO_POINTER (id));
  begin_due (self);
}

guint
ccbt_announce_queue_get_n_waiting (CcbtAnnounceQueue *self)
{
  return self->n_waiting;
}
