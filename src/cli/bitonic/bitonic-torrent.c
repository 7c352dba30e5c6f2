/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-torrent.h"
#include <string.h>

typedef struct
{
  const char *name;
  char type;
  guint offset;
  gboolean is_more; /* what a list of torrents does without */
} Field;

#define AT(member) G_STRUCT_OFFSET (BitonicTorrent, member)

/* In the order in which the instance sends them, so that none is searched for long. */
static const Field fields[] = {
  { "info-hash", 's', AT (info_hash), FALSE },
  { "id", 'u', AT (id), FALSE },
  { "name", 's', AT (name), FALSE },
  { "state", 's', AT (state), FALSE },
  { "progress", 'd', AT (progress), FALSE },
  { "folder", 's', AT (folder), TRUE },
  { "error-text", 's', AT (error_text), FALSE },
  { "private", 'b', AT (is_private), TRUE },
  { "sequential", 'b', AT (is_sequential), TRUE },
  { "n-pieces", 'u', AT (n_pieces), TRUE },
  { "n-pieces-have", 'u', AT (n_pieces_have), TRUE },
  { "total-size", 't', AT (total_size), FALSE },
  { "done-size", 't', AT (done_size), TRUE },
  { "down-rate", 'd', AT (down_rate), FALSE },
  { "up-rate", 'd', AT (up_rate), FALSE },
  { "downloaded", 't', AT (downloaded), FALSE },
  { "uploaded", 't', AT (uploaded), FALSE },
  { "eta", 'x', AT (eta), FALSE },
  { "n-peers", 'u', AT (n_peers), FALSE },
  { "n-seeds", 'u', AT (n_seeds), TRUE },
  { "added-at", 'x', AT (added_at), FALSE },
  { "priority", 's', AT (priority), TRUE },
  { "forced", 'b', AT (is_forced), TRUE },
  { "position", 't', AT (position), TRUE },
  { "download-limit", 't', AT (download_limit), TRUE },
  { "upload-limit", 't', AT (upload_limit), TRUE },
  { "super-seeding", 'b', AT (is_super_seeding), TRUE },
  { "ratio-goal", 'd', AT (ratio_goal), TRUE },
  { "category", 's', AT (category), TRUE },
};
#define N_FIELDS G_N_ELEMENTS (fields)

static char **
get_text (BitonicTorrent *torrent, const Field *field)
{
  return (char **) ((guint8 *) torrent + field->offset);
}

void
bitonic_torrent_free (gpointer data)
{
  BitonicTorrent *torrent = data;

  for (guint i = 0; i < N_FIELDS; i++)
    if (fields[i].type == 's')
      g_free (*get_text (torrent, &fields[i]));
  g_free (torrent->folded);
  g_free (torrent->collate_key);
  g_free (torrent);
}

BitonicTorrent *
bitonic_torrent_new (guint32 id)
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

const char *const *
bitonic_torrent_get_fields (gboolean more)
{
  static const char *names[2][N_FIELDS + 1];
  const char **wanted = names[more ? 1 : 0];
  guint n = 0;

  for (guint i = 0; i < N_FIELDS; i++)
    if (fields[i].is_more == more || fields[i].offset == AT (id))
      wanted[n++] = fields[i].name;
  return wanted;
}

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

void
bitonic_torrent_set (BitonicTorrent *torrent, GVariant *values)
{
  gboolean has_state = FALSE, has_error = FALSE;
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
          has_state = has_state || field->offset == AT (state);
          has_error = has_error || field->offset == AT (error_text);
        }
      g_variant_unref (value);
    }
  if (has_state && !has_error) /* fields without a value are not sent */
    torrent->error_text[0] = '\0';
}

double
bitonic_torrent_get_number (const BitonicTorrent *torrent, BitonicSort sort)
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

int
bitonic_torrent_compare (const BitonicTorrent *a, const BitonicTorrent *b, BitonicSort sort)
{
  const double left = bitonic_torrent_get_number (a, sort);
  const double right = bitonic_torrent_get_number (b, sort);
  int order = left < right ? -1 : left > right;

  if (sort == BITONIC_SORT_STATE)
    order = strcmp (a->state, b->state);
  if (order == 0 && sort != BITONIC_SORT_PLACE)
    order = strcmp (a->collate_key, b->collate_key);
  return order != 0 ? order : a->id < b->id ? -1 : a->id > b->id;
}

gboolean
bitonic_torrent_passes (const BitonicTorrent *torrent, const char *filter)
{
  g_autofree char *category = NULL;

  if (filter[0] == '\0' || strstr (torrent->folded, filter) != NULL
      || g_str_equal (torrent->state, filter))
    return TRUE;
  if (torrent->category[0] == '\0')
    return FALSE;
  category = g_utf8_casefold (torrent->category, -1);
  return g_str_equal (category, filter);
}
