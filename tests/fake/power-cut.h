/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-random.h"
#include <glib.h>

/* A layer between a test program and the kernel that writes down every change to the files of one
 * folder: making, writing, cutting, syncing, renaming, removing. From that it lays out what a disk
 * may hold when the power goes after any of them. The program gets it by linking power-cut.c and power-cut-disk.c, whose
 * open(), write(), fsync() and so on take the place of the C library's, also for SQLite and GLib.
 *
 * What counts as kept: bytes by an fsync of their file; names by an fsync of the folder. Of the rest
 * anything may have come through: of names, changes up to some point, as journals keep them in
 * order; of bytes, any. Files are not really synced, which makes tests fast. */

/* Which of the bytes that were not synced are there after all. */
typedef enum
{
  POWER_CUT_KEEPS_NOTHING,
  POWER_CUT_KEEPS_ALL,
  POWER_CUT_KEEPS_SOME_WRITES,
  POWER_CUT_KEEPS_SOME_SECTORS,
  POWER_CUT_N_KINDS,
} PowerCutKind;

/* What is in @folder (files, no folders below) counts as kept. One folder at a time. */
void power_cut_begin (const char *folder);
void power_cut_end (void); /* and nothing more is written down */
void power_cut_forget (void);

/* Changes so far. Any thread. */
guint power_cut_count (void);
/* Of change @number, for messages: owned by the layer */
const char *power_cut_describe (guint number);

/* Makes the files of @target what is left when only the first @n_changes came to pass; of those not
 * synced, as @kind says and @random chooses. */
void power_cut_lay_out (guint n_changes, PowerCutKind kind, CcbtRandom *random, const char *target);
