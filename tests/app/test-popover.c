/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-test.h"
#include "ccbt-popover-rest.h"

/* What a closed popover leaves behind: nothing that the pointer could reach, and it opens again all the same. */

typedef struct
{
  GtkWidget *window;
  GtkWidget *button;
  GtkWidget *popover;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  ccbt_popover_rest_when_closed ();
  ccbt_popover_rest_when_closed (); /* once is enough, twice no harm */
  fixture->window = gtk_window_new ();
  fixture->button = gtk_menu_button_new ();
  fixture->popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (fixture->popover), gtk_label_new ("What is in it"));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (fixture->button), fixture->popover);
  gtk_window_set_child (GTK_WINDOW (fixture->window), fixture->button);
  gtk_window_present (GTK_WINDOW (fixture->window));
  app_test_settle ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  app_test_settle ();
}

static void
open_popover (Fixture *fixture)
{
  gtk_menu_button_popup (GTK_MENU_BUTTON (fixture->button));
  app_test_settle ();
  g_assert_true (gtk_widget_get_mapped (fixture->popover));
  g_assert_nonnull (gtk_native_get_surface (GTK_NATIVE (fixture->popover)));
}

/* At once: the pointer's next motion comes before anything that waits. */
static void
test_surface_goes (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      open_popover (fixture);
      gtk_popover_popdown (GTK_POPOVER (fixture->popover));
      g_assert_null (gtk_native_get_surface (GTK_NATIVE (fixture->popover)));
      g_assert_false (gtk_widget_get_realized (fixture->popover));
      app_test_settle ();
    }
}

static void
test_destroyed_while_closing (Fixture *fixture, gconstpointer data)
{
  open_popover (fixture);
  gtk_popover_popdown (GTK_POPOVER (fixture->popover));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (fixture->button), NULL);
  gtk_widget_queue_resize (fixture->window);
  app_test_settle ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add ("/popover/surface-goes", Fixture, NULL, set_up, test_surface_goes, tear_down);
  g_test_add ("/popover/destroyed-while-closing", Fixture, NULL, set_up,
              test_destroyed_while_closing, tear_down);
  return g_test_run ();
}
