/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "control/ccbt-control-objects.h"
#include <gio/gio.h>

/* Who is told of changes of the torrents' objects: those who asked for all of them, or for one. What
 * changed is collected and goes out at most once a tick; who has not taken the last signals gets what
 * is true when he has. */
typedef struct _CcbtControlFollowers CcbtControlFollowers;

CcbtControlFollowers *ccbt_control_followers_new (void);
void ccbt_control_followers_free (CcbtControlFollowers *self);

/* @destination: (nullable): NULL over the socket. @info_hash: (nullable): NULL = all */
void ccbt_control_followers_add (CcbtControlFollowers *self, GDBusConnection *connection,
                                 const char *destination, const char *info_hash);
void ccbt_control_followers_remove (CcbtControlFollowers *self, GDBusConnection *connection,
                                    const char *destination);
void ccbt_control_followers_remove_all (CcbtControlFollowers *self);
gboolean ccbt_control_followers_is_empty (CcbtControlFollowers *self);

/* As CcbtControlObjectChanged. */
void ccbt_control_followers_note (CcbtControlFollowers *self, const char *info_hash,
                                  gboolean was_there, guint64 mask);

/* Sends what was noted, as it is in @objects now. */
void ccbt_control_followers_flush (CcbtControlFollowers *self, CcbtControlObjects *objects);
