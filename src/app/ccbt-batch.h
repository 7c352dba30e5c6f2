/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* Called once, when all answers are there and at least one torrent did it. @reply: of the last one
 * that did. */
typedef void (*CcbtBatchFunc) (CcbtWindow *window, guint n_done, GVariant *reply);

/* Runs @verb for each of these torrents. What goes wrong is told once, whatever the number.
 * @options: (nullable): second argument of the verb, floating is taken. @done: (nullable) */
void ccbt_batch_run (CcbtWindow *window, const char *verb, const char *const *info_hashes,
                     GVariant *options, CcbtBatchFunc done);

/* The same with a second argument for each of them; borrowed, not floating. */
void ccbt_batch_run_each (CcbtWindow *window, const char *verb, const char *const *info_hashes,
                          GVariant *const *options, CcbtBatchFunc done);
