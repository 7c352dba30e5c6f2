/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-command.h"
#include "session/ccbt-session.h"

/* One request on its way through the engine. A handler answers it exactly once, now or later. */
typedef struct _CcbtCall CcbtCall;

typedef void (*CcbtCommandHandler) (CcbtSession *session, CcbtCall *call, GVariant *arguments);

/* @reply: floating is taken; NULL = "()". */
void ccbt_call_reply (CcbtCall *call, GVariant *reply);
void ccbt_call_reply_error (CcbtCall *call, GError *error); /* (transfer full) */

/* The handler of row @verb of the table. */
CcbtCommandHandler ccbt_command_get_handler (guint verb);

/* Engine context: runs the verb, or fails it. */
void ccbt_call_run (CcbtCall *call, CcbtSession *session);
