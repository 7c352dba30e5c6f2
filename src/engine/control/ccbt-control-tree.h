/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "control/ccbt-control-service.h"
#include <gio/gio.h>

/* The torrents as objects below CCBT_CONTROL_TORRENTS, and the org.freedesktop.DBus.ObjectManager that
 * lists them. Belongs to the service's thread. */
typedef struct _CcbtControlTree CcbtControlTree;

CcbtControlTree *ccbt_control_tree_new (struct _CcbtControlService *service,
                                        CcbtSnapshotStore *snapshots);
void ccbt_control_tree_free (CcbtControlTree *self);

/* @handles: (out) (nullable): for ccbt_control_tree_withdraw() */
void ccbt_control_tree_publish (CcbtControlTree *self, GDBusConnection *connection,
                                guint handles[2]);
void ccbt_control_tree_withdraw (CcbtControlTree *self, GDBusConnection *connection,
                                 const guint handles[2]);

/* @connection, over the socket, is closed. */
void ccbt_control_tree_forget (CcbtControlTree *self, GDBusConnection *connection);
/* No signal goes out any more. */
void ccbt_control_tree_stop (CcbtControlTree *self);

/* New snapshots are there. */
void ccbt_control_tree_tick (CcbtControlTree *self);
