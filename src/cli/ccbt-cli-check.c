/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-engine.h"
#include "ccbt-cli.h"
#include "base/ccbt-text.h"
#include "session/ccbt-command.h"

#include <stdio.h>
#include <unistd.h>

/* Hashes a torrent's files where they are and says which are whole. Nothing is made or changed but
 * a state folder that is gone afterwards. */
typedef struct
{
  char *torrent;
  char *output;
  gboolean json;
  CcbtEngineHost *host;
  GMainLoop *loop;
  CcbtTorrentId id;
  char *info_hash;
  guint reader;
  guint watch;
  gboolean is_checked;
  int exit_code;
} Check;

static void
stop (Check *self, int exit_code)
{
  self->exit_code = exit_code;
  ccbt_cli_stop_engine (self->host, self->loop);
}

static void
fail (Check *self, const GError *error)
{
  ccbt_cli_complain ("%s", error->message);
  stop (self, CCBT_EXIT_FAILED);
}

static void
report_json (const CcbtFileStatus *file)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, "file");
  json_builder_set_member_name (builder, "path");
  json_builder_add_string_value (builder, file->path);
  json_builder_set_member_name (builder, "length");
  json_builder_add_int_value (builder, (gint64) file->length);
  json_builder_set_member_name (builder, "verified");
  json_builder_add_int_value (builder, (gint64) file->done);
  json_builder_set_member_name (builder, "whole");
  json_builder_add_boolean_value (builder, file->done == file->length);
  json_builder_end_object (builder);
  ccbt_cli_print_json (builder);
}

static void
report (Check *self, const CcbtTorrentDetails *details)
{
  guint n_whole = 0;

  for (guint i = 0; i < details->files->len; i++)
    {
      const CcbtFileStatus *file = g_ptr_array_index (details->files, i);
      g_autofree char *path = ccbt_text_make_printable (ccbt_span_from_string (file->path), 0);

      n_whole += file->done == file->length;
      if (self->json)
        report_json (file);
      else if (file->done == file->length)
        g_print ("whole    %s\n", path);
      else
        g_print ("%5.1f %%  %s\n", 100.0 * (double) file->done / (double) file->length, path);
    }
  if (!self->json)
    g_print ("%u of %u files are whole\n", n_whole, details->files->len);
  fflush (stdout);
  stop (self, n_whole == details->files->len ? CCBT_EXIT_DONE : CCBT_EXIT_FAILED);
}

/* The details that come after the check has finished. */
static void
snapshots_cb (gpointer data)
{
  Check *self = data;
  g_autoptr (GPtrArray) changed = NULL;
  g_autoptr (GPtrArray) details = NULL;
  g_autoptr (GArray) removed = NULL;
  gboolean start_over;

  if (!self->is_checked || self->exit_code >= 0)
    return;
  ccbt_snapshot_store_pull (ccbt_engine_host_get_snapshots (self->host), 0, &changed, &details,
                            &removed, &start_over);
  if (details->len > 0)
    report (self, g_ptr_array_index (details, 0));
}

static void
subscribed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    fail (data, error);
  else
    snapshots_cb (data);
}

static void
events_cb (gpointer data)
{
  Check *self = data;
  g_autoptr (GPtrArray) events
      = ccbt_event_ring_read (ccbt_engine_host_get_events (self->host), self->reader, 64, NULL);

  for (guint i = 0; i < events->len && !self->is_checked; i++)
    {
      const CcbtEvent *event = g_ptr_array_index (events, i);
      const char *text = "the check failed";

      if (event->type == CCBT_EVENT_CHECK_FINISHED)
        {
          self->is_checked = TRUE;
          ccbt_command_call_async (self->host, "torrent.subscribe",
                                   g_variant_new ("(s)", self->info_hash), NULL, subscribed_cb,
                                   self);
          continue;
        }
      self->is_checked = TRUE;
      g_variant_lookup (event->payload, "text", "&s", &text);
      ccbt_cli_complain ("%s", text);
      stop (self, CCBT_EXIT_FAILED);
    }
}

static void
called_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    fail (data, error);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Check *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    {
      fail (self, error);
      return;
    }
  g_variant_get (reply, "(sub)", &self->info_hash, &self->id, NULL);
  ccbt_command_call_async (self->host, "torrent.check", g_variant_new ("(s)", self->info_hash),
                           NULL, called_cb, self);
}

static void
add (Check *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "path", g_variant_new_string (self->torrent));
  g_variant_builder_add (&builder, "{sv}", "folder", g_variant_new_string (self->output));
  g_variant_builder_add (&builder, "{sv}", "paused", g_variant_new_boolean (TRUE));
  ccbt_command_call_async (self->host, "torrent.add", g_variant_new ("(a{sv})", &builder), NULL,
                           added_cb, self);
}

static int
run (Check *self, const char *state_dir)
{
  /* Nobody is looked for. */
  static const char *const settings[]
      = { "discovery.enable_dht=false", "discovery.enable_lsd=false", "nat.auto_map_ports=false",
          NULL };
  const CcbtEngineOptions options = { .state_dir = state_dir,
                                      .settings = settings,
                                      .bind_address = "127.0.0.1",
                                      .port = 0,
                                      .is_ephemeral = TRUE };
  g_autoptr (GError) error = NULL;

  self->host = ccbt_engine_host_start (&options, &error);
  if (self->host == NULL)
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  self->exit_code = -1;
  self->loop = g_main_loop_new (NULL, FALSE);
  self->reader = ccbt_event_ring_add_reader (ccbt_engine_host_get_events (self->host),
                                             CCBT_EVENT_MASK (CCBT_EVENT_CHECK_FINISHED)
                                                 | CCBT_EVENT_MASK (CCBT_EVENT_TORRENT_ERROR),
                                             FALSE, NULL, events_cb, self);
  self->watch = ccbt_snapshot_store_add_watch (ccbt_engine_host_get_snapshots (self->host), NULL,
                                               snapshots_cb, self);
  add (self);
  g_main_loop_run (self->loop);
  ccbt_snapshot_store_remove_watch (ccbt_engine_host_get_snapshots (self->host), self->watch);
  ccbt_event_ring_remove_reader (ccbt_engine_host_get_events (self->host), self->reader);
  ccbt_engine_host_free (self->host);
  g_main_loop_unref (self->loop);
  g_free (self->info_hash);
  return self->exit_code;
}

int
ccbt_cli_check (int argc, char **argv)
{
  Check self = { 0 };
  g_auto (GStrv) rest = NULL;
  g_autofree char *output = NULL;
  g_autofree char *absolute_output = NULL;
  g_autofree char *absolute_torrent = NULL;
  g_autofree char *state_dir = NULL;
  const GOptionEntry entries[]
      = { { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, NULL, NULL },
          { "json", 0, 0, G_OPTION_ARG_NONE, &self.json, NULL, NULL },
          { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("TORRENT -o DIR");
  g_autoptr (GError) error = NULL;
  int code;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return ccbt_cli_usage_error ("%s", error->message);
  if (rest == NULL || g_strv_length (rest) != 1 || output == NULL)
    return ccbt_cli_usage_error (
        "check takes one torrent file, and -o with the folder its files are in.");
  self.torrent = absolute_torrent = g_canonicalize_filename (rest[0], NULL);
  self.output = absolute_output = g_canonicalize_filename (output, NULL);
  state_dir = g_dir_make_tmp ("ccbt-check-XXXXXX", &error);
  if (state_dir == NULL)
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  code = run (&self, state_dir);
  ccbt_cli_remove_tree (state_dir);
  return code;
}
