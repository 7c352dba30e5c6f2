/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-window.h"

/* What the tests of the window share: a client on the made-up engine, and ways through a tree of
 * widgets. */

/* Drops the last reference and asserts that it was; answers on their way may hold it a little longer. */
void app_test_finalize_client (CcbtClient *client);
CcbtClient *app_test_start_client (void);

/* Runs the main loop. */
void app_test_run_for (guint milliseconds);

/* Runs it until nothing is left to do, drawing included. */
void app_test_settle (void);

/* First widget of @type at or below @root, in drawing order, that is visible; NULL when there is
 * none. */
gpointer app_test_find (GtkWidget *root, GType type);

/* Is a label with this text to be seen at or below @root? */
gboolean app_test_shows (GtkWidget *root, const char *text);
