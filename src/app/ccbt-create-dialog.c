/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-create-dialog.h"
#include <glib/gi18n.h>
#include "ccbt-accessible.h"
#include "ccbt-create-text.h"
#include "ccbt-creator.h"
#include "ccbt-resource.h"

#define SMALLEST_PIECES 16384u

struct _CcbtCreateDialog
{
  AdwWindow parent_instance;
  CcbtWindow *parent; /* weak */
  CcbtClient *client;
  CcbtCreator *creator; /* NULL: none is being made */
  GFile *content;       /* NULL: not chosen yet */
  GFile *output;
  gboolean is_output_chosen;
  GtkFileChooserNative *chooser;

  GtkWidget *create;
  GtkStack *pages;
  GtkLabel *problem;
  AdwActionRow *content_row;
  AdwActionRow *output_row;
  GtkSwitch *seed;
  GtkSwitch *private;
  AdwComboRow *piece_size;
  GtkTextView *trackers;
  GtkEditable *web_seeds;
  GtkEditable *comment;
  GtkEditable *source;
  GtkLabel *work_title;
  GtkProgressBar *progress;
  GtkLabel *work_text;
};

G_DEFINE_FINAL_TYPE (CcbtCreateDialog, ccbt_create_dialog, ADW_TYPE_WINDOW)

/* --- What goes in, and where it goes --- */

static void
show_file (AdwActionRow *row, GFile *file)
{
  g_autofree char *name = g_file_get_parse_name (file);

  adw_action_row_set_subtitle (row, name);
}

static void
set_output (CcbtCreateDialog *self, GFile *output)
{
  g_set_object (&self->output, output);
  show_file (self->output_row, output);
}

/* Among the downloads, since what is shared may lie where nobody may write. */
static void
propose_output (CcbtCreateDialog *self)
{
  const char *folder = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  g_autofree char *name = g_file_get_basename (self->content);
  g_autofree char *file_name = g_strconcat (name, ".torrent", NULL);
  g_autoptr (GFile) output
      = g_file_new_build_filename (folder != NULL ? folder : g_get_home_dir (), file_name, NULL);

  set_output (self, output);
}

void
ccbt_create_dialog_set_content (CcbtCreateDialog *self, GFile *content)
{
  g_return_if_fail (CCBT_IS_CREATE_DIALOG (self));

  g_set_object (&self->content, content);
  show_file (self->content_row, content);
  if (!self->is_output_chosen)
    propose_output (self);
  gtk_widget_set_sensitive (self->create, TRUE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->output_row), TRUE);
}

static void
content_response_cb (CcbtCreateDialog *self, int response)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  if (file != NULL)
    ccbt_create_dialog_set_content (self, file);
  g_clear_object (&self->chooser);
}

static void
output_response_cb (CcbtCreateDialog *self, int response)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  if (file != NULL)
    {
      self->is_output_chosen = TRUE;
      set_output (self, file);
    }
  g_clear_object (&self->chooser);
}

static void
choose (CcbtCreateDialog *self, const char *title, GtkFileChooserAction action, const char *accept,
        GCallback response_cb)
{
  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", response_cb, self, G_CONNECT_SWAPPED);
  if (action == GTK_FILE_CHOOSER_ACTION_SAVE)
    gtk_file_chooser_set_file (GTK_FILE_CHOOSER (self->chooser), self->output, NULL);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
choose_file_cb (CcbtCreateDialog *self)
{
  choose (self, _ ("Choose a File"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Select"),
          G_CALLBACK (content_response_cb));
}

static void
choose_folder_cb (CcbtCreateDialog *self)
{
  choose (self, _ ("Choose a Folder"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Select"),
          G_CALLBACK (content_response_cb));
}

static void
choose_output_cb (CcbtCreateDialog *self)
{
  choose (self, _ ("Save Torrent File"), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"),
          G_CALLBACK (output_response_cb));
}

/* --- Making it --- */

/* The form stays as the user filled it. */
static void
tell_problem (CcbtCreateDialog *self, const char *text)
{
  g_clear_object (&self->creator);
  gtk_label_set_label (self->problem, text);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
  gtk_widget_set_sensitive (self->create, TRUE);
  gtk_stack_set_visible_child_name (self->pages, "form");
  gtk_widget_grab_focus (self->create);
}

static void
finish (CcbtCreateDialog *self, GVariant *status)
{
  const char *output = g_file_peek_path (self->output);
  g_autofree char *text = ccbt_create_text_done (status, output);

  g_clear_object (&self->creator);
  if (self->parent != NULL)
    ccbt_window_tell (self->parent, text);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
status_cb (CcbtCreateDialog *self, GVariant *status)
{
  g_autofree char *text = NULL;
  const char *state = "";
  double share;

  g_variant_lookup (status, "state", "&s", &state);
  if (g_str_equal (state, "done"))
    {
      finish (self, status);
      return;
    }
  if (g_str_equal (state, "failed") || g_str_equal (state, "cancelled"))
    {
      text = ccbt_create_text_failure (status);
      tell_problem (self, text);
      return;
    }
  text = ccbt_create_text_progress (status, &share);
  gtk_label_set_label (self->work_text, text);
  gtk_progress_bar_set_fraction (self->progress, share);
}

static void
refused_cb (CcbtCreateDialog *self, const GError *error)
{
  g_autofree char *text = ccbt_create_text_refusal (error);

  tell_problem (self, text);
}

/* The first choice is "Automatic". */
static guint32
get_piece_length (CcbtCreateDialog *self)
{
  guint chosen = adw_combo_row_get_selected (self->piece_size);

  return chosen == 0 || chosen == GTK_INVALID_LIST_POSITION ? 0 : SMALLEST_PIECES << (chosen - 1);
}

static GVariant *
build_arguments (CcbtCreateDialog *self)
{
  g_autofree char *trackers = NULL;
  GVariantDict keys;

  g_object_get (gtk_text_view_get_buffer (self->trackers), "text", &trackers, NULL);
  g_variant_dict_init (&keys, NULL);
  g_variant_dict_insert (&keys, "path", "s", g_file_peek_path (self->content));
  g_variant_dict_insert (&keys, "output", "s", g_file_peek_path (self->output));
  /* Who chooses a file that is there has been asked. */
  g_variant_dict_insert (&keys, "overwrite", "b", self->is_output_chosen);
  g_variant_dict_insert_value (&keys, "trackers", ccbt_create_text_parse_tiers (trackers));
  g_variant_dict_insert_value (
      &keys, "web-seeds",
      ccbt_create_text_parse_addresses (gtk_editable_get_text (self->web_seeds)));
  g_variant_dict_insert (&keys, "comment", "s", gtk_editable_get_text (self->comment));
  g_variant_dict_insert (&keys, "source", "s", gtk_editable_get_text (self->source));
  g_variant_dict_insert (&keys, "piece-length", "u", get_piece_length (self));
  g_variant_dict_insert (&keys, "private", "b", gtk_switch_get_active (self->private));
  g_variant_dict_insert (&keys, "seed", "b", gtk_switch_get_active (self->seed));
  return g_variant_dict_end (&keys);
}

/* A name that cannot be said to the engine cannot be said to anybody. */
static gboolean
is_local (GFile *file)
{
  const char *path = g_file_peek_path (file);

  return path != NULL && g_utf8_validate (path, -1, NULL);
}

static void
create_clicked_cb (CcbtCreateDialog *self)
{
  g_autofree char *name = g_file_get_basename (self->content);
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *title = NULL;

  if (!is_local (self->content) || !is_local (self->output))
    {
      tell_problem (self, _ ("Choose files of this computer, with names that every system can "
                             "read."));
      return;
    }
  /* Translators: %s is the name of a file or folder */
  title = g_strdup_printf (_ ("Making a torrent of “%s”"), shown);
  gtk_label_set_label (self->work_title, title);
  gtk_label_set_label (self->work_text, "");
  gtk_progress_bar_set_fraction (self->progress, 0);
  gtk_widget_set_sensitive (self->create, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  gtk_stack_set_visible_child_name (self->pages, "working");
  self->creator = ccbt_creator_new (self->client);
  g_signal_connect_object (self->creator, "status", G_CALLBACK (status_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->creator, "refused", G_CALLBACK (refused_cb), self,
                           G_CONNECT_SWAPPED);
  ccbt_creator_start (self->creator, build_arguments (self));
}

/* --- The object --- */

static GtkStringList *
list_piece_sizes (void)
{
  GtkStringList *sizes = gtk_string_list_new (NULL);

  gtk_string_list_append (sizes, _ ("Automatic"));
  for (guint32 size = SMALLEST_PIECES; size <= 64u << 20; size *= 2)
    gtk_string_list_take (sizes, g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS));
  return sizes;
}

/* The text inside of an entry row has its focus, and no name of its own in libadwaita 1.2. */
static void
name_entry (GtkEditable *row)
{
  GtkEditable *text = gtk_editable_get_delegate (row);

  gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), -1);
}

static void
ccbt_create_dialog_dispose (GObject *object)
{
  CcbtCreateDialog *self = CCBT_CREATE_DIALOG (object);

  if (self->creator != NULL)
    ccbt_creator_cancel (self->creator);
  g_clear_object (&self->creator);
  g_clear_object (&self->chooser);
  g_clear_object (&self->content);
  g_clear_object (&self->output);
  g_clear_object (&self->client);
  g_clear_weak_pointer (&self->parent);
  G_OBJECT_CLASS (ccbt_create_dialog_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, CcbtCreateDialog, child)
  BIND (create);
  BIND (pages);
  BIND (problem);
  BIND (content_row);
  BIND (output_row);
  BIND (seed);
  BIND (private);
  BIND (piece_size);
  BIND (trackers);
  BIND (web_seeds);
  BIND (comment);
  BIND (source);
  BIND (work_title);
  BIND (progress);
  BIND (work_text);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, choose_file_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_folder_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_output_cb);
  gtk_widget_class_bind_template_callback (widget_class, create_clicked_cb);
}

static void
ccbt_create_dialog_class_init (CcbtCreateDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ccbt_create_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, CCBT_RESOURCE ("ui/create-dialog.ui"));
  bind_template (widget_class);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ccbt_create_dialog_init (CcbtCreateDialog *self)
{
  g_autoptr (GtkStringList) sizes = list_piece_sizes ();

  gtk_widget_init_template (GTK_WIDGET (self));
  adw_combo_row_set_model (self->piece_size, G_LIST_MODEL (sizes));
  ccbt_accessible_tidy (GTK_WIDGET (self));
  name_entry (self->web_seeds);
  name_entry (self->comment);
  name_entry (self->source);
}

CcbtCreateDialog *
ccbt_create_dialog_new (CcbtWindow *parent, CcbtClient *client)
{
  CcbtCreateDialog *self = g_object_new (CCBT_TYPE_CREATE_DIALOG, "transient-for", parent, NULL);

  g_set_weak_pointer (&self->parent, parent);
  self->client = g_object_ref (client);
  return self;
}
