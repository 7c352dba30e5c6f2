/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-torrent-trackers.h"
#include "base/ccbt-text.h"
#include "discovery/ccbt-tracker-url.h"
#include "torrent/ccbt-torrent-private.h"

#define MAX_SHOWN 100

static GPtrArray *
list_trackers (CcbtTorrent *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (ccbt_tracker_status_free);

  ccbt_tracker_set_describe (self->trackers, list);
  return list;
}

/* Returns: (nullable): within @list */
static const char *
find_url (GPtrArray *list, const char *url)
{
  for (guint i = 0; i < list->len; i++)
    {
      const CcbtTrackerStatus *status = g_ptr_array_index (list, i);

      if (g_str_equal (status->url, url))
        return status->url;
    }
  return NULL;
}

/* Returns: (element-type CcbtTrackerEntry): its URLs are those of @list */
static GArray *
make_entries (GPtrArray *list)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (CcbtTrackerEntry));

  for (guint i = 0; i < list->len; i++)
    {
      const CcbtTrackerStatus *status = g_ptr_array_index (list, i);
      const CcbtTrackerEntry entry = { status->url, status->tier };

      g_array_append_val (entries, entry);
    }
  return entries;
}

static void
apply (CcbtTorrent *self, const CcbtTrackerEntry *entries, guint n_entries)
{
  ccbt_tracker_set_replace (self->trackers, entries, n_entries);
  self->environment->save (self->environment->session, self, FALSE);
  ccbt_torrent_changed (self);
}

/* Returns: (transfer full) (nullable): as the list will have it */
static char *
check_entry (GPtrArray *present, GHashTable *seen, const CcbtTrackerEntry *entry, GError **error)
{
  const char *kept = find_url (present, entry->url);
  g_autofree char *clean
      = kept != NULL ? g_strdup (kept) : ccbt_tracker_url_check (entry->url, error);

  if (clean != NULL && g_hash_table_contains (seen, clean))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "The tracker %.*s is there twice.",
                   MAX_SHOWN, clean);
      return NULL;
    }
  return g_steal_pointer (&clean);
}

gboolean
ccbt_torrent_set_trackers (CcbtTorrent *self, const CcbtTrackerEntry *entries, guint n_entries,
                           GError **error)
{
  g_autoptr (GPtrArray) present = list_trackers (self);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) checked = g_array_new (FALSE, FALSE, sizeof (CcbtTrackerEntry));

  if (n_entries > CCBT_TRACKERS_MAX)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                   "%u trackers are too many: a torrent may have %u.", n_entries,
                   CCBT_TRACKERS_MAX);
      return FALSE;
    }
  for (guint i = 0; i < n_entries; i++)
    {
      char *url = check_entry (present, seen, &entries[i], error);
      const CcbtTrackerEntry entry = { url, MIN (entries[i].tier, CCBT_TRACKER_MAX_TIER) };

      if (url == NULL)
        return FALSE;
      g_hash_table_add (seen, url);
      g_array_append_val (checked, entry);
    }
  apply (self, (const CcbtTrackerEntry *) (gpointer) checked->data, checked->len);
  return TRUE;
}

gboolean
ccbt_torrent_insert_tracker (CcbtTorrent *self, const char *url, guint tier, GError **error)
{
  g_autofree char *clean = ccbt_tracker_url_check (url, error);
  g_autoptr (GPtrArray) present = list_trackers (self);
  g_autoptr (GArray) entries = make_entries (present);
  const CcbtTrackerEntry entry = { clean, tier };

  if (clean == NULL)
    return FALSE;
  if (find_url (present, clean) != NULL)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_EXISTS,
                   "The torrent has the tracker %.*s already.", MAX_SHOWN, clean);
      return FALSE;
    }
  g_array_append_val (entries, entry);
  return ccbt_torrent_set_trackers (self, (const CcbtTrackerEntry *) (gpointer) entries->data,
                                    entries->len, error);
}

gboolean
ccbt_torrent_remove_tracker (CcbtTorrent *self, const char *url, GError **error)
{
  g_autofree char *clean = ccbt_tracker_url_check (url, NULL);
  g_autofree char *shown = ccbt_text_make_printable (ccbt_span_from_string (url), MAX_SHOWN);
  g_autoptr (GPtrArray) present = list_trackers (self);
  g_autoptr (GArray) entries = make_entries (present);

  for (guint i = 0; i < entries->len; i++)
    {
      const char *entry = g_array_index (entries, CcbtTrackerEntry, i).url;

      if (!g_str_equal (entry, url) && g_strcmp0 (entry, clean) != 0)
        continue;
      g_array_remove_index (entries, i);
      apply (self, (const CcbtTrackerEntry *) (gpointer) entries->data, entries->len);
      return TRUE;
    }
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_NOT_FOUND, "The torrent has no tracker %s.", shown);
  return FALSE;
}

gboolean
ccbt_torrent_scrape (CcbtTorrent *self, gint64 *wait, GError **error)
{
  ccbt_torrent_wake (self);
  *wait = ccbt_tracker_set_get_scrape_wait (self->trackers);
  if (ccbt_tracker_set_scrape_now (self->trackers) > 0)
    return TRUE;
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_UNSUPPORTED,
                       "None of the torrent's trackers tells how large a swarm is.");
  return FALSE;
}

gboolean
ccbt_torrent_add_tracker (CcbtTorrent *self, const char *url, guint tier)
{
  gboolean added = ccbt_tracker_set_add (self->trackers, url, tier);

  if (added && (self->phase == CCBT_TORRENT_ACTIVE || self->phase == CCBT_TORRENT_FETCHING))
    ccbt_tracker_set_start (self->trackers);
  ccbt_torrent_wake (self);
  return added;
}

gint64
ccbt_torrent_announce (CcbtTorrent *self)
{
  ccbt_torrent_wake (self);
  return ccbt_tracker_set_announce_now (self->trackers);
}

void
ccbt_torrent_note_moved (CcbtTorrent *self)
{
  ccbt_torrent_wake (self);
  for (guint i = self->peers->len; i-- > 0;)
    {
      CcbtPeer *peer = i < self->peers->len ? g_ptr_array_index (self->peers, i) : NULL;

      if (peer != NULL && peer->transport != NULL && ccbt_transport_is_stranded (peer->transport))
        ccbt_peer_close_for (peer, CCBT_ERROR_NETWORK, "its address of ours is gone");
    }
  ccbt_tracker_set_note_moved (self->trackers);
}
