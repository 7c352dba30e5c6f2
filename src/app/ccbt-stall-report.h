/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ccbt-client.h"

/* --print-stalls: how long the turns of both loops took, and how soon the window stood. Measures
 * the window's loop from the first frame on, the engine's from its start. */
typedef struct _CcbtStallReport CcbtStallReport;

/* @began: monotonic time at which the program started */
CcbtStallReport *ccbt_stall_report_new (gint64 began);
void ccbt_stall_report_free (CcbtStallReport *self);

/* Before @window is shown: its first frame is the one that counts. */
void ccbt_stall_report_set_window (CcbtStallReport *self, GtkWidget *window);

/* One JSON object a line, on standard output. While the engine of @client runs. */
void ccbt_stall_report_print (CcbtStallReport *self, CcbtClient *client);
