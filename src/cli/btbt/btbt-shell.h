/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "btbt-commands.h"

/* "btbt interactive": lines that are commands, typed or from a file, over one connection. */
typedef struct _BtbtShell BtbtShell;

/* What a line can be beside a command: "help" ..., NULL-terminated. */
extern const char *const btbt_shell_words[];

/* @call: that of "interactive"; borrowed. What it says of the instance and of JSON holds for all lines. */
BtbtShell *btbt_shell_new (const BtbtCall *call);
void btbt_shell_free (BtbtShell *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BtbtShell, btbt_shell_free)

/* Runs one line. Returns: BtbtExit; DONE for an empty one */
int btbt_shell_run (BtbtShell *self, const char *line);

/* Whether a line said that it is over. */
gboolean btbt_shell_is_over (BtbtShell *self);

/* The names of the torrents, for completion; nothing is said when there is no instance.
 * Returns: (transfer full): char * */
GPtrArray *btbt_shell_list_names (BtbtShell *self);

/* "3 torrents" or how to start an instance, on standard error. */
void btbt_shell_greet (BtbtShell *self);

/* Given up when what runs is to be interrupted. Borrowed. */
GCancellable *btbt_shell_get_cancellable (BtbtShell *self);

/* Lines of a terminal, with editing, history and completion, until "exit" or Ctrl+D. Returns: BtbtExit */
int btbt_prompt_run (BtbtShell *shell, const char *state_dir);
