/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Rows of text as a table that fits a terminal. Every cell is made printable when it is added. */
typedef struct _BtbtTable BtbtTable;

/* @headings: NULL-terminated; one that begins with '>' is a column of numbers, flush right; one that
 * begins with '*' is the column that gives way when the terminal is narrow. Returns: (transfer full) */
BtbtTable *btbt_table_new (const char *const *headings);
void btbt_table_free (BtbtTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BtbtTable, btbt_table_free)

/* @cells: as many as there are headings; copied. */
void btbt_table_add (BtbtTable *self, const char *const *cells);

/* @width: columns of the terminal; 0 = no limit. Returns: (transfer full): lines, each ended */
char *btbt_table_format (BtbtTable *self, guint width);

/* Columns of standard output: 0 when it is no terminal. */
guint btbt_terminal_width (void);
