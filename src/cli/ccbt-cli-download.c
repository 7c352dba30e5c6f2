/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-engine.h"
#include "ccbt-cli-options.h"
#include "ccbt-cli-progress.h"
#include "base/ccbt-address.h"
#include "base/ccbt-error.h"
#include "session/ccbt-command.h"

#include <glib-unix.h>

/* One download in this process, from adding to the exit code. */
typedef struct
{
  CcbtCliOptions options;
  CcbtEngineHost *host;
  CcbtSnapshotStore *snapshots;
  CcbtEventRing *events;
  GMainLoop *loop;
  CcbtCliProgress *progress;
  CcbtTorrentId torrent;
  char *info_hash;
  guint reader;
  guint watch;
  guint64 generation;
  gboolean is_complete;
  gboolean is_stopping;
  guint n_signals;
  int exit_code;
} Download;

static void
stop (Download *self, int exit_code)
{
  if (self->is_stopping)
    return;
  self->is_stopping = TRUE;
  self->exit_code = exit_code;
  ccbt_cli_stop_engine (self->host, self->loop);
}

static void
fail (Download *self, const char *message)
{
  if (self->is_stopping)
    return;
  ccbt_cli_progress_fail (self->progress, message);
  stop (self, CCBT_EXIT_FAILED);
}

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Download *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    {
      fail (self, error->message);
      return;
    }
  ccbt_cli_progress_complete (self->progress,
                              ccbt_snapshot_store_lookup (self->snapshots, self->torrent),
                              self->options.seeds);
  if (!self->options.seeds)
    stop (self, CCBT_EXIT_DONE);
}

static void
complete (Download *self)
{
  if (self->is_complete)
    return;
  self->is_complete = TRUE;
  ccbt_command_call_async (self->host, "session.flush", g_variant_new ("()"), NULL, flushed_cb,
                           self);
}

static void
take_event (Download *self, const CcbtEvent *event)
{
  if (self->torrent == 0 || event->torrent != self->torrent)
    return;
  ccbt_cli_progress_show_event (self->progress, event);
  if (event->type == CCBT_EVENT_TORRENT_COMPLETED)
    complete (self);
}

static void
events_cb (gpointer data)
{
  Download *self = data;
  g_autoptr (GPtrArray) events = ccbt_event_ring_read (self->events, self->reader, 256, NULL);

  for (guint i = 0; i < events->len; i++)
    take_event (self, g_ptr_array_index (events, i));
}

/* Complete without having downloaded anything now, or unable to go on. */
static void
judge (Download *self, const CcbtTorrentStatus *status)
{
  if (status->state == CCBT_TORRENT_STATE_ERROR
      || status->state == CCBT_TORRENT_STATE_FILES_MISSING)
    fail (self, status->error_text);
  else if (status->is_complete
           && (status->state == CCBT_TORRENT_STATE_SEEDING
               || status->state == CCBT_TORRENT_STATE_PAUSED))
    complete (self);
}

static void
snapshots_cb (gpointer data)
{
  Download *self = data;
  g_autoptr (CcbtTorrentStatus) status = NULL;
  CcbtSessionStatus session;

  if (self->torrent == 0)
    return;
  ccbt_snapshot_store_get_session (self->snapshots, &session);
  ccbt_cli_progress_connection (self->progress, &session.connection);
  status = ccbt_snapshot_store_lookup (self->snapshots, self->torrent);
  if (status == NULL)
    return;
  if (!self->is_complete || self->options.seeds)
    ccbt_cli_progress_update (self->progress, status);
  judge (self, status);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Download *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    {
      fail (self, error->message);
      return;
    }
  g_variant_get (reply, "(sub)", &self->info_hash, &self->torrent, NULL);
  snapshots_cb (self);
}

/* --- Peers given by name are looked up here; the engine takes numbers only. --- */

typedef struct
{
  Download *download;
  GVariantBuilder *peers;
  guint n_waiting;
} Lookup;

static void
add_torrent (Download *self, GVariant *peers)
{
  const CcbtCliOptions *options = &self->options;
  gboolean is_link = strstr (options->what, "://") != NULL
                     || g_ascii_strncasecmp (options->what, "magnet:", 7) == 0;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", is_link ? "uri" : "path",
                         g_variant_new_string (options->what));
  g_variant_builder_add (&builder, "{sv}", "folder", g_variant_new_string (options->output));
  g_variant_builder_add (&builder, "{sv}", "sequential",
                         g_variant_new_boolean (options->is_sequential));
  g_variant_builder_add (&builder, "{sv}", "seed", g_variant_new_boolean (options->seeds));
  g_variant_builder_add (&builder, "{sv}", "peers", peers);
  g_variant_builder_add (
      &builder, "{sv}", "options",
      g_variant_new_parsed ("@a{sv} {'super-seeding': <%b>}", options->is_super_seeding));
  if (options->selected != NULL)
    g_variant_builder_add (&builder, "{sv}", "selected",
                           g_variant_new_fixed_array (G_VARIANT_TYPE_INT32, options->selected->data,
                                                      options->selected->len, sizeof (gint32)));
  ccbt_command_call_async (self->host, "torrent.add", g_variant_new ("(a{sv})", &builder), NULL,
                           added_cb, self);
}

static void
lookup_done (Lookup *lookup)
{
  if (--lookup->n_waiting > 0)
    return;
  add_torrent (lookup->download, g_variant_builder_end (lookup->peers));
  g_variant_builder_unref (lookup->peers);
  g_free (lookup);
}

static void
address_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Lookup *lookup = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) native = g_socket_address_enumerator_next_finish (
      G_SOCKET_ADDRESS_ENUMERATOR (source), result, &error);
  CcbtAddress address;

  if (native != NULL && ccbt_address_from_socket_address (native, &address))
    g_variant_builder_add_value (lookup->peers,
                                 g_variant_new_take_string (ccbt_address_to_string (&address)));
  else
    ccbt_cli_complain ("A peer was not found: %s", error != NULL ? error->message : "no address");
  lookup_done (lookup);
}

static void
look_up_peers (Download *self)
{
  Lookup *lookup = g_new0 (Lookup, 1);
  char **peers = self->options.peers;

  lookup->download = self;
  lookup->peers = g_variant_builder_new (G_VARIANT_TYPE_STRING_ARRAY);
  lookup->n_waiting = 1;
  for (guint i = 0; peers != NULL && peers[i] != NULL; i++)
    {
      g_autoptr (GSocketConnectable) address = g_network_address_parse (peers[i], 0, NULL);
      g_autoptr (GSocketAddressEnumerator) enumerator = g_socket_connectable_enumerate (address);

      lookup->n_waiting++;
      g_socket_address_enumerator_next_async (enumerator, NULL, address_cb, lookup);
    }
  lookup_done (lookup);
}

/* --- Signals --- */

static gboolean
interrupted_cb (gpointer data)
{
  Download *self = data;

  if (self->n_signals++ > 0)
    exit (CCBT_EXIT_INTERRUPTED); /* asked twice: now */
  stop (self, CCBT_EXIT_INTERRUPTED);
  return G_SOURCE_CONTINUE;
}

static int
run (Download *self)
{
  const CcbtEngineOptions engine_options
      = { .state_dir = self->options.state_dir,
          .config_file = self->options.config_file,
          .settings = (const char *const *) self->options.settings,
          .bind_address = self->options.bind,
          .port = self->options.port,
          .is_ephemeral = TRUE };
  g_autoptr (GError) error = NULL;
  CcbtSessionStatus session;

  self->host = ccbt_engine_host_start (&engine_options, &error);
  if (self->host == NULL)
    {
      ccbt_cli_progress_fail (self->progress, error->message);
      return error->code == CCBT_ERROR_INVALID ? CCBT_EXIT_USAGE : CCBT_EXIT_FAILED;
    }
  self->loop = g_main_loop_new (NULL, FALSE);
  self->snapshots = ccbt_engine_host_get_snapshots (self->host);
  self->events = ccbt_engine_host_get_events (self->host);
  self->reader = ccbt_event_ring_add_reader (self->events,
                                             ccbt_cli_progress_get_event_mask (self->progress)
                                                 | CCBT_EVENT_MASK (CCBT_EVENT_TORRENT_COMPLETED),
                                             FALSE, NULL, events_cb, self);
  self->watch = ccbt_snapshot_store_add_watch (self->snapshots, NULL, snapshots_cb, self);
  ccbt_snapshot_store_get_session (self->snapshots, &session);
  ccbt_cli_progress_listening (self->progress, session.port);
  g_unix_signal_add (SIGINT, interrupted_cb, self);
  g_unix_signal_add (SIGTERM, interrupted_cb, self);
  look_up_peers (self);
  g_main_loop_run (self->loop);
  ccbt_snapshot_store_remove_watch (self->snapshots, self->watch);
  ccbt_event_ring_remove_reader (self->events, self->reader);
  ccbt_cli_progress_end (self->progress);
  ccbt_engine_host_free (self->host);
  g_main_loop_unref (self->loop);
  g_free (self->info_hash);
  return self->exit_code;
}

int
ccbt_cli_download (int argc, char **argv)
{
  Download self = { 0 };
  int code = ccbt_cli_options_parse (&self.options, argc, argv);

  if (code == CCBT_EXIT_DONE)
    {
      self.progress = ccbt_cli_progress_new (self.options.json, self.options.is_quiet);
      code = run (&self);
      ccbt_cli_progress_free (self.progress);
    }
  ccbt_cli_options_clear (&self.options);
  return code;
}
