/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "btbt-commands.h"

/* What may be typed next, from the table of commands alone; what a running instance or the disk knows is
 * only asked for. */
typedef enum
{
  BTBT_EXPECT_TORRENT = 1 << 0,
  BTBT_EXPECT_FILE = 1 << 1,
} BtbtExpect;

/* @words: those before, NULL-terminated. @typed: what is there of the next.
 * @shell_words: (nullable): what a line can be beside a command, "help" among it
 * @candidates: (out) (transfer full): char *, the words that begin with @typed.
 * Returns: what else can be there */
BtbtExpect btbt_complete (const char *const *words, const char *typed,
                          const char *const *shell_words, GPtrArray **candidates);
