/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

/* Draws download and upload rates over a span of time, up to now. What it shows is also its accessible
 * description. */
#define CCBT_TYPE_RATE_GRAPH (ccbt_rate_graph_get_type ())
G_DECLARE_FINAL_TYPE (CcbtRateGraph, ccbt_rate_graph, CCBT, RATE_GRAPH, GtkWidget)

/* @down, @up: bytes in each of @n slots of @step seconds, the oldest first, up to the one before now; copied. */
void ccbt_rate_graph_set (CcbtRateGraph *self, const guint64 *down, const guint64 *up, guint n,
                          guint step);
