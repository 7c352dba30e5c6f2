/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "net/ccbt-reactor.h"
#include "net/ccbt-socket-factory.h"

/* Takes connections on one port of every usable family. When descriptors run out it rests for a
 * second instead of spinning (threats C26, C27). */
typedef struct _CcbtListener CcbtListener;

/* @socket: (transfer full): non-blocking, connected */
typedef void (*CcbtAccepted) (gpointer owner, GSocket *socket, const CcbtAddress *from);

/* Errors: NETWORK. Returns: (transfer full) (nullable) */
CcbtListener *ccbt_listener_new (CcbtReactor *reactor, const CcbtSocketFactory *factory,
                                 guint16 port, CcbtAccepted accepted, gpointer owner,
                                 GError **error);
void ccbt_listener_free (CcbtListener *self);
guint16 ccbt_listener_get_port (CcbtListener *self);
