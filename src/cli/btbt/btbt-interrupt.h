/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* Ctrl+C in a program that goes on: it ends what runs, or takes back the line. */

/* From now on SIGINT is taken here. */
void btbt_interrupt_install (void);

/* What SIGINT gives up between these two; no reference is kept after the second. */
void btbt_interrupt_begin (GCancellable *running);
void btbt_interrupt_end (void);

/* Whether SIGINT came since the last time. */
gboolean btbt_interrupt_take (void);
