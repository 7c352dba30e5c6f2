/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-engine-host.h"

/* The end of a command that has an engine of its own: stops it, saving everything, and then quits @loop. Both are the
 * caller's and live until the loop has quit. */
void ccbt_cli_stop_engine (CcbtEngineHost *host, GMainLoop *loop);
