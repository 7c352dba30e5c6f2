/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-filter.h"
#include "ccbt-format.h"

/* Bytes per second; slower is as good as standing still. */
#define MIN_ACTIVE_RATE 100.0

struct _CcbtTorrentFilter
{
  GtkFilter parent_instance;
  char *search;                             /* ccbt_format_search_key(); NULL: any name */
  GHashTable *chosen[CCBT_N_FILTER_GROUPS]; /* sets of keys, owned; NULL: any */
  guint states;                             /* those of CCBT_FILTER_STATE, as bits */
};

G_DEFINE_FINAL_TYPE (CcbtTorrentFilter, ccbt_torrent_filter, GTK_TYPE_FILTER)

const char *
ccbt_filter_group_get_name (CcbtFilterGroup group)
{
  static const char *const names[CCBT_N_FILTER_GROUPS] = { "state", "category", "tag", "folder" };

  return names[group];
}

const char *
ccbt_filter_state_get_name (CcbtFilterState state)
{
  static const char *const names[CCBT_N_FILTER_STATES]
      = { "downloading", "seeding", "done",     "active", "stalled",
          "waiting",     "paused",  "checking", "failed" };

  return names[state];
}

guint
ccbt_filter_state_find (const CcbtTorrentStatus *status)
{
  const gboolean is_downloading = status->state == CCBT_TORRENT_STATE_DOWNLOADING
                                  || status->state == CCBT_TORRENT_STATE_METADATA;
  const gboolean is_receiving = status->down_rate >= MIN_ACTIVE_RATE;
  const gboolean is_active = is_receiving || status->up_rate >= MIN_ACTIVE_RATE;
  const gboolean has_failed = status->state == CCBT_TORRENT_STATE_ERROR
                              || status->state == CCBT_TORRENT_STATE_FILES_MISSING;

  return (guint) is_downloading << CCBT_FILTER_DOWNLOADING
         | (guint) (status->state == CCBT_TORRENT_STATE_SEEDING) << CCBT_FILTER_SEEDING
         | (guint) (status->is_complete != FALSE) << CCBT_FILTER_DONE
         | (guint) is_active << CCBT_FILTER_ACTIVE
         | (guint) (is_downloading && !is_receiving) << CCBT_FILTER_STALLED
         | (guint) (status->state == CCBT_TORRENT_STATE_QUEUED) << CCBT_FILTER_WAITING
         | (guint) (status->state == CCBT_TORRENT_STATE_PAUSED) << CCBT_FILTER_PAUSED
         | (guint) (status->state == CCBT_TORRENT_STATE_CHECKING) << CCBT_FILTER_CHECKING
         | (guint) has_failed << CCBT_FILTER_FAILED;
}

static gboolean
has_chosen_tag (GHashTable *chosen, GStrv tags)
{
  if (tags[0] == NULL)
    return g_hash_table_contains (chosen, "");
  for (guint i = 0; tags[i] != NULL; i++)
    if (g_hash_table_contains (chosen, tags[i]))
      return TRUE;
  return FALSE;
}

static gboolean
matches_group (CcbtTorrentFilter *self, CcbtFilterGroup group, const CcbtTorrentStatus *status)
{
  GHashTable *chosen = self->chosen[group];

  if (chosen == NULL)
    return TRUE;
  switch (group)
    {
    case CCBT_FILTER_STATE:
      return (ccbt_filter_state_find (status) & self->states) != 0;
    case CCBT_FILTER_CATEGORY:
      return g_hash_table_contains (chosen, status->options->category);
    case CCBT_FILTER_TAG:
      return has_chosen_tag (chosen, status->options->tags);
    case CCBT_FILTER_FOLDER:
    default:
      return status->folder != NULL && g_hash_table_contains (chosen, status->folder);
    }
}

static gboolean
ccbt_torrent_filter_match (GtkFilter *filter, gpointer item)
{
  CcbtTorrentFilter *self = CCBT_TORRENT_FILTER (filter);
  const CcbtTorrentStatus *status = ccbt_torrent_item_get_status (item);

  for (guint group = 0; group < CCBT_N_FILTER_GROUPS; group++)
    if (!matches_group (self, group, status))
      return FALSE;
  return self->search == NULL
         || strstr (ccbt_torrent_item_get_search_key (item), self->search) != NULL;
}

static GtkFilterMatch
ccbt_torrent_filter_get_strictness (GtkFilter *filter)
{
  CcbtTorrentFilter *self = CCBT_TORRENT_FILTER (filter);

  for (guint group = 0; group < CCBT_N_FILTER_GROUPS; group++)
    if (self->chosen[group] != NULL)
      return GTK_FILTER_MATCH_SOME;
  return self->search != NULL ? GTK_FILTER_MATCH_SOME : GTK_FILTER_MATCH_ALL;
}

static void
ccbt_torrent_filter_finalize (GObject *object)
{
  CcbtTorrentFilter *self = CCBT_TORRENT_FILTER (object);

  g_free (self->search);
  for (guint group = 0; group < CCBT_N_FILTER_GROUPS; group++)
    g_clear_pointer (&self->chosen[group], g_hash_table_unref);
  G_OBJECT_CLASS (ccbt_torrent_filter_parent_class)->finalize (object);
}

static void
ccbt_torrent_filter_class_init (CcbtTorrentFilterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ccbt_torrent_filter_finalize;
  GTK_FILTER_CLASS (klass)->match = ccbt_torrent_filter_match;
  GTK_FILTER_CLASS (klass)->get_strictness = ccbt_torrent_filter_get_strictness;
}

static void
ccbt_torrent_filter_init (CcbtTorrentFilter *self)
{
}

CcbtTorrentFilter *
ccbt_torrent_filter_new (void)
{
  return g_object_new (CCBT_TYPE_TORRENT_FILTER, NULL);
}

void
ccbt_torrent_filter_set_search (CcbtTorrentFilter *self, const char *text)
{
  g_autofree char *search = *text != '\0' ? ccbt_format_search_key (text) : NULL;

  g_return_if_fail (CCBT_IS_TORRENT_FILTER (self));

  if (g_strcmp0 (search, self->search) == 0)
    return;
  g_free (self->search);
  self->search = g_steal_pointer (&search);
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}

void
ccbt_torrent_filter_set_chosen (CcbtTorrentFilter *self, GHashTable *chosen[CCBT_N_FILTER_GROUPS])
{
  g_return_if_fail (CCBT_IS_TORRENT_FILTER (self));

  for (guint group = 0; group < CCBT_N_FILTER_GROUPS; group++)
    {
      g_clear_pointer (&self->chosen[group], g_hash_table_unref);
      self->chosen[group] = chosen[group];
    }
  self->states = 0;
  for (guint state = 0; state < CCBT_N_FILTER_STATES && chosen[CCBT_FILTER_STATE] != NULL; state++)
    if (g_hash_table_contains (chosen[CCBT_FILTER_STATE], ccbt_filter_state_get_name (state)))
      self->states |= 1u << state;
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}

void
ccbt_torrent_filter_refresh (CcbtTorrentFilter *self, CcbtTorrentFields changed)
{
  static const guint fields[CCBT_N_FILTER_GROUPS] = {
    [CCBT_FILTER_STATE] = CCBT_FIELDS_STATE | CCBT_FIELDS_RATES,
    [CCBT_FILTER_CATEGORY] = CCBT_FIELDS_OPTIONS,
    [CCBT_FILTER_TAG] = CCBT_FIELDS_OPTIONS,
    [CCBT_FILTER_FOLDER] = CCBT_FIELDS_FOLDER,
  };
  guint relevant = self->search != NULL ? CCBT_FIELDS_NAME : 0;

  g_return_if_fail (CCBT_IS_TORRENT_FILTER (self));

  for (guint group = 0; group < CCBT_N_FILTER_GROUPS; group++)
    if (self->chosen[group] != NULL)
      relevant |= fields[group];
  if ((relevant & changed) != 0)
    gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}
