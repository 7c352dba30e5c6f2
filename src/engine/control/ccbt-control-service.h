/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-engine-host.h"

/* control: the session as other processes see it. It knows session/ and base/, and D-Bus. */
typedef struct _CcbtControlService CcbtControlService;

/* Serves @host (borrowed) at the socket of @state_dir and on the session bus when there is one, on a
 * thread of its own. The caller holds the state folder, so a socket that is there is a leftover.
 * @quit: (nullable): called on the global default context when somebody asks the program to end;
 * NULL: refused. Errors: DISK, NETWORK: the socket cannot be made. Returns: (transfer full)
 * (nullable) */
CcbtControlService *ccbt_control_service_start (CcbtEngineHost *host, const char *state_dir,
                                                GSourceOnceFunc quit, gpointer data,
                                                GError **error);

/* Serves connections of @descriptor too (taken): a socket that the service manager listens on. Once.
 * Errors: INVALID: it is no such socket */
gboolean ccbt_control_service_listen (CcbtControlService *self, int descriptor, GError **error);

/* Ends the thread; waits for what the engine still answers, 3 s at most. Before the engine stops. */
void ccbt_control_service_stop (CcbtControlService *self);
