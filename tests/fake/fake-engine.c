/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-engine.h"
#include "base/ccbt-error.h"
#include "control/ccbt-control-service.h"
#include "session/ccbt-command.h"
#include "session/ccbt-engine-host.h"

struct _CcbtEngineHost
{
  CcbtSnapshotStore *store;
  CcbtEventRing *ring;
  GString *calls;
  GHashTable *by_hash; /* info-hash -> CcbtTorrentStatus, the latest */
  CcbtTorrentId last_id;
};

static CcbtEngineHost *engine;
static gboolean refuses_start;
static const char *creation = "{'state': <'hashing'>, 'hashed': <uint64 2000000000>, 'total-size': "
                              "<uint64 4700000000>}";

/* Reached by IPv4 through a router, not by IPv6. */
static const CcbtConnectionStatus connection = {
  .families = { { .reach = CCBT_REACH_OPEN,
                  .n_incoming = 3,
                  .last_incoming = G_GINT64_CONSTANT (1795000000000000),
                  .local = "192.168.1.7",
                  .external = "198.51.100.4",
                  .n_nodes = 312 },
                { .reach = CCBT_REACH_CLOSED, .local = "2001:db8::7" } },
  .tcp_port = 6881,
  .udp_port = 6881,
  .has_dht = TRUE,
  .has_lsd = TRUE,
  .map_state = "mapped",
  .map_protocol = "UPnP",
  .map_gateway = "192.168.1.1",
  .map_tcp_port = 6881,
  .map_udp_port = 6881,
  .map_seconds_left = 3000,
};

static void
put_session (void)
{
  GHashTableIter iter;
  gpointer value;
  CcbtSessionStatus session = { .n_torrents = g_hash_table_size (engine->by_hash),
                                .port = 6881,
                                .connection = connection };

  g_hash_table_iter_init (&iter, engine->by_hash);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      session.down_rate += ((CcbtTorrentStatus *) value)->down_rate;
      session.up_rate += ((CcbtTorrentStatus *) value)->up_rate;
      session.n_peers += ((CcbtTorrentStatus *) value)->n_peers;
    }
  ccbt_snapshot_store_put_session (engine->store, &session);
}

void
fake_engine_put (CcbtTorrentStatus *status)
{
  g_hash_table_replace (engine->by_hash, status->info_hash, ccbt_torrent_status_ref (status));
  engine->last_id = MAX (engine->last_id, status->id);
  ccbt_snapshot_store_put (engine->store, status);
  put_session ();
  ccbt_snapshot_store_flush (engine->store);
}

void
fake_engine_post (CcbtEventType type, CcbtTorrentId id)
{
  ccbt_event_ring_post (engine->ring, type, id, g_get_real_time (), NULL);
}

void
fake_engine_post_with (CcbtEventType type, CcbtTorrentId id, const char *payload)
{
  ccbt_event_ring_post (engine->ring, type, id, g_get_real_time (), g_variant_new_parsed (payload));
}

char *
fake_engine_take_calls (void)
{
  char *calls = g_strdup (engine->calls->str);

  g_string_truncate (engine->calls, 0);
  return calls;
}

void
fake_engine_set_creation (const char *status)
{
  creation = status;
}

void
fake_engine_refuse_start (void)
{
  refuses_start = TRUE;
}

/* --- Verbs. Each answers with its reply, or NULL and an error. --- */

static GVariant *
reply_inspect (GVariant *source, GError **error)
{
  GVariantDict dict;
  GVariantBuilder files;
  const char *uri = NULL;

  g_variant_lookup (source, "uri", "&s", &uri);
  if (uri != NULL && strstr (uri, FAKE_BAD_URI) != NULL)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "made up");
      return NULL;
    }
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "info-hash", "s", "00000000000000000000000000000000000000ff");
  g_variant_dict_insert (&dict, "name", "s", "Sintel");
  g_variant_dict_insert (&dict, "private", "b", FALSE);
  g_variant_dict_insert (&dict, "present", "b", FALSE);
  if (uri == NULL || !g_str_has_prefix (uri, "magnet:"))
    {
      g_variant_builder_init (&files, G_VARIANT_TYPE ("a(st)"));
      for (guint i = 0; i < FAKE_N_FILES; i++)
        g_variant_builder_add (&files, "(st)", fake_files[i].path, fake_files[i].length);
      g_variant_dict_insert_value (&dict, "files", g_variant_builder_end (&files));
      g_variant_dict_insert (&dict, "total-size", "t", fake_torrent_get_size ());
    }
  return g_variant_new ("(@a{sv})", g_variant_dict_end (&dict));
}

static GVariant *
reply_add (GVariant *source)
{
  gboolean is_paused = FALSE;
  CcbtTorrentStatus *status;

  g_variant_lookup (source, "paused", "b", &is_paused);
  status = fake_torrent_new (engine->last_id + 1, "Sintel",
                             is_paused ? CCBT_TORRENT_STATE_PAUSED : CCBT_TORRENT_STATE_DOWNLOADING,
                             0);
  fake_engine_put (status);
  return g_variant_new ("(sub)", status->info_hash, status->id, TRUE);
}

static void
set_paused (const CcbtTorrentStatus *torrent, gboolean is_paused)
{
  CcbtTorrentStatus *status = fake_torrent_copy (torrent);

  status->is_paused = is_paused;
  status->state = is_paused             ? CCBT_TORRENT_STATE_PAUSED
                  : status->is_complete ? CCBT_TORRENT_STATE_SEEDING
                                        : CCBT_TORRENT_STATE_DOWNLOADING;
  fake_engine_put (status);
}

static gboolean
set_options (const CcbtTorrentStatus *torrent, GVariant *changes, GError **error)
{
  CcbtTorrentOptions *options = ccbt_torrent_options_change (torrent->options, changes, error);
  CcbtTorrentStatus *status;

  if (options == NULL)
    return FALSE;
  status = fake_torrent_copy (torrent);
  ccbt_torrent_options_unref (status->options);
  status->options = options;
  fake_engine_put (status);
  return TRUE;
}

static void
remove_torrent (const CcbtTorrentStatus *torrent)
{
  ccbt_snapshot_store_remove (engine->store, torrent->id);
  g_hash_table_remove (engine->by_hash, torrent->info_hash);
  put_session ();
  ccbt_snapshot_store_flush (engine->store);
}

static gboolean
names_wrong_tracker (GVariant *arguments)
{
  g_autofree char *text = g_variant_print (arguments, FALSE);

  return strstr (text, "ftp://") != NULL;
}

static GVariant *
reply_for_torrent (const char *verb, GVariant *arguments, GError **error)
{
  const char *info_hash;
  const CcbtTorrentStatus *torrent;

  g_variant_get_child (arguments, 0, "&s", &info_hash);
  torrent = g_hash_table_lookup (engine->by_hash, info_hash);
  if (torrent == NULL)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_NOT_FOUND, "no torrent %s", info_hash);
      return NULL;
    }
  if (g_str_equal (verb, "torrent.set-trackers") && names_wrong_tracker (arguments))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "made up");
      return NULL;
    }
  if (g_str_equal (verb, "torrent.set-options"))
    {
      g_autoptr (GVariant) changes = g_variant_get_child_value (arguments, 1);

      if (!set_options (torrent, changes, error))
        return NULL;
    }
  else if (g_str_equal (verb, "torrent.pause") || g_str_equal (verb, "torrent.resume"))
    set_paused (torrent, g_str_equal (verb, "torrent.pause"));
  else if (g_str_equal (verb, "torrent.remove"))
    remove_torrent (torrent);
  else if (g_str_equal (verb, "torrent.subscribe"))
    {
      ccbt_snapshot_store_put_details (engine->store, fake_torrent_make_details (torrent->id));
      ccbt_snapshot_store_flush (engine->store);
    }
  else if (g_str_equal (verb, "torrent.announce"))
    return g_variant_new ("(x)", (gint64) 0);
  return g_variant_new ("()");
}

/* Of ten minutes: a hill of download, a plain of upload. */
static GVariant *
reply_history (void)
{
  guint64 down[600], up[600];

  for (guint i = 0; i < G_N_ELEMENTS (down); i++)
    {
      down[i] = i > 300 ? (guint64) (i - 300) * (700 - i) * 60 : 0;
      up[i] = 300000 + i % 7 * 9000;
    }
  return g_variant_new (
      "(xu@at@at)", G_GINT64_CONSTANT (1800000000), 1,
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, down, G_N_ELEMENTS (down), sizeof *down),
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, up, G_N_ELEMENTS (up), sizeof *up));
}

static GVariant *
reply_create (const char *verb, GVariant *arguments, GError **error)
{
  g_autoptr (GVariant) status = NULL;

  if (g_str_equal (verb, "create.cancel"))
    return g_variant_new ("()");
  if (g_str_equal (verb, "create.start") && names_wrong_tracker (arguments))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "made up");
      return NULL;
    }
  if (g_str_equal (verb, "create.start"))
    return g_variant_new ("(u)", 1);
  status = g_variant_parse (G_VARIANT_TYPE_VARDICT, creation, NULL, NULL, NULL);
  return g_variant_new ("(@a{sv})", status);
}

/* One of each kind, and one whose section no window knows. */
static const char settings[]
    = "([{'key': <'disk.download_dir'>, 'title': <'Download Folder'>, 'description': <'Where files "
      "go.'>,"
      "  'type': <'folder'>, 'value': <'/home/me/Downloads'>, 'level': <'file'>, 'origin': <'file "
      "x:1'>},"
      " {'key': <'disk.preallocation'>, 'title': <'Room for Files'>, 'description': <'How room is "
      "taken.'>,"
      "  'type': <'choice'>, 'choices': <['sparse', 'full', 'none']>, 'value': <'sparse'>,"
      "  'level': <'default'>, 'origin': <'default'>},"
      " {'key': <'limits.download_rate'>, 'title': <'Download'>, 'description': <'Fastest "
      "download.'>,"
      "  'type': <'integer'>, 'unit': <'bytes/s'>, 'minimum': <0.0>, 'maximum': "
      "<9007199254740992.0>,"
      "  'value': <'%s'>, 'level': <'default'>, 'origin': <'default'>},"
      " {'key': <'limits.lan_exempt'>, 'title': <'No Limits in the Local Network'>,"
      "  'description': <'Whether they are.'>, 'type': <'boolean'>, 'value': <'true'>,"
      "  'level': <'environment'>, 'origin': <'environment CCBT_LIMITS_LAN_EXEMPT'>},"
      " {'key': <'nat.gateway'>, 'title': <'Address of the Router'>, 'description': <'Empty to "
      "find it.'>,"
      "  'type': <'text'>, 'value': <''>, 'level': <'default'>, 'origin': <'default'>},"
      " {'key': <'made.up'>, 'title': <'Made Up'>, 'description': <'Whether it is.'>, 'type': "
      "<'boolean'>,"
      "  'needs-restart': <true>, 'value': <'false'>, 'level': <'default'>, 'origin': "
      "<'default'>}],)";
static char *download_rate; /* NULL = "0" */

void
fake_engine_set_download_rate (const char *text)
{
  g_free (download_rate);
  download_rate = g_strdup (text);
}

static GVariant *
reply_config (const char *verb, GVariant *arguments, GError **error)
{
  g_autofree char *text = NULL;
  const char *key, *value;

  if (g_str_equal (verb, "config.set"))
    {
      g_variant_get (arguments, "(&s&s)", &key, &value);
      if (g_str_equal (value, "wrong"))
        {
          g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "made up");
          return NULL;
        }
      if (g_str_equal (key, "limits.download_rate"))
        fake_engine_set_download_rate (value);
      return g_variant_new ("(b)", FALSE);
    }
  if (!g_str_equal (verb, "config.list"))
    return g_variant_new ("(b)", FALSE);
  text = g_strdup_printf (settings, download_rate != NULL ? download_rate : "0");
  return g_variant_parse (G_VARIANT_TYPE ("(aa{sv})"), text, NULL, NULL, NULL);
}

/* The last file is another torrent's too, the first stays when it holds data. */
static GVariant *
reply_own_files (GVariant *arguments)
{
  g_autofree const char **info_hashes = NULL;
  GVariantBuilder torrents;

  g_variant_get (arguments, "(^a&s)", &info_hashes);
  g_variant_builder_init (&torrents, G_VARIANT_TYPE ("a(saya(sb))"));
  for (guint i = 0; info_hashes[i] != NULL; i++)
    {
      const CcbtTorrentStatus *torrent = g_hash_table_lookup (engine->by_hash, info_hashes[i]);
      GVariantBuilder files;

      if (torrent == NULL)
        continue;
      g_variant_builder_init (&files, G_VARIANT_TYPE ("a(sb)"));
      for (guint j = 0; j + 1 < FAKE_N_FILES; j++)
        g_variant_builder_add (&files, "(sb)", fake_files[j].path, j == 0);
      g_variant_builder_add (&torrents, "(s^ay@a(sb))", torrent->info_hash, torrent->folder,
                             g_variant_builder_end (&files));
    }
  return g_variant_new ("(a(saya(sb)))", &torrents);
}

static GVariant *
reply_to (const char *verb, GVariant *arguments, GError **error)
{
  g_autoptr (GVariant) source = NULL;

  if (g_str_has_prefix (verb, "config."))
    return reply_config (verb, arguments, error);
  if (g_str_equal (verb, "statistics.history"))
    return reply_history ();
  if (g_str_has_prefix (verb, "create."))
    return reply_create (verb, arguments, error);
  if (g_str_has_prefix (verb, "session."))
    return g_variant_new ("()");
  if (g_str_equal (verb, "torrent.list-own-files"))
    return reply_own_files (arguments);
  if (!g_str_equal (verb, "torrent.inspect") && !g_str_equal (verb, "torrent.add"))
    return reply_for_torrent (verb, arguments, error);
  source = g_variant_get_child_value (arguments, 0);
  return g_str_equal (verb, "torrent.add") ? reply_add (source) : reply_inspect (source, error);
}

void
ccbt_command_call_async (CcbtEngineHost *host, const char *verb, GVariant *arguments,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (arguments);
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *text = g_variant_print (owned, FALSE);
  GError *error = NULL;
  GVariant *reply;

  g_assert_true (host == engine);
  g_string_append_printf (host->calls, "%s %s\n", verb, text);
  reply = reply_to (verb, owned, &error);
  if (reply != NULL)
    g_task_return_pointer (task, g_variant_ref_sink (reply), (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

GVariant *
ccbt_command_call_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- The host. --- */

CcbtEngineHost *
ccbt_engine_host_start (const CcbtEngineOptions *options, GError **error)
{
  CcbtEngineHost *self;

  if (refuses_start)
    {
      refuses_start = FALSE;
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_BUSY, "made up");
      return NULL;
    }
  self = g_new0 (CcbtEngineHost, 1);
  self->store = ccbt_snapshot_store_new ();
  self->ring = ccbt_event_ring_new (64);
  self->calls = g_string_new (NULL);
  self->by_hash = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify) ccbt_torrent_status_unref);
  engine = self;
  return self;
}

void
ccbt_engine_host_stop_async (CcbtEngineHost *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_return_boolean (task, TRUE);
}

gboolean
ccbt_engine_host_stop_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ccbt_engine_host_free (CcbtEngineHost *self)
{
  ccbt_snapshot_store_unref (self->store);
  ccbt_event_ring_unref (self->ring);
  g_hash_table_unref (self->by_hash);
  g_string_free (self->calls, TRUE);
  g_free (self);
  engine = NULL;
}

CcbtSnapshotStore *
ccbt_engine_host_get_snapshots (CcbtEngineHost *self)
{
  return self->store;
}

CcbtEventRing *
ccbt_engine_host_get_events (CcbtEngineHost *self)
{
  return self->ring;
}

/* Nobody else controls a made-up session. */
CcbtControlService *
ccbt_control_service_start (CcbtEngineHost *host, const char *state_dir, GSourceOnceFunc quit,
                            gpointer data, GError **error)
{
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_UNSUPPORTED, "made up");
  return NULL;
}

void
ccbt_control_service_stop (CcbtControlService *self)
{
}
