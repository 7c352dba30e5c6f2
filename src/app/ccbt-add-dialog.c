/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-add-dialog.h"
#include <glib/gi18n.h>
#include "ccbt-accessible.h"
#include "ccbt-error-text.h"
#include "ccbt-file-item.h"
#include "ccbt-file-row.h"
#include "ccbt-folder-row.h"
#include "ccbt-recent.h"
#include "ccbt-resource.h"
#include "ccbt-settings.h"
#include "session/ccbt-command.h"

struct _CcbtAddDialog
{
  AdwWindow parent_instance;
  CcbtClient *client;
  GVariant *source;
  GCancellable *cancellable; /* ends with the dialog */
  GSettings *settings;       /* NULL: nothing is remembered */
  GListStore *files;         /* CcbtFileItem; empty for a magnet link */
  gboolean is_filling;       /* "all files" follows the files, not the user */

  GtkStack *pages;
  GtkButton *add;
  AdwToastOverlay *toasts;
  AdwStatusPage *failure;
  AdwActionRow *name;
  CcbtFolderRow *folder;
  GtkSwitch *start;
  GtkWidget *files_box;
  GtkWidget *unknown_files;
  GtkCheckButton *all_files;
  GtkLabel *selection_text;
  GtkNoSelection *selection;
};

G_DEFINE_FINAL_TYPE (CcbtAddDialog, ccbt_add_dialog, ADW_TYPE_WINDOW)

static guint added_signal;

typedef struct
{
  guint n_files;
  guint n_wanted;
  guint64 wanted_size;
} Totals;

static Totals
count_wanted (CcbtAddDialog *self)
{
  Totals totals = { g_list_model_get_n_items (G_LIST_MODEL (self->files)), 0, 0 };

  for (guint i = 0; i < totals.n_files; i++)
    {
      g_autoptr (CcbtFileItem) file = g_list_model_get_item (G_LIST_MODEL (self->files), i);

      if (ccbt_file_item_get_priority (file) == CCBT_PRIORITY_SKIP)
        continue;
      totals.n_wanted++;
      totals.wanted_size += ccbt_file_item_get_length (file);
    }
  return totals;
}

static void
update_selection (CcbtAddDialog *self)
{
  const Totals totals = count_wanted (self);
  g_autofree char *size = g_format_size (totals.wanted_size);
  /* Translators: files chosen, all files, size of those chosen */
  g_autofree char *text
      = g_strdup_printf (ngettext ("%u of %u file, %s", "%u of %u files, %s", totals.n_files),
                         totals.n_wanted, totals.n_files, size);

  gtk_label_set_label (self->selection_text, text);
  ccbt_folder_row_set_needed (self->folder, totals.wanted_size);
  self->is_filling = TRUE;
  gtk_check_button_set_inconsistent (self->all_files,
                                     totals.n_wanted > 0 && totals.n_wanted < totals.n_files);
  gtk_check_button_set_active (self->all_files, totals.n_wanted == totals.n_files);
  self->is_filling = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->add), totals.n_files == 0 || totals.n_wanted > 0);
}

static void
file_chosen_cb (CcbtAddDialog *self)
{
  if (!self->is_filling)
    update_selection (self);
}

static void
all_files_toggled_cb (CcbtAddDialog *self)
{
  const guint n_files = g_list_model_get_n_items (G_LIST_MODEL (self->files));
  CcbtPriority priority
      = gtk_check_button_get_active (self->all_files) ? CCBT_PRIORITY_NORMAL : CCBT_PRIORITY_SKIP;

  if (self->is_filling)
    return;
  self->is_filling = TRUE;
  for (guint i = 0; i < n_files; i++)
    {
      g_autoptr (CcbtFileItem) file = g_list_model_get_item (G_LIST_MODEL (self->files), i);

      ccbt_file_item_choose (file, priority);
    }
  self->is_filling = FALSE;
  update_selection (self);
}

static void
show_failure (CcbtAddDialog *self, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_status_page_set_description (self->failure, markup);
  gtk_stack_set_visible_child_name (self->pages, "failure");
}

static void
fill_files (CcbtAddDialog *self, GVariant *files)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  GVariantIter iter;
  const char *path;
  guint64 length;

  g_variant_iter_init (&iter, files);
  while (g_variant_iter_next (&iter, "(&st)", &path, &length))
    {
      CcbtFileItem *file = ccbt_file_item_new (items->len, path, length);

      g_signal_connect_object (file, "chosen", G_CALLBACK (file_chosen_cb), self,
                               G_CONNECT_SWAPPED);
      g_ptr_array_add (items, file);
    }
  g_list_store_splice (self->files, 0, 0, items->pdata, items->len);
}

static void
fill_summary (CcbtAddDialog *self, GVariant *summary, gboolean has_files)
{
  const char *name = "";
  guint64 total_size = 0;
  g_autofree char *size = NULL;

  g_variant_lookup (summary, "name", "&s", &name);
  g_variant_lookup (summary, "total-size", "t", &total_size);
  size = g_format_size (total_size);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->name),
                                 *name != '\0' ? name : _ ("Magnet link"));
  adw_action_row_set_subtitle (self->name, has_files ? size : _ ("Size not known yet"));
}

static void
fill (CcbtAddDialog *self, GVariant *summary)
{
  g_autoptr (GVariant) files = g_variant_lookup_value (summary, "files", G_VARIANT_TYPE ("a(st)"));
  gboolean is_present = FALSE;

  g_variant_lookup (summary, "present", "b", &is_present);
  if (is_present)
    {
      show_failure (self, ccbt_error_text_for_code (CCBT_ERROR_EXISTS));
      return;
    }
  if (files != NULL)
    fill_files (self, files);
  fill_summary (self, summary, files != NULL);
  gtk_widget_set_visible (self->files_box, files != NULL);
  gtk_widget_set_visible (self->unknown_files, files == NULL);
  update_selection (self);
  gtk_stack_set_visible_child_name (self->pages, "form");
  gtk_window_set_default_widget (GTK_WINDOW (self), GTK_WIDGET (self->add));
}

static void
inspected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtAddDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  g_autoptr (GVariant) summary = NULL;
  g_autofree char *text = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (reply == NULL)
    {
      text = ccbt_error_text (error);
      show_failure (self, text);
      return;
    }
  summary = g_variant_get_child_value (reply, 0);
  fill (self, summary);
}

static void
append_choices (CcbtAddDialog *self, GVariantDict *dict)
{
  const Totals totals = count_wanted (self);
  GFile *folder = ccbt_folder_row_get_folder (self->folder);
  GVariantBuilder selected;

  if (folder != NULL && g_file_peek_path (folder) != NULL
      && g_utf8_validate (g_file_peek_path (folder), -1, NULL))
    g_variant_dict_insert (dict, "folder", "s", g_file_peek_path (folder));
  g_variant_dict_insert (dict, "paused", "b", !gtk_switch_get_active (self->start));
  if (totals.n_wanted == totals.n_files)
    return;
  g_variant_builder_init (&selected, G_VARIANT_TYPE ("ai"));
  for (guint i = 0; i < totals.n_files; i++)
    {
      g_autoptr (CcbtFileItem) file = g_list_model_get_item (G_LIST_MODEL (self->files), i);

      if (ccbt_file_item_get_priority (file) != CCBT_PRIORITY_SKIP)
        g_variant_builder_add (&selected, "i", (gint32) ccbt_file_item_get_index (file));
    }
  g_variant_dict_insert_value (dict, "selected", g_variant_builder_end (&selected));
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtAddDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);
  g_autofree char *text = NULL;
  const char *info_hash;
  gboolean is_new;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (reply == NULL)
    {
      text = ccbt_error_text (error);
      adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
      gtk_widget_set_sensitive (GTK_WIDGET (self->add), TRUE);
      return;
    }
  ccbt_recent_note_added (self->source);
  g_variant_get (reply, "(&sub)", &info_hash, NULL, &is_new);
  g_signal_emit (self, added_signal, 0, info_hash, is_new);
  gtk_window_close (GTK_WINDOW (self));
}

static void
add_clicked_cb (CcbtAddDialog *self)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (self->source);

  append_choices (self, &dict);
  if (!ccbt_client_call_async (self->client, "torrent.add",
                               g_variant_new ("(@a{sv})", g_variant_dict_end (&dict)),
                               self->cancellable, added_cb, g_object_ref (self)))
    g_object_unref (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->add), FALSE);
}

static void
folder_changed_cb (CcbtAddDialog *self)
{
  GFile *folder = ccbt_folder_row_get_folder (self->folder);

  if (self->settings != NULL && g_file_peek_path (folder) != NULL)
    g_settings_set (self->settings, "last-folder", "^ay", g_file_peek_path (folder));
}

static void
set_first_folder (CcbtAddDialog *self)
{
  g_autofree char *last = NULL;
  const char *path = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  g_autoptr (GFile) folder = NULL;

  if (self->settings != NULL)
    g_settings_get (self->settings, "last-folder", "^ay", &last);
  if (last != NULL && g_path_is_absolute (last))
    path = last;
  else if (path == NULL)
    path = g_get_home_dir ();
  folder = g_file_new_for_path (path);
  ccbt_folder_row_set_folder (self->folder, folder);
  g_signal_connect_object (self->folder, "notify::folder", G_CALLBACK (folder_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
ccbt_add_dialog_dispose (GObject *object)
{
  CcbtAddDialog *self = CCBT_ADD_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->client);
  g_clear_pointer (&self->source, g_variant_unref);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ccbt_add_dialog_parent_class)->dispose (object);
}

static void
ccbt_add_dialog_finalize (GObject *object)
{
  CcbtAddDialog *self = CCBT_ADD_DIALOG (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->files);
  G_OBJECT_CLASS (ccbt_add_dialog_parent_class)->finalize (object);
}

/* A call that comes back later must find its cancellable, but nothing may keep an invisible dialog
 * busy. */
static void
ccbt_add_dialog_unmap (GtkWidget *widget)
{
  g_cancellable_cancel (CCBT_ADD_DIALOG (widget)->cancellable);
  GTK_WIDGET_CLASS (ccbt_add_dialog_parent_class)->unmap (widget);
}

static void
ccbt_add_dialog_class_init (CcbtAddDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ccbt_add_dialog_dispose;
  object_class->finalize = ccbt_add_dialog_finalize;
  widget_class->unmap = ccbt_add_dialog_unmap;
  added_signal = g_signal_new ("added", CCBT_TYPE_ADD_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BOOLEAN);

  g_type_ensure (CCBT_TYPE_FILE_ITEM);
  g_type_ensure (CCBT_TYPE_FILE_ROW);
  g_type_ensure (CCBT_TYPE_FOLDER_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/add-dialog.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, pages);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, add);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, toasts);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, failure);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, name);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, folder);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, start);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, files_box);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, unknown_files);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, all_files);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, selection_text);
  gtk_widget_class_bind_template_child (widget_class, CcbtAddDialog, selection);
  gtk_widget_class_bind_template_callback (widget_class, add_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, all_files_toggled_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ccbt_add_dialog_init (CcbtAddDialog *self)
{
  self->is_filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->is_filling = FALSE;
  ccbt_accessible_tidy (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  self->settings = ccbt_settings_open ();
  self->files = g_list_store_new (CCBT_TYPE_FILE_ITEM);
  gtk_no_selection_set_model (self->selection, G_LIST_MODEL (self->files));
  set_first_folder (self);
}

CcbtAddDialog *
ccbt_add_dialog_new (CcbtClient *client, GVariant *source)
{
  CcbtAddDialog *self = g_object_new (CCBT_TYPE_ADD_DIALOG, NULL);

  self->client = g_object_ref (client);
  self->source = g_variant_ref_sink (source);
  if (!ccbt_client_call_async (client, "torrent.inspect", g_variant_new ("(@a{sv})", self->source),
                               self->cancellable, inspected_cb, g_object_ref (self)))
    g_object_unref (self);
  return self;
}
