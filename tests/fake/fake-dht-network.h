/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "discovery/ccbt-dht.h"

/* A thousand nodes of the DHT in one thread: datagrams take 20 to 80 ms of a clock of its own, some
 * are lost. The same seed gives the same run. */
#define FAKE_DHT_N_NODES 1000u

typedef struct _FakeDhtNetwork FakeDhtNetwork;

typedef enum
{
  FAKE_DHT_HONEST,
  FAKE_DHT_LIAR,  /* names neighbours that are nowhere, answers in another's name */
  FAKE_DHT_SYBIL, /* claims to be next to whatever is looked for, names only its like */
} FakeDhtTemper;

typedef struct
{
  FakeDhtNetwork *network;
  guint index;
  CcbtDht *dht;
  CcbtAddress address;
  gint64 due;
  gboolean is_dead;
  FakeDhtTemper temper;
} FakeDhtNode;

struct _FakeDhtNetwork
{
  CcbtFakeClock clock;
  CcbtRandom random;
  FakeDhtNode nodes[FAKE_DHT_N_NODES];
  guint n_hostile;       /* from node 1 on */
  GSequence *on_the_way; /* Datagram */
  guint loss;            /* of a thousand */
  guint64 n_sent;
  guint64 n_lies;
};

/* Everyone has entered by one of those before it, and 40 s have passed; then the hostile ones turn
 * hostile. */
FakeDhtNetwork *fake_dht_network_new (guint n_hostile, FakeDhtTemper temper);
void fake_dht_network_free (FakeDhtNetwork *self);

/* 10 ms go by. */
void fake_dht_network_step (FakeDhtNetwork *self);
void fake_dht_network_run_for (FakeDhtNetwork *self, gint64 time);

typedef struct
{
  guint n_found;
  CcbtAddress found; /* the last */
  gboolean is_done;
  guint n_nodes, n_stored;
  int seeds, leechers;
  gint64 took;
} FakeDhtAnswer;

/* get_peers from node @from until it is done; also announces when @port is not 0. */
FakeDhtAnswer fake_dht_network_look_up (FakeDhtNetwork *self, guint from, const CcbtSha1 *hash,
                                        guint16 port, gboolean is_seed);
CcbtSha1 fake_dht_network_make_hash (guint number);
/* How many of the @n really nearest honest and living nodes hold peers? */
guint fake_dht_network_count_holders (FakeDhtNetwork *self, const CcbtSha1 *hash, guint n);
