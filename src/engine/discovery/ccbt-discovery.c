/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-discovery.h"
#include "discovery/ccbt-lookup-schedule.h"

typedef struct
{
  CcbtDiscovery *discovery;
  CcbtSha1 info_hash;
  guint id;
  guint n_peers;
} Lookup;

struct _CcbtDiscovery
{
  CcbtDhtHost *dht; /* NULL: off */
  CcbtLsd *lsd;     /* NULL: off */
  CcbtClock *clock;
  guint16 port;
  const CcbtDiscoveryOwner *questions;
  gpointer owner;
  CcbtLookupSchedule *schedule;
  GHashTable *hashes;   /* CcbtSha1, owned: all torrents looked for */
  GPtrArray *under_way; /* Lookup */
};

CcbtDiscovery *
ccbt_discovery_new (CcbtDhtHost *dht, CcbtLsd *lsd, CcbtClock *clock, guint16 port,
                    const CcbtDiscoveryOwner *questions, gpointer owner)
{
  CcbtDiscovery *self = g_new0 (CcbtDiscovery, 1);
  guint64 seed;

  ccbt_random_fill ((guint8 *) &seed, sizeof seed);
  self->dht = dht;
  self->lsd = lsd;
  self->clock = clock;
  self->port = port;
  self->questions = questions;
  self->owner = owner;
  self->schedule = ccbt_lookup_schedule_new (seed);
  self->hashes = g_hash_table_new_full (ccbt_sha1_hash, ccbt_sha1_equal, g_free, NULL);
  self->under_way = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
ccbt_discovery_free (CcbtDiscovery *self)
{
  for (guint i = 0; i < self->under_way->len; i++)
    ccbt_dht_cancel (ccbt_dht_host_get_dht (self->dht),
                     ((Lookup *) g_ptr_array_index (self->under_way, i))->id);
  g_ptr_array_unref (self->under_way);
  ccbt_lookup_schedule_free (self->schedule);
  g_hash_table_unref (self->hashes);
  g_free (self);
}

/* --- Lookups --- */

static void
got_peers_cb (gpointer data, const CcbtAddress *peers, guint n_peers)
{
  Lookup *lookup = data;
  CcbtDiscovery *self = lookup->discovery;

  lookup->n_peers += n_peers;
  self->questions->found (self->owner, &lookup->info_hash, CCBT_DISCOVERY_DHT, peers, n_peers);
}

static void
done_cb (gpointer data, guint n_nodes, guint n_stored, int seeds, int leechers)
{
  Lookup *lookup = data;
  CcbtDiscovery *self = lookup->discovery;
  CcbtDiscoveryNeed need = { 0 };

  self->questions->get_need (self->owner, &lookup->info_hash, &need);
  ccbt_lookup_schedule_finish (self->schedule, &lookup->info_hash, n_nodes, lookup->n_peers,
                               need.wants_peers, ccbt_clock_now (self->clock));
  if (self->questions->looked_up != NULL)
    self->questions->looked_up (self->owner, &lookup->info_hash, lookup->n_peers, seeds, leechers);
  g_ptr_array_remove_fast (self->under_way, lookup);
}

static void
look_up (CcbtDiscovery *self, const CcbtSha1 *info_hash)
{
  static const CcbtDhtPeersFunc func = { .got_peers = got_peers_cb, .done = done_cb };
  Lookup *lookup = g_new0 (Lookup, 1);
  CcbtDiscoveryNeed need = { 0 };

  self->questions->get_need (self->owner, info_hash, &need);
  lookup->discovery = self;
  lookup->info_hash = *info_hash;
  g_ptr_array_add (self->under_way, lookup);
  lookup->id = ccbt_dht_get_peers (ccbt_dht_host_get_dht (self->dht), info_hash, self->port, FALSE,
                                   need.is_seed, &func, lookup);
  ccbt_dht_host_wake (self->dht);
}

static gboolean
is_dht_ready (CcbtDiscovery *self)
{
  CcbtDhtStatus status;

  if (self->dht == NULL)
    return FALSE;
  ccbt_dht_get_status (ccbt_dht_host_get_dht (self->dht), &status);
  return status.n_nodes[0] + status.n_nodes[1] > 0;
}

/* Not while nobody can be asked: a lookup in vain would only be put off. */
static void
look_up_due (CcbtDiscovery *self)
{
  gint64 now = ccbt_clock_now (self->clock);
  CcbtSha1 info_hash;

  if (ccbt_lookup_schedule_get_next (self->schedule) > now || !is_dht_ready (self))
    return;
  while (ccbt_lookup_schedule_take (self->schedule, now, &info_hash))
    look_up (self, &info_hash);
}

static Lookup *
find_lookup (CcbtDiscovery *self, const CcbtSha1 *info_hash)
{
  for (guint i = 0; i < self->under_way->len; i++)
    {
      Lookup *lookup = g_ptr_array_index (self->under_way, i);

      if (ccbt_sha1_equal (&lookup->info_hash, info_hash))
        return lookup;
    }
  return NULL;
}

/* --- Torrents --- */

void
ccbt_discovery_add (CcbtDiscovery *self, const CcbtSha1 *info_hash)
{
  if (!g_hash_table_add (self->hashes, g_memdup2 (info_hash, sizeof *info_hash)))
    return;
  if (self->dht != NULL)
    {
      ccbt_lookup_schedule_add (self->schedule, info_hash, ccbt_clock_now (self->clock));
      look_up_due (self);
    }
  if (self->lsd != NULL)
    ccbt_lsd_add (self->lsd, info_hash);
}

void
ccbt_discovery_remove (CcbtDiscovery *self, const CcbtSha1 *info_hash)
{
  Lookup *lookup = find_lookup (self, info_hash);

  if (lookup != NULL)
    {
      ccbt_dht_cancel (ccbt_dht_host_get_dht (self->dht), lookup->id);
      g_ptr_array_remove_fast (self->under_way, lookup);
    }
  ccbt_lookup_schedule_remove (self->schedule, info_hash);
  if (self->lsd != NULL)
    ccbt_lsd_remove (self->lsd, info_hash);
  g_hash_table_remove (self->hashes, info_hash);
}

gboolean
ccbt_discovery_has (CcbtDiscovery *self, const CcbtSha1 *info_hash)
{
  return g_hash_table_contains (self->hashes, info_hash);
}

void
ccbt_discovery_hurry (CcbtDiscovery *self, const CcbtSha1 *info_hash)
{
  ccbt_lookup_schedule_hurry (self->schedule, info_hash, ccbt_clock_now (self->clock));
  look_up_due (self);
}

void
ccbt_discovery_note_moved (CcbtDiscovery *self)
{
  ccbt_lookup_schedule_restart (self->schedule, ccbt_clock_now (self->clock));
  if (self->dht != NULL)
    look_up_due (self);
}

void
ccbt_discovery_note_dht_ready (CcbtDiscovery *self)
{
  look_up_due (self);
}

void
ccbt_discovery_set_announced_port (CcbtDiscovery *self, guint16 port)
{
  self->port = port;
}

void
ccbt_discovery_tick (CcbtDiscovery *self)
{
  if (self->dht != NULL)
    look_up_due (self);
  if (self->lsd != NULL)
    ccbt_lsd_tick (self->lsd);
}
