/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-values.h"
#include "control/ccbt-control-fields.h"
#include "base/ccbt-error.h"

#define SLOW_TURN 8192 /* us, a border of the histogram's buckets */

static void
add (GVariantBuilder *builder, const char *name, GVariant *value)
{
  g_variant_builder_add (builder, "{sv}", name, value);
}

static void
add_text (GVariantBuilder *builder, const char *name, const char *text)
{
  if (text != NULL)
    add (builder, name, g_variant_new_string (text));
}

static GVariant *
family_to_variant (const CcbtFamilyStatus *family)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_text (&builder, "reach", ccbt_reach_get_name (family->reach));
  add_text (&builder, "local", family->local);
  add_text (&builder, "external", family->external);
  add (&builder, "incoming", g_variant_new_uint64 (family->n_incoming));
  add (&builder, "dht-nodes", g_variant_new_uint32 (family->n_nodes));
  return g_variant_builder_end (&builder);
}

GVariant *
ccbt_control_session_to_variant (const CcbtSessionStatus *status)
{
  const CcbtConnectionStatus *connection = &status->connection;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add (&builder, "n-torrents", g_variant_new_uint32 (status->n_torrents));
  add (&builder, "n-peers", g_variant_new_uint32 (status->n_peers));
  add (&builder, "port", g_variant_new_uint16 (status->port));
  add (&builder, "udp-port", g_variant_new_uint16 (connection->udp_port));
  add (&builder, "down-rate", g_variant_new_double (status->down_rate));
  add (&builder, "up-rate", g_variant_new_double (status->up_rate));
  add (&builder, "downloaded", g_variant_new_uint64 (status->downloaded));
  add (&builder, "uploaded", g_variant_new_uint64 (status->uploaded));
  add (&builder, "all-downloaded", g_variant_new_uint64 (status->all_downloaded));
  add (&builder, "all-uploaded", g_variant_new_uint64 (status->all_uploaded));
  add (&builder, "alternative-limits", g_variant_new_boolean (status->is_alternative));
  add (&builder, "scheduled-limits", g_variant_new_boolean (status->is_scheduled));
  add_text (&builder, "waits-for", ccbt_wait_get_name (status->waits_for));
  add (&builder, "download-limit", g_variant_new_uint64 (status->download_limit));
  add (&builder, "upload-limit", g_variant_new_uint64 (status->upload_limit));
  add (&builder, "disk-queue", g_variant_new_uint64 (status->disk_queue));
  add (&builder, "slow-turns",
       g_variant_new_uint64 (ccbt_histogram_count_over (&status->engine_dispatch, SLOW_TURN)));
  add (&builder, "longest-turn", g_variant_new_uint64 (status->engine_dispatch.longest));
  add (&builder, "ipv4", family_to_variant (&connection->families[0]));
  add (&builder, "ipv6", family_to_variant (&connection->families[1]));
  add_text (&builder, "router", connection->map_state);
  return g_variant_builder_end (&builder);
}

/* --- Details --- */

gboolean
ccbt_control_parts_parse (const char *const *names, CcbtControlParts *parts, GError **error)
{
  static const char *const known[]
      = { "files", "peers", "trackers", "pieces", "hindered", "summary", "rates", NULL };

  *parts = 0;
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      guint part = 0;

      while (known[part] != NULL && !g_str_equal (known[part], names[i]))
        part++;
      if (known[part] == NULL)
        {
          g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "There is no part “%.64s”.",
                       names[i]);
          return FALSE;
        }
      *parts |= 1u << part;
    }
  if (*parts == 0)
    *parts = CCBT_CONTROL_FILES | CCBT_CONTROL_PEERS | CCBT_CONTROL_TRACKERS | CCBT_CONTROL_PIECES
             | CCBT_CONTROL_HINDERED | CCBT_CONTROL_SUMMARY | CCBT_CONTROL_RATES;
  return TRUE;
}

static GVariant *
file_to_variant (gconstpointer data)
{
  const CcbtFileStatus *file = data;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_text (&builder, "path", file->path);
  add (&builder, "length", g_variant_new_uint64 (file->length));
  add (&builder, "done", g_variant_new_uint64 (file->done));
  add (&builder, "priority", g_variant_new_uint32 (file->priority));
  return g_variant_builder_end (&builder);
}

static GVariant *
peer_to_variant (gconstpointer data)
{
  const CcbtPeerStatus *peer = data;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_text (&builder, "address", peer->address);
  add_text (&builder, "client", peer->client);
  add (&builder, "progress", g_variant_new_double (peer->progress));
  add (&builder, "down-rate", g_variant_new_double (peer->down_rate));
  add (&builder, "up-rate", g_variant_new_double (peer->up_rate));
  add (&builder, "downloaded", g_variant_new_uint64 (peer->downloaded));
  add (&builder, "uploaded", g_variant_new_uint64 (peer->uploaded));
  add (&builder, "incoming", g_variant_new_boolean (peer->is_incoming));
  add (&builder, "encrypted", g_variant_new_boolean (peer->is_encrypted));
  add (&builder, "am-interested", g_variant_new_boolean (peer->am_interested));
  add (&builder, "am-choking", g_variant_new_boolean (peer->am_choking));
  add (&builder, "peer-interested", g_variant_new_boolean (peer->peer_interested));
  add (&builder, "peer-choking", g_variant_new_boolean (peer->peer_choking));
  add (&builder, "snubbed", g_variant_new_boolean (peer->is_snubbed));
  add_text (&builder, "source", peer->source);
  return g_variant_builder_end (&builder);
}

static GVariant *
tracker_to_variant (gconstpointer data)
{
  const CcbtTrackerStatus *tracker = data;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_text (&builder, "url", tracker->url);
  add (&builder, "tier", g_variant_new_uint32 (tracker->tier));
  add_text (&builder, "state", ccbt_tracker_state_get_name (tracker->state));
  add_text (&builder, "message", tracker->message);
  add (&builder, "seeds", g_variant_new_int32 (tracker->seeds));
  add (&builder, "leechers", g_variant_new_int32 (tracker->leechers));
  add (&builder, "downloaded", g_variant_new_int32 (tracker->downloaded));
  add (&builder, "failures", g_variant_new_uint32 (tracker->n_failures));
  add (&builder, "next-announce", g_variant_new_int64 (tracker->next_announce));
  add (&builder, "last-announce", g_variant_new_int64 (tracker->last_announce));
  add (&builder, "response-time", g_variant_new_int32 (tracker->response_time_ms));
  add (&builder, "peers-received", g_variant_new_uint32 (tracker->peers_received));
  return g_variant_builder_end (&builder);
}

static GVariant *
array_to_variant (GPtrArray *items, GVariant *(*make) (gconstpointer item))
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < items->len; i++)
    g_variant_builder_add_value (&builder, make (g_ptr_array_index (items, i)));
  return g_variant_builder_end (&builder);
}

static GVariant *
hindered_to_variant (const CcbtTorrentDetails *details)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{su}"));
  for (guint i = 0; i < CCBT_N_HINDRANCES; i++)
    if (details->hindered[i] > 0)
      g_variant_builder_add (&builder, "{su}", ccbt_hindrance_get_name (i), details->hindered[i]);
  return g_variant_builder_end (&builder);
}

static GVariant *
summary_to_variant (const CcbtPieceSummary *summary)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add (&builder, "pieces", g_variant_new_uint32 (summary->n_pieces));
  add (&builder, "had", g_variant_new_uint32 (summary->n_had));
  add (&builder, "begun", g_variant_new_uint32 (summary->n_begun));
  add (&builder, "missing", g_variant_new_uint32 (summary->n_missing));
  add (&builder, "nowhere", g_variant_new_uint32 (summary->n_nowhere));
  add (&builder, "peers", g_variant_new_uint32 (summary->n_peers));
  add (&builder, "stretches",
       g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, summary->stretches,
                                  summary->n_stretches * sizeof *summary->stretches, 1));
  return g_variant_builder_end (&builder);
}

static GVariant *
rates_to_variant (const CcbtTorrentDetails *details)
{
  return g_variant_new ("(u@at@at)", CCBT_RATE_TRAIL_STEP,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, details->recent_down,
                                                   CCBT_RATE_TRAIL_LENGTH, sizeof (guint64)),
                        g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, details->recent_up,
                                                   CCBT_RATE_TRAIL_LENGTH, sizeof (guint64)));
}

GVariant *
ccbt_control_details_to_variant (const CcbtTorrentDetails *details, CcbtControlParts parts)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  if (parts & CCBT_CONTROL_FILES)
    add (&builder, "files", array_to_variant (details->files, file_to_variant));
  if (parts & CCBT_CONTROL_PEERS)
    add (&builder, "peers", array_to_variant (details->peers, peer_to_variant));
  if (parts & CCBT_CONTROL_TRACKERS)
    add (&builder, "trackers", array_to_variant (details->trackers, tracker_to_variant));
  if (parts & CCBT_CONTROL_PIECES && details->pieces != NULL)
    add (&builder, "pieces",
         g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, details->pieces, TRUE));
  if (parts & CCBT_CONTROL_HINDERED)
    add (&builder, "hindered", hindered_to_variant (details));
  if (parts & CCBT_CONTROL_SUMMARY && details->summary != NULL)
    add (&builder, "summary", summary_to_variant (details->summary));
  if (parts & CCBT_CONTROL_RATES)
    add (&builder, "rates", rates_to_variant (details));
  return g_variant_builder_end (&builder);
}

/* --- Events --- */

static const char *
find_text (GVariant *payload)
{
  static const char *const keys[] = { "text", "message", "reason", "address" };
  const char *text;

  for (guint i = 0; payload != NULL && i < G_N_ELEMENTS (keys); i++)
    if (g_variant_lookup (payload, keys[i], "&s", &text))
      return text;
  return "";
}

GVariant *
ccbt_control_event_to_variant (const CcbtEvent *event, const char *info_hash)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_text (&builder, "type", ccbt_event_type_get_name (event->type));
  add (&builder, "time", g_variant_new_int64 (event->wall_time));
  add (&builder, "torrent", g_variant_new_uint32 (event->torrent));
  add_text (&builder, "info-hash", info_hash);
  add_text (&builder, "text", find_text (event->payload));
  if (event->payload != NULL)
    add (&builder, "payload", event->payload);
  return g_variant_builder_end (&builder);
}

/* --- Lists --- */

GVariant *
ccbt_control_list_to_variant (CcbtSnapshotStore *snapshots, guint64 since, guint64 mask,
                              guint64 *generation)
{
  g_autoptr (GPtrArray) changed = NULL;
  g_autoptr (GPtrArray) details = NULL;
  g_autoptr (GArray) removed = NULL;
  gboolean start_over;
  GVariantBuilder torrents;

  *generation
      = ccbt_snapshot_store_pull (snapshots, since, &changed, &details, &removed, &start_over);
  g_variant_builder_init (&torrents, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < changed->len; i++)
    g_variant_builder_add_value (
        &torrents, ccbt_control_fields_collect (g_ptr_array_index (changed, i), mask));
  return g_variant_new ("(tbaa{sv}@au)", *generation, start_over, &torrents,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, removed->data,
                                                   removed->len, sizeof (CcbtTorrentId)));
}

GVariant *
ccbt_control_columns_to_variant (CcbtSnapshotStore *snapshots, guint64 since, guint64 mask)
{
  g_autoptr (GPtrArray) changed = NULL;
  g_autoptr (GPtrArray) details = NULL;
  g_autoptr (GArray) removed = NULL;
  g_autoptr (GVariant) columns = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gboolean start_over;
  guint64 generation
      = ccbt_snapshot_store_pull (snapshots, since, &changed, &details, &removed, &start_over);

  columns = g_variant_ref_sink (ccbt_control_fields_collect_columns (changed, mask));
  bytes = g_variant_get_data_as_bytes (columns);
  return g_variant_new ("(tb@ay@au)", generation, start_over,
                        g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE),
                        g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, removed->data,
                                                   removed->len, sizeof (CcbtTorrentId)));
}

/* --- Tuples --- */

GVariant *
ccbt_control_tuple_pack (GVariant *tuple)
{
  GVariant *sunk = g_variant_ref_sink (tuple);

  if (!g_variant_is_of_type (sunk, G_VARIANT_TYPE_UNIT))
    return sunk;
  g_variant_unref (sunk);
  return g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARIANT, NULL, 0));
}

GVariant *
ccbt_control_tuple_unpack (GVariant *packed)
{
  GVariant *sunk = g_variant_ref_sink (packed);

  if (!g_variant_is_of_type (sunk, G_VARIANT_TYPE ("av")) || g_variant_n_children (sunk) > 0)
    return sunk;
  g_variant_unref (sunk);
  return g_variant_ref_sink (g_variant_new_tuple (NULL, 0));
}
