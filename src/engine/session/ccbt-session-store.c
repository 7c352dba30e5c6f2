/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-resume-file.h"
#include "session/ccbt-session-private.h"

/* No boot has this id: what is not durable is checked, as after a power cut. */
#define IN_CHECK "in-check"

static CcbtTorrentRecord *
make_record (CcbtSession *self, CcbtTorrent *torrent, gboolean progress_only)
{
  CcbtTorrentRecord *record = ccbt_torrent_record_new ();
  CcbtMetainfo *metainfo = ccbt_torrent_get_metainfo (torrent);
  CcbtTorrentProgress progress;

  ccbt_torrent_get_progress (torrent, &progress);
  record->info_hash = *ccbt_torrent_get_info_hash (torrent);
  record->name = g_strdup (ccbt_torrent_get_name (torrent));
  record->folder = g_strdup (ccbt_torrent_get_folder (torrent));
  record->magnet = g_strdup (progress.magnet);
  record->is_paused = progress.is_paused;
  record->is_sequential = progress.is_sequential;
  record->seeds = progress.seeds;
  record->added_at = progress.added_at;
  record->completed_at = progress.completed_at;
  record->downloaded = progress.downloaded;
  record->uploaded = progress.uploaded;
  record->wasted = progress.wasted;
  record->active_seconds = progress.active_seconds;
  record->seeding_seconds = progress.seeding_seconds;
  record->priorities = progress.priorities;
  record->verified = progress.verified;
  record->durable = progress.durable;
  record->stamps = progress.stamps;
  record->peers = progress.peers;
  record->boot_id = g_strdup (progress.is_in_check ? IN_CHECK : ccbt_state_store_get_boot_id ());
  if (!progress_only)
    {
      if (metainfo != NULL)
        record->metainfo = ccbt_metainfo_build (ccbt_metainfo_get_info (metainfo), NULL);
      record->trackers = ccbt_torrent_describe_trackers (torrent);
      record->options = ccbt_torrent_options_to_bytes (ccbt_torrent_get_options (torrent));
    }
  return record;
}

/* Not one of ours (yet): nothing may bring a removed torrent back. */
static gboolean
is_listed (CcbtSession *self, CcbtTorrent *torrent)
{
  CcbtSha1 wire = ccbt_info_hash_get_wire (ccbt_torrent_get_info_hash (torrent));

  return g_hash_table_lookup (self->by_hash, &wire) == torrent;
}

void
ccbt_session_store_durable (gpointer session, CcbtTorrent *torrent)
{
  CcbtSession *self = session;
  g_autoptr (CcbtTorrentRecord) record = NULL;

  if (!is_listed (self, torrent))
    return;
  record = make_record (self, torrent, TRUE);
  ccbt_state_store_put_synced_progress (self->store, record);
}

void
ccbt_session_store_torrent (gpointer session, CcbtTorrent *torrent, gboolean progress_only)
{
  CcbtSession *self = session;
  g_autoptr (CcbtTorrentRecord) record = NULL;

  if (!is_listed (self, torrent))
    return;
  record = make_record (self, torrent, progress_only);
  if (progress_only)
    ccbt_state_store_put_progress (self->store, record);
  else
    ccbt_state_store_put (self->store, record);
}

GBytes *
ccbt_session_write_resume_file (CcbtSession *self, CcbtTorrent *torrent)
{
  CcbtMetainfo *metainfo = ccbt_torrent_get_metainfo (torrent);
  g_autoptr (CcbtTorrentRecord) record = make_record (self, torrent, FALSE);

  if (metainfo == NULL)
    return NULL;
  return ccbt_resume_file_write (record, metainfo, ccbt_torrent_get_options (torrent),
                                 g_str_equal (record->boot_id, IN_CHECK));
}

void
ccbt_session_save (CcbtSession *self, CcbtTorrent *torrent)
{
  ccbt_session_store_torrent (self, torrent, FALSE);
}

static void
add_stored_trackers (CcbtTorrent *torrent, GBytes *lines)
{
  gsize size;
  const char *text = g_bytes_get_data (lines, &size);
  g_autofree char *copy = text != NULL ? g_strndup (text, size) : g_strdup ("");
  g_auto (GStrv) rows = g_strsplit (copy, "\n", 0);

  for (guint i = 0; rows[i] != NULL; i++)
    {
      char *url = strchr (rows[i], ' ');

      if (url != NULL)
        ccbt_torrent_add_tracker (torrent, url + 1, (guint) g_ascii_strtoull (rows[i], NULL, 10));
    }
}

static void
add_stored_peers (CcbtTorrent *torrent, GBytes *compact)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (compact, &size);
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };

  for (gsize i = 0; i + 18 <= size; i += 18)
    {
      CcbtAddress address = memcmp (bytes + i, mapped, sizeof mapped) == 0
                                ? ccbt_address_from_compact (bytes + i + 12, FALSE)
                                : ccbt_address_from_compact (bytes + i, TRUE);

      ccbt_torrent_add_peers (torrent, CCBT_PEER_SOURCE_RESUME, &address, 1, TRUE);
    }
}

/* Bits of @verified that @durable lacks. */
static GBytes *
subtract_bits (GBytes *verified, GBytes *durable)
{
  gsize size, durable_size = 0;
  const guint8 *from = g_bytes_get_data (verified, &size);
  const guint8 *minus = durable != NULL ? g_bytes_get_data (durable, &durable_size) : NULL;
  guint8 *bits = g_memdup2 (from, size);

  for (gsize i = 0; i < MIN (size, durable_size); i++)
    bits[i] &= (guint8) ~minus[i];
  return g_bytes_new_take (bits, size);
}

/* After a kill the page cache still has what was written; after another boot only what was synced
 * counts. Stamps tell whether somebody else touched the files; they do not tell that the bytes
 * reached the disk. */
static void
choose_trusted (const CcbtTorrentRecord *record, CcbtTorrentStart *start, GBytes **doubtful)
{
  gboolean same_boot = g_strcmp0 (record->boot_id, ccbt_state_store_get_boot_id ()) == 0;

  start->stamps = record->stamps;
  if (record->verified == NULL)
    return;
  start->durable = record->durable;
  if (same_boot)
    {
      start->trusted = record->verified;
      return;
    }
  start->trusted = record->durable;
  start->doubtful = *doubtful = subtract_bits (record->verified, record->durable);
}

/* Returns: (transfer full) (nullable) */
CcbtTorrent *
ccbt_session_restore (CcbtSession *self, const CcbtTorrentRecord *record)
{
  g_autoptr (CcbtMetainfo) metainfo = NULL;
  g_autoptr (GBytes) doubtful = NULL;
  g_autoptr (CcbtTorrentOptions) options = ccbt_torrent_options_from_bytes (record->options);
  g_autoptr (GError) error = NULL;
  CcbtTorrentStart start = { .info_hash = &record->info_hash,
                             .name = record->name,
                             .folder = record->folder,
                             .magnet = record->magnet,
                             .is_paused = record->is_paused,
                             .is_sequential = record->is_sequential,
                             .seeds = record->seeds,
                             .added_at = record->added_at,
                             .completed_at = record->completed_at,
                             .downloaded = record->downloaded,
                             .uploaded = record->uploaded,
                             .wasted = record->wasted,
                             .active_seconds = record->active_seconds,
                             .seeding_seconds = record->seeding_seconds,
                             .options = options,
                             .priorities = record->priorities };
  CcbtTorrent *torrent;

  if (record->metainfo != NULL)
    {
      metainfo = ccbt_metainfo_parse (record->metainfo, &error);
      if (metainfo == NULL)
        g_warning ("A stored torrent cannot be read: %s", error->message);
    }
  start.metainfo = metainfo;
  choose_trusted (record, &start, &doubtful);
  torrent = ccbt_torrent_new (&self->environment, self->next_id++, &start);
  if (record->trackers != NULL)
    add_stored_trackers (torrent, record->trackers);
  if (record->peers != NULL)
    add_stored_peers (torrent, record->peers);
  ccbt_session_register (self, torrent);
  return torrent;
}

void
ccbt_session_load (CcbtSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = ccbt_state_store_load (self->store, &error);
  const char *warning = ccbt_state_store_get_warning (self->store);

  if (records == NULL)
    warning = error->message;
  if (warning != NULL)
    {
      g_warning ("%s", warning);
      ccbt_event_ring_post (self->events, CCBT_EVENT_STATE_WARNING, 0,
                            ccbt_clock_wall (self->peers.clock),
                            g_variant_new_parsed ("{'text': <%s>}", warning));
    }
  /* Each goes as soon as its torrent stands: the next one takes its memory. */
  if (records != NULL)
    g_ptr_array_set_free_func (records, NULL);
  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      g_autoptr (CcbtTorrentRecord) record = g_ptr_array_index (records, i);
      CcbtSha1 wire = ccbt_info_hash_get_wire (&record->info_hash);

      if (self->is_ephemeral)
        g_hash_table_insert (self->stored, g_memdup2 (&wire, sizeof wire),
                             ccbt_torrent_record_ref (record));
      else
        ccbt_session_restore (self, record);
    }
  for (guint i = 0; !self->is_ephemeral && i < self->torrents->len; i++)
    ccbt_torrent_set_held (g_ptr_array_index (self->torrents, i), TRUE);
  ccbt_session_run_queue (self);
  if (!self->is_ephemeral)
    ccbt_session_mend_moves (self);
  ccbt_session_start_torrents (self);
}

void
ccbt_session_tick_store (CcbtSession *self)
{
  g_autofree char *trouble = ccbt_state_store_take_trouble (self->store);

  if (trouble != NULL)
    {
      g_autofree char *text
          = g_strdup_printf ("Changes cannot be saved; it will be tried again: %s", trouble);

      ccbt_event_ring_post (self->events, CCBT_EVENT_STATE_WARNING, 0,
                            ccbt_clock_wall (self->peers.clock),
                            g_variant_new_parsed ("{'text': <%s>}", text));
    }
}

/* --- Flushing --- */

typedef struct
{
  CcbtSession *session;
  guint n_waiting;
  GError *error;
  void (*done) (gpointer data, const GError *error);
  gpointer data;
} Flush;

static void
store_flushed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Flush *flush = data;

  ccbt_state_store_flush_finish (result, flush->error == NULL ? &flush->error : NULL);
  ccbt_session_publish_now (flush->session);
  flush->done (flush->data, flush->error);
  g_clear_error (&flush->error);
  g_free (flush);
}

static void
torrent_synced_cb (gpointer data, const GError *error)
{
  Flush *flush = data;

  if (error != NULL && flush->error == NULL)
    flush->error = g_error_copy (error);
  if (--flush->n_waiting == 0)
    ccbt_state_store_flush_async (flush->session->store, store_flushed_cb, flush);
}

void
ccbt_session_flush (CcbtSession *self, void (*done) (gpointer data, const GError *error),
                    gpointer data)
{
  Flush *flush = g_new0 (Flush, 1);

  *flush = (Flush){ .session = self, .n_waiting = 1, .done = done, .data = data };
  for (guint i = 0; i < self->torrents->len; i++)
    {
      flush->n_waiting++;
      ccbt_torrent_sync (g_ptr_array_index (self->torrents, i), torrent_synced_cb, flush);
    }
  torrent_synced_cb (flush, NULL);
}
