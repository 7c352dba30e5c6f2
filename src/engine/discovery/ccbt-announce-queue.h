/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"

/* Whose turn it is to announce, over all torrents of a session: thousands of them start together and
 * must not run their tracker over, nor may one silent tracker keep the others waiting. At most 50
 * announces by HTTP and 64 by UDP are under way, of one host 16 and 32; by HTTP 20 begin a second at
 * one host. Hosts take turns; at each, first come, first served. */
typedef struct _CcbtAnnounceQueue CcbtAnnounceQueue;

typedef void (*CcbtAnnounceTurnFunc) (gpointer data);

/* @clock: borrowed. Returns: (transfer full) */
CcbtAnnounceQueue *ccbt_announce_queue_new (CcbtClock *clock);
void ccbt_announce_queue_free (CcbtAnnounceQueue *self);

/* @may_begin: (out): TRUE: now; FALSE: @func is called once, later, when it is its turn. It calls no
 * other func from within.
 * Returns: a ticket, never 0, to be given back when the announce is over or not wanted any more */
guint ccbt_announce_queue_enter (CcbtAnnounceQueue *self, const char *host, gboolean is_udp,
                                 gboolean *may_begin, CcbtAnnounceTurnFunc func, gpointer data);
void ccbt_announce_queue_leave (CcbtAnnounceQueue *self, guint ticket);
/* FALSE when so many came since the last tick that more would hold up the loop: they are to come
 * after the next. */
gboolean ccbt_announce_queue_has_time (CcbtAnnounceQueue *self);
/* While it is held nobody begins: so that when thousands leave the line, none of them begins first. */
void ccbt_announce_queue_hold (CcbtAnnounceQueue *self, gboolean hold);
/* Begins what may begin; about once a second. */
void ccbt_announce_queue_tick (CcbtAnnounceQueue *self);
guint ccbt_announce_queue_get_n_waiting (CcbtAnnounceQueue *self);
