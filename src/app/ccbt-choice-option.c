/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-choice-option.h"
#include <glib/gi18n.h>

#define MAX_CHOICES 4

typedef struct
{
  const char *value; /* as text of a GVariant */
  const char *name;
} Choice;

typedef struct
{
  const char *key;
  const char *title;
  const char *subtitle; /* NULL: none */
  const char *context;  /* of the names, for translators */
  Choice choices[MAX_CHOICES];
} Kind;

/* clang-format off */
#define ON_OR_OFF "option", { { "true", NC_ ("option", "On") }, { "false", NC_ ("option", "Off") } }

static const Kind kinds[] = {
  { "priority", N_ ("Priority"), NULL, "priority",
    { { "'maximum'", NC_ ("priority", "Maximum") }, { "'high'", NC_ ("priority", "High") },
      { "'normal'", NC_ ("priority", "Normal") }, { "'low'", NC_ ("priority", "Low") } } },
  { "forced", N_ ("Start Whatever the Queue Says"), NULL, ON_OR_OFF },
  { "sequential", N_ ("Download in Order"), N_ ("The beginning first"), ON_OR_OFF },
  { "super-seeding", N_ ("Seed Each Piece Only Once"), N_ ("For the first seed of a torrent"), ON_OR_OFF },
  { "goal-action", N_ ("When It Has Seeded Enough"), NULL, "option",
    { { "'inherit'", NC_ ("option", "As in the Settings") }, { "'stop'", NC_ ("option", "Stop") },
      { "'remove'", NC_ ("option", "Remove, Keep Files") } } },
};
/* clang-format on */

struct _CcbtChoiceOption
{
  GObject parent_instance;
  const Kind *kind;
  gboolean is_different; /* the first choice says so */
  guint was;             /* place among the choices shown */

  AdwComboRow *list; /* NULL: a switch */
  GtkSwitch *toggle; /* NULL: a list */
};

G_DEFINE_FINAL_TYPE (CcbtChoiceOption, ccbt_choice_option, G_TYPE_OBJECT)

static const Kind *
find_kind (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].key, key))
      return &kinds[i];
  g_return_val_if_reached (&kinds[0]);
}

static guint
count_choices (const Kind *kind)
{
  guint n_choices = 0;

  while (n_choices < MAX_CHOICES && kind->choices[n_choices].value != NULL)
    n_choices++;
  return n_choices;
}

static GVariant *
parse_choice (const Kind *kind, guint place)
{
  return g_variant_parse (NULL, kind->choices[place].value, NULL, NULL, NULL);
}

static guint
find_place (const Kind *kind, GVariant *value)
{
  for (guint i = 0; i < count_choices (kind); i++)
    {
      g_autoptr (GVariant) choice = parse_choice (kind, i);

      if (g_variant_equal (choice, value))
        return i;
    }
  return 0;
}

/* Place in the list, or, of a switch, in the table. */
static guint
get_selected (CcbtChoiceOption *self)
{
  if (self->toggle != NULL)
    return gtk_switch_get_active (self->toggle) ? 0 : 1;
  return adw_combo_row_get_selected (self->list);
}

static void
set_titles (const Kind *kind, GtkWidget *row)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (kind->title));
  if (kind->subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (kind->subtitle));
}

static GtkWidget *
make_switch (CcbtChoiceOption *self, gboolean is_on)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *toggle = gtk_switch_new ();

  gtk_switch_set_active (GTK_SWITCH (toggle), is_on);
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (self->kind->title), -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  self->toggle = GTK_SWITCH (toggle);
  return row;
}

static GtkWidget *
make_list (CcbtChoiceOption *self, GVariant *value)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  if (self->is_different)
    gtk_string_list_append (names, _ ("Different"));
  for (guint i = 0; i < count_choices (self->kind); i++)
    gtk_string_list_append (names,
                            g_dpgettext2 (NULL, self->kind->context, self->kind->choices[i].name));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (names));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row),
                              value != NULL ? find_place (self->kind, value) : 0);
  self->list = ADW_COMBO_ROW (row);
  return row;
}

static void
ccbt_choice_option_class_init (CcbtChoiceOptionClass *klass)
{
}

static void
ccbt_choice_option_init (CcbtChoiceOption *self)
{
}

CcbtChoiceOption *
ccbt_choice_option_new (AdwPreferencesGroup *group, const char *key, GVariant *value)
{
  CcbtChoiceOption *self = g_object_new (CCBT_TYPE_CHOICE_OPTION, NULL);
  GtkWidget *row;

  self->kind = find_kind (key);
  self->is_different = value == NULL;
  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    row = make_switch (self, g_variant_get_boolean (value));
  else
    row = make_list (self, value);
  set_titles (self->kind, row);
  self->was = get_selected (self);
  adw_preferences_group_add (group, row);
  return self;
}

const char *
ccbt_choice_option_get_key (CcbtChoiceOption *self)
{
  return self->kind->key;
}

GVariant *
ccbt_choice_option_get_change (CcbtChoiceOption *self)
{
  guint selected;

  g_return_val_if_fail (CCBT_IS_CHOICE_OPTION (self), NULL);

  selected = get_selected (self);
  if (selected == self->was)
    return NULL;
  return parse_choice (self->kind, selected - (self->is_different ? 1 : 0));
}
