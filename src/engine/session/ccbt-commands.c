/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-add.h"
#include "session/ccbt-command-private.h"
#include "session/ccbt-load.h"
#include "session/ccbt-session-private.h"

/* The verbs: what each takes, gives and does. */

CcbtTorrent *
ccbt_call_find_torrent (CcbtSession *session, CcbtCall *call, const char *info_hash)
{
  CcbtTorrent *torrent = ccbt_session_lookup (session, info_hash);

  if (torrent == NULL)
    ccbt_call_reply_error (call, g_error_new (CCBT_ERROR, CCBT_ERROR_NOT_FOUND,
                                              "There is no torrent %.64s.", info_hash));
  return torrent;
}

CcbtTorrent *
ccbt_call_find_first (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  g_autoptr (GVariant) first = g_variant_get_child_value (arguments, 0);

  return ccbt_call_find_torrent (session, call, g_variant_get_string (first, NULL));
}

/* --- Adding --- */

typedef struct
{
  CcbtSession *session;
  CcbtCall *call;
} LoadCall;

static LoadCall *
load_call_new (CcbtSession *session, CcbtCall *call)
{
  LoadCall *load = g_new (LoadCall, 1);

  *load = (LoadCall){ session, call };
  return load;
}

static void
added_cb (gpointer data, CcbtTorrent *torrent, gboolean is_new, const GError *error)
{
  CcbtCall *call = data;
  g_autofree char *hex = NULL;

  if (torrent == NULL)
    {
      ccbt_call_reply_error (call, g_error_copy (error));
      return;
    }
  hex = ccbt_info_hash_to_string (ccbt_torrent_get_info_hash (torrent));
  ccbt_call_reply (call, g_variant_new ("(sub)", hex, ccbt_torrent_get_id (torrent), is_new));
}

static void
torrent_add (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (arguments, 0);

  ccbt_add (session, options, added_cb, call);
}

/* --- Inspecting --- */

static void
describe_metainfo (GVariantBuilder *builder, CcbtMetainfo *metainfo)
{
  GVariantBuilder files;
  const char *comment = ccbt_metainfo_get_comment (metainfo);

  g_variant_builder_init (&files, G_VARIANT_TYPE ("a(st)"));
  for (guint i = 0; i < ccbt_metainfo_get_n_files (metainfo); i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (metainfo, i);

      g_variant_builder_add (&files, "(st)", file->path, file->length);
    }
  g_variant_builder_add (builder, "{sv}", "name",
                         g_variant_new_string (ccbt_metainfo_get_name (metainfo)));
  g_variant_builder_add (builder, "{sv}", "total-size",
                         g_variant_new_uint64 (ccbt_metainfo_get_total_size (metainfo)));
  g_variant_builder_add (builder, "{sv}", "files", g_variant_builder_end (&files));
  g_variant_builder_add (builder, "{sv}", "comment",
                         g_variant_new_string (comment != NULL ? comment : ""));
  g_variant_builder_add (builder, "{sv}", "private",
                         g_variant_new_boolean (ccbt_metainfo_is_private (metainfo)));
}

static void
inspected_cb (gpointer data, CcbtLoaded *loaded, const GError *error)
{
  g_autofree LoadCall *load = data;

  if (error != NULL)
    ccbt_call_reply_error (load->call, g_error_copy (error));
  else
    {
      const CcbtInfoHash *info_hash = loaded->metainfo != NULL
                                          ? ccbt_metainfo_get_info_hash (loaded->metainfo)
                                          : &loaded->magnet->info_hash;
      g_autofree char *hex = ccbt_info_hash_to_string (info_hash);
      GVariantBuilder builder;

      g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&builder, "{sv}", "info-hash", g_variant_new_string (hex));
      g_variant_builder_add (
          &builder, "{sv}", "present",
          g_variant_new_boolean (ccbt_session_find (load->session, info_hash) != NULL));
      if (loaded->metainfo != NULL)
        describe_metainfo (&builder, loaded->metainfo);
      else
        g_variant_builder_add (
            &builder, "{sv}", "name",
            g_variant_new_string (loaded->magnet->name != NULL ? loaded->magnet->name : hex));
      ccbt_call_reply (load->call, g_variant_new ("(a{sv})", &builder));
    }
}

static void
torrent_inspect (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  g_autoptr (GVariant) source = g_variant_get_child_value (arguments, 0);

  ccbt_load (session, source, inspected_cb, load_call_new (session, call));
}

/* --- One torrent --- */

static void
reply_done (gpointer data)
{
  ccbt_call_reply (data, NULL);
}

static void
torrent_remove (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  const char *info_hash;
  gboolean delete_files;
  CcbtTorrent *torrent;

  g_variant_get (arguments, "(&sb)", &info_hash, &delete_files);
  torrent = ccbt_call_find_torrent (session, call, info_hash);
  if (torrent != NULL)
    ccbt_session_remove (session, torrent, delete_files, reply_done, call);
}

static void
torrent_pause (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);

  if (torrent == NULL)
    return;
  ccbt_torrent_set_paused (torrent, TRUE);
  ccbt_call_reply (call, NULL);
}

static void
torrent_resume (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);

  if (torrent == NULL)
    return;
  ccbt_torrent_resume (torrent);
  ccbt_session_run_queue_soon (session);
  ccbt_call_reply (call, NULL);
}

static void
torrent_check (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);

  if (torrent == NULL)
    return;
  ccbt_torrent_check (torrent);
  ccbt_call_reply (call, NULL);
}

static void
torrent_announce (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);

  if (torrent == NULL)
    return;
  ccbt_session_look_up_now (session, torrent);
  ccbt_call_reply (call, g_variant_new ("(x)", ccbt_torrent_announce (torrent)));
}

static void
torrent_set_files (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  g_autoptr (GVariant) priorities = g_variant_get_child_value (arguments, 1);
  GError *error = NULL;
  GVariantIter iter;
  guint32 file, priority;

  if (torrent == NULL)
    return;
  g_variant_iter_init (&iter, priorities);
  while (error == NULL && g_variant_iter_next (&iter, "{uu}", &file, &priority))
    ccbt_torrent_set_file_priority (torrent, file, (CcbtPriority) MIN (priority, 255), &error);
  if (ccbt_torrent_get_metainfo (torrent) != NULL)
    {
      ccbt_torrent_apply_wanted_files (torrent);
      ccbt_session_save (session, torrent);
    }
  if (error != NULL)
    ccbt_call_reply_error (call, error);
  else
    ccbt_call_reply (call, NULL);
}

static void
torrent_set_sequential (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  gboolean sequential;

  if (torrent == NULL)
    return;
  g_variant_get_child (arguments, 1, "b", &sequential);
  ccbt_torrent_set_sequential (torrent, sequential);
  ccbt_call_reply (call, NULL);
}

static void
torrent_set_options (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  g_autoptr (GVariant) changes = g_variant_get_child_value (arguments, 1);
  g_autoptr (CcbtTorrentOptions) options = NULL;
  GError *error = NULL;

  if (torrent == NULL)
    return;
  options = ccbt_torrent_options_change (ccbt_torrent_get_options (torrent), changes, &error);
  if (options == NULL)
    {
      ccbt_call_reply_error (call, error);
      return;
    }
  ccbt_torrent_set_options (torrent, options);
  ccbt_call_reply (call, NULL);
}

static void
torrent_set_folder (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  const char *folder;

  if (torrent == NULL)
    return;
  g_variant_get_child (arguments, 1, "&s", &folder);
  if (!g_path_is_absolute (folder))
    {
      ccbt_call_reply_error (call, g_error_new (CCBT_ERROR, CCBT_ERROR_INVALID,
                                                "The folder “%s” is no absolute path.", folder));
      return;
    }
  ccbt_torrent_set_folder (torrent, folder);
  ccbt_call_reply (call, NULL);
}

static void
torrent_add_peer (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  const char *text;
  CcbtAddress address;

  if (torrent == NULL)
    return;
  g_variant_get_child (arguments, 1, "&s", &text);
  if (!ccbt_address_parse (text, &address))
    {
      ccbt_call_reply_error (call, g_error_new (CCBT_ERROR, CCBT_ERROR_INVALID,
                                                "“%.100s” is no address with a port.", text));
      return;
    }
  ccbt_torrent_add_peers (torrent, CCBT_PEER_SOURCE_USER, &address, 1, TRUE);
  ccbt_call_reply (call, NULL);
}

static void
torrent_subscribe (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);

  if (torrent == NULL)
    return;
  ccbt_session_subscribe (session, torrent, TRUE);
  ccbt_call_reply (call, NULL);
}

static void
torrent_unsubscribe (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);

  if (torrent == NULL)
    return;
  ccbt_session_subscribe (session, torrent, FALSE);
  ccbt_call_reply (call, NULL);
}

static void
torrent_export (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  CcbtMetainfo *metainfo = torrent != NULL ? ccbt_torrent_get_metainfo (torrent) : NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (torrent == NULL)
    return;
  if (metainfo == NULL)
    {
      ccbt_call_reply_error (call,
                             g_error_new (CCBT_ERROR, CCBT_ERROR_NOT_FOUND,
                                          "The torrent's metadata has not been received yet."));
      return;
    }
  bytes = ccbt_torrent_build_file (torrent);
  ccbt_call_reply (call, g_variant_new ("(@ay)", g_variant_new_from_bytes (
                                                     G_VARIANT_TYPE_BYTESTRING, bytes, TRUE)));
}

/* --- The session --- */

static void
session_pause_all (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  GPtrArray *torrents = ccbt_session_get_torrents (session);

  for (guint i = 0; i < torrents->len; i++)
    ccbt_torrent_set_paused (g_ptr_array_index (torrents, i), TRUE);
  ccbt_call_reply (call, NULL);
}

static void
session_resume_all (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  GPtrArray *torrents = ccbt_session_get_torrents (session);

  for (guint i = 0; i < torrents->len; i++)
    ccbt_torrent_resume (g_ptr_array_index (torrents, i));
  ccbt_session_run_queue_soon (session);
  ccbt_call_reply (call, NULL);
}

static void
flushed_cb (gpointer data, const GError *error)
{
  if (error != NULL)
    ccbt_call_reply_error (data, g_error_copy (error));
  else
    ccbt_call_reply (data, NULL);
}

static void
session_flush (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  ccbt_session_flush (session, flushed_cb, call);
}

/* --- The table --- */

static const CcbtCommandEntry torrent_entries[] = {
  { { "torrent.add", "(a{sv})", "(sub)", "Add a torrent from a file, its bytes, or a link" },
    torrent_add },
  { { "torrent.inspect", "(a{sv})", "(a{sv})",
      "Tell what a torrent file or link is, without adding it" },
    torrent_inspect },
  { { "torrent.remove", "(sb)", "()", "Remove a torrent, with its files when asked to" },
    torrent_remove },
  { { "torrent.pause", "(s)", "()", "Pause a torrent" }, torrent_pause },
  { { "torrent.resume", "(s)", "()", "Resume a torrent, or try again after an error" },
    torrent_resume },
  { { "torrent.check", "(s)", "()", "Check all of a torrent's files again" }, torrent_check },
  { { "torrent.announce", "(s)", "(x)",
      "Ask the trackers for peers; replies the seconds until they may be asked" },
    torrent_announce },
  { { "torrent.set-files", "(sa{uu})", "()", "Set priorities of files" }, torrent_set_files },
  { { "torrent.set-sequential", "(sb)", "()",
      "Download pieces in order, or as is best for the swarm" },
    torrent_set_sequential },
  { { "torrent.set-options", "(sa{sv})", "()",
      "Set limits, place in the queue, goals, category and tags of a torrent" },
    torrent_set_options },
  { { "torrent.set-folder", "(ss)", "()",
      "Tell where a torrent's files are now; nothing is moved" },
    torrent_set_folder },
  { { "torrent.add-peer", "(ss)", "()", "Connect to a peer by its address" }, torrent_add_peer },
  { { "torrent.subscribe", "(s)", "()", "Publish files, peers and trackers of a torrent" },
    torrent_subscribe },
  { { "torrent.unsubscribe", "(s)", "()", "Stop publishing them" }, torrent_unsubscribe },
  { { "torrent.export", "(s)", "(ay)", "Give a torrent's .torrent file" }, torrent_export },
};

static const CcbtCommandEntry session_entries[] = {
  { { "session.pause-all", "()", "()", "Pause every torrent" }, session_pause_all },
  { { "session.resume-all", "()", "()", "Resume every torrent" }, session_resume_all },
  { { "session.flush", "()", "()", "Write everything to the disk" }, session_flush },
};

static const CcbtCommandGroup torrent_group = { torrent_entries, G_N_ELEMENTS (torrent_entries) };
static const CcbtCommandGroup session_group = { session_entries, G_N_ELEMENTS (session_entries) };

/* In the order of the table. */
static const CcbtCommandGroup *const groups[] = {
  &torrent_group,           &session_group,        &ccbt_limits_commands,     &ccbt_import_commands,
  &ccbt_queue_commands,     &ccbt_config_commands, &ccbt_move_commands,       &ccbt_file_commands,
  &ccbt_tracker_commands,   &ccbt_watch_commands,  &ccbt_statistics_commands, &ccbt_create_commands,
  &ccbt_checkpoint_commands
};

typedef struct
{
  GArray *infos;    /* CcbtCommandInfo */
  GArray *handlers; /* CcbtCommandHandler */
} Table;

static gpointer
make_table (gpointer data)
{
  Table *table = g_new (Table, 1);

  table->infos = g_array_new (FALSE, FALSE, sizeof (CcbtCommandInfo));
  table->handlers = g_array_new (FALSE, FALSE, sizeof (CcbtCommandHandler));
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    for (guint j = 0; j < groups[i]->n_entries; j++)
      {
        g_array_append_val (table->infos, groups[i]->entries[j].info);
        g_array_append_val (table->handlers, groups[i]->entries[j].handler);
      }
  return table;
}

static const Table *
get_table (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, make_table, NULL);
}

const CcbtCommandInfo *
ccbt_command_get_table (guint *n_verbs)
{
  const Table *table = get_table ();

  *n_verbs = table->infos->len;
  return (const CcbtCommandInfo *) table->infos->data;
}

CcbtCommandHandler
ccbt_command_get_handler (guint verb)
{
  return g_array_index (get_table ()->handlers, CcbtCommandHandler, verb);
}
