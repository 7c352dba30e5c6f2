/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* The bounds of one connection over the socket: requests not yet answered and answers not yet taken.
 * Who passes them is cut off; GDBus itself would queue without end. */

/* Counts what goes in and out from now on; kept with @connection. */
void ccbt_control_peer_attach (GDBusConnection *connection);

/* Answers @invocation with @reply (floating is taken), within the bounds. */
void ccbt_control_reply (GDBusMethodInvocation *invocation, GVariant *reply);

/* Sends the signal to @connection only when its last one has gone out. Returns: FALSE: not yet. */
gboolean ccbt_control_peer_signal (GDBusConnection *connection, const char *destination,
                                   const char *name, GVariant *arguments);
/* The same without asking, for those of one tick: ask before the first. */
void ccbt_control_peer_emit (GDBusConnection *connection, const char *destination, const char *path,
                             const char *interface, const char *name, GVariant *arguments);
/* Whether all signals have gone out. */
gboolean ccbt_control_peer_can_signal (GDBusConnection *connection);
