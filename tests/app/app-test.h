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

/* --- For tests of the main window. --- */

typedef struct
{
  CcbtClient *client;
  GtkWidget *window;
} AppTest;

/* A window that remembers nothing, on an empty engine. */
void app_test_set_up (AppTest *fixture, gconstpointer data);
void app_test_tear_down (AppTest *fixture, gconstpointer data);

#define APP_TEST_ADD(name, function)                                                               \
  g_test_add (name, AppTest, NULL, app_test_set_up, function, app_test_tear_down)

/* Runs the tests inside an application. Returns: the exit code */
int app_test_run (void);

/* fake_engine_put(), until it is shown. Takes @status. */
void app_test_put (CcbtTorrentStatus *status);

/* Activates an action of the window, for this torrent when it takes one. */
void app_test_act (AppTest *fixture, const char *action, const char *info_hash);

/* What was asked of the engine since the last time. */
void app_test_assert_calls (const char *expected);

/* A dialog of the window; NULL when none is open. */
GtkWidget *app_test_find_dialog (void);

/* Clicks the button at or below @root that says @label. */
void app_test_click (GtkWidget *root, const char *label);
