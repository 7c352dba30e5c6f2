/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-address.h"
#include "base/ccbt-clock.h"
#include "wire/ccbt-tracker-udp.h"

/* Questions to addresses of UDP trackers (BEP 15): connect, ask, repeat after 15 x 2^n seconds.
 * A state machine: told of datagrams and of the time, hands datagrams out. Connection ids are kept a
 * minute for each address; who asks while one is being fetched waits for it. */
typedef struct _CcbtUdpExchanges CcbtUdpExchanges;
/* One question to one address. */
typedef struct _CcbtUdpExchange CcbtUdpExchange;

typedef struct
{
  /* Returns: FALSE when it could not be sent */
  gboolean (*send) (gpointer owner, const CcbtAddress *to, CcbtSpan datagram);
  /* Appends the request of the exchange begun with @data. */
  void (*write) (gpointer owner, gpointer data, const CcbtAddress *to, guint64 connection,
                 guint32 transaction, GByteArray *out);
  /* It is over, the exchange is no more: @datagram (nullable) has the action asked for, or ERROR;
   * NULL: there was no answer, @message says how. Exchanges may be begun and cancelled. */
  void (*done) (gpointer owner, gpointer data, const CcbtAddress *from, const CcbtSpan *datagram,
                const char *message);
} CcbtUdpExchangeOwner;

/* Returns: (transfer full) */
CcbtUdpExchanges *ccbt_udp_exchanges_new (const CcbtUdpExchangeOwner *questions, gpointer owner);
/* Done is not called for what is under way. */
void ccbt_udp_exchanges_free (CcbtUdpExchanges *self);

/* @action: ANNOUNCE or SCRAPE, what the answer must be. Returns: valid until done or cancelled */
CcbtUdpExchange *ccbt_udp_exchanges_begin (CcbtUdpExchanges *self, const CcbtAddress *to,
                                           CcbtTrackerUdpAction action, gpointer data, gint64 now);
void ccbt_udp_exchanges_cancel (CcbtUdpExchanges *self, CcbtUdpExchange *exchange);
/* Returns: FALSE when it is no answer to anything asked of that address (B72) */
gboolean ccbt_udp_exchanges_take (CcbtUdpExchanges *self, const CcbtAddress *from,
                                  CcbtSpan datagram, gint64 now);
void ccbt_udp_exchanges_tick (CcbtUdpExchanges *self, gint64 now);
/* Connections are good for one address of ours: others are asked for. */
void ccbt_udp_exchanges_forget_connections (CcbtUdpExchanges *self);
