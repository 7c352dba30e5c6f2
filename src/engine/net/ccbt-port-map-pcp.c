/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ccbt-port-map-pcp.h"

/* RFC 6887 8.1.1 begins with 3 s and goes on to 1024 s; RFC 6886 3.1 with 250 ms. The first search
 * is quicker than that: the router is one hop away, and another protocol waits for its turn. */
#define SEARCH_PCP (2500 * CCBT_MILLISECOND)
#define SEARCH_NAT_PMP (1750 * CCBT_MILLISECOND)
#define FIRST_WAIT_SEARCH_PCP (1000 * CCBT_MILLISECOND)
#define FIRST_WAIT_SEARCH_NAT_PMP (250 * CCBT_MILLISECOND)
#define FIRST_WAIT_RENEWAL (3 * CCBT_SECOND)
#define FIRST_WAIT_RELEASE (200 * CCBT_MILLISECOND)
#define LONGEST_WAIT (1024 * CCBT_SECOND)
/* What a router may grant: more is as good as for ever, less would keep us asking (RFC 6887 15). */
#define LONGEST_LEASE 86400u
#define SHORTEST_LEASE 60u
/* How long a refusal of one port is believed while another one is open; NAT-PMP does not say. */
#define SHORTEST_REFUSAL 60u
#define LONGEST_REFUSAL 1800u
/* After news for everybody, not everybody at once (RFC 6887 14.1.3 allows 5 s). */
#define ANNOUNCE_SPREAD (2 * CCBT_SECOND)

static const char *
get_protocol_name (const CcbtPcpClient *self)
{
  return self->setup.version == CCBT_PCP_VERSION ? "PCP" : "NAT-PMP";
}

static void
set_error (CcbtPcpClient *self, const char *what)
{
  g_autofree char *router = ccbt_address_ip_to_string (&self->setup.router);

  g_snprintf (self->error, sizeof self->error, "%s: the router %s %s.", get_protocol_name (self),
              router, what);
}

/* @wait and up to a tenth more or less, so that two computers do not stay in step. */
static gint64
jitter (CcbtPcpClient *self, gint64 wait)
{
  guint32 fifth = (guint32) MIN (wait / 5, G_MAXUINT32 - 1);

  return wait - fifth / 2 + ccbt_random_below (&self->setup.random, fifth + 1);
}

void
ccbt_pcp_client_init (CcbtPcpClient *self, const CcbtPcpSetup *setup, gint64 now)
{
  memset (self, 0, sizeof *self);
  self->setup = *setup;
  self->give_up_at = now + (setup->version == CCBT_PCP_VERSION ? SEARCH_PCP : SEARCH_NAT_PMP);
  self->address_next_send = setup->version == CCBT_NAT_PMP_VERSION ? now : G_MAXINT64;
}

void
ccbt_pcp_client_add_port (CcbtPcpClient *self, gboolean is_udp, guint16 port, guint16 wished,
                          const guint8 nonce[CCBT_PCP_NONCE_SIZE], gint64 now)
{
  CcbtPcpLease *lease = &self->leases[self->n_leases];

  g_return_if_fail (self->n_leases < CCBT_PCP_MAX_LEASES && port != 0);

  *lease = (CcbtPcpLease){
    .is_udp = is_udp, .internal_port = port, .external_port = wished, .next_send = now
  };
  memcpy (lease->nonce, nonce, CCBT_PCP_NONCE_SIZE);
  self->n_leases++;
}

/* --- Sending --- */

static void
send_request (CcbtPcpClient *self, const CcbtPcpLease *lease)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  CcbtPcpRequest request = { .is_udp = lease->is_udp,
                             .internal_port = lease->internal_port,
                             .client = self->setup.client };

  memcpy (request.nonce, lease->nonce, sizeof request.nonce);
  if (!self->is_releasing)
    {
      request.lifetime = self->setup.lease;
      request.external_port = lease->external_port;
      if (self->has_external)
        request.external = self->external;
    }
  if (self->setup.version == CCBT_PCP_VERSION)
    ccbt_pcp_request_write (bytes, &request);
  else
    ccbt_nat_pmp_request_write (bytes, &request);
  self->setup.send (self->setup.owner, (CcbtSpan){ bytes->data, bytes->len });
}

static gint64
get_first_wait (const CcbtPcpClient *self)
{
  if (self->is_releasing)
    return FIRST_WAIT_RELEASE;
  if (self->state == CCBT_PCP_MAPPED)
    return FIRST_WAIT_RENEWAL;
  return self->setup.version == CCBT_PCP_VERSION ? FIRST_WAIT_SEARCH_PCP
                                                 : FIRST_WAIT_SEARCH_NAT_PMP;
}

static gint64
grow_wait (CcbtPcpClient *self, gint64 wait)
{
  return wait == 0 ? get_first_wait (self) : MIN (wait * 2, LONGEST_WAIT);
}

static void
send_due (CcbtPcpClient *self, gint64 now)
{
  for (guint i = 0; i < self->n_leases; i++)
    {
      CcbtPcpLease *lease = &self->leases[i];

      if (lease->next_send > now)
        continue;
      lease->wait = grow_wait (self, lease->wait);
      lease->next_send = now + jitter (self, lease->wait);
      send_request (self, lease);
    }
  if (self->address_next_send <= now)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      self->address_wait = grow_wait (self, self->address_wait);
      self->address_next_send = now + jitter (self, self->address_wait);
      ccbt_nat_pmp_write_address_request (bytes);
      self->setup.send (self->setup.owner, (CcbtSpan){ bytes->data, bytes->len });
    }
}

/* --- Where we are --- */

static void
give_up (CcbtPcpClient *self)
{
  self->state = CCBT_PCP_FAILED;
  self->address_next_send = G_MAXINT64;
  for (guint i = 0; i < self->n_leases; i++)
    self->leases[i].next_send = G_MAXINT64;
}

static void
update_state (CcbtPcpClient *self)
{
  guint n_mapped = 0, n_refused = 0;

  if (self->state == CCBT_PCP_FAILED)
    return;
  for (guint i = 0; i < self->n_leases; i++)
    {
      n_mapped += self->leases[i].is_mapped;
      n_refused += self->leases[i].is_refused && !self->leases[i].is_mapped;
    }
  if (n_mapped > 0 && n_mapped + n_refused == self->n_leases)
    self->state = CCBT_PCP_MAPPED;
  else if (n_refused == self->n_leases)
    give_up (self);
}

static void
expire (CcbtPcpClient *self, gint64 now)
{
  guint n_mapped = 0;

  for (guint i = 0; i < self->n_leases; i++)
    {
      CcbtPcpLease *lease = &self->leases[i];

      lease->is_mapped = lease->is_mapped && now < lease->expires_at;
      n_mapped += lease->is_mapped;
    }
  if (self->is_releasing)
    return;
  if (self->state == CCBT_PCP_MAPPED && n_mapped == 0)
    {
      set_error (self, "no longer answers");
      give_up (self);
    }
  else if (self->state == CCBT_PCP_SEARCHING && now >= self->give_up_at)
    {
      self->is_silent = *self->error == '\0';
      if (self->is_silent)
        set_error (self, "does not answer");
      if (n_mapped > 0)
        self->state = CCBT_PCP_MAPPED; /* the other one goes on being asked for */
      else
        give_up (self);
    }
}

gint64
ccbt_pcp_client_tick (CcbtPcpClient *self, gint64 now)
{
  gint64 next = self->address_next_send;

  expire (self, now);
  if (self->state == CCBT_PCP_FAILED && !self->is_releasing)
    return G_MAXINT64;
  send_due (self, now);
  next = self->address_next_send;
  if (self->state == CCBT_PCP_SEARCHING && !self->is_releasing)
    next = MIN (next, self->give_up_at);
  for (guint i = 0; i < self->n_leases; i++)
    {
      next = MIN (next, self->leases[i].next_send);
      if (self->leases[i].is_mapped)
        next = MIN (next, self->leases[i].expires_at);
    }
  return MAX (next, now + CCBT_MILLISECOND);
}

/* --- Epoch --- */

/* Has the router lost its mappings since it last spoke? Its clock must have gone on as ours did
 * (RFC 6887 section 8.5, RFC 6886 section 3.6). */
static gboolean
has_lost_state (const CcbtPcpClient *self, guint32 epoch, gint64 now)
{
  gint64 ours = (now - self->epoch_at) / CCBT_SECOND;
  gint64 theirs = (gint64) epoch - self->epoch;

  if (!self->has_epoch)
    return FALSE;
  if (self->setup.version == CCBT_NAT_PMP_VERSION)
    return theirs < ours * 7 / 8 - 2;
  return theirs < -1 || ours + 2 < theirs - theirs / 16 || theirs + 2 < ours - ours / 16;
}

/* @answered: (nullable): the mapping that this very answer has made anew */
static void
check_epoch (CcbtPcpClient *self, guint32 epoch, const CcbtPcpLease *answered, gint64 spread,
             gint64 now)
{
  gboolean is_lost = has_lost_state (self, epoch, now);

  self->has_epoch = TRUE;
  self->epoch = epoch;
  self->epoch_at = now;
  if (!is_lost)
    return;
  for (guint i = 0; i < self->n_leases; i++)
    if (&self->leases[i] != answered && self->leases[i].is_mapped)
      {
        self->leases[i].wait = 0;
        self->leases[i].next_send
            = now + ccbt_random_below (&self->setup.random, (guint32) spread + 1);
      }
}

/* --- Answers --- */

static CcbtPcpLease *
find_lease (CcbtPcpClient *self, const CcbtPcpReply *reply)
{
  for (guint i = 0; i < self->n_leases; i++)
    {
      CcbtPcpLease *lease = &self->leases[i];

      if (lease->is_udp == reply->is_udp && lease->internal_port == reply->internal_port
          && (reply->version == CCBT_NAT_PMP_VERSION
              || memcmp (lease->nonce, reply->nonce, sizeof lease->nonce) == 0))
        return lease;
    }
  return NULL;
}

static void
take_external (CcbtPcpClient *self, const CcbtPcpReply *reply)
{
  if (!reply->has_external || ccbt_address_get_scope (&reply->external) == CCBT_ADDRESS_UNUSABLE)
    return;
  self->has_external = TRUE;
  self->external = reply->external;
}

static void
take_grant (CcbtPcpClient *self, CcbtPcpLease *lease, const CcbtPcpReply *reply, gint64 now)
{
  gint64 lifetime = CLAMP (reply->lifetime, SHORTEST_LEASE, LONGEST_LEASE) * CCBT_SECOND;
  /* From half of it on (RFC 6887 section 11.2.1), spread over an eighth. */
  gint64 spread = ccbt_random_below (&self->setup.random, (guint32) MIN (lifetime / 8, G_MAXINT32));

  lease->is_mapped = TRUE;
  lease->is_refused = FALSE;
  lease->external_port = reply->external_port;
  lease->expires_at = now + lifetime;
  lease->wait = 0;
  lease->next_send = now + lifetime / 2 + spread;
  take_external (self, reply);
}

static void
take_refusal (CcbtPcpClient *self, CcbtPcpLease *lease, const CcbtPcpReply *reply, gint64 now)
{
  gint64 lasts = CLAMP (reply->lifetime, SHORTEST_REFUSAL, LONGEST_REFUSAL) * CCBT_SECOND;

  set_error (self, ccbt_pcp_reply_describe (reply));
  self->is_older_version |= reply->result == CCBT_PCP_UNSUPPORTED_VERSION;
  lease->is_refused = TRUE;
  lease->wait = 0;
  lease->next_send = now + lasts;
}

static void
take_map_reply (CcbtPcpClient *self, const CcbtPcpReply *reply, gint64 now)
{
  CcbtPcpLease *lease = find_lease (self, reply);

  /* wait is 0 when nothing was asked: nothing is answered then. */
  if (lease == NULL || lease->wait == 0)
    return;
  check_epoch (self, reply->epoch, lease, 0, now);
  if (self->is_releasing)
    {
      /* What came late is the answer to an earlier request. */
      if (reply->result == CCBT_PCP_SUCCESS && reply->lifetime > 0)
        return;
      lease->is_mapped = FALSE;
      lease->next_send = G_MAXINT64;
    }
  else if (reply->result == CCBT_PCP_SUCCESS && reply->lifetime > 0)
    take_grant (self, lease, reply, now);
  else if (reply->result != CCBT_PCP_SUCCESS)
    take_refusal (self, lease, reply, now);
}

/* A router without PCP answers in the older form, which names no nonce: it comes from the router's
 * address and port, and the worst it can do is to make us ask by NAT-PMP. */
static void
take_other_version (CcbtPcpClient *self, const CcbtPcpReply *reply)
{
  if (self->setup.version != CCBT_PCP_VERSION || self->state != CCBT_PCP_SEARCHING
      || reply->result != CCBT_PCP_UNSUPPORTED_VERSION)
    return;
  self->is_older_version = self->is_silent = TRUE;
  set_error (self, ccbt_pcp_reply_describe (reply));
  give_up (self);
}

static void
take_announcement (CcbtPcpClient *self, const CcbtPcpReply *reply, gboolean is_multicast,
                   gint64 now)
{
  if (reply->result != CCBT_PCP_SUCCESS)
    return;
  check_epoch (self, reply->epoch, NULL, is_multicast ? ANNOUNCE_SPREAD : 0, now);
  if (self->setup.version != CCBT_NAT_PMP_VERSION)
    return;
  take_external (self, reply);
  if (!is_multicast)
    {
      self->address_next_send = G_MAXINT64;
      self->address_wait = 0;
    }
}

/* A router that speaks both announces its start by PCP alone; what its clock says by NAT-PMP tells
 * whether that is meant. */
static void
ask_after_announcement (CcbtPcpClient *self, gint64 now)
{
  if (self->setup.version != CCBT_NAT_PMP_VERSION || self->state != CCBT_PCP_MAPPED
      || self->is_releasing || self->address_next_send != G_MAXINT64)
    return;
  self->address_wait = 0;
  self->address_next_send
      = now + ccbt_random_below (&self->setup.random, (guint32) ANNOUNCE_SPREAD);
}

void
ccbt_pcp_client_receive (CcbtPcpClient *self, const CcbtAddress *from, CcbtSpan datagram,
                         gboolean is_multicast, gint64 now)
{
  CcbtPcpReply reply;

  if (!ccbt_address_same_ip (from, &self->setup.router)
      || (!is_multicast && from->port != self->setup.router.port)
      || !ccbt_pcp_reply_parse (datagram, &reply, NULL) || self->state == CCBT_PCP_FAILED)
    return;
  if (is_multicast && reply.opcode != CCBT_PCP_ANNOUNCE)
    return;
  if (reply.version != self->setup.version && is_multicast)
    ask_after_announcement (self, now);
  else if (reply.version != self->setup.version)
    take_other_version (self, &reply);
  else if (reply.opcode == CCBT_PCP_ANNOUNCE)
    take_announcement (self, &reply, is_multicast, now);
  else
    take_map_reply (self, &reply, now);
  if (!self->is_releasing)
    update_state (self);
}

void
ccbt_pcp_client_note_unreachable (CcbtPcpClient *self)
{
  /* With mappings it restarts; the schedule finds out. */
  if (self->state != CCBT_PCP_SEARCHING || self->is_releasing)
    return;
  self->is_silent = TRUE;
  set_error (self, "does not offer it");
  give_up (self);
}

/* --- The end --- */

void
ccbt_pcp_client_release (CcbtPcpClient *self, gint64 now)
{
  self->is_releasing = TRUE;
  self->address_next_send = G_MAXINT64;
  for (guint i = 0; i < self->n_leases; i++)
    {
      CcbtPcpLease *lease = &self->leases[i];
      /* An answer may be on its way yet. */
      gboolean may_be_mapped
          = lease->is_mapped || (self->state == CCBT_PCP_SEARCHING && !lease->is_refused);

      lease->is_mapped = may_be_mapped;
      lease->expires_at = G_MAXINT64;
      lease->wait = 0;
      lease->next_send = may_be_mapped ? now : G_MAXINT64;
    }
}

gboolean
ccbt_pcp_client_is_released (const CcbtPcpClient *self)
{
  for (guint i = 0; i < self->n_leases; i++)
    if (self->leases[i].is_mapped)
      return FALSE;
  return TRUE;
}
