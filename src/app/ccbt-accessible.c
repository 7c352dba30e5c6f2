/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-accessible.h"

/* Buttons, check boxes and the buttons of view switchers all have it under this name, but no common class.
 * Returns: (transfer full) (nullable) */
static char *
dup_label (GtkWidget *widget)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (widget), "label");
  char *label = NULL;

  if (pspec != NULL && G_IS_PARAM_SPEC_STRING (pspec))
    g_object_get (widget, "label", &label, NULL);
  return label;
}

static char *
drop_underscores (const char *label)
{
  g_auto (GStrv) parts = g_strsplit (label, "_", -1);

  return g_strjoinv ("", parts);
}

static void
tidy_control (GtkWidget *widget)
{
  g_autofree char *text = dup_label (widget);
  const char *tooltip = gtk_widget_get_tooltip_text (widget);
  g_autofree char *label = g_strdup (text != NULL ? text : tooltip);
  g_autofree char *name = label != NULL ? drop_underscores (label) : NULL;

  /* What has neither was named in its .ui file. */
  if (name != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

void
ccbt_accessible_tidy (GtkWidget *root)
{
  /* It passes its own name on to the button inside. */
  if (GTK_IS_MENU_BUTTON (root))
    return;
  if (GTK_IS_BUTTON (root) || GTK_IS_CHECK_BUTTON (root) || GTK_IS_SWITCH (root)
      || GTK_IS_SPIN_BUTTON (root))
    {
      tidy_control (root);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    ccbt_accessible_tidy (child);
}
