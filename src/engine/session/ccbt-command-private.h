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

/* A verb, and what runs it. */
typedef struct
{
  CcbtCommandInfo info;
  CcbtCommandHandler handler;
} CcbtCommandEntry;

/* The verbs of one subject: one file has them, ccbt-commands.c lists the groups. */
typedef struct
{
  const CcbtCommandEntry *entries;
  guint n_entries;
} CcbtCommandGroup;

extern const CcbtCommandGroup ccbt_checkpoint_commands;
extern const CcbtCommandGroup ccbt_create_commands;
extern const CcbtCommandGroup ccbt_import_commands;
extern const CcbtCommandGroup ccbt_limits_commands;
extern const CcbtCommandGroup ccbt_queue_commands;
extern const CcbtCommandGroup ccbt_config_commands;
extern const CcbtCommandGroup ccbt_move_commands;
extern const CcbtCommandGroup ccbt_statistics_commands;
extern const CcbtCommandGroup ccbt_tracker_commands;
extern const CcbtCommandGroup ccbt_watch_commands;
extern const CcbtCommandGroup ccbt_file_commands;

/* The torrent that @info_hash, or the first argument (s), names; otherwise the call is answered with
 * NOT_FOUND. Returns: (nullable) (transfer none) */
CcbtTorrent *ccbt_call_find_torrent (CcbtSession *session, CcbtCall *call, const char *info_hash);
CcbtTorrent *ccbt_call_find_first (CcbtSession *session, CcbtCall *call, GVariant *arguments);

/* The handler of row @verb of the table. */
CcbtCommandHandler ccbt_command_get_handler (guint verb);

/* Engine context: runs the verb, or fails it. */
void ccbt_call_run (CcbtCall *call, CcbtSession *session);
