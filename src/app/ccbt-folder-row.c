/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-folder-row.h"
#include <glib/gi18n.h>
#include "ccbt-resource.h"

struct _CcbtFolderRow
{
  AdwActionRow parent_instance;
  GFile *folder;
  guint64 needed;
  guint64 free;
  gboolean is_free_known;
  GCancellable *query; /* of the space left; NULL = none under way */
  GtkFileChooserNative *chooser;

  GtkLabel *space;
};

G_DEFINE_FINAL_TYPE (CcbtFolderRow, ccbt_folder_row, ADW_TYPE_ACTION_ROW)

enum
{
  PROP_FOLDER = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
show_space (CcbtFolderRow *self)
{
  g_autofree char *size = g_format_size (self->free);
  g_autofree char *text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->space), self->is_free_known);
  if (!self->is_free_known)
    return;
  /* Translators: space left on the disk, such as "12 GB free" */
  text = g_strdup_printf (_ ("%s free"), size);
  gtk_label_set_label (self->space, text);
  if (self->free < self->needed)
    gtk_widget_add_css_class (GTK_WIDGET (self->space), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->space), "error");
}

static void query_space (CcbtFolderRow *self, GFile *folder);

static void
space_queried_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtFolderRow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info
      = g_file_query_filesystem_info_finish (G_FILE (source), result, &error);
  g_autoptr (GFile) parent = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->query);
  if (info != NULL && g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE))
    {
      self->free = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
      self->is_free_known = TRUE;
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      /* The folder will be made: what counts is where. */
      parent = g_file_get_parent (G_FILE (source));
      if (parent != NULL)
        query_space (self, parent);
    }
  show_space (self);
}

static void
query_space (CcbtFolderRow *self, GFile *folder)
{
  self->query = g_cancellable_new ();
  g_file_query_filesystem_info_async (folder, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, G_PRIORITY_DEFAULT,
                                      self->query, space_queried_cb, g_object_ref (self));
}

static void
cancel_query (CcbtFolderRow *self)
{
  if (self->query != NULL)
    g_cancellable_cancel (self->query);
  g_clear_object (&self->query);
}

static void
chooser_response_cb (CcbtFolderRow *self, int response)
{
  g_autoptr (GFile) folder = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  if (folder != NULL)
    ccbt_folder_row_set_folder (self, folder);
  g_clear_object (&self->chooser);
}

static void
choose_cb (CcbtFolderRow *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->chooser != NULL)
    return;
  self->chooser
      = gtk_file_chooser_native_new (_ ("Choose a Folder"), GTK_WINDOW (root),
                                     GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Select"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  if (self->folder != NULL)
    gtk_file_chooser_set_file (GTK_FILE_CHOOSER (self->chooser), self->folder, NULL);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chooser_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
ccbt_folder_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FOLDER)
    g_value_set_object (value, CCBT_FOLDER_ROW (object)->folder);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_folder_row_dispose (GObject *object)
{
  CcbtFolderRow *self = CCBT_FOLDER_ROW (object);

  cancel_query (self);
  g_clear_object (&self->chooser);
  g_clear_object (&self->folder);
  G_OBJECT_CLASS (ccbt_folder_row_parent_class)->dispose (object);
}

static void
ccbt_folder_row_class_init (CcbtFolderRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ccbt_folder_row_get_property;
  object_class->dispose = ccbt_folder_row_dispose;
  props[PROP_FOLDER]
      = g_param_spec_object ("folder", NULL, NULL, G_TYPE_FILE,
                             G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/folder-row.ui"));
  gtk_widget_class_bind_template_child (widget_class, CcbtFolderRow, space);
  gtk_widget_class_bind_template_callback (widget_class, choose_cb);
}

static void
ccbt_folder_row_init (CcbtFolderRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ccbt_folder_row_set_folder (CcbtFolderRow *self, GFile *folder)
{
  g_autofree char *name = NULL;

  g_return_if_fail (CCBT_IS_FOLDER_ROW (self) && G_IS_FILE (folder));

  if (!g_set_object (&self->folder, folder))
    return;
  name = g_file_get_parse_name (folder);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), name);
  cancel_query (self);
  self->is_free_known = FALSE;
  query_space (self, folder);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FOLDER]);
}

GFile *
ccbt_folder_row_get_folder (CcbtFolderRow *self)
{
  return self->folder;
}

void
ccbt_folder_row_set_needed (CcbtFolderRow *self, guint64 bytes)
{
  g_return_if_fail (CCBT_IS_FOLDER_ROW (self));

  self->needed = bytes;
  show_space (self);
}
