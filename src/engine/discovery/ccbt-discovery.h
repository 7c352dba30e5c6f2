/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "discovery/ccbt-dht-host.h"
#include "discovery/ccbt-lsd.h"

/* What finds peers without a tracker, for all torrents of a session: asks the DHT and the local
 * network, each torrent in its turn, and hands what they say to the session. */
typedef struct _CcbtDiscovery CcbtDiscovery;

typedef enum
{
  CCBT_DISCOVERY_DHT,
  CCBT_DISCOVERY_LOCAL,
} CcbtDiscoverySource;

typedef struct
{
  gboolean wants_peers; /* it has too few to do its work */
  gboolean is_seed;
} CcbtDiscoveryNeed;

typedef struct
{
  /* None may free the object. */
  void (*found) (gpointer owner, const CcbtSha1 *info_hash, CcbtDiscoverySource source,
                 const CcbtAddress *peers, guint n_peers);
  void (*get_need) (gpointer owner, const CcbtSha1 *info_hash, CcbtDiscoveryNeed *need);
  /* (nullable) a lookup of it ended: swarm size by BEP 33, -1 = unknown */
  void (*looked_up) (gpointer owner, const CcbtSha1 *info_hash, guint n_peers, int seeds,
                     int leechers);
} CcbtDiscoveryOwner;

/* @dht, @lsd: (nullable) borrowed, outlive it. @port: where we take connections, over TCP.
 * Returns: (transfer full) */
CcbtDiscovery *ccbt_discovery_new (CcbtDhtHost *dht, CcbtLsd *lsd, CcbtClock *clock, guint16 port,
                                   const CcbtDiscoveryOwner *questions, gpointer owner);
void ccbt_discovery_free (CcbtDiscovery *self);

/* Never a private torrent (BEP 27): the caller sees to it. */
void ccbt_discovery_add (CcbtDiscovery *self, const CcbtSha1 *info_hash);
void ccbt_discovery_remove (CcbtDiscovery *self, const CcbtSha1 *info_hash);
gboolean ccbt_discovery_has (CcbtDiscovery *self, const CcbtSha1 *info_hash);
/* The user asks for peers. */
void ccbt_discovery_hurry (CcbtDiscovery *self, const CcbtSha1 *info_hash);
/* We stand at another address, or listen on another port: nodes of the DHT are told, one torrent after
 * the other. */
void ccbt_discovery_note_moved (CcbtDiscovery *self);
/* The DHT knows somebody to ask now: torrents that were asked in vain are asked again. */
void ccbt_discovery_note_dht_ready (CcbtDiscovery *self);
/* Where the world outside reaches us: what the DHT is told. Neighbours are still told our own. */
void ccbt_discovery_set_announced_port (CcbtDiscovery *self, guint16 port);
/* About four times a second. */
void ccbt_discovery_tick (CcbtDiscovery *self);
