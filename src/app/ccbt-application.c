/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-application.h"
#include <glib-unix.h>
#include <glib/gi18n.h>
#include "ccbt-build.h"
#include "ccbt-connection-window.h"
#include "ccbt-create-dialog.h"
#include "ccbt-desktop.h"
#include "ccbt-log-window.h"
#include "ccbt-notifier.h"
#include "ccbt-popover-rest.h"
#include "ccbt-preferences-window.h"
#include "ccbt-stall-report.h"
#include "ccbt-statistics-window.h"
#include "ccbt-window.h"
#include "session/ccbt-command.h"

struct _CcbtApplication
{
  AdwApplication parent_instance;
  char *state_dir; /* --state-dir; NULL = the user's */
  CcbtClient *client;
  CcbtNotifier *notifier;
  CcbtDesktop *desktop;
  gint64 began;
  gboolean starts_hidden;  /* --background */
  gboolean is_held;        /* nothing but us keeps the program running */
  CcbtStallReport *stalls; /* --print-stalls; else NULL */
  guint signal_sources[2];
};

G_DEFINE_FINAL_TYPE (CcbtApplication, ccbt_application, ADW_TYPE_APPLICATION)

/* The window, made when there is none: the service may run without. */
static CcbtWindow *
get_window (CcbtApplication *self)
{
  CcbtWindow *window;

  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (CCBT_IS_WINDOW (l->data))
      return l->data;
  window = ccbt_window_new (GTK_APPLICATION (self), self->client);
  if (self->stalls != NULL)
    ccbt_stall_report_set_window (self->stalls, GTK_WIDGET (window));
  return window;
}

static void
present (CcbtApplication *self, const char *activation_token)
{
  GtkWindow *window = GTK_WINDOW (get_window (self));

  if (activation_token != NULL && *activation_token != '\0')
    gtk_window_set_startup_id (window, activation_token);
  gtk_window_present (window);
  self->starts_hidden = FALSE;
  if (self->is_held)
    g_application_release (G_APPLICATION (self));
  self->is_held = FALSE;
}

static void
quit_cb (GSimpleAction *action, GVariant *target, gpointer self)
{
  g_application_quit (self);
}

static void
connection_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  CcbtApplication *self = CCBT_APPLICATION (data);

  if (ccbt_client_get_state (self->client) == CCBT_CLIENT_READY)
    gtk_window_present (GTK_WINDOW (ccbt_connection_window_new (
        GTK_WINDOW (get_window (self)), ccbt_client_get_bus (self->client))));
}

static void
preferences_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  CcbtApplication *self = CCBT_APPLICATION (data);

  if (ccbt_client_get_state (self->client) == CCBT_CLIENT_READY)
    gtk_window_present (
        GTK_WINDOW (ccbt_preferences_window_new (GTK_WINDOW (get_window (self)), self->client)));
}

static void
statistics_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  CcbtApplication *self = CCBT_APPLICATION (data);

  if (ccbt_client_get_state (self->client) == CCBT_CLIENT_READY)
    gtk_window_present (
        GTK_WINDOW (ccbt_statistics_window_new (GTK_WINDOW (get_window (self)), self->client)));
}

/* One may stay open while something else is done. Returns: (nullable) */
static GtkWindow *
find_log (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (CCBT_IS_LOG_WINDOW (window))
        return window; /* the list holds it */
    }
  return NULL;
}

static void
log_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  CcbtApplication *self = CCBT_APPLICATION (data);
  GtkWindow *window = find_log ();

  if (ccbt_client_get_state (self->client) != CCBT_CLIENT_READY)
    return;
  if (window == NULL)
    window = GTK_WINDOW (
        ccbt_log_window_new (GTK_WINDOW (get_window (self)), ccbt_client_get_log (self->client)));
  gtk_window_present (window);
}

static void
create_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  CcbtApplication *self = CCBT_APPLICATION (data);

  if (ccbt_client_get_state (self->client) == CCBT_CLIENT_READY)
    gtk_window_present (GTK_WINDOW (ccbt_create_dialog_new (get_window (self), self->client)));
}

static void
about_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  CcbtApplication *self = data;

  adw_show_about_window (GTK_WINDOW (get_window (self)), "application-name", "ccBitTorrent",
                         "application-icon", CCBT_APPLICATION_ID, "version", CCBT_VERSION,
                         "comments", _ ("Download and share files with BitTorrent"),
                         "developer-name", _ ("The ccBitTorrent authors"), "license-type",
                         GTK_LICENSE_GPL_3_0,
                         /* Translators: your names, one a line */
                         "translator-credits", _ ("translator-credits"), NULL);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    g_warning ("%s", error->message);
}

static void
pause_all_cb (GSimpleAction *action, GVariant *target, gpointer self)
{
  ccbt_client_call_async (CCBT_APPLICATION (self)->client, "session.pause-all",
                          g_variant_new ("()"), NULL, done_cb, NULL);
}

static void
resume_all_cb (GSimpleAction *action, GVariant *target, gpointer self)
{
  ccbt_client_call_async (CCBT_APPLICATION (self)->client, "session.resume-all",
                          g_variant_new ("()"), NULL, done_cb, NULL);
}

static void
activate_in_window (CcbtApplication *self, const char *action, const char *info_hash)
{
  const char *info_hashes[] = { info_hash, NULL };

  gtk_widget_activate_action (GTK_WIDGET (get_window (self)), action, "^as", info_hashes);
}

static void
notification_open_cb (CcbtApplication *self, const char *info_hash)
{
  activate_in_window (self, "win.open", info_hash);
}

static void
notification_show_folder_cb (CcbtApplication *self, const char *info_hash)
{
  activate_in_window (self, "win.show-folder", info_hash);
}

static void
notification_activate_cb (CcbtApplication *self, const char *info_hash, const char *token)
{
  present (self, token);
  ccbt_window_show_details (get_window (self), info_hash);
}

static void
search_cb (GSimpleAction *action, GVariant *target, gpointer data)
{
  CcbtApplication *self = data;

  present (self, NULL);
  ccbt_window_search (get_window (self), g_variant_get_string (target, NULL));
}

/* The same three, for notifications that come back as actions. */
static void
open_torrent_cb (GSimpleAction *action, GVariant *target, gpointer self)
{
  notification_open_cb (self, g_variant_get_string (target, NULL));
}

static void
show_folder_cb (GSimpleAction *action, GVariant *target, gpointer self)
{
  notification_show_folder_cb (self, g_variant_get_string (target, NULL));
}

static void
show_torrent_cb (GSimpleAction *action, GVariant *target, gpointer self)
{
  notification_activate_cb (self, g_variant_get_string (target, NULL), NULL);
}

static void
add_actions (CcbtApplication *self)
{
  static const GActionEntry entries[] = {
    { "quit", quit_cb, NULL, NULL, NULL, { 0 } },
    { "connection", connection_cb, NULL, NULL, NULL, { 0 } },
    { "preferences", preferences_cb, NULL, NULL, NULL, { 0 } },
    { "statistics", statistics_cb, NULL, NULL, NULL, { 0 } },
    { "log", log_cb, NULL, NULL, NULL, { 0 } },
    { "create", create_cb, NULL, NULL, NULL, { 0 } },
    { "about", about_cb, NULL, NULL, NULL, { 0 } },
    { "pause-all", pause_all_cb, NULL, NULL, NULL, { 0 } },
    { "resume-all", resume_all_cb, NULL, NULL, NULL, { 0 } },
    { "open-torrent", open_torrent_cb, "s", NULL, NULL, { 0 } },
    { "show-folder", show_folder_cb, "s", NULL, NULL, { 0 } },
    { "show-torrent", show_torrent_cb, "s", NULL, NULL, { 0 } },
    { "search", search_cb, "s", NULL, NULL, { 0 } },
  };
  static const struct
  {
    const char *action;
    const char *accels[2];
  } accels[] = {
    { "app.quit", { "<Control>q", NULL } },
    { "win.add-file", { "<Control>o", NULL } },
    { "app.create", { "<Control>n", NULL } },
    { "win.search", { "<Control>f", NULL } },
    { "win.sidebar", { "F9", NULL } },
    { "win.table", { "<Control>t", NULL } },
    { "app.preferences", { "<Control>comma", NULL } },
    { "window.close", { "<Control>w", NULL } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accels[i].action,
                                           accels[i].accels);
}

static void
state_changed_cb (CcbtApplication *self)
{
  if (ccbt_client_get_state (self->client) == CCBT_CLIENT_READY)
    ccbt_notifier_follow (self->notifier, self->client);
  else if (self->is_held && ccbt_client_get_state (self->client) == CCBT_CLIENT_FAILED)
    present (self, NULL); /* says why */
}

static gboolean
terminated_cb (gpointer self)
{
  g_application_quit (self);
  return G_SOURCE_CONTINUE;
}

static void
ccbt_application_startup (GApplication *application)
{
  CcbtApplication *self = CCBT_APPLICATION (application);

  G_APPLICATION_CLASS (ccbt_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (CCBT_APPLICATION_ID);
  ccbt_popover_rest_when_closed ();
  add_actions (self);
  self->signal_sources[0] = g_unix_signal_add (SIGTERM, terminated_cb, self);
  self->signal_sources[1] = g_unix_signal_add (SIGINT, terminated_cb, self);

  self->notifier = ccbt_notifier_new (application);
  g_object_connect (self->notifier, "swapped-signal::open", notification_open_cb, self,
                    "swapped-signal::show-folder", notification_show_folder_cb, self,
                    "swapped-signal::activate", notification_activate_cb, self, NULL);
  self->client = ccbt_client_new ();
  g_signal_connect_object (self->client, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  self->desktop = ccbt_desktop_new (GTK_APPLICATION (self), self->client);
  ccbt_client_start (self->client, self->state_dir);
}

static void
ccbt_application_activate (GApplication *application)
{
  CcbtApplication *self = CCBT_APPLICATION (application);

  if (!self->starts_hidden)
    {
      present (self, NULL);
      return;
    }
  self->starts_hidden = FALSE;
  self->is_held = TRUE;
  g_application_hold (application);
}

static void
ccbt_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  CcbtApplication *self = CCBT_APPLICATION (application);

  present (self, NULL);
  for (int i = 0; i < n_files; i++)
    ccbt_window_add_file (get_window (self), files[i]);
}

/* Returns: as handle_local_options does */
static int
start_in_background (CcbtApplication *self)
{
  g_autoptr (GError) error = NULL;

  if (!g_application_register (G_APPLICATION (self), NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  self->starts_hidden = TRUE;
  /* One that runs already needs no window for this. */
  return g_application_get_is_remote (G_APPLICATION (self)) ? 0 : -1;
}

static int
ccbt_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  CcbtApplication *self = CCBT_APPLICATION (application);

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("ccBitTorrent %s\n", CCBT_VERSION);
      return 0;
    }
  if (g_variant_dict_contains (options, "print-stalls"))
    self->stalls = ccbt_stall_report_new (self->began);
  if (g_variant_dict_lookup (options, "state-dir", "^ay", &self->state_dir))
    /* Another list of torrents is another program; the engine sees to it that only one of them has
     * it. */
    g_application_set_flags (application,
                             g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  if (g_variant_dict_contains (options, "background"))
    return start_in_background (self);
  return -1;
}

/* However the program ends, the engine says goodbye first. The window has gone by then. */
static void
ccbt_application_shutdown (GApplication *application)
{
  CcbtApplication *self = CCBT_APPLICATION (application);

  for (guint i = 0; i < G_N_ELEMENTS (self->signal_sources); i++)
    g_clear_handle_id (&self->signal_sources[i], g_source_remove);
  if (self->stalls != NULL)
    ccbt_stall_report_print (self->stalls, self->client);
  g_clear_object (&self->desktop); /* nothing brings a window back from here on */
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL;
       l = gtk_application_get_windows (GTK_APPLICATION (self)))
    gtk_window_destroy (l->data);
  ccbt_client_stop (self->client);
  g_clear_object (&self->notifier);
  g_clear_object (&self->client);
  G_APPLICATION_CLASS (ccbt_application_parent_class)->shutdown (application);
}

static void
ccbt_application_finalize (GObject *object)
{
  CcbtApplication *self = CCBT_APPLICATION (object);

  g_free (self->state_dir);
  g_clear_pointer (&self->stalls, ccbt_stall_report_free);
  G_OBJECT_CLASS (ccbt_application_parent_class)->finalize (object);
}

static void
ccbt_application_class_init (CcbtApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ccbt_application_finalize;
  application_class->startup = ccbt_application_startup;
  application_class->activate = ccbt_application_activate;
  application_class->open = ccbt_application_open;
  application_class->handle_local_options = ccbt_application_handle_local_options;
  application_class->shutdown = ccbt_application_shutdown;
}

static void
ccbt_application_init (CcbtApplication *self)
{
  static const GOptionEntry options[] = {
    { "version", 'V', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, NULL, N_ ("Show the version"), NULL },
    { "state-dir", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, NULL,
      N_ ("Keep the list of torrents in FOLDER"), N_ ("FOLDER") },
    { "background", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, NULL, N_ ("Start without a window"),
      NULL },
    { "print-stalls", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    { 0 },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self),
                                                     _ ("[FILE|MAGNET|ADDRESS…]"));
}

CcbtApplication *
ccbt_application_new (gint64 began)
{
  CcbtApplication *self
      = g_object_new (CCBT_TYPE_APPLICATION, "application-id", CCBT_APPLICATION_ID, "flags",
                      G_APPLICATION_HANDLES_OPEN, "register-session", TRUE, NULL);

  self->began = began;
  return self;
}
