/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-notifier.h"
#include <glib/gi18n.h>
#include <libnotify/notify.h>
#include "ccbt-sandbox.h"

#define SERVER_NAME "org.freedesktop.Notifications"
#define SERVER_PATH "/org/freedesktop/Notifications"
#define SERVER_TIMEOUT 5000 /* milliseconds */

struct _CcbtNotifier
{
  GObject parent_instance;
  GApplication *application; /* borrowed: it owns us */
  CcbtClient *client;
  GThreadPool *worker; /* one thread: libnotify waits for the server's answer in every call */
  GHashTable *shown;   /* set of NotifyNotification, owned: an action may still come back */
};

G_DEFINE_FINAL_TYPE (CcbtNotifier, ccbt_notifier, G_TYPE_OBJECT)

enum
{
  OPEN,
  SHOW_FOLDER,
  ACTIVATE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* One finished download on its way to the worker and back. */
typedef struct
{
  CcbtNotifier *notifier;
  char *info_hash;
  char *name;
  NotifyNotification *notification; /* made by the worker; NULL = no server */
} Job;

/* One whose name is not known yet. */
typedef struct
{
  CcbtNotifier *notifier;
  CcbtTorrentId id;
  guint n_left;
} Retry;

#define MAX_RETRIES 20
#define RETRY_MILLISECONDS 250

static void
free_job (Job *job)
{
  g_clear_object (&job->notification);
  g_object_unref (job->notifier);
  g_free (job->info_hash);
  g_free (job->name);
  g_free (job);
}

static void
action_cb (NotifyNotification *notification, char *action, gpointer data)
{
  const char *info_hash = data;
  CcbtNotifier *self = g_object_get_data (G_OBJECT (notification), "notifier");
  const char *token = notify_notification_get_activation_token (notification);

  if (g_str_equal (action, "open"))
    g_signal_emit (self, signals[OPEN], 0, info_hash);
  else if (g_str_equal (action, "show-folder"))
    g_signal_emit (self, signals[SHOW_FOLDER], 0, info_hash);
  else
    g_signal_emit (self, signals[ACTIVATE], 0, info_hash, token != NULL ? token : "");
}

/* libnotify itself would log a warning where no server answers. On the worker.
 * Returns: (transfer full) (nullable): what the server can do; NULL = there is none */
static char **
query_capabilities (CcbtNotifier *self)
{
  GDBusConnection *bus = g_application_get_dbus_connection (self->application);
  g_autoptr (GVariant) reply = NULL;
  char **capabilities = NULL;

  if (bus == NULL)
    return NULL;
  reply = g_dbus_connection_call_sync (bus, SERVER_NAME, SERVER_PATH, SERVER_NAME,
                                       "GetCapabilities", NULL, G_VARIANT_TYPE ("(as)"),
                                       G_DBUS_CALL_FLAGS_NONE, SERVER_TIMEOUT, NULL, NULL);
  if (reply != NULL)
    g_variant_get (reply, "(^as)", &capabilities);
  return capabilities;
}

static NotifyNotification *
new_notification (Job *job, const char *const *capabilities)
{
  g_autofree char *escaped = g_markup_escape_text (job->name, -1);
  const char *body = g_strv_contains (capabilities, "body-markup") ? escaped : job->name;
  NotifyNotification *notification = notify_notification_new (
      _ ("Download finished"), body, g_application_get_application_id (job->notifier->application));

  g_object_set_data (G_OBJECT (notification), "notifier", job->notifier);
  notify_notification_set_category (notification, "transfer.complete");
  notify_notification_set_hint (
      notification, "desktop-entry",
      g_variant_new_string (g_application_get_application_id (job->notifier->application)));
  if (g_strv_contains (capabilities, "actions"))
    {
      notify_notification_add_action (notification, "default", _ ("Show"), action_cb,
                                      g_strdup (job->info_hash), g_free);
      notify_notification_add_action (notification, "open", _ ("Open"), action_cb,
                                      g_strdup (job->info_hash), g_free);
      notify_notification_add_action (notification, "show-folder", _ ("Show Folder"), action_cb,
                                      g_strdup (job->info_hash), g_free);
    }
  return notification;
}

static void
closed_cb (NotifyNotification *notification, gpointer data)
{
  CcbtNotifier *self = g_object_get_data (G_OBJECT (notification), "notifier");

  g_hash_table_remove (self->shown, notification);
}

/* The sandbox's portal has no libnotify protocol of its own worth asking for capabilities. */
static void
show_through_application (Job *job)
{
  g_autoptr (GNotification) notification = g_notification_new (_ ("Download finished"));

  g_notification_set_body (notification, job->name);
  g_notification_set_default_action_and_target (notification, "app.show-torrent", "s",
                                                job->info_hash);
  g_notification_add_button_with_target (notification, _ ("Open"), "app.open-torrent", "s",
                                         job->info_hash);
  g_notification_add_button_with_target (notification, _ ("Show Folder"), "app.show-folder", "s",
                                         job->info_hash);
  g_application_send_notification (job->notifier->application, job->info_hash, notification);
}

/* Back on the main thread: from here on only this thread touches the notification. */
static gboolean
shown_cb (gpointer data)
{
  Job *job = data;
  CcbtNotifier *self = job->notifier;

  if (job->notification != NULL)
    {
      g_signal_connect_object (job->notification, "closed", G_CALLBACK (closed_cb), self, 0);
      g_hash_table_add (self->shown, g_object_ref (job->notification));
    }
  else if (ccbt_is_sandboxed ())
    show_through_application (job);
  free_job (job);
  return G_SOURCE_REMOVE;
}

/* On the worker. The capabilities are asked each time: servers come and go, and it is a thread that
 * waits. */
static void
show_in_worker (gpointer data, gpointer user_data)
{
  Job *job = data;
  g_auto (GStrv) capabilities = ccbt_is_sandboxed () ? NULL : query_capabilities (job->notifier);
  g_autoptr (GError) error = NULL;

  if (capabilities != NULL && notify_init (g_get_application_name ()))
    {
      job->notification = new_notification (job, (const char *const *) capabilities);
      if (!notify_notification_show (job->notification, &error))
        {
          g_info ("No notification: %s", error->message);
          g_clear_object (&job->notification);
        }
    }
  g_idle_add (shown_cb, job);
}

/* Returns: FALSE when there is no snapshot of it */
static gboolean
tell (CcbtNotifier *self, CcbtTorrentId id)
{
  g_autoptr (CcbtTorrentStatus) status
      = ccbt_snapshot_store_lookup (ccbt_client_get_snapshots (self->client), id);
  Job *job;

  if (status == NULL)
    return FALSE;
  job = g_new0 (Job, 1);
  job->notifier = g_object_ref (self);
  job->info_hash = g_strdup (status->info_hash);
  job->name = g_strdup (status->name);
  g_thread_pool_push (self->worker, job, NULL);
  return TRUE;
}

static gboolean
retry_cb (gpointer data)
{
  Retry *retry = data;

  return tell (retry->notifier, retry->id) || --retry->n_left == 0 ? G_SOURCE_REMOVE
                                                                   : G_SOURCE_CONTINUE;
}

static void
free_retry (gpointer data)
{
  Retry *retry = data;

  g_object_unref (retry->notifier);
  g_free (retry);
}

/* Events go ahead of snapshots: a small torrent can be complete before anyone has seen it. */
static void
event_cb (CcbtNotifier *self, CcbtEvent *event)
{
  Retry *retry;

  if (event->type != CCBT_EVENT_TORRENT_COMPLETED || tell (self, event->torrent))
    return;
  retry = g_new (Retry, 1);
  *retry = (Retry){ g_object_ref (self), event->torrent, MAX_RETRIES };
  g_timeout_add_full (G_PRIORITY_DEFAULT, RETRY_MILLISECONDS, retry_cb, retry, free_retry);
}

static void
ccbt_notifier_finalize (GObject *object)
{
  CcbtNotifier *self = CCBT_NOTIFIER (object);

  /* Jobs hold a reference: none is left here. */
  g_thread_pool_free (self->worker, FALSE, FALSE);
  g_hash_table_unref (self->shown);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (ccbt_notifier_parent_class)->finalize (object);
}

static void
ccbt_notifier_class_init (CcbtNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_notifier_finalize;
  signals[OPEN] = g_signal_new ("open", CCBT_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SHOW_FOLDER] = g_signal_new ("show-folder", CCBT_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[ACTIVATE] = g_signal_new ("activate", CCBT_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
ccbt_notifier_init (CcbtNotifier *self)
{
  self->shown = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->worker = g_thread_pool_new (show_in_worker, NULL, 1, FALSE, NULL);
}

CcbtNotifier *
ccbt_notifier_new (GApplication *application)
{
  CcbtNotifier *self = g_object_new (CCBT_TYPE_NOTIFIER, NULL);

  self->application = application;
  return self;
}

void
ccbt_notifier_follow (CcbtNotifier *self, CcbtClient *client)
{
  g_return_if_fail (CCBT_IS_NOTIFIER (self) && self->client == NULL);

  self->client = g_object_ref (client);
  g_signal_connect_object (ccbt_client_get_bus (client), "event", G_CALLBACK (event_cb), self,
                           G_CONNECT_SWAPPED);
}
