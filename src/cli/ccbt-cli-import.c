/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-engine.h"
#include "ccbt-cli.h"
#include "base/ccbt-text.h"
#include "session/ccbt-command.h"
#include "session/ccbt-import.h"

/* Takes over the torrents of another program: they are in the list at the next start. */
typedef struct
{
  CcbtEngineHost *host;
  GMainLoop *loop;
  gboolean json;
  int exit_code;
} ImportRun;

static void
print_json (const char *name, gboolean taken, const char *const *notes)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, "import");
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, name);
  json_builder_set_member_name (builder, "taken");
  json_builder_add_boolean_value (builder, taken);
  json_builder_set_member_name (builder, "notes");
  json_builder_begin_array (builder);
  for (guint i = 0; notes[i] != NULL; i++)
    json_builder_add_string_value (builder, notes[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ccbt_cli_print_json (builder);
}

static void
print_text (const char *name, gboolean taken, const char *const *notes)
{
  g_print ("%s  %s\n", taken ? "taken    " : "not taken", name);
  for (guint i = 0; notes[i] != NULL; i++)
    g_print ("           %s\n", notes[i]);
}

static void
report (ImportRun *self, GVariant *reply)
{
  g_autoptr (GVariantIter) iter = NULL;
  const char *name;
  gboolean taken;
  g_autofree const char **notes = NULL;
  guint n_taken = 0, n_all = 0;

  g_variant_get (reply, "(a(sbas))", &iter);
  while (g_variant_iter_loop (iter, "(&sb^a&s)", &name, &taken, &notes))
    {
      n_all++;
      n_taken += taken;
      (self->json ? print_json : print_text) (name, taken, notes);
    }
  if (!self->json)
    g_print ("%u of %u torrents were taken over.\n", n_taken, n_all);
}

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ImportRun *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    ccbt_cli_complain ("%s", error->message);
  self->exit_code = reply != NULL ? CCBT_EXIT_DONE : CCBT_EXIT_FAILED;
  ccbt_cli_stop_engine (self->host, self->loop);
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ImportRun *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    {
      ccbt_cli_complain ("%s", error->message);
      self->exit_code = CCBT_EXIT_FAILED;
      ccbt_cli_stop_engine (self->host, self->loop);
      return;
    }
  report (self, reply);
  ccbt_command_call_async (self->host, "session.flush", g_variant_new ("()"), NULL, flushed_cb,
                           self);
}

static int
run (ImportRun *self, const char *state_dir, const char *source, const char *folder)
{
  /* The list is written; nobody is looked for and nothing is served meanwhile. */
  static const char *const settings[] = { "discovery.enable_dht=false",
                                          "discovery.enable_lsd=false",
                                          "discovery.enable_http_trackers=false",
                                          "discovery.enable_udp_trackers=false",
                                          "nat.auto_map_ports=false",
                                          NULL };
  const CcbtEngineOptions options
      = { .state_dir = state_dir, .settings = settings, .bind_address = "127.0.0.1", .port = 0 };
  g_autoptr (GError) error = NULL;

  self->host = ccbt_engine_host_start (&options, &error);
  if (self->host == NULL)
    {
      ccbt_cli_complain ("%s", error->message);
      return CCBT_EXIT_FAILED;
    }
  self->loop = g_main_loop_new (NULL, FALSE);
  ccbt_command_call_async (self->host, "session.import", g_variant_new ("(ss)", source, folder),
                           NULL, imported_cb, self);
  g_main_loop_run (self->loop);
  ccbt_engine_host_free (self->host);
  g_main_loop_unref (self->loop);
  return self->exit_code;
}

int
ccbt_cli_import (int argc, char **argv)
{
  ImportRun self = { 0 };
  g_auto (GStrv) rest = NULL;
  g_autofree char *state_dir = NULL;
  g_autofree char *folder = NULL;
  const GOptionEntry entries[]
      = { { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &state_dir, NULL, NULL },
          { "json", 0, 0, G_OPTION_ARG_NONE, &self.json, NULL, NULL },
          { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("PROGRAM [FOLDER]");
  g_autoptr (GError) error = NULL;
  CcbtImportSource source;
  guint n_rest;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return ccbt_cli_usage_error ("%s", error->message);
  n_rest = rest != NULL ? g_strv_length (rest) : 0;
  if (n_rest < 1 || n_rest > 2 || !ccbt_import_source_from_name (rest[0], &source))
    return ccbt_cli_usage_error (
        "import takes qbittorrent, deluge, transmission or rtorrent, and "
        "the folder it keeps its torrents in if that is not the usual one.");
  folder = n_rest == 2 ? g_canonicalize_filename (rest[1], NULL) : ccbt_import_find_folder (source);
  if (folder == NULL)
    {
      ccbt_cli_complain ("No folder of %s is in any of the usual places; name it.", rest[0]);
      return CCBT_EXIT_FAILED;
    }
  return run (&self, state_dir, ccbt_import_source_get_name (source), folder);
}
