/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-torrents.h"
#include <string.h>

struct _BitonicTorrents
{
  GHashTable *by_id; /* guint32 -> BitonicTorrent */
  GPtrArray *shown;
  char *filter; /* folded */
  BitonicSort sort;
  gboolean is_reversed;
  gboolean needs_pick; /* who is shown */
  gboolean needs_sort;
};

typedef struct
{
  const char *name;
  char type;
  guint offset;
} Field;

#define AT(member) G_STRUCT_OFFSET (BitonicTorrent, member)

/* In the order in which the instance sends them, so that none is searched for long. */
static const Field fields[] = {
  { "info-hash", 's', AT (info_hash) },
  { "id", 'u', AT (id) },
  { "name", 's', AT (name) },
  { "state", 's', AT (state) },
  { "progress", 'd', AT (progress) },
  { "folder", 's', AT (folder) },
  { "error-text", 's', AT (error_text) },
  { "private", 'b', AT (is_private) },
  { "sequential", 'b', AT (is_sequential) },
  { "n-pieces", 'u', AT (n_pieces) },
  { "n-pieces-have", 'u', AT (n_pieces_have) },
  { "total-size", 't', AT (total_size) },
  { "done-size", 't', AT (done_size) },
  { "down-rate", 'd', AT (down_rate) },
  { "up-rate", 'd', AT (up_rate) },
  { "downloaded", 't', AT (downloaded) },
  { "uploaded", 't', AT (uploaded) },
  { "eta", 'x', AT (eta) },
  { "n-peers", 'u', AT (n_peers) },
  { "n-seeds", 'u', AT (n_seeds) },
  { "added-at", 'x', AT (added_at) },
  { "priority", 's', AT (priority) },
  { "forced", 'b', AT (is_forced) },
  { "position", 't', AT (position) },
  { "download-limit", 't', AT (download_limit) },
  { "upload-limit", 't', AT (upload_limit) },
  { "super-seeding", 'b', AT (is_super_seeding) },
  { "ratio-goal", 'd', AT (ratio_goal) },
  { "category", 's', AT (category) },
};
#define N_FIELDS G_N_ELEMENTS (fields)

static char **
get_text (BitonicTorrent *torrent, const Field *field)
{
  return (char **) ((guint8 *) torrent + field->offset);
}

static void
torrent_free (gpointer data)
{
  BitonicTorrent *torrent = data;

  for (guint i = 0; i < N_FIELDS; i++)
    if (fields[i].type == 's')
      g_free (*get_text (torrent, &fields[i]));
  g_free (torrent->folded);
  g_free (torrent->collate_key);
  g_free (torrent);
}

static BitonicTorrent *
torrent_new (guint32 id)
{
  BitonicTorrent *torrent = g_new0 (BitonicTorrent, 1);

  for (guint i = 0; i < N_FIELDS; i++)
    if (fields[i].type == 's')
      *get_text (torrent, &fields[i]) = g_strdup ("");
  torrent->id = id;
  torrent->eta = -1;
  torrent->folded = g_strdup ("");
  torrent->collate_key = g_strdup ("");
  return torrent;
}

BitonicTorrents *
bitonic_torrents_new (void)
{
  BitonicTorrents *self = g_new0 (BitonicTorrents, 1);

  self->by_id = g_hash_table_new_full (NULL, NULL, NULL, torrent_free);
  self->shown = g_ptr_array_new ();
  self->filter = g_strdup ("");
  return self;
}

void
bitonic_torrents_free (BitonicTorrents *self)
{
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->shown);
  g_free (self->filter);
  g_free (self);
}

const char *const *
bitonic_torrents_get_fields (void)
{
  static const char *names[N_FIELDS + 1];

  for (guint i = 0; i < N_FIELDS; i++)
    names[i] = fields[i].name;
  return names;
}

/* --- Changes --- */

static void
set_text (BitonicTorrent *torrent, const Field *field, const char *text)
{
  char **at = get_text (torrent, field);

  if (g_str_equal (*at, text))
    return;
  g_free (*at);
  *at = g_strdup (text);
  if (field->offset != AT (name))
    return;
  g_free (torrent->folded);
  g_free (torrent->collate_key);
  torrent->folded = g_utf8_casefold (text, -1);
  torrent->collate_key = g_utf8_collate_key (torrent->folded, -1);
}

static void
set_field (BitonicTorrent *torrent, const Field *field, GVariant *value)
{
  gpointer at = (guint8 *) torrent + field->offset;

  if (*g_variant_get_type_string (value) != field->type)
    return;
  switch (field->type)
    {
    case 's':
      set_text (torrent, field, g_variant_get_string (value, NULL));
      break;
    case 'u':
      *(guint32 *) at = g_variant_get_uint32 (value);
      break;
    case 'b':
      *(gboolean *) at = g_variant_get_boolean (value);
      break;
    case 't':
      *(guint64 *) at = g_variant_get_uint64 (value);
      break;
    case 'x':
      *(gint64 *) at = g_variant_get_int64 (value);
      break;
    default:
      *(double *) at = g_variant_get_double (value);
      break;
    }
}

/* @next: (inout): where the last one was found */
static const Field *
find_field (const char *name, guint *next)
{
  for (guint i = 0; i < N_FIELDS; i++)
    {
      const Field *field = &fields[(*next + i) % N_FIELDS];

      if (strcmp (field->name, name) != 0)
        continue;
      *next = (*next + i + 1) % N_FIELDS;
      return field;
    }
  return NULL;
}

static void
set_fields (BitonicTorrent *torrent, GVariant *values)
{
  gboolean has_error = FALSE;
  GVariantIter iter;
  const char *name;
  GVariant *value;
  guint next = 0;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      const Field *field = find_field (name, &next);

      if (field != NULL)
        {
          set_field (torrent, field, value);
          has_error = has_error || field->offset == AT (error_text);
        }
      g_variant_unref (value);
    }
  if (!has_error) /* fields without a value are not sent */
    torrent->error_text[0] = '\0';
}

static double
get_number (const BitonicTorrent *torrent, BitonicSort sort)
{
  switch (sort)
    {
    case BITONIC_SORT_PROGRESS:
      return torrent->progress;
    case BITONIC_SORT_SIZE:
      return (double) torrent->total_size;
    case BITONIC_SORT_DOWN:
      return torrent->down_rate;
    case BITONIC_SORT_UP:
      return torrent->up_rate;
    case BITONIC_SORT_ETA:
      return torrent->eta >= 0 ? (double) torrent->eta : G_MAXDOUBLE;
    case BITONIC_SORT_RATIO:
      return torrent->downloaded > 0 ? (double) torrent->uploaded / (double) torrent->downloaded
                                     : -1;
    case BITONIC_SORT_PEERS:
      return torrent->n_peers;
    case BITONIC_SORT_ADDED:
      return (double) torrent->added_at;
    case BITONIC_SORT_PLACE:
      return (double) torrent->position;
    default:
      return 0;
    }
}

static gboolean
passes (const BitonicTorrents *self, const BitonicTorrent *torrent)
{
  g_autofree char *category = NULL;

  if (self->filter[0] == '\0' || strstr (torrent->folded, self->filter) != NULL
      || g_str_equal (torrent->state, self->filter))
    return TRUE;
  if (torrent->category[0] == '\0')
    return FALSE;
  category = g_utf8_casefold (torrent->category, -1);
  return g_str_equal (category, self->filter);
}

static void
change_one (BitonicTorrents *self, GVariant *values)
{
  BitonicTorrent *torrent;
  g_autofree char *name = NULL, *state = NULL;
  double number;
  gboolean was_shown;
  guint32 id;

  if (!g_variant_lookup (values, "id", "u", &id))
    return;
  torrent = bitonic_torrents_lookup (self, id);
  if (torrent == NULL)
    {
      torrent = torrent_new (id);
      g_hash_table_insert (self->by_id, GUINT_TO_POINTER (id), torrent);
    }
  number = get_number (torrent, self->sort);
  name = g_strdup (torrent->collate_key);
  state = g_strdup (torrent->state);
  was_shown = torrent->is_shown;
  set_fields (torrent, values);
  torrent->is_shown = passes (self, torrent);
  self->needs_pick = self->needs_pick || torrent->is_shown != was_shown;
  self->needs_sort = self->needs_sort || number != get_number (torrent, self->sort)
                     || !g_str_equal (name, torrent->collate_key)
                     || !g_str_equal (state, torrent->state);
}

void
bitonic_torrents_apply (BitonicTorrents *self, GVariant *changes)
{
  g_autoptr (GVariant) torrents = g_variant_get_child_value (changes, 2);
  g_autoptr (GVariant) removed = g_variant_get_child_value (changes, 3);
  gboolean starts_over;
  GVariantIter iter;
  GVariant *values;
  guint32 id;

  g_variant_get_child (changes, 1, "b", &starts_over);
  if (starts_over || g_variant_n_children (removed) > 0)
    {
      self->needs_pick = TRUE;
      g_ptr_array_set_size (self->shown, 0);
    }
  if (starts_over)
    g_hash_table_remove_all (self->by_id);
  g_variant_iter_init (&iter, removed);
  while (g_variant_iter_next (&iter, "u", &id))
    g_hash_table_remove (self->by_id, GUINT_TO_POINTER (id));
  g_variant_iter_init (&iter, torrents);
  while ((values = g_variant_iter_next_value (&iter)) != NULL)
    {
      change_one (self, values);
      g_variant_unref (values);
    }
}

/* --- Order --- */

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const BitonicTorrents *self = data;
  const BitonicTorrent *first = *(BitonicTorrent *const *) a;
  const BitonicTorrent *second = *(BitonicTorrent *const *) b;
  const double left = get_number (first, self->sort), right = get_number (second, self->sort);
  int order = left < right ? -1 : left > right;

  if (self->sort == BITONIC_SORT_STATE)
    order = strcmp (first->state, second->state);
  if (order == 0 && self->sort != BITONIC_SORT_PLACE)
    order = strcmp (first->collate_key, second->collate_key);
  if (order == 0)
    order = first->id < second->id ? -1 : first->id > second->id;
  return self->is_reversed ? -order : order;
}

GPtrArray *
bitonic_torrents_get_shown (BitonicTorrents *self)
{
  GHashTableIter iter;
  gpointer torrent;

  if (self->needs_pick)
    {
      g_ptr_array_set_size (self->shown, 0);
      g_hash_table_iter_init (&iter, self->by_id);
      while (g_hash_table_iter_next (&iter, NULL, &torrent))
        if (((BitonicTorrent *) torrent)->is_shown)
          g_ptr_array_add (self->shown, torrent);
    }
  if (self->needs_pick || self->needs_sort)
    g_ptr_array_sort_with_data (self->shown, compare, self);
  self->needs_pick = self->needs_sort = FALSE;
  return self->shown;
}

void
bitonic_torrents_set_filter (BitonicTorrents *self, const char *filter)
{
  g_autofree char *valid = g_utf8_make_valid (filter, -1);
  GHashTableIter iter;
  gpointer torrent;

  g_free (self->filter);
  self->filter = g_utf8_casefold (valid, -1);
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &torrent))
    ((BitonicTorrent *) torrent)->is_shown = passes (self, torrent);
  self->needs_pick = TRUE;
}

const char *
bitonic_torrents_get_filter (BitonicTorrents *self)
{
  return self->filter;
}

void
bitonic_torrents_set_sort (BitonicTorrents *self, BitonicSort sort, gboolean is_reversed)
{
  self->needs_sort = self->needs_sort || sort != self->sort || is_reversed != self->is_reversed;
  self->sort = sort;
  self->is_reversed = is_reversed;
}

BitonicSort
bitonic_torrents_get_sort (BitonicTorrents *self, gboolean *is_reversed)
{
  *is_reversed = self->is_reversed;
  return self->sort;
}

/* --- Looking --- */

guint
bitonic_torrents_count (BitonicTorrents *self)
{
  return g_hash_table_size (self->by_id);
}

BitonicTorrent *
bitonic_torrents_lookup (BitonicTorrents *self, guint32 id)
{
  return g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (id));
}

int
bitonic_torrents_find (BitonicTorrents *self, guint32 id)
{
  GPtrArray *shown = bitonic_torrents_get_shown (self);
  guint index;

  return g_ptr_array_find (shown, bitonic_torrents_lookup (self, id), &index) ? (int) index : -1;
}

GPtrArray *
bitonic_torrents_get_marked (BitonicTorrents *self, BitonicTorrent *otherwise)
{
  GPtrArray *shown = bitonic_torrents_get_shown (self);
  GPtrArray *marked = g_ptr_array_new ();

  for (guint i = 0; i < shown->len; i++)
    if (((BitonicTorrent *) shown->pdata[i])->is_marked)
      g_ptr_array_add (marked, shown->pdata[i]);
  if (marked->len == 0 && otherwise != NULL)
    g_ptr_array_add (marked, otherwise);
  return marked;
}

void
bitonic_torrents_mark_all (BitonicTorrents *self, gboolean is_marked)
{
  GPtrArray *shown = bitonic_torrents_get_shown (self);

  for (guint i = 0; i < shown->len; i++)
    ((BitonicTorrent *) shown->pdata[i])->is_marked = is_marked;
}
