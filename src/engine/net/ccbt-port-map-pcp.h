/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "base/ccbt-random.h"
#include "wire/ccbt-pcp.h"

/* What is said to one router by PCP or NAT-PMP to get and keep our ports: when to ask, ask again,
 * renew, and what its answers mean. Pure: it is told of time and datagrams, and hands datagrams
 * out. */
#define CCBT_PCP_MAX_LEASES 2u

typedef enum
{
  CCBT_PCP_SEARCHING, /* not all is answered yet */
  CCBT_PCP_MAPPED,    /* at least one port is open, and the others are answered */
  CCBT_PCP_FAILED,    /* no answer, or a refusal; see error */
} CcbtPcpState;

typedef struct
{
  gboolean is_udp;
  guint16 internal_port;
  guint16 external_port; /* granted; before that: wished for */
  gboolean is_mapped;
  gint64 expires_at; /* monotonic, when mapped */
  guint8 nonce[CCBT_PCP_NONCE_SIZE];
  gboolean is_refused;
  gint64 next_send; /* G_MAXINT64 = nothing to say */
  gint64 wait;      /* until the request is sent again; 0 = not sent */
} CcbtPcpLease;

typedef struct
{
  CcbtPcpVersion version;
  CcbtAddress router; /* whose datagrams are taken; its port is that of the protocol */
  CcbtAddress client; /* what we send from; port 0 */
  guint lease;        /* seconds asked for */
  void (*send) (gpointer owner, CcbtSpan datagram);
  gpointer owner;
  CcbtRandom random; /* for jitter */
} CcbtPcpSetup;

typedef struct
{
  CcbtPcpSetup setup;
  CcbtPcpLease leases[CCBT_PCP_MAX_LEASES];
  guint n_leases;
  CcbtPcpState state;
  gint64 give_up_at; /* while searching */
  gboolean is_releasing;
  gboolean is_older_version; /* the router says it does not know this version */
  gboolean has_epoch;
  guint32 epoch;
  gint64 epoch_at;
  gint64 address_next_send; /* NAT-PMP: of the question for the outside address */
  gint64 address_wait;
  gboolean has_external;
  CcbtAddress external;
  gboolean is_silent; /* when failed: nobody ever answered, or not by this protocol */
  char error[200];    /* a sentence; "" = none */
} CcbtPcpClient;

/* Then ccbt_pcp_client_add_port() for each, and ccbt_pcp_client_tick(), which sends. */
void ccbt_pcp_client_init (CcbtPcpClient *self, const CcbtPcpSetup *setup, gint64 now);

/* @nonce: unguessable. @wished: outside; 0 = any */
void ccbt_pcp_client_add_port (CcbtPcpClient *self, gboolean is_udp, guint16 port, guint16 wished,
                               const guint8 nonce[CCBT_PCP_NONCE_SIZE], gint64 now);

/* Sends what is due. Returns: when to be called next; G_MAXINT64 = not before something comes */
gint64 ccbt_pcp_client_tick (CcbtPcpClient *self, gint64 now);

/* A datagram from @from, to us alone or (@is_multicast) to everybody; anything that is no answer to
 * what was asked is dropped. Call ccbt_pcp_client_tick() afterwards. */
void ccbt_pcp_client_receive (CcbtPcpClient *self, const CcbtAddress *from, CcbtSpan datagram,
                              gboolean is_multicast, gint64 now);

/* The router's host says that nobody listens there. */
void ccbt_pcp_client_note_unreachable (CcbtPcpClient *self);

/* Takes the mappings away from here on; over when ccbt_pcp_client_is_released(). */
void ccbt_pcp_client_release (CcbtPcpClient *self, gint64 now);
gboolean ccbt_pcp_client_is_released (const CcbtPcpClient *self);
