/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-setting-row.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define SETTLE_MS 500 /* a number that is being clicked up and down */

/* Units that people read, for those that settings count in. */
typedef struct
{
  const char *unit;
  const char *shown;
  double factor;
} Unit;

static const Unit units[] = {
  { "bytes/s", N_ ("KiB/s"), 1024 },
  { "s", N_ ("s"), 1 },
  { "MiB", N_ ("MiB"), 1 },
  { "", "", 1 },
};

/* What values of choices are called. */
static const char *const choice_names[][2] = {
  { "sparse", N_ ("As They Grow") },
  { "full", N_ ("All at the Start") },
  { "none", N_ ("Not at All") },
  { "stop", N_ ("Pause the Torrent") },
  { "remove", N_ ("Remove It From the List") },
  { "rarest_first", N_ ("Rarest First") },
  { "sequential", N_ ("One After the Other") },
  { "round_robin", N_ ("Round Robin") },
};

struct _CcbtSettingRow
{
  GObject parent_instance;
  char *key;
  char *type;
  char *value; /* in force */
  const Unit *unit;
  char **choices;
  gboolean needs_restart;
  char *description;
  gboolean is_showing; /* what changes now is not the user's doing */
  guint settle_source; /* 0 = none */

  GtkWidget *row;     /* owns this */
  GtkWidget *control; /* GtkSwitch, GtkSpinButton; else the row itself */
  GtkWidget *reset;
};

G_DEFINE_FINAL_TYPE (CcbtSettingRow, ccbt_setting_row, G_TYPE_OBJECT)

enum
{
  CHANGED,
  RESET,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
is_type (CcbtSettingRow *self, const char *type)
{
  return g_str_equal (self->type, type);
}

static gboolean
is_number (CcbtSettingRow *self)
{
  return is_type (self, "integer") || is_type (self, "number");
}

static void
want (CcbtSettingRow *self, const char *text)
{
  if (!self->is_showing && g_strcmp0 (text, self->value) != 0)
    g_signal_emit (self, signals[CHANGED], 0, text);
}

/* --- What the user does --- */

static void
switched_cb (CcbtSettingRow *self)
{
  want (self, gtk_switch_get_active (GTK_SWITCH (self->control)) ? "true" : "false");
}

static void
chosen_cb (CcbtSettingRow *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self->row));

  if (selected < g_strv_length (self->choices))
    want (self, self->choices[selected]);
}

static void
applied_cb (CcbtSettingRow *self)
{
  want (self, gtk_editable_get_text (GTK_EDITABLE (self->row)));
}

static gboolean
settled_cb (gpointer data)
{
  CcbtSettingRow *self = data;
  double number = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->control)) * self->unit->factor;
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  self->settle_source = 0;
  g_ascii_formatd (text, sizeof text, is_type (self, "integer") ? "%.0f" : "%.10g", number);
  want (self, text);
  return G_SOURCE_REMOVE;
}

static void
number_changed_cb (CcbtSettingRow *self)
{
  if (self->is_showing)
    return;
  g_clear_handle_id (&self->settle_source, g_source_remove);
  self->settle_source = g_timeout_add (SETTLE_MS, settled_cb, self);
}

static void
folder_chosen_cb (CcbtSettingRow *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GFile) folder = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (folder != NULL && g_file_peek_path (folder) != NULL
      && g_utf8_validate (g_file_peek_path (folder), -1, NULL))
    want (self, g_file_peek_path (folder));
  g_object_unref (dialog);
}

static void
choose_folder_cb (CcbtSettingRow *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self->row)),
      GTK_WINDOW (gtk_widget_get_root (self->row)), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
      _ ("_Select"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (folder_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
reset_cb (CcbtSettingRow *self)
{
  g_signal_emit (self, signals[RESET], 0);
}

/* --- What is shown --- */

static const char *
name_choice (const char *choice)
{
  for (guint i = 0; i < G_N_ELEMENTS (choice_names); i++)
    if (g_str_equal (choice_names[i][0], choice))
      return _ (choice_names[i][1]);
  return choice;
}

static void
show_choice (CcbtSettingRow *self)
{
  for (guint i = 0; self->choices[i] != NULL; i++)
    if (g_str_equal (self->choices[i], self->value))
      adw_combo_row_set_selected (ADW_COMBO_ROW (self->row), i);
}

static void
show_value (CcbtSettingRow *self)
{
  if (is_type (self, "boolean"))
    gtk_switch_set_active (GTK_SWITCH (self->control), g_str_equal (self->value, "true"));
  else if (is_number (self))
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->control),
                               g_ascii_strtod (self->value, NULL) / self->unit->factor);
  else if (is_type (self, "choice"))
    show_choice (self);
  else if (is_type (self, "text"))
    gtk_editable_set_text (GTK_EDITABLE (self->row), self->value);
}

/* @origin: (nullable): where a value comes from that cannot be changed here */
static void
show_subtitle (CcbtSettingRow *self, const char *origin)
{
  g_autoptr (GString) text = g_string_new (_ (self->description));

  if (is_type (self, "folder") && *self->value != '\0')
    g_string_assign (text, self->value);
  if (self->needs_restart)
    g_string_append_printf (text, " %s", _ ("Takes effect after a restart."));
  if (origin != NULL)
    {
      g_string_append_c (text, ' ');
      /* Translators: such as "environment CCBT_UPLOAD_RATE" or "command line" */
      g_string_append_printf (text, _ ("Set by: %s."), origin);
    }
  if (ADW_IS_ACTION_ROW (self->row))
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->row), text->str);
  else
    gtk_widget_set_tooltip_text (self->row, text->str);
}

void
ccbt_setting_row_update (CcbtSettingRow *self, GVariant *setting)
{
  const char *level = "", *origin = "", *value = "";
  gboolean is_ours;

  g_return_if_fail (CCBT_IS_SETTING_ROW (self));

  g_variant_lookup (setting, "level", "&s", &level);
  g_variant_lookup (setting, "origin", "&s", &origin);
  g_variant_lookup (setting, "value", "&s", &value);
  is_ours = g_str_equal (level, "default") || g_str_equal (level, "file");
  g_free (self->value);
  self->value = g_strdup (value);
  self->is_showing = TRUE;
  if (self->settle_source == 0)
    show_value (self);
  show_subtitle (self, is_ours ? NULL : origin);
  self->is_showing = FALSE;
  gtk_widget_set_sensitive (self->row, is_ours);
  gtk_widget_set_visible (self->reset, g_str_equal (level, "file"));
}

/* --- Making --- */

static void
make_switch (CcbtSettingRow *self)
{
  self->row = adw_action_row_new ();
  self->control = gtk_switch_new ();
  g_signal_connect_object (self->control, "notify::active", G_CALLBACK (switched_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
make_number (CcbtSettingRow *self, GVariant *setting)
{
  double minimum = 0, maximum = 0, step = is_type (self, "integer") ? 1 : 0.1;
  GtkAdjustment *adjustment;
  GtkWidget *unit;

  g_variant_lookup (setting, "minimum", "d", &minimum);
  g_variant_lookup (setting, "maximum", "d", &maximum);
  if (self->unit->factor > 1)
    step = 10;
  adjustment = gtk_adjustment_new (minimum, minimum / self->unit->factor,
                                   maximum / self->unit->factor, step, 10 * step, 0);
  self->row = adw_action_row_new ();
  self->control = gtk_spin_button_new (adjustment, 0, is_type (self, "integer") ? 0 : 2);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->control), 7);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (self->control), TRUE);
  g_signal_connect_object (self->control, "value-changed", G_CALLBACK (number_changed_cb), self,
                           G_CONNECT_SWAPPED);
  if (*self->unit->shown == '\0')
    return;
  unit = gtk_label_new (_ (self->unit->shown));
  gtk_widget_add_css_class (unit, "dim-label");
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->row), unit);
}

static void
make_choice (CcbtSettingRow *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; self->choices[i] != NULL; i++)
    gtk_string_list_append (names, name_choice (self->choices[i]));
  self->row = adw_combo_row_new ();
  adw_combo_row_set_model (ADW_COMBO_ROW (self->row), G_LIST_MODEL (names));
  g_signal_connect_object (self->row, "notify::selected", G_CALLBACK (chosen_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
make_text (CcbtSettingRow *self)
{
  self->row = adw_entry_row_new ();
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->row), TRUE);
  g_signal_connect_object (self->row, "apply", G_CALLBACK (applied_cb), self, G_CONNECT_SWAPPED);
}

static void
make_folder (CcbtSettingRow *self)
{
  self->row = adw_action_row_new ();
  self->control = gtk_button_new_from_icon_name ("document-open-symbolic");
  gtk_widget_set_tooltip_text (self->control, _ ("Choose a Folder"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->control), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Choose a Folder"), -1);
  g_signal_connect_object (self->control, "clicked", G_CALLBACK (choose_folder_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
add_suffix (CcbtSettingRow *self, GtkWidget *widget)
{
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  if (ADW_IS_ENTRY_ROW (self->row))
    adw_entry_row_add_suffix (ADW_ENTRY_ROW (self->row), widget);
  else
    adw_action_row_add_suffix (ADW_ACTION_ROW (self->row), widget);
}

static void
make_reset (CcbtSettingRow *self, const char *title)
{
  g_autofree char *name = g_strdup_printf (_ ("Default for “%s”"), title);

  self->reset = gtk_button_new_from_icon_name ("edit-undo-symbolic");
  gtk_widget_add_css_class (self->reset, "flat");
  gtk_widget_set_tooltip_text (self->reset, name);
  g_signal_connect_object (self->reset, "clicked", G_CALLBACK (reset_cb), self, G_CONNECT_SWAPPED);
  add_suffix (self, self->reset);
}

static void
make_row (CcbtSettingRow *self, GVariant *setting, const char *title)
{
  if (is_type (self, "boolean"))
    make_switch (self);
  else if (is_number (self))
    make_number (self, setting);
  else if (is_type (self, "choice"))
    make_choice (self);
  else if (is_type (self, "folder"))
    make_folder (self);
  else
    make_text (self);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->row), title);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->row), FALSE);
  if (ADW_IS_ACTION_ROW (self->row))
    adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self->row), 0);
  make_reset (self, title);
  if (self->control == NULL)
    return;
  add_suffix (self, self->control);
  if (!is_type (self, "folder"))
    {
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->control), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      title, -1);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self->row), self->control);
    }
}

static void
ccbt_setting_row_finalize (GObject *object)
{
  CcbtSettingRow *self = CCBT_SETTING_ROW (object);

  g_clear_handle_id (&self->settle_source, g_source_remove);
  g_free (self->key);
  g_free (self->type);
  g_free (self->value);
  g_free (self->description);
  g_strfreev (self->choices);
  G_OBJECT_CLASS (ccbt_setting_row_parent_class)->finalize (object);
}

static void
ccbt_setting_row_class_init (CcbtSettingRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_setting_row_finalize;
  signals[CHANGED] = g_signal_new ("changed", CCBT_TYPE_SETTING_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[RESET] = g_signal_new ("reset", CCBT_TYPE_SETTING_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ccbt_setting_row_init (CcbtSettingRow *self)
{
}

CcbtSettingRow *
ccbt_setting_row_new (GVariant *setting)
{
  CcbtSettingRow *self = g_object_new (CCBT_TYPE_SETTING_ROW, NULL);
  const char *unit = "", *title = "";
  guint i = 0;

  g_variant_lookup (setting, "key", "s", &self->key);
  g_variant_lookup (setting, "type", "s", &self->type);
  g_variant_lookup (setting, "description", "s", &self->description);
  g_variant_lookup (setting, "title", "&s", &title);
  g_variant_lookup (setting, "unit", "&s", &unit);
  g_variant_lookup (setting, "choices", "^as", &self->choices);
  g_variant_lookup (setting, "needs-restart", "b", &self->needs_restart);
  while (i < G_N_ELEMENTS (units) - 1 && !g_str_equal (units[i].unit, unit))
    i++;
  self->unit = &units[i];
  make_row (self, setting, _ (title));
  g_object_set_data_full (G_OBJECT (self->row), "setting-row", self, g_object_unref);
  ccbt_setting_row_update (self, setting);
  return self;
}

GtkWidget *
ccbt_setting_row_get_widget (CcbtSettingRow *self)
{
  return self->row;
}

const char *
ccbt_setting_row_get_key (CcbtSettingRow *self)
{
  return self->key;
}
