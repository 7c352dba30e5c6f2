/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-details-model.h"
#include <glib/gi18n.h>
#include "ccbt-detail-item.h"
#include "ccbt-error-text.h"
#include "ccbt-file-item.h"
#include "ccbt-format.h"
#include "ccbt-tracker-text.h"
#include "session/ccbt-command.h"

struct _CcbtDetailsModel
{
  GObject parent_instance;
  CcbtClient *client;
  CcbtTorrentId id; /* 0 = none */
  char *info_hash;  /* subscribed; NULL = none */
  GListStore *files;
  GListStore *peers;
  GListStore *trackers;
  char *tracker_text;          /* of the same; NULL = not known yet */
  CcbtTorrentDetails *details; /* of the same; NULL = none yet */
};

G_DEFINE_FINAL_TYPE (CcbtDetailsModel, ccbt_details_model, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* Takes @details. */
static void
set_details (CcbtDetailsModel *self, CcbtTorrentDetails *details)
{
  g_clear_pointer (&self->details, ccbt_torrent_details_unref);
  self->details = details;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  /* The torrent may have been removed meanwhile: nothing to tell anyone. */
  if (reply == NULL)
    g_debug ("Details: %s", error->message);
}

static void
file_chosen_cb (CcbtDetailsModel *self, CcbtFileItem *file)
{
  GVariantBuilder priorities;

  if (self->info_hash == NULL)
    return;
  g_variant_builder_init (&priorities, G_VARIANT_TYPE ("a{uu}"));
  g_variant_builder_add (&priorities, "{uu}", ccbt_file_item_get_index (file),
                         (guint32) ccbt_file_item_get_priority (file));
  ccbt_client_call_async (self->client, "torrent.set-files",
                          g_variant_new ("(sa{uu})", self->info_hash, &priorities), NULL,
                          replied_cb, NULL);
}

static void
make_files (CcbtDetailsModel *self, GPtrArray *statuses)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < statuses->len; i++)
    {
      const CcbtFileStatus *status = statuses->pdata[i];
      CcbtFileItem *file = ccbt_file_item_new (i, status->path, status->length);

      g_signal_connect_object (file, "chosen", G_CALLBACK (file_chosen_cb), self,
                               G_CONNECT_SWAPPED);
      g_ptr_array_add (items, file);
    }
  g_list_store_splice (self->files, 0, g_list_model_get_n_items (G_LIST_MODEL (self->files)),
                       items->pdata, items->len);
}

static void
update_files (CcbtDetailsModel *self, GPtrArray *statuses)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (self->files)) != statuses->len)
    make_files (self, statuses);
  for (guint i = 0; i < statuses->len; i++)
    {
      g_autoptr (CcbtFileItem) file = g_list_model_get_item (G_LIST_MODEL (self->files), i);
      const CcbtFileStatus *status = statuses->pdata[i];

      ccbt_file_item_update (file, status->done, status->priority);
    }
}

/* Leaves in @store the items whose title is in @titles, in their order, and adds the missing: rows
 * that stay, stay. Returns: (transfer full): title -> CcbtDetailItem */
static GHashTable *
match_items (GListStore *store, GPtrArray *titles)
{
  GHashTable *items = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  g_autoptr (GHashTable) wanted = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < titles->len; i++)
    g_hash_table_add (wanted, titles->pdata[i]);
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (store)); i-- > 0;)
    {
      g_autoptr (CcbtDetailItem) item = g_list_model_get_item (G_LIST_MODEL (store), i);
      char *title = (char *) ccbt_detail_item_get_title (item);

      if (!g_hash_table_contains (wanted, title))
        g_list_store_remove (store, i);
      else
        g_hash_table_replace (items, title, g_object_ref (item));
    }
  for (guint i = 0; i < titles->len; i++)
    {
      g_autoptr (CcbtDetailItem) item = NULL;

      if (g_hash_table_contains (items, titles->pdata[i]))
        continue;
      item = ccbt_detail_item_new (titles->pdata[i]);
      g_list_store_append (store, item);
      g_hash_table_replace (items, (char *) ccbt_detail_item_get_title (item), g_object_ref (item));
    }
  return items;
}

/* How we came to know it. */
static const char *
describe_source (const char *source)
{
  static const struct
  {
    const char *name;
    const char *text;
  } sources[] = {
    { "incoming", N_ ("came to us") },
    { "tracker", N_ ("from a tracker") },
    { "magnet", N_ ("from the link") },
    { "user", N_ ("added by you") },
    { "resume", N_ ("known from before") },
    { "pex", N_ ("told by a peer") },
    { "dht", N_ ("from the distributed hash table") },
    { "lsd", N_ ("on the local network") },
    { "holepunch", N_ ("through a peer") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    if (g_strcmp0 (source, sources[i].name) == 0)
      return _ (sources[i].text);
  return NULL;
}

static char *
format_peer (const CcbtPeerStatus *peer)
{
  const char *source = describe_source (peer->source);
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  if (peer->client != NULL && *peer->client != '\0')
    g_ptr_array_add (parts, g_strdup (peer->client));
  g_ptr_array_add (parts, ccbt_format_percent (peer->progress));
  if (peer->is_snubbed)
    g_ptr_array_add (parts, g_strdup (_ ("stalled")));
  else if (peer->am_interested && peer->peer_choking)
    g_ptr_array_add (parts, g_strdup (_ ("lets us wait")));
  if (peer->is_encrypted)
    g_ptr_array_add (parts, g_strdup (_ ("encrypted")));
  if (source != NULL)
    g_ptr_array_add (parts, g_strdup (source));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **) parts->pdata);
}

static void
update_peers (CcbtDetailsModel *self, GPtrArray *statuses)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new ();
  g_autoptr (GHashTable) items = NULL;

  for (guint i = 0; i < statuses->len; i++)
    g_ptr_array_add (titles, ((CcbtPeerStatus *) statuses->pdata[i])->address);
  items = match_items (self->peers, titles);
  for (guint i = 0; i < statuses->len; i++)
    {
      const CcbtPeerStatus *peer = statuses->pdata[i];

      ccbt_detail_item_take (g_hash_table_lookup (items, peer->address), format_peer (peer),
                             ccbt_format_rates (peer->down_rate, peer->up_rate), peer->progress);
    }
}

static char *
format_tracker (const CcbtTrackerStatus *tracker)
{
  g_autofree char *wait = NULL;

  if (tracker->message != NULL && *tracker->message != '\0')
    return g_strdup (tracker->message);
  switch (tracker->state)
    {
    case CCBT_TRACKER_STATE_ANNOUNCING:
      return g_strdup (_ ("Asking for peers"));
    case CCBT_TRACKER_STATE_WORKING:
      if (tracker->next_announce < 0)
        return g_strdup (_ ("Works"));
      wait = ccbt_format_duration (tracker->next_announce);
      /* Translators: a tracker that answers; the time until it is asked again */
      return g_strdup_printf (_ ("Works, asked again in %s"), wait);
    case CCBT_TRACKER_STATE_FAILED:
      return g_strdup (ccbt_error_text_for_code (CCBT_ERROR_NETWORK));
    case CCBT_TRACKER_STATE_IDLE:
    default:
      return g_strdup (_ ("Not asked yet"));
    }
}

static char *
format_swarm (const CcbtTrackerStatus *tracker)
{
  g_autofree char *seeds = NULL;
  g_autofree char *leechers = NULL;

  if (tracker->seeds < 0)
    return g_strdup ("");
  seeds
      = g_strdup_printf (ngettext ("%d seed", "%d seeds", (gulong) tracker->seeds), tracker->seeds);
  if (tracker->leechers < 0)
    return g_steal_pointer (&seeds);
  leechers = g_strdup_printf (ngettext ("%d leecher", "%d leechers", (gulong) tracker->leechers),
                              tracker->leechers);
  /* Translators: “3 seeds, 5 leechers” */
  return g_strdup_printf (_ ("%s, %s"), seeds, leechers);
}

/* The user may have put them in another order. */
static void
sort_trackers (CcbtDetailsModel *self, GPtrArray *statuses, GHashTable *items)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  gboolean is_sorted = TRUE;

  for (guint i = 0; i < statuses->len; i++)
    {
      CcbtDetailItem *item
          = g_hash_table_lookup (items, ((CcbtTrackerStatus *) statuses->pdata[i])->url);
      g_autoptr (CcbtDetailItem) present = g_list_model_get_item (G_LIST_MODEL (self->trackers), i);

      is_sorted &= item == present;
      g_ptr_array_add (sorted, item);
    }
  if (!is_sorted)
    g_list_store_splice (self->trackers, 0,
                         g_list_model_get_n_items (G_LIST_MODEL (self->trackers)), sorted->pdata,
                         sorted->len);
}

static void
update_trackers (CcbtDetailsModel *self, GPtrArray *statuses)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new ();
  g_autoptr (GHashTable) items = NULL;

  for (guint i = 0; i < statuses->len; i++)
    g_ptr_array_add (titles, ((CcbtTrackerStatus *) statuses->pdata[i])->url);
  items = match_items (self->trackers, titles);
  for (guint i = 0; i < statuses->len; i++)
    {
      const CcbtTrackerStatus *tracker = statuses->pdata[i];

      ccbt_detail_item_take (g_hash_table_lookup (items, tracker->url), format_tracker (tracker),
                             format_swarm (tracker), 0);
    }
  sort_trackers (self, statuses, items);
  g_free (self->tracker_text);
  self->tracker_text = ccbt_tracker_text_format (statuses);
}

static void
details_changed_cb (CcbtDetailsModel *self, CcbtTorrentDetails *details)
{
  if (details->id != self->id)
    return;
  update_files (self, details->files);
  update_peers (self, details->peers);
  update_trackers (self, details->trackers);
  set_details (self, ccbt_torrent_details_ref (details));
}

static void
call_with_hash (CcbtDetailsModel *self, const char *verb)
{
  ccbt_client_call_async (self->client, verb, g_variant_new ("(s)", self->info_hash), NULL,
                          replied_cb, NULL);
}

static void
ccbt_details_model_dispose (GObject *object)
{
  CcbtDetailsModel *self = CCBT_DETAILS_MODEL (object);

  if (self->client != NULL)
    ccbt_details_model_set_item (self, NULL);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (ccbt_details_model_parent_class)->dispose (object);
}

static void
ccbt_details_model_finalize (GObject *object)
{
  CcbtDetailsModel *self = CCBT_DETAILS_MODEL (object);

  g_object_unref (self->files);
  g_object_unref (self->peers);
  g_object_unref (self->trackers);
  g_free (self->tracker_text);
  g_clear_pointer (&self->details, ccbt_torrent_details_unref);
  G_OBJECT_CLASS (ccbt_details_model_parent_class)->finalize (object);
}

static void
ccbt_details_model_class_init (CcbtDetailsModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ccbt_details_model_dispose;
  object_class->finalize = ccbt_details_model_finalize;
  signals[CHANGED] = g_signal_new ("changed", CCBT_TYPE_DETAILS_MODEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
ccbt_details_model_init (CcbtDetailsModel *self)
{
  self->files = g_list_store_new (CCBT_TYPE_FILE_ITEM);
  self->peers = g_list_store_new (CCBT_TYPE_DETAIL_ITEM);
  self->trackers = g_list_store_new (CCBT_TYPE_DETAIL_ITEM);
}

CcbtDetailsModel *
ccbt_details_model_new (CcbtClient *client)
{
  CcbtDetailsModel *self = g_object_new (CCBT_TYPE_DETAILS_MODEL, NULL);

  self->client = g_object_ref (client);
  g_signal_connect_object (ccbt_client_get_bus (client), "details-changed",
                           G_CALLBACK (details_changed_cb), self, G_CONNECT_SWAPPED);
  return self;
}

void
ccbt_details_model_set_item (CcbtDetailsModel *self, CcbtTorrentItem *item)
{
  const char *info_hash = item != NULL ? ccbt_torrent_item_get_info_hash (item) : NULL;

  g_return_if_fail (CCBT_IS_DETAILS_MODEL (self));

  if (g_strcmp0 (info_hash, self->info_hash) == 0)
    return;
  if (self->info_hash != NULL)
    call_with_hash (self, "torrent.unsubscribe");
  g_free (self->info_hash);
  self->info_hash = g_strdup (info_hash);
  self->id = item != NULL ? ccbt_torrent_item_get_status (item)->id : 0;
  g_list_store_remove_all (self->files);
  g_list_store_remove_all (self->peers);
  g_list_store_remove_all (self->trackers);
  g_clear_pointer (&self->tracker_text, g_free);
  set_details (self, NULL);
  if (self->info_hash != NULL)
    call_with_hash (self, "torrent.subscribe");
}

GListModel *
ccbt_details_model_get_files (CcbtDetailsModel *self)
{
  return G_LIST_MODEL (self->files);
}

GListModel *
ccbt_details_model_get_peers (CcbtDetailsModel *self)
{
  return G_LIST_MODEL (self->peers);
}

GListModel *
ccbt_details_model_get_trackers (CcbtDetailsModel *self)
{
  return G_LIST_MODEL (self->trackers);
}

const char *
ccbt_details_model_get_tracker_text (CcbtDetailsModel *self)
{
  return self->tracker_text;
}

CcbtTorrentDetails *
ccbt_details_model_get_details (CcbtDetailsModel *self)
{
  return self->details;
}

CcbtClient *
ccbt_details_model_get_client (CcbtDetailsModel *self)
{
  return self->client;
}
