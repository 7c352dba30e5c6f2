/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "base/ccbt-error.h"
#include "base/ccbt-info-hash.h"

/* KRPC: the messages of the DHT (BEP 5, 32, 33, 42, 43, 44, 45, 51), one a datagram. */

#define CCBT_KRPC_MAX_NODES 32u       /* of one family in one reply; more are not read */
#define CCBT_KRPC_MAX_PEERS 200u      /* of one reply */
#define CCBT_KRPC_MAX_SAMPLES 64u     /* BEP 51 */
#define CCBT_KRPC_MAX_TRANSACTION 20u /* bytes; longer ones are refused */
#define CCBT_KRPC_MAX_TOKEN 64u
#define CCBT_KRPC_MAX_VALUE 1000u /* bencoded bytes of "v" (BEP 44) */
#define CCBT_KRPC_MAX_SALT 64u
#define CCBT_KRPC_MAX_DATAGRAM 1400u

typedef enum
{
  CCBT_KRPC_QUERY,
  CCBT_KRPC_RESPONSE,
  CCBT_KRPC_ERROR,
} CcbtKrpcKind;

typedef enum
{
  CCBT_KRPC_PING,
  CCBT_KRPC_FIND_NODE,
  CCBT_KRPC_GET_PEERS,
  CCBT_KRPC_ANNOUNCE_PEER,
  CCBT_KRPC_GET,
  CCBT_KRPC_PUT,
  CCBT_KRPC_SAMPLE_INFOHASHES,
  CCBT_KRPC_UNKNOWN, /* of another method: answer 204 */
} CcbtKrpcMethod;

/* Errors of BEP 5 and 44 */
enum
{
  CCBT_KRPC_ERROR_GENERIC = 201,
  CCBT_KRPC_ERROR_SERVER = 202,
  CCBT_KRPC_ERROR_PROTOCOL = 203, /* bad token, missing argument */
  CCBT_KRPC_ERROR_METHOD = 204,
  CCBT_KRPC_ERROR_TOO_BIG = 205,
  CCBT_KRPC_ERROR_SIGNATURE = 206,
  CCBT_KRPC_ERROR_SALT = 207,
  CCBT_KRPC_ERROR_CAS = 301,
  CCBT_KRPC_ERROR_SEQUENCE = 302,
};

typedef struct
{
  CcbtSha1 id;
  CcbtAddress address;
} CcbtKrpcNode;

/* One message, read or to be written. Spans borrow from the datagram (or from the writer's
 * caller). A plain value: about 12 KiB, keep it on the stack. */
typedef struct
{
  CcbtKrpcKind kind;
  CcbtKrpcMethod method; /* QUERY; of a RESPONSE only the one who asked knows */
  CcbtSpan transaction;
  CcbtSpan version;          /* "v"; empty when absent */
  gboolean is_read_only;     /* BEP 43 */
  gboolean has_your_address; /* "ip" of BEP 42: our address as they see it */
  CcbtAddress your_address;

  gint64 error_code; /* ERROR */
  CcbtSpan error_text;

  /* Arguments and results; "has" says which are there. */
  gboolean has_id, has_target, has_port, has_sequence, has_cas, has_seed, has_key, has_signature,
      has_interval, has_number;
  CcbtSha1 id;
  CcbtSha1 target; /* target or info_hash */
  guint16 port;
  gboolean implied_port;
  gboolean no_seed;                /* get_peers: only peers that are not seeds (BEP 33) */
  gboolean is_seed;                /* announce_peer */
  gboolean wants_scrape;           /* get_peers: "scrape" */
  gboolean wants_ipv4, wants_ipv6; /* "want" (BEP 32); both FALSE when absent */
  CcbtSpan token;                  /* empty when absent */

  CcbtKrpcNode nodes[2 * CCBT_KRPC_MAX_NODES]; /* nodes, then nodes6 */
  guint n_nodes;
  CcbtAddress peers[CCBT_KRPC_MAX_PEERS]; /* "values": 6 or 18 bytes each */
  guint n_peers;
  CcbtSpan filter_seeds, filter_peers; /* BFsd, BFpe: 256 bytes each or empty */

  CcbtSpan value; /* BEP 44 "v": raw bencoded bytes; empty when absent */
  guint8 public_key[32];
  guint8 signature[64];
  CcbtSpan salt;
  gint64 sequence;
  gint64 cas;

  gint64 interval; /* BEP 51, seconds */
  gint64 number;
  CcbtSpan samples; /* a multiple of 20 bytes */
} CcbtKrpcMessage;

/* Reads @datagram. Wrong types of optional fields count as absent; a query without a usable id, or
 * without the arguments its method needs, is returned with that field missing: the caller answers
 * 203. Errors: MALFORMED, TOO_LARGE: drop the datagram. */
gboolean ccbt_krpc_parse (CcbtSpan datagram, CcbtKrpcMessage *out, GError **error);

/* Appends the message, keys sorted. Peers and nodes that would make it longer than
 * CCBT_KRPC_MAX_DATAGRAM are left out. */
void ccbt_krpc_write (GByteArray *out, const CcbtKrpcMessage *message);

const char *ccbt_krpc_method_get_name (CcbtKrpcMethod method);
