/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"
#include "base/ccbt-address.h"
#include "net/ccbt-reactor.h"
#include "net/ccbt-socket-factory.h"
#include "wire/ccbt-lsd-message.h"

/* Local service discovery (BEP 14) on IPv4 and IPv6 multicast, on every usable interface or on the
 * one the session is bound to. Torrents are announced every 5 minutes (see ccbt-lsd-schedule.h).
 * Only what comes from an address of the interface's own network is heard; our own announces are
 * known by a cookie. On a machine without a network it waits for one. */
typedef struct _CcbtLsd CcbtLsd;

typedef struct
{
  /* Somebody on this network has @info_hash, which is one of those added. It may not free the
   * object. */
  void (*found) (gpointer owner, const CcbtSha1 *info_hash, const CcbtAddress *peer);
} CcbtLsdOwner;

/* @port: where we take connections; 0: nothing is announced. @questions: static.
 * Errors: NETWORK: there are networks, but their groups cannot be joined.
 * Returns: (transfer full) (nullable) */
CcbtLsd *ccbt_lsd_new (CcbtReactor *reactor, const CcbtSocketFactory *sockets, CcbtClock *clock,
                       guint16 port, const CcbtLsdOwner *questions, gpointer owner, GError **error);
void ccbt_lsd_free (CcbtLsd *self);
/* Announced soon, and every 5 minutes from then on. Never a private one: the caller sees to it. */
void ccbt_lsd_add (CcbtLsd *self, const CcbtSha1 *info_hash);
void ccbt_lsd_remove (CcbtLsd *self, const CcbtSha1 *info_hash);
void ccbt_lsd_set_port (CcbtLsd *self, guint16 port);
/* Interfaces came or went: groups are joined anew. It looks for itself once a minute, too. */
void ccbt_lsd_note_network_changed (CcbtLsd *self);
/* About once a second. */
void ccbt_lsd_tick (CcbtLsd *self);
/* Groups joined now, one for each interface and family. */
guint ccbt_lsd_get_n_groups (CcbtLsd *self);
