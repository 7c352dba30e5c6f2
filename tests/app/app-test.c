/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-test.h"

#ifdef __SANITIZE_ADDRESS__
/* LeakSanitizer cannot name what a library that was unloaded has left behind, so it could not be excused: here none is
 * unloaded. */
int dlclose (void *handle);

int
dlclose (void *handle)
{
  return 0;
}
#endif

CcbtClient *
app_test_start_client (void)
{
  CcbtClient *client = ccbt_client_new ();

  ccbt_client_start (client, NULL);
  while (ccbt_client_get_state (client) == CCBT_CLIENT_STARTING)
    g_main_context_iteration (NULL, TRUE);
  return client;
}

static void
set_true (gpointer flag)
{
  *(gboolean *) flag = TRUE;
}

void
app_test_run_for (guint milliseconds)
{
  gboolean is_over = FALSE;

  g_timeout_add_once (milliseconds, set_true, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
}

void
app_test_settle (void)
{
  app_test_run_for (60);
}

gpointer
app_test_find (GtkWidget *root, GType type)
{
  if (!gtk_widget_get_visible (root))
    return NULL;
  if (g_type_is_a (G_OBJECT_TYPE (root), type))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      gpointer found = app_test_find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

gboolean
app_test_shows (GtkWidget *root, const char *text)
{
  if (!gtk_widget_get_mapped (root))
    return FALSE;
  if (GTK_IS_LABEL (root) && g_strcmp0 (gtk_label_get_text (GTK_LABEL (root)), text) == 0)
    return TRUE;
  if (GTK_IS_INSCRIPTION (root)
      && g_strcmp0 (gtk_inscription_get_text (GTK_INSCRIPTION (root)), text) == 0)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (app_test_shows (child, text))
      return TRUE;
  return FALSE;
}

void
app_test_finalize_client (CcbtClient *client)
{
  gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  while (G_OBJECT (client)->ref_count > 1 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  g_assert_finalize_object (client);
}
