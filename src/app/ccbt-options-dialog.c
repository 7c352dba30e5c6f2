/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-options-dialog.h"
#include <glib/gi18n.h>
#include "ccbt-accessible.h"
#include "ccbt-category-row.h"
#include "ccbt-choice-option.h"
#include "ccbt-error-text.h"
#include "ccbt-number-option.h"
#include "ccbt-option-values.h"
#include "ccbt-resource.h"
#include "ccbt-tags-option.h"
#include "session/ccbt-command.h"

struct _CcbtOptionsDialog
{
  AdwWindow parent_instance;
  CcbtClient *client;
  GPtrArray *items;        /* CcbtTorrentItem, owned */
  GPtrArray *numbers;      /* CcbtNumberOption */
  GPtrArray *choices;      /* CcbtChoiceOption */
  CcbtChoiceOption *order; /* of pieces: no option of the engine's, it has a verb of its own */
  CcbtTagsOption *tags;

  guint n_open; /* answers to come, and one while verbs are still being called */
  guint n_failed;
  GError *error; /* the first; NULL */

  AdwWindowTitle *title;
  GtkWidget *save;
  GtkLabel *problem;
  GtkWidget *name_group;
  GtkEditable *name;
  AdwPreferencesGroup *filing;
  CcbtCategoryRow *category;
  AdwPreferencesGroup *limits;
  AdwPreferencesGroup *queue;
  AdwPreferencesGroup *seeding;
};

G_DEFINE_FINAL_TYPE (CcbtOptionsDialog, ccbt_options_dialog, ADW_TYPE_WINDOW)

/* --- What is wrong. --- */

/* The engine names the key that it does not take. */
static char *
explain (const GError *error)
{
  if (!g_error_matches (error, CCBT_ERROR, CCBT_ERROR_INVALID))
    return ccbt_error_text (error);
  if (g_str_has_prefix (error->message, "category:"))
    return g_strdup (_ ("The category is too long, or has characters that cannot be shown."));
  if (g_str_has_prefix (error->message, "tags:"))
    return g_strdup (_ ("There are too many tags, or one is too long or has characters that cannot "
                        "be shown."));
  if (g_str_has_prefix (error->message, "display-name:"))
    return g_strdup (_ ("The name is too long, or has characters that cannot be shown."));
  return ccbt_error_text (error);
}

static void
tell_problem (CcbtOptionsDialog *self)
{
  g_autofree char *text = explain (self->error);
  g_autofree char *whole = NULL;

  if (self->n_failed > 1)
    /* Translators: number of torrents with which something did not work, what went wrong first */
    whole = g_strdup_printf (ngettext ("%u torrent: %s", "%u torrents: %s", self->n_failed),
                             self->n_failed, text);
  gtk_label_set_label (self->problem, whole != NULL ? whole : text);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
  gtk_widget_set_sensitive (self->save, TRUE);
  gtk_widget_grab_focus (self->save);
}

/* --- Saving. --- */

static void
close_one (CcbtOptionsDialog *self)
{
  if (--self->n_open > 0 || !gtk_widget_get_mapped (GTK_WIDGET (self))) /* closed meanwhile */
    return;
  if (self->error != NULL)
    tell_problem (self);
  else
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtOptionsDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    {
      self->n_failed++;
      if (self->error == NULL)
        self->error = g_steal_pointer (&error);
    }
  close_one (self);
}

static void
call (CcbtOptionsDialog *self, const char *verb, GVariant *arguments)
{
  if (ccbt_client_call_async (self->client, verb, arguments, NULL, saved_cb, g_object_ref (self)))
    self->n_open++;
  else
    g_object_unref (self);
}

static void
add_change (GVariantBuilder *changes, const char *key, GVariant *value)
{
  g_autoptr (GVariant) owned = value;

  if (owned != NULL)
    g_variant_builder_add (changes, "{sv}", key, owned);
}

/* Its own name is no decision: it would outlive the arrival of the metadata.
 * Returns: (transfer full) (nullable) */
static GVariant *
get_name_change (CcbtOptionsDialog *self)
{
  const CcbtTorrentStatus *status = ccbt_torrent_item_get_status (self->items->pdata[0]);
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (self->name)));
  const char *decided = g_str_equal (name, status->name) ? "" : name;

  if (self->items->len > 1 || g_str_equal (decided, status->options->display_name))
    return NULL;
  return g_variant_ref_sink (g_variant_new_string (decided));
}

/* Returns: (transfer floating): a{sv} */
static GVariant *
collect_changes (CcbtOptionsDialog *self, CcbtTorrentItem *item)
{
  g_auto (GVariantBuilder) changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_change (&changes, "display-name", get_name_change (self));
  add_change (&changes, "category", ccbt_category_row_get_change (self->category));
  add_change (&changes, "tags", ccbt_tags_option_get_change (self->tags, item));
  for (guint i = 0; i < self->numbers->len; i++)
    add_change (&changes, ccbt_number_option_get_key (self->numbers->pdata[i]),
                ccbt_number_option_get_change (self->numbers->pdata[i]));
  for (guint i = 0; i < self->choices->len; i++)
    add_change (&changes, ccbt_choice_option_get_key (self->choices->pdata[i]),
                ccbt_choice_option_get_change (self->choices->pdata[i]));
  return g_variant_builder_end (&changes);
}

static void
save_item (CcbtOptionsDialog *self, CcbtTorrentItem *item)
{
  const char *info_hash = ccbt_torrent_item_get_info_hash (item);
  g_autoptr (GVariant) changes = g_variant_ref_sink (collect_changes (self, item));
  g_autoptr (GVariant) order = ccbt_choice_option_get_change (self->order);

  if (g_variant_n_children (changes) > 0)
    call (self, "torrent.set-options", g_variant_new ("(s@a{sv})", info_hash, changes));
  if (order != NULL)
    call (self, "torrent.set-sequential", g_variant_new ("(s@b)", info_hash, order));
}

static void
save_clicked_cb (CcbtOptionsDialog *self)
{
  g_object_ref (self); /* the last answer closes it */
  gtk_widget_set_sensitive (self->save, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  g_clear_error (&self->error);
  self->n_failed = 0;
  self->n_open = 1;
  for (guint i = 0; i < self->items->len; i++)
    save_item (self, self->items->pdata[i]);
  close_one (self);
  g_object_unref (self);
}

/* --- The form. --- */

static void
add_number (CcbtOptionsDialog *self, AdwPreferencesGroup *group, const char *key)
{
  g_autoptr (GVariant) value = ccbt_option_values_get_common (self->items, key);

  g_ptr_array_add (self->numbers, ccbt_number_option_new (group, key, value));
}

static CcbtChoiceOption *
new_choice (CcbtOptionsDialog *self, AdwPreferencesGroup *group, const char *key)
{
  g_autoptr (GVariant) value = ccbt_option_values_get_common (self->items, key);

  return ccbt_choice_option_new (group, key, value);
}

static void
add_choice (CcbtOptionsDialog *self, AdwPreferencesGroup *group, const char *key)
{
  g_ptr_array_add (self->choices, new_choice (self, group, key));
}

static void
fill_filing (CcbtOptionsDialog *self)
{
  GListModel *torrents = G_LIST_MODEL (ccbt_client_get_torrents (self->client));
  g_auto (GStrv) categories = ccbt_option_values_list_categories (torrents);
  g_auto (GStrv) tags = ccbt_option_values_list_tags (torrents);
  g_autoptr (GVariant) category = ccbt_option_values_get_common (self->items, "category");

  ccbt_category_row_set_value (self->category, category, (const char *const *) categories);
  self->tags = ccbt_tags_option_new (self->filing, self->items, (const char *const *) tags);
}

static void
fill (CcbtOptionsDialog *self)
{
  const guint n_items = self->items->len;
  const char *name = ccbt_torrent_item_get_name (self->items->pdata[0]);
  g_autofree char *several
      = g_strdup_printf (ngettext ("%u torrent", "%u torrents", n_items), n_items);

  adw_window_title_set_subtitle (self->title, n_items > 1 ? several : name);
  gtk_widget_set_visible (self->name_group, n_items == 1);
  gtk_editable_set_text (self->name, name);
  fill_filing (self);
  add_number (self, self->limits, "download-limit");
  add_number (self, self->limits, "upload-limit");
  add_number (self, self->limits, "max-connections");
  add_number (self, self->limits, "upload-slots");
  add_choice (self, self->queue, "priority");
  add_choice (self, self->queue, "forced");
  self->order = new_choice (self, self->queue, "sequential");
  add_choice (self, self->seeding, "super-seeding");
  add_number (self, self->seeding, "ratio-goal");
  add_number (self, self->seeding, "seed-time-goal");
  add_number (self, self->seeding, "idle-goal");
  add_choice (self, self->seeding, "goal-action");
}

/* --- The object. --- */

static void
ccbt_options_dialog_dispose (GObject *object)
{
  CcbtOptionsDialog *self = CCBT_OPTIONS_DIALOG (object);

  g_clear_object (&self->client);
  g_clear_object (&self->order);
  g_clear_object (&self->tags);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->numbers, g_ptr_array_unref);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (ccbt_options_dialog_parent_class)->dispose (object);
}

static void
ccbt_options_dialog_class_init (CcbtOptionsDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ccbt_options_dialog_dispose;
  g_type_ensure (CCBT_TYPE_CATEGORY_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CCBT_RESOURCE ("ui/options-dialog.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtOptionsDialog, title);
  gtk_widget_class_bind_template_child (widget_class, CcbtOptionsDialog, save);
  gtk_widget_class_bind_template_child (widget_class, CcbtOptionsDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, CcbtOptionsDialog, name_group);
  gtk_widget_class_bind_template_child (widget_class, CcbtOptionsDialog, name);
  gtk_widget_class_bind_template_child (widget_class, CcbtOptionsDialog, filing);
  gtk_widget_class_bind_template_child (widget_class, CcbtOptionsDialog, category);
  gtk_widget_class_bind_template_child (widget_class, CcbtOptionsDialog, limits);
  gtk_widget_class_bind_template_child (widget_class, CcbtOptionsDialog, queue);
  gtk_widget_class_bind_template_child (widget_class, CcbtOptionsDialog, seeding);
  gtk_widget_class_bind_template_callback (widget_class, save_clicked_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ccbt_options_dialog_init (CcbtOptionsDialog *self)
{
  self->numbers = g_ptr_array_new_with_free_func (g_object_unref);
  self->choices = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ccbt_options_dialog_new (GtkWindow *parent, CcbtClient *client, GPtrArray *items)
{
  CcbtOptionsDialog *self = g_object_new (CCBT_TYPE_OPTIONS_DIALOG, "transient-for", parent, NULL);

  self->client = g_object_ref (client);
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (self->items, g_object_ref (items->pdata[i]));
  fill (self);
  ccbt_accessible_tidy (GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
