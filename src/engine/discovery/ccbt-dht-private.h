/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "discovery/ccbt-dht.h"

/* Among the files of a node:
 *   ccbt-dht.c            life, time, state
 *   ccbt-dht-queries.c    what we ask: open questions, answers, timeouts
 *   ccbt-dht-answers.c    what we are asked
 *   ccbt-dht-traversal.c  the way towards an id
 *   ccbt-dht-lookups.c    what lookups do with what they find
 *   ccbt-dht-nearest.c    announcing, putting and scraping at the end of the way */

#define CCBT_DHT_ALPHA 4u
#define CCBT_DHT_CANDIDATES 100u
#define CCBT_DHT_NODES_PER_REPLY 16u /* of one family; a liar must not fill the list */
#define CCBT_DHT_N_FAMILIES 2u

typedef struct _CcbtDhtLookup CcbtDhtLookup;
typedef struct _CcbtDhtTraversal CcbtDhtTraversal;

typedef enum
{
  CCBT_DHT_FOR_PING,
  CCBT_DHT_FOR_TRAVERSAL,
  CCBT_DHT_FOR_STORING, /* announce_peer or put of a lookup */
  CCBT_DHT_FOR_SCRAPE,
  CCBT_DHT_FOR_SAMPLE,
} CcbtDhtPurpose;

/* A question that waits for its answer. */
typedef struct
{
  guint32 transaction;
  CcbtAddress to;
  gboolean knows_id;
  CcbtSha1 id; /* we take it for */
  gint64 sent_at;
  gboolean is_slow; /* others are asked meanwhile */
  CcbtDhtPurpose purpose;
  guint lookup; /* its number; 0 = none */
} CcbtDhtQuery;

typedef enum
{
  CCBT_DHT_UNTRIED,
  CCBT_DHT_ASKED,
  CCBT_DHT_ANSWERED,
  CCBT_DHT_FAILED,
} CcbtDhtCandidateState;

typedef struct
{
  CcbtSha1 id;
  CcbtAddress address;
  gboolean knows_id;
  gboolean is_trusted; /* its id is bound to its address, or that is not asked for (BEP 42) */
  gboolean is_slow;
  gboolean has_peers, was_scraped;
  CcbtDhtCandidateState state;
  guint8 token[CCBT_KRPC_MAX_TOKEN];
  guint8 token_len;
} CcbtDhtCandidate;

/* The way towards the lookup's target in one family of addresses. */
struct _CcbtDhtTraversal
{
  gboolean is_used;
  gboolean is_done;
  CcbtDhtCandidate
      candidates[CCBT_DHT_CANDIDATES]; /* nearest first; ids not known yet at the end */
  guint n_candidates;
  guint n_asked;    /* and not answered yet */
  guint n_slow;     /* of those */
  guint n_answered; /* in all */
};

typedef enum
{
  CCBT_DHT_LOOKUP_NODES, /* for the table */
  CCBT_DHT_LOOKUP_PEERS,
  CCBT_DHT_LOOKUP_ITEM,
  CCBT_DHT_LOOKUP_PUT,
  CCBT_DHT_LOOKUP_SAMPLE, /* one question, no traversal */
} CcbtDhtLookupKind;

struct _CcbtDhtLookup
{
  guint number;
  CcbtDhtLookupKind kind;
  CcbtSha1 target;
  CcbtDhtTraversal traversals[CCBT_DHT_N_FAMILIES];
  gboolean has_arrived; /* the second half: announcing, putting, scraping */
  guint n_last;         /* questions of that half not answered yet */
  guint n_stored;

  /* PEERS */
  guint16 port;
  gboolean implied_port;
  gboolean is_seed;
  CcbtDhtPeersFunc peers_func;
  CcbtBloomFilter seeds, leechers;
  gboolean has_filters;

  /* ITEM, PUT */
  GByteArray *value; /* NULL: none found, none to put */
  GByteArray *salt;
  gboolean is_mutable;
  guint8 public_key[32];
  guint8 signature[64];
  gint64 sequence;
  gint64 cas; /* -1 = none */
  CcbtDhtItemFunc item_func;
  CcbtDhtPutFunc put_func;

  CcbtDhtSamplesFunc samples_func;
  gpointer data;
};

/* What others take our address for (BEP 42): the last votes, one an address that votes. */
#define CCBT_DHT_VOTES 12u

typedef struct
{
  CcbtAddress voters[CCBT_DHT_VOTES];
  CcbtAddress votes[CCBT_DHT_VOTES];
  guint n, next;
  gboolean is_known;
  CcbtAddress address; /* port 0 */
} CcbtDhtExternal;

typedef struct
{
  gboolean is_used;
  CcbtSha1 id;
  CcbtDhtTable *table;
  CcbtDhtExternal external;
  gint64 id_changed_at;
  gint64 next_refresh;
  guint n_refreshes;
  gboolean was_filled;
} CcbtDhtFamily;

struct _CcbtDht
{
  CcbtDhtOptions options;
  const CcbtDhtOwner *questions;
  gpointer owner;
  CcbtClock *clock;
  CcbtRandom random;
  CcbtDhtFamily families[CCBT_DHT_N_FAMILIES];
  CcbtDhtStore *store;
  CcbtDhtTokens tokens;
  CcbtDhtQuota *quota;

  GHashTable *queries; /* transaction -> CcbtDhtQuery, owned */
  double allowance;    /* queries we may send now */
  gint64 allowance_at;

  GPtrArray *lookups; /* CcbtDhtLookup, owned */
  guint next_lookup;
  GArray *entrances; /* CcbtKrpcNode: to be asked, id zero when unknown */
  gint64 next_entrance_look;
  gint64 next_tick, next_ping;

  guint64 queries_out, queries_in, replies_in, errors_in, timeouts, dropped, bytes_in, bytes_out;
};

/* ccbt-dht.c */
void ccbt_dht_send (CcbtDht *self, const CcbtAddress *to, const CcbtKrpcMessage *message);
void ccbt_dht_note_external (CcbtDht *self, const CcbtAddress *voter, const CcbtAddress *external);

/* ccbt-dht-queries.c */
/* Sends @message as a question; id, transaction and version are filled in. Returns: FALSE when no more
 * may be asked just now */
gboolean ccbt_dht_ask (CcbtDht *self, CcbtKrpcMessage *message, const CcbtDhtQuery *query);
/* A response or an error came. */
void ccbt_dht_take_reply (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *reply);
/* Returns: when the next question times out or gets slow; G_MAXINT64 = none is open */
gint64 ccbt_dht_expire_queries (CcbtDht *self, gint64 now);
void ccbt_dht_forget_queries (CcbtDht *self, guint lookup);
/* @id: NULL = unknown */
gboolean ccbt_dht_ping (CcbtDht *self, const CcbtSha1 *id, const CcbtAddress *address);

/* ccbt-dht-answers.c */
void ccbt_dht_answer (CcbtDht *self, const CcbtAddress *from, const CcbtKrpcMessage *query);

/* ccbt-dht-traversal.c */
void ccbt_dht_traversal_start (CcbtDht *self, CcbtDhtLookup *lookup, guint family);
/* @id: NULL = unknown */
void ccbt_dht_traversal_add (CcbtDht *self, CcbtDhtLookup *lookup, const CcbtSha1 *id,
                             const CcbtAddress *address);
/* Asks on. Returns: FALSE when it stopped for want of allowance */
gboolean ccbt_dht_traversal_step (CcbtDht *self, CcbtDhtLookup *lookup, guint family);
void ccbt_dht_traversal_take (CcbtDht *self, CcbtDhtLookup *lookup, const CcbtDhtQuery *query,
                              const CcbtKrpcMessage *reply);
/* No answer, or an error; @is_slow: not yet. */
void ccbt_dht_traversal_miss (CcbtDhtLookup *lookup, const CcbtDhtQuery *query, gboolean is_slow);

/* ccbt-dht-lookups.c */
CcbtDhtLookup *ccbt_dht_start_lookup (CcbtDht *self, CcbtDhtLookupKind kind,
                                      const CcbtSha1 *target);
CcbtDhtLookup *ccbt_dht_find_lookup (CcbtDht *self, guint number);
void ccbt_dht_lookup_free (CcbtDhtLookup *lookup);
void ccbt_dht_lookup_fill_query (CcbtDhtLookup *lookup, CcbtKrpcMessage *message);
void ccbt_dht_lookup_take (CcbtDht *self, CcbtDhtLookup *lookup, const CcbtAddress *from,
                           const CcbtKrpcMessage *reply);
void ccbt_dht_lookup_take_samples (CcbtDht *self, CcbtDhtLookup *lookup,
                                   const CcbtKrpcMessage *reply);
CcbtSpan ccbt_dht_get_span (const GByteArray *bytes);
/* Everything that can go on does. Returns: FALSE when some of it waits for allowance */
gboolean ccbt_dht_run_lookups (CcbtDht *self);

/* ccbt-dht-nearest.c */
/* May be called again: nobody is asked twice. Returns: FALSE when it waits for allowance */
gboolean ccbt_dht_lookup_ask_nearest (CcbtDht *self, CcbtDhtLookup *lookup);
void ccbt_dht_lookup_take_stored (CcbtDhtLookup *lookup, gboolean was_stored);
void ccbt_dht_lookup_take_scrape (CcbtDhtLookup *lookup, const CcbtKrpcMessage *reply);
