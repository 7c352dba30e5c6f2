/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "btbt-commands.h"

/* What the commands do. Each answers on standard output, complains on standard error. */
int btbt_run_status (const BtbtCall *call);
int btbt_run_list (const BtbtCall *call);
int btbt_run_show (const BtbtCall *call);
int btbt_run_details (const BtbtCall *call);
int btbt_run_add (const BtbtCall *call);
int btbt_run_each (const BtbtCall *call);
int btbt_run_peer_add (const BtbtCall *call);
int btbt_run_limit (const BtbtCall *call);
int btbt_run_limit_torrent (const BtbtCall *call);
int btbt_run_category (const BtbtCall *call);
int btbt_run_queue (const BtbtCall *call);
int btbt_run_queue_move (const BtbtCall *call);
int btbt_run_set (const BtbtCall *call);
int btbt_run_tag (const BtbtCall *call);
int btbt_run_alternative (const BtbtCall *call);
int btbt_run_import (const BtbtCall *call);
int btbt_run_create (const BtbtCall *call);
int btbt_run_export (const BtbtCall *call);
int btbt_run_move (const BtbtCall *call);
int btbt_run_tracker (const BtbtCall *call);
int btbt_run_scrape (const BtbtCall *call);
int btbt_run_watch (const BtbtCall *call);
int btbt_run_watch_add (const BtbtCall *call);
int btbt_run_watch_remove (const BtbtCall *call);
int btbt_run_checkpoints (const BtbtCall *call);
int btbt_run_checkpoints_verify (const BtbtCall *call);
int btbt_run_checkpoints_backup (const BtbtCall *call);
int btbt_run_checkpoints_restore (const BtbtCall *call);
int btbt_run_checkpoints_clean (const BtbtCall *call);
int btbt_run_checkpoints_export (const BtbtCall *call);
int btbt_run_checkpoints_import (const BtbtCall *call);
int btbt_run_config (const BtbtCall *call);
int btbt_run_config_get (const BtbtCall *call);
int btbt_run_config_set (const BtbtCall *call);
int btbt_run_interactive (const BtbtCall *call);
int btbt_run_wait (const BtbtCall *call);
int btbt_run_verbs (const BtbtCall *call);
int btbt_run_call (const BtbtCall *call);
int btbt_run_events (const BtbtCall *call);
int btbt_run_complete (const BtbtCall *call);
int btbt_run_completion (const BtbtCall *call);
int btbt_run_manual (const BtbtCall *call);
int btbt_run_version (const BtbtCall *call);

/* Parses and runs one command line. @words: without the program's name. Returns: BtbtExit */
int btbt_main (const char *const *words);

/* The same for a line of a shell. @shell: (nullable): what the line inherits */
int btbt_run_words (const char *const *words, const BtbtCall *shell);
