/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-port-map-private.h"

#define DEFAULT_LEASE 3600u
#define RELEASE_TIME (900 * CCBT_MILLISECOND)

G_DEFINE_FINAL_TYPE (CcbtPortMap, ccbt_port_map, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

const char *
ccbt_port_map_protocol_get_name (CcbtPortMapProtocol protocol)
{
  static const char *const names[] = { "", "PCP", "NAT-PMP", "UPnP" };

  return names[protocol];
}

static gint64
now_of (CcbtPortMap *self)
{
  return ccbt_clock_now (self->clock);
}

static void
tell (CcbtPortMap *self)
{
  CcbtPortMapStatus status;

  ccbt_port_map_collect_status (self, &status);
  if (ccbt_port_map_status_is_same (&status, &self->told))
    {
      g_free (status.error);
      return;
    }
  g_free (self->told.error);
  self->told = status;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
retry_cb (gpointer data)
{
  CcbtPortMapFamily *family = data;

  g_object_ref (family->map);
  ccbt_port_map_family_begin (family);
  tell (family->map);
  g_object_unref (family->map);
}

/* --- Taking away --- */

static gboolean
is_family_released (const CcbtPortMapFamily *family)
{
  if (family->link != NULL)
    return ccbt_pcp_client_is_released (ccbt_pcp_link_get_client (family->link));
  return family->upnp == NULL || ccbt_port_map_upnp_is_released (family->upnp);
}

static void
release (CcbtPortMap *self)
{
  for (guint i = 0; i < 2; i++)
    {
      CcbtPortMapFamily *family = &self->families[i];

      ccbt_timer_set (family->retry, G_MAXINT64);
      if (family->link != NULL)
        ccbt_pcp_link_release (family->link);
      if (family->upnp != NULL)
        ccbt_port_map_upnp_release (family->upnp);
    }
  self->is_releasing = TRUE;
  /* Told from the loop, also when there is nothing to take away. */
  ccbt_timer_set (self->release_timer,
                  is_family_released (&self->families[0]) && is_family_released (&self->families[1])
                      ? now_of (self)
                      : now_of (self) + RELEASE_TIME);
}

static void
begin_all (CcbtPortMap *self)
{
  for (guint i = 0; i < 2; i++)
    {
      CcbtPortMapFamily *family = &self->families[i];

      ccbt_port_map_family_clear_protocol (family);
      family->n_failures = 0;
      family->state = CCBT_PORT_MAP_SEARCHING;
    }
  /* IPv6 first: whether it is open decides about UPnP's pinholes. */
  ccbt_port_map_family_begin (&self->families[1]);
  ccbt_port_map_family_begin (&self->families[0]);
}

static void
end_release (CcbtPortMap *self)
{
  void (*done) (gpointer data) = self->done;

  ccbt_timer_set (self->release_timer, G_MAXINT64);
  self->is_releasing = FALSE;
  if (!self->is_stopping)
    {
      begin_all (self);
      tell (self);
      return;
    }
  ccbt_port_map_family_clear_protocol (&self->families[0]);
  ccbt_port_map_family_clear_protocol (&self->families[1]);
  self->families[0].state = self->families[1].state = CCBT_PORT_MAP_OFF;
  tell (self);
  self->done = NULL;
  if (done != NULL)
    done (self->done_data);
  g_object_unref (self); /* of ccbt_port_map_stop() */
}

static void
release_timer_cb (gpointer data)
{
  CcbtPortMap *self = g_object_ref (data);

  end_release (self);
  g_object_unref (self);
}

void
ccbt_port_map_family_changed_cb (gpointer data)
{
  CcbtPortMapFamily *family = data;
  CcbtPortMap *self = g_object_ref (family->map);

  if (self->is_releasing)
    {
      if (is_family_released (&self->families[0]) && is_family_released (&self->families[1]))
        ccbt_timer_set (self->release_timer, now_of (self));
      g_object_unref (self);
      return;
    }
  ccbt_port_map_family_look (family);
  tell (self);
  g_object_unref (self);
}

/* --- GObject --- */

static void
ccbt_port_map_finalize (GObject *object)
{
  CcbtPortMap *self = CCBT_PORT_MAP (object);

  for (guint i = 0; i < 2; i++)
    {
      CcbtPortMapFamily *family = &self->families[i];

      ccbt_port_map_family_clear_protocol (family);
      ccbt_timer_free (family->retry);
      g_string_free (family->tried, TRUE);
      g_free (family->error);
      g_free (family->last_error);
    }
  ccbt_timer_free (self->release_timer);
  g_free (self->told.error);
  G_OBJECT_CLASS (ccbt_port_map_parent_class)->finalize (object);
}

static void
ccbt_port_map_class_init (CcbtPortMapClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_port_map_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
ccbt_port_map_init (CcbtPortMap *self)
{
}

static void
set_options (CcbtPortMap *self, const CcbtPortMapOptions *options)
{
  self->options = *options;
  if (self->options.lease == 0)
    self->options.lease = DEFAULT_LEASE;
  self->options.gateway.port = self->options.bind.port = 0;
}

/* As after a release of nothing. */
static void
begin_soon (CcbtPortMap *self)
{
  self->is_releasing = TRUE;
  ccbt_timer_set (self->release_timer, now_of (self));
}

/* --- Public --- */

CcbtPortMap *
ccbt_port_map_new (const CcbtPortMapOptions *options, CcbtClock *clock)
{
  CcbtPortMap *self = g_object_new (CCBT_TYPE_PORT_MAP, NULL);

  self->clock = clock;
  set_options (self, options);
  self->release_timer = ccbt_timer_new (clock, release_timer_cb, self);
  for (guint i = 0; i < 2; i++)
    {
      CcbtPortMapFamily *family = &self->families[i];

      family->map = self;
      family->is_ipv6 = i == 1;
      family->state = CCBT_PORT_MAP_SEARCHING;
      family->tried = g_string_new (NULL);
      ccbt_random_fill ((guint8 *) family->nonces, sizeof family->nonces);
      family->retry = ccbt_timer_new (clock, retry_cb, family);
    }
  begin_soon (self);
  self->told.state = CCBT_PORT_MAP_SEARCHING;
  return self;
}

void
ccbt_port_map_get_status (CcbtPortMap *self, CcbtPortMapStatus *out)
{
  g_return_if_fail (CCBT_IS_PORT_MAP (self));

  ccbt_port_map_collect_status (self, out);
  g_free (out->error);
  out->error = self->told.error;
}

/* Would the mappings there are be wished for again, in the same way? */
static gboolean
is_same_wish (const CcbtPortMapOptions *a, const CcbtPortMapOptions *b)
{
  return a->tcp_port == b->tcp_port && a->udp_port == b->udp_port && a->map_tcp == b->map_tcp
         && a->map_udp == b->map_udp && a->use_pcp == b->use_pcp && a->use_nat_pmp == b->use_nat_pmp
         && a->use_upnp == b->use_upnp && a->has_gateway == b->has_gateway
         && ccbt_address_same_ip (&a->gateway, &b->gateway);
}

void
ccbt_port_map_restart (CcbtPortMap *self, const CcbtPortMapOptions *options)
{
  gboolean is_same = is_same_wish (&self->options, options);

  g_return_if_fail (CCBT_IS_PORT_MAP (self));

  if (self->is_stopping)
    return;
  set_options (self, options);
  if (!is_same)
    for (guint i = 0; i < 2; i++)
      memset (self->families[i].wished, 0, sizeof self->families[i].wished);
  if (!is_same)
    release (self); /* the old ports first */
  else if (!self->is_releasing)
    begin_soon (self);
  tell (self);
}

void
ccbt_port_map_stop (CcbtPortMap *self, void (*done) (gpointer data), gpointer data)
{
  g_return_if_fail (CCBT_IS_PORT_MAP (self) && !self->is_stopping);

  g_object_ref (self);
  self->is_stopping = TRUE;
  self->done = done;
  self->done_data = data;
  release (self); /* also when that is under way: the second time takes what is left */
  tell (self);
}
