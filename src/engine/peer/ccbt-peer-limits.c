/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The limits a peer is under: of the session, of its torrent, its own; and waiting for them. */
#include "peer/ccbt-peer-private.h"

gboolean
ccbt_peer_address_is_local (const CcbtAddress *address)
{
  switch (ccbt_address_get_scope (address))
    {
    case CCBT_ADDRESS_PRIVATE:
      return address->is_ipv6 || address->ip[0] != 100; /* 100.64/10 is the provider's */
    case CCBT_ADDRESS_LINK_LOCAL:
    case CCBT_ADDRESS_LOOPBACK:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
is_exempt (CcbtPeer *self)
{
  return self->is_local && self->environment->lan_is_exempt;
}

/* --- Asking and counting --- */

static guint32
ask (CcbtRateShare *share, CcbtRateGroup *group, CcbtRateBucket *own, guint64 own_limit,
     guint32 want, gint64 now)
{
  if (own->limit != own_limit)
    ccbt_rate_bucket_set_limit (own, own_limit, now);
  want = ccbt_rate_share_available (share, group != NULL ? &group->claim : NULL, want, now);
  if (group != NULL && want > 0)
    want = ccbt_rate_bucket_available (&group->bucket, want, now);
  return want > 0 ? ccbt_rate_bucket_available (own, want, now) : 0;
}

static void
count (CcbtRateShare *share, CcbtRateGroup *group, CcbtRateBucket *own, guint32 bytes)
{
  ccbt_rate_share_take (share, group != NULL ? &group->claim : NULL, bytes);
  if (group != NULL)
    ccbt_rate_bucket_take (&group->bucket, bytes);
  ccbt_rate_bucket_take (own, bytes);
}

guint32
ccbt_peer_may_read (CcbtPeer *self, guint32 want, gint64 now)
{
  CcbtPeerEnvironment *environment = self->environment;

  if (is_exempt (self))
    return want;
  return ask (&environment->download, self->download_group, &self->own_download,
              environment->peer_download_limit, want, now);
}

guint32
ccbt_peer_may_write (CcbtPeer *self, guint32 want, gint64 now)
{
  CcbtPeerEnvironment *environment = self->environment;

  if (is_exempt (self))
    return want;
  return ask (&environment->upload, self->upload_group, &self->own_upload,
              environment->peer_upload_limit, want, now);
}

void
ccbt_peer_count_read (CcbtPeer *self, guint32 bytes)
{
  if (!is_exempt (self))
    count (&self->environment->download, self->download_group, &self->own_download, bytes);
}

void
ccbt_peer_count_written (CcbtPeer *self, guint32 bytes)
{
  if (!is_exempt (self))
    count (&self->environment->upload, self->upload_group, &self->own_upload, bytes);
}

/* --- Waiting --- */

static CcbtRateShare *
get_share (CcbtPeerEnvironment *self, guint direction)
{
  return direction == CCBT_READY_READ ? &self->download : &self->upload;
}

static CcbtRateClaim *
get_claim (CcbtPeer *self, guint direction)
{
  CcbtRateGroup *group = direction == CCBT_READY_READ ? self->download_group : self->upload_group;

  return group != NULL ? &group->claim : NULL;
}

/* Others of the session give way to it when it is the session's limit that it waits for. */
static void
note_waiting (CcbtPeer *self, guint direction)
{
  CcbtRateShare *share = get_share (self->environment, direction);
  CcbtRateClaim *claim = get_claim (self, direction);

  if (share->bucket.limit != 0 && claim != NULL && !is_exempt (self)
      && ccbt_rate_share_available (share, claim, G_MAXUINT32,
                                    ccbt_clock_now (self->environment->clock))
             == 0)
    ccbt_rate_share_wait (share, claim);
}

/* Which of the limits is it that is used up? Returns: CcbtStallCause */
static guint
find_cause (CcbtPeer *self, guint direction)
{
  gint64 now = ccbt_clock_now (self->environment->clock);
  CcbtRateShare *share = get_share (self->environment, direction);
  CcbtRateGroup *group = direction == CCBT_READY_READ ? self->download_group : self->upload_group;
  CcbtRateBucket *own = direction == CCBT_READY_READ ? &self->own_download : &self->own_upload;

  if (is_exempt (self))
    return CCBT_STALL_DISK;
  if (ccbt_rate_bucket_available (own, G_MAXUINT32, now) == 0)
    return CCBT_STALL_PEER_LIMIT;
  if (group != NULL && ccbt_rate_bucket_available (&group->bucket, G_MAXUINT32, now) == 0)
    return CCBT_STALL_TORRENT_LIMIT;
  if (ccbt_rate_share_available (share, group != NULL ? &group->claim : NULL, G_MAXUINT32, now)
      == 0)
    return CCBT_STALL_SESSION_LIMIT;
  return CCBT_STALL_DISK;
}

void
ccbt_peer_stall (CcbtPeer *self, guint direction)
{
  CcbtPeerEnvironment *environment = self->environment;
  const CcbtStalledPeer stalled = { self->handle, direction };
  guint *stalls = direction == CCBT_READY_READ ? &self->download_stalls : &self->upload_stalls;

  *stalls |= find_cause (self, direction);
  note_waiting (self, direction);
  if (self->stalled & direction)
    return;
  self->stalled |= direction;
  g_array_append_val (environment->stalled, stalled);
  if (environment->stalled->len == 1 && environment->stall_noted != NULL)
    environment->stall_noted (environment->session);
}

/* --- Going on --- */

typedef struct
{
  CcbtStalledPeer stalled;
  guint64 served; /* its torrent, by weight */
  gint64 last;    /* when it last had anything */
} Turn;

static int
compare_turns (gconstpointer a, gconstpointer b)
{
  const Turn *x = a, *y = b;

  if (x->served != y->served)
    return x->served < y->served ? -1 : 1;
  return (x->last > y->last) - (x->last < y->last);
}

/* Those of @stalled that wait for @direction and are still there, in the order of their turns.
 * Returns: (transfer full): Turn */
static GArray *
list_turns (CcbtPeerEnvironment *self, const GArray *stalled, guint direction)
{
  GArray *turns = g_array_new (FALSE, FALSE, sizeof (Turn));

  for (guint i = 0; i < stalled->len; i++)
    {
      const CcbtStalledPeer *entry = &g_array_index (stalled, CcbtStalledPeer, i);
      CcbtPeer *peer = ccbt_peer_table_lookup (self->table, entry->peer);
      const CcbtRateClaim *claim;
      Turn turn;

      if (entry->direction != direction || peer == NULL || peer->transport == NULL)
        continue;
      claim = get_claim (peer, direction);
      turn = (Turn){ *entry, claim != NULL ? claim->served : 0,
                     direction == CCBT_READY_READ ? peer->last_received : peer->last_sent };
      g_array_append_val (turns, turn);
    }
  g_array_sort (turns, compare_turns);
  return turns;
}

static void
go_on_reading (CcbtPeer *self)
{
  self->is_in_turn = TRUE;
  ccbt_peer_receive (self);
  self->is_in_turn = FALSE;
  if (self->phase == CCBT_PEER_DEAD)
    return;
  if (!(self->stalled & CCBT_READY_READ))
    {
      self->interest |= CCBT_READY_READ;
      ccbt_peer_update_interest (self);
    }
  ccbt_peer_flush (self);
}

static void
go_on (CcbtPeer *self, guint direction)
{
  ccbt_peer_hold (self);
  self->stalled &= ~direction;
  if (direction == CCBT_READY_READ)
    go_on_reading (self);
  else
    ccbt_peer_flush (self);
  ccbt_peer_release (self);
}

static void
serve (CcbtPeerEnvironment *self, const GArray *stalled, guint direction)
{
  g_autoptr (GArray) turns = list_turns (self, stalled, direction);
  CcbtRateShare *share = get_share (self, direction);

  for (guint i = 0; i < turns->len; i++)
    {
      const CcbtStalledPeer *entry = &g_array_index (turns, Turn, i).stalled;
      CcbtPeer *peer = ccbt_peer_table_lookup (self->table, entry->peer);

      if (peer == NULL || peer->transport == NULL) /* closed by one before it */
        continue;
      if (share->bucket.limit == 0 || is_exempt (peer)
          || ccbt_rate_share_available (share, NULL, G_MAXUINT32, ccbt_clock_now (self->clock)) > 0)
        go_on (peer, direction);
      else
        {
          note_waiting (peer, direction);
          g_array_append_val (self->stalled, *entry);
        }
    }
}

void
ccbt_peer_environment_wake_stalled (CcbtPeerEnvironment *self)
{
  g_autoptr (GArray) stalled = NULL;

  if (self->stalled->len == 0)
    return;
  stalled = g_steal_pointer (&self->stalled);
  self->stalled = g_array_new (FALSE, FALSE, sizeof (CcbtStalledPeer));
  ccbt_rate_share_begin_round (&self->download);
  ccbt_rate_share_begin_round (&self->upload);
  serve (self, stalled, CCBT_READY_READ);
  serve (self, stalled, CCBT_READY_WRITE);
}
