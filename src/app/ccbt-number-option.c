/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-number-option.h"
#include <glib/gi18n.h>
#include <math.h>
#include "base/ccbt-torrent-options.h"

typedef struct
{
  const char *name;
  double size;
} Unit;

/* What stands for itself, such as "none". */
typedef struct
{
  const char *name;
  double value;
} Fixed;

typedef struct
{
  const char *key;
  char type; /* of the GVariant */
  const char *title;
  const Fixed *fixed;
  guint n_fixed;
  const char *chosen;  /* that there is a number */
  const char *caption; /* of the number */
  const Unit *units;   /* smallest first */
  guint n_units;
  double most; /* in the smallest unit */
  guint digits;
  double suggestion; /* in the smallest unit */
} Kind;

static const Fixed no_limit[] = { { N_ ("No Limit"), 0 } };
static const Fixed usual[] = { { N_ ("As in the Settings"), 0 } };
static const Fixed goals[]
    = { { N_ ("As in the Settings"), CCBT_GOAL_INHERIT }, { N_ ("None"), CCBT_GOAL_NONE } };

static const Unit plain[] = { { NULL, 1 } };
static const Unit rates[] = { { NULL, 1024 } };
static const Unit times[]
    = { { N_ ("minutes"), 60 }, { N_ ("hours"), 3600 }, { N_ ("days"), 86400 } };

#define LIST(array) array, G_N_ELEMENTS (array)

static const Kind kinds[] = {
  { "download-limit", 't', N_ ("Download Limit"), LIST (no_limit), N_ ("Limited"),
    N_ ("Download, KiB/s"), LIST (rates), 9999999, 0, 1024 },
  { "upload-limit", 't', N_ ("Upload Limit"), LIST (no_limit), N_ ("Limited"), N_ ("Upload, KiB/s"),
    LIST (rates), 9999999, 0, 256 },
  { "max-connections", 'u', N_ ("Most Connections"), LIST (usual), N_ ("Number"),
    N_ ("Number of Connections"), LIST (plain), 1000, 0, 50 },
  { "upload-slots", 'u', N_ ("Upload Slots"), LIST (usual), N_ ("Number"), N_ ("Number of Slots"),
    LIST (plain), 1000, 0, 4 },
  { "ratio-goal", 'd', N_ ("Ratio Goal"), LIST (goals), N_ ("Number"),
    N_ ("Uploaded for Downloaded"), LIST (plain), 10000, 2, 2 },
  { "seed-time-goal", 'x', N_ ("Time Goal"), LIST (goals), N_ ("Limited"), N_ ("Seeding"),
    LIST (times), 999999, 0, 1440 },
  { "idle-goal", 'x', N_ ("Idle Goal"), LIST (goals), N_ ("Limited"), N_ ("Seeding to Nobody"),
    LIST (times), 999999, 0, 60 },
};

struct _CcbtNumberOption
{
  GObject parent_instance;
  const Kind *kind;
  gboolean is_different;  /* the first choice says so */
  gboolean was_different; /* as shown at the beginning */
  double was;             /* the same */

  AdwComboRow *choice;
  GtkWidget *row;
  GtkSpinButton *number;
  GtkDropDown *unit; /* NULL: there is but one */
};

G_DEFINE_FINAL_TYPE (CcbtNumberOption, ccbt_number_option, G_TYPE_OBJECT)

static const Kind *
find_kind (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].key, key))
      return &kinds[i];
  g_return_val_if_reached (&kinds[0]);
}

static double
read_number (GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_UINT64:
      return (double) g_variant_get_uint64 (value);
    case G_VARIANT_CLASS_INT64:
      return (double) g_variant_get_int64 (value);
    case G_VARIANT_CLASS_UINT32:
      return g_variant_get_uint32 (value);
    default:
      return g_variant_get_double (value);
    }
}

static GVariant *
write_number (char type, double number)
{
  switch (type)
    {
    case 't':
      return g_variant_new_uint64 ((guint64) number);
    case 'x':
      return g_variant_new_int64 ((gint64) number);
    case 'u':
      return g_variant_new_uint32 ((guint32) number);
    default:
      return g_variant_new_double (number);
    }
}

/* Returns: FALSE: they stay different */
static gboolean
get_number (CcbtNumberOption *self, double *number)
{
  const guint selected = adw_combo_row_get_selected (self->choice);
  const guint place = selected - (self->is_different ? 1 : 0);
  const guint unit = self->unit != NULL ? gtk_drop_down_get_selected (self->unit) : 0;

  if (self->is_different && selected == 0)
    return FALSE;
  if (place < self->kind->n_fixed)
    *number = self->kind->fixed[place].value;
  else
    *number = gtk_spin_button_get_value (self->number) * self->kind->units[unit].size;
  return TRUE;
}

/* --- The rows. --- */

static void
choice_changed_cb (CcbtNumberOption *self)
{
  const guint place = adw_combo_row_get_selected (self->choice) - (self->is_different ? 1 : 0);

  gtk_widget_set_visible (self->row, place == self->kind->n_fixed);
}

static void
add_choice (CcbtNumberOption *self, AdwPreferencesGroup *group)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  if (self->is_different)
    gtk_string_list_append (names, _ ("Different"));
  for (guint i = 0; i < self->kind->n_fixed; i++)
    gtk_string_list_append (names, _ (self->kind->fixed[i].name));
  gtk_string_list_append (names, _ (self->kind->chosen));
  self->choice = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->choice), _ (self->kind->title));
  adw_combo_row_set_model (self->choice, G_LIST_MODEL (names));
  adw_preferences_group_add (group, GTK_WIDGET (self->choice));
}

static GtkDropDown *
new_unit (const Kind *kind)
{
  g_autofree char *name = g_strdup_printf (_ ("%s: Unit"), _ (kind->title));
  GtkStringList *names = gtk_string_list_new (NULL);
  GtkWidget *unit;

  for (guint i = 0; i < kind->n_units; i++)
    gtk_string_list_append (names, _ (kind->units[i].name));
  unit = gtk_drop_down_new (G_LIST_MODEL (names), NULL);
  gtk_widget_set_valign (unit, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (unit), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return GTK_DROP_DOWN (unit);
}

static void
add_number (CcbtNumberOption *self, AdwPreferencesGroup *group)
{
  const Kind *kind = self->kind;
  const double least = kind->digits > 0 ? 0.01 : 1;
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *number = gtk_spin_button_new_with_range (least, kind->most, 1);

  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (number), kind->digits);
  gtk_editable_set_width_chars (GTK_EDITABLE (number), 6);
  gtk_widget_set_valign (number, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (kind->caption));
  gtk_accessible_update_property (GTK_ACCESSIBLE (number), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (kind->caption), -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), number);
  self->row = row;
  self->number = GTK_SPIN_BUTTON (number);
  if (kind->n_units > 1)
    {
      self->unit = new_unit (kind);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (self->unit));
    }
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), number);
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (number), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  adw_preferences_group_add (group, row);
}

/* In the largest unit that leaves no rest. */
static void
show_number (CcbtNumberOption *self, double number)
{
  guint unit = self->kind->n_units - 1;

  while (unit > 0 && fmod (number, self->kind->units[unit].size) != 0)
    unit--;
  if (self->unit != NULL)
    gtk_drop_down_set_selected (self->unit, unit);
  gtk_spin_button_set_value (self->number, number / self->kind->units[unit].size);
  gtk_spin_button_update (self->number); /* rounds as it will when it is saved */
}

static void
show (CcbtNumberOption *self, GVariant *value)
{
  const double number = value != NULL ? read_number (value) : 0;
  guint place = 0;

  show_number (self, self->kind->suggestion * self->kind->units[0].size);
  if (value != NULL)
    {
      while (place < self->kind->n_fixed && self->kind->fixed[place].value != number)
        place++;
      if (place == self->kind->n_fixed)
        show_number (self, number);
    }
  adw_combo_row_set_selected (self->choice, place);
  self->was_different = !get_number (self, &self->was);
  choice_changed_cb (self);
}

/* --- The object. --- */

static void
ccbt_number_option_class_init (CcbtNumberOptionClass *klass)
{
}

static void
ccbt_number_option_init (CcbtNumberOption *self)
{
}

CcbtNumberOption *
ccbt_number_option_new (AdwPreferencesGroup *group, const char *key, GVariant *value)
{
  CcbtNumberOption *self = g_object_new (CCBT_TYPE_NUMBER_OPTION, NULL);

  self->kind = find_kind (key);
  self->is_different = value == NULL;
  add_choice (self, group);
  add_number (self, group);
  show (self, value);
  g_signal_connect_object (self->choice, "notify::selected", G_CALLBACK (choice_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

const char *
ccbt_number_option_get_key (CcbtNumberOption *self)
{
  return self->kind->key;
}

GVariant *
ccbt_number_option_get_change (CcbtNumberOption *self)
{
  double number;

  g_return_val_if_fail (CCBT_IS_NUMBER_OPTION (self), NULL);

  gtk_spin_button_update (self->number); /* what was typed and not entered */
  if (!get_number (self, &number) || (!self->was_different && number == self->was))
    return NULL;
  return g_variant_ref_sink (write_number (self->kind->type, number));
}
