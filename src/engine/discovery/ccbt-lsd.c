/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-lsd.h"
#include "discovery/ccbt-lsd-schedule.h"
#include "net/ccbt-networks.h"

#include <unistd.h>

#define LOOK_AGAIN (60 * CCBT_SECOND)
#define READS_PER_TURN 32u
/* Datagrams looked into; the others of a flood are dropped unread (threat B84). */
#define HEARD_PER_SECOND 50u
#define HEARD_AT_ONCE 200u

static const char *const group_names[] = { "239.192.152.143:6771", "[ff15::efc0:988f]:6771" };

typedef struct
{
  CcbtLsd *lsd;
  CcbtNetwork network; /* the first of its interface and family */
  int fd;
  CcbtWatch watch;
} Group;

struct _CcbtLsd
{
  CcbtReactor *reactor;
  const CcbtSocketFactory *sockets; /* borrowed */
  CcbtClock *clock;
  const CcbtLsdOwner *owner_class;
  gpointer owner;
  guint16 port;
  char cookie[17];
  CcbtLsdSchedule schedule;
  GArray *networks;  /* CcbtNetwork */
  GPtrArray *groups; /* Group */
  CcbtAddress group_addresses[2];
  gint64 next_look;
  double may_hear; /* datagrams */
  gint64 heard_at;
};

/* --- Hearing --- */

static gboolean
may_hear (CcbtLsd *self)
{
  gint64 now = ccbt_clock_now (self->clock);

  self->may_hear += (double) (now - self->heard_at) * HEARD_PER_SECOND / CCBT_SECOND;
  self->may_hear = MIN (self->may_hear, HEARD_AT_ONCE);
  self->heard_at = now;
  if (self->may_hear < 1)
    return FALSE;
  self->may_hear -= 1;
  return TRUE;
}

static gboolean
is_neighbour (CcbtLsd *self, const Group *group, const CcbtAddress *from)
{
  for (guint i = 0; i < self->networks->len; i++)
    {
      const CcbtNetwork *network = &g_array_index (self->networks, CcbtNetwork, i);

      if (network->interface == group->network.interface && ccbt_network_contains (network, from))
        return TRUE;
    }
  return FALSE;
}

static void
take_datagram (CcbtLsd *self, const Group *group, const CcbtAddress *from, CcbtSpan datagram)
{
  CcbtLsdMessage message;
  CcbtAddress peer = *from;

  if (!is_neighbour (self, group, from) || !ccbt_lsd_message_parse (datagram, &message, NULL)
      || strcmp (message.cookie, self->cookie) == 0)
    return;
  peer.port = message.port;
  for (guint i = 0; i < message.n_info_hashes; i++)
    if (ccbt_lsd_schedule_contains (&self->schedule, &message.info_hashes[i]))
      self->owner_class->found (self->owner, &message.info_hashes[i], &peer);
}

static void
ready_cb (gpointer data, guint ready)
{
  Group *group = data;
  guint8 buffer[2048];
  CcbtAddress from;

  for (guint i = 0; i < READS_PER_TURN; i++)
    {
      gssize n = ccbt_network_receive (group->fd, buffer, sizeof buffer, &from);

      if (n < 0)
        return;
      if (may_hear (group->lsd))
        take_datagram (group->lsd, group, &from, (CcbtSpan){ buffer, (gsize) n });
    }
}

/* --- Groups --- */

static void
group_free (gpointer data)
{
  Group *group = data;

  ccbt_reactor_remove (group->lsd->reactor, &group->watch);
  close (group->fd);
  g_free (group);
}

static gboolean
has_group (CcbtLsd *self, const CcbtNetwork *network)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      const Group *group = g_ptr_array_index (self->groups, i);

      if (group->network.interface == network->interface
          && group->network.address.is_ipv6 == network->address.is_ipv6)
        return TRUE;
    }
  return FALSE;
}

static void
join (CcbtLsd *self, const CcbtNetwork *network)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = ccbt_address_ip_to_string (&network->address);
  Group *group;
  int fd
      = ccbt_network_open_group (network, &self->group_addresses[network->address.is_ipv6], &error);

  if (fd < 0)
    {
      g_info ("local discovery on %s: %s", name, error->message);
      return;
    }
  g_debug ("local discovery on %s", name);
  group = g_new0 (Group, 1);
  group->lsd = self;
  group->network = *network;
  group->fd = fd;
  ccbt_reactor_add (self->reactor, &group->watch, fd, CCBT_READY_READ, ready_cb, group);
  g_ptr_array_add (self->groups, group);
}

/* Returns: TRUE when they are others than before */
static gboolean
look_at_networks (CcbtLsd *self)
{
  g_autoptr (GArray) networks = ccbt_networks_list (self->sockets);

  self->next_look = ccbt_clock_now (self->clock) + LOOK_AGAIN;
  if (self->networks != NULL && networks->len == self->networks->len
      && (networks->len == 0
          || memcmp (networks->data, self->networks->data, networks->len * sizeof (CcbtNetwork))
                 == 0))
    return FALSE;
  g_clear_pointer (&self->networks, g_array_unref);
  self->networks = g_steal_pointer (&networks);
  g_ptr_array_set_size (self->groups, 0);
  for (guint i = 0; i < self->networks->len; i++)
    {
      const CcbtNetwork *network = &g_array_index (self->networks, CcbtNetwork, i);

      if (!has_group (self, network))
        join (self, network);
    }
  return TRUE;
}

/* --- Public --- */

CcbtLsd *
ccbt_lsd_new (CcbtReactor *reactor, const CcbtSocketFactory *sockets, CcbtClock *clock,
              guint16 port, const CcbtLsdOwner *questions, gpointer owner, GError **error)
{
  CcbtLsd *self = g_new0 (CcbtLsd, 1);
  g_autofree char *cookie = NULL;
  guint8 bytes[8];
  guint64 seed;

  ccbt_random_fill (bytes, sizeof bytes);
  ccbt_random_fill ((guint8 *) &seed, sizeof seed);
  cookie = ccbt_hex_encode (bytes, sizeof bytes);
  g_strlcpy (self->cookie, cookie, sizeof self->cookie);
  self->reactor = reactor;
  self->sockets = sockets;
  self->clock = clock;
  self->owner_class = questions;
  self->owner = owner;
  self->port = port;
  self->heard_at = ccbt_clock_now (clock);
  self->may_hear = HEARD_AT_ONCE;
  self->groups = g_ptr_array_new_with_free_func (group_free);
  ccbt_lsd_schedule_init (&self->schedule, seed, ccbt_clock_now (clock));
  for (guint i = 0; i < G_N_ELEMENTS (group_names); i++)
    ccbt_address_parse (group_names[i], &self->group_addresses[i]);
  look_at_networks (self);
  if (self->networks->len > 0 && self->groups->len == 0)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_NETWORK,
                           "The groups of local discovery cannot be joined.");
      g_clear_pointer (&self, ccbt_lsd_free);
    }
  return self;
}

void
ccbt_lsd_free (CcbtLsd *self)
{
  g_ptr_array_unref (self->groups);
  g_array_unref (self->networks);
  ccbt_lsd_schedule_clear (&self->schedule);
  g_free (self);
}

void
ccbt_lsd_add (CcbtLsd *self, const CcbtSha1 *info_hash)
{
  ccbt_lsd_schedule_add (&self->schedule, info_hash, ccbt_clock_now (self->clock));
}

void
ccbt_lsd_remove (CcbtLsd *self, const CcbtSha1 *info_hash)
{
  ccbt_lsd_schedule_remove (&self->schedule, info_hash);
}

void
ccbt_lsd_set_port (CcbtLsd *self, guint16 port)
{
  if (self->port == port)
    return;
  self->port = port;
  ccbt_lsd_schedule_restart (&self->schedule, ccbt_clock_now (self->clock));
}

void
ccbt_lsd_note_network_changed (CcbtLsd *self)
{
  if (look_at_networks (self))
    ccbt_lsd_schedule_restart (&self->schedule, ccbt_clock_now (self->clock));
}

static void
announce (CcbtLsd *self, const CcbtLsdMessage *message)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      const Group *group = g_ptr_array_index (self->groups, i);
      guint8 is_ipv6 = group->network.address.is_ipv6;
      g_autoptr (GByteArray) datagram = g_byte_array_new ();

      ccbt_lsd_message_write (datagram, message, group_names[is_ipv6]);
      ccbt_network_send (&group->network, group->fd, &self->group_addresses[is_ipv6],
                         (CcbtSpan){ datagram->data, datagram->len });
    }
}

void
ccbt_lsd_tick (CcbtLsd *self)
{
  gint64 now = ccbt_clock_now (self->clock);
  CcbtLsdMessage message = { .port = self->port };

  if (now >= self->next_look)
    ccbt_lsd_note_network_changed (self);
  if (self->port == 0 || self->groups->len == 0)
    return;
  message.n_info_hashes = ccbt_lsd_schedule_take (&self->schedule, now, message.info_hashes);
  if (message.n_info_hashes == 0)
    return;
  g_strlcpy (message.cookie, self->cookie, sizeof message.cookie);
  announce (self, &message);
}

guint
ccbt_lsd_get_n_groups (CcbtLsd *self)
{
  return self->groups->len;
}
