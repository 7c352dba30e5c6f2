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
gboolean ccbt_control_peer_can_signal (GDBusConnection *connection);
