/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-command-private.h"
#include "session/ccbt-engine-host.h"

/* Any thread: hands the call to the engine's context. @call: (transfer full) */
void ccbt_engine_host_post_call (CcbtEngineHost *self, CcbtCall *call);
