/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-fields.h"
#include "base/ccbt-error.h"

#include <string.h>

#define OPTION G_MAXUINT /* instead of an offset: in CcbtTorrentStatus.options */

typedef struct
{
  const char *name;
  const char *type;
  guint offset;
} Row;

#define AT(member) G_STRUCT_OFFSET (CcbtTorrentStatus, member)

static const Row rows[] = {
  { "info-hash", "s", AT (info_hash) },
  { "id", "u", AT (id) },
  { "name", "s", AT (name) },
  { "state", "s", AT (state) },
  { "progress", "d", AT (progress) },
  { "folder", "s", AT (folder) },
  { "content-path", "s", AT (content_path) },
  { "magnet", "s", AT (magnet) },
  { "error-code", "i", AT (error_code) },
  { "error-text", "s", AT (error_text) },
  { "has-metadata", "b", AT (has_metadata) },
  { "complete", "b", AT (is_complete) },
  { "private", "b", AT (is_private) },
  { "sequential", "b", AT (is_sequential) },
  { "paused", "b", AT (is_paused) },
  { "n-files", "u", AT (n_files) },
  { "n-pieces", "u", AT (n_pieces) },
  { "n-pieces-have", "u", AT (n_pieces_have) },
  { "total-size", "t", AT (total_size) },
  { "wanted-size", "t", AT (wanted_size) },
  { "done-size", "t", AT (done_size) },
  { "down-rate", "d", AT (down_rate) },
  { "up-rate", "d", AT (up_rate) },
  { "downloaded", "t", AT (downloaded) },
  { "uploaded", "t", AT (uploaded) },
  { "wasted", "t", AT (wasted) },
  { "eta", "x", AT (eta) },
  { "n-peers", "u", AT (n_peers) },
  { "n-seeds", "u", AT (n_seeds) },
  { "n-candidates", "u", AT (n_candidates) },
  { "swarm-seeds", "i", AT (swarm_seeds) },
  { "swarm-leechers", "i", AT (swarm_leechers) },
  { "added-at", "x", AT (added_at) },
  { "completed-at", "x", AT (completed_at) },
  { "active-seconds", "t", AT (active_seconds) },
  { "seeding-seconds", "t", AT (seeding_seconds) },
  { "moving", "b", AT (is_moving) },
  { "move-progress", "d", AT (move_progress) },
  { "move-target", "s", AT (move_target) },
  { "hindrance", "s", AT (hindrance) },
  { "hindrance-count", "u", AT (hindrance_count) },
  { "priority", "s", OPTION },
  { "forced", "b", OPTION },
  { "position", "t", OPTION },
  { "download-limit", "t", OPTION },
  { "upload-limit", "t", OPTION },
  { "max-connections", "u", OPTION },
  { "upload-slots", "u", OPTION },
  { "super-seeding", "b", OPTION },
  { "ratio-goal", "d", OPTION },
  { "seed-time-goal", "x", OPTION },
  { "idle-goal", "x", OPTION },
  { "goal-action", "s", OPTION },
  { "category", "s", OPTION },
  { "tags", "as", OPTION },
  { "display-name", "s", OPTION },
};
#define N_FIELDS G_N_ELEMENTS (rows)
#define FIRST_OPTION 41
G_STATIC_ASSERT (N_FIELDS <= 64); /* bits of a mask */

/* Names as variants, the same in every answer. */
static GVariant *keys[N_FIELDS];          /* "down-rate" */
static GVariant *property_keys[N_FIELDS]; /* "DownloadRate" */

static gpointer
make_fields (gpointer data)
{
  CcbtControlField *fields = g_new (CcbtControlField, N_FIELDS);

  g_assert (rows[FIRST_OPTION].offset == OPTION && rows[FIRST_OPTION - 1].offset != OPTION);
  for (guint i = 0; i < N_FIELDS; i++)
    {
      fields[i] = (CcbtControlField){ rows[i].name, rows[i].type };
      keys[i] = g_variant_ref_sink (g_variant_new_string (rows[i].name));
      property_keys[i] = g_variant_ref_sink (
          g_variant_new_take_string (ccbt_control_fields_make_property (rows[i].name)));
    }
  return fields;
}

const CcbtControlField *
ccbt_control_fields_get (guint *n_fields)
{
  static GOnce once = G_ONCE_INIT;

  *n_fields = N_FIELDS;
  return g_once (&once, make_fields, NULL);
}

static int
find_field (const char *name, guint first)
{
  for (guint i = first; i < N_FIELDS; i++)
    if (strcmp (rows[i].name, name) == 0)
      return (int) i;
  return -1;
}

gboolean
ccbt_control_fields_parse (const char *const *names, guint64 *mask, GError **error)
{
  *mask = 0;
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      const int field = find_field (names[i], 0);

      if (field < 0)
        {
          g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "There is no field “%.64s”.",
                       names[i]);
          return FALSE;
        }
      *mask |= G_GUINT64_CONSTANT (1) << field;
    }
  if (*mask == 0)
    *mask = CCBT_CONTROL_ALL_FIELDS;
  return TRUE;
}

/* File names need not be UTF-8; D-Bus text must. Returns: (transfer none): @text, or what @kept is set to */
static const char *
get_valid (const char *text, char **kept)
{
  if (g_utf8_validate (text, -1, NULL))
    return text;
  return *kept = g_filename_display_name (text);
}

static GVariant *
make_text (const char *text)
{
  g_autofree char *kept = NULL;

  return g_variant_new_string (get_valid (text, &kept));
}

/* Returns: (nullable) (transfer floating) */
static GVariant *
read_member (const CcbtTorrentStatus *status, const Row *row)
{
  const guint8 *member = (const guint8 *) status + row->offset;

  if (row->offset == AT (state))
    return g_variant_new_string (ccbt_torrent_state_get_name (status->state));
  if (row->offset == AT (hindrance))
    return g_variant_new_string (ccbt_hindrance_get_name (status->hindrance));
  switch (row->type[0])
    {
    case 's':
      return *(char *const *) member != NULL ? make_text (*(char *const *) member) : NULL;
    case 'u':
      return g_variant_new_uint32 (*(const guint *) member);
    case 'i':
      return g_variant_new_int32 (*(const int *) member);
    case 'b':
      return g_variant_new_boolean (*(const gboolean *) member);
    case 't':
      return g_variant_new_uint64 (*(const guint64 *) member);
    case 'x':
      return g_variant_new_int64 (*(const gint64 *) member);
    default:
      return g_variant_new_double (*(const double *) member);
    }
}

static GVariant *
make_entry (GVariant *const *names, guint field, GVariant *value)
{
  return g_variant_new_dict_entry (names[field], g_variant_new_variant (value));
}

/* Returns: how many entries were put at @entries. @seen: (inout): a bit for each */
static guint
collect_options (GVariant **entries, CcbtTorrentOptions *options, GVariant *const *names,
                 guint64 mask, guint64 *seen)
{
  g_autoptr (GVariant) all = g_variant_ref_sink (ccbt_torrent_options_to_variant (options));
  GVariantIter iter;
  const char *name;
  GVariant *value;
  guint n_entries = 0;

  g_variant_iter_init (&iter, all);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      const int field = find_field (name, FIRST_OPTION);

      if (field >= 0 && (mask >> field & 1) != 0)
        {
          entries[n_entries++] = make_entry (names, (guint) field, value);
          *seen |= G_GUINT64_CONSTANT (1) << field;
        }
      g_variant_unref (value);
    }
  return n_entries;
}

/* Without builders and formats: it is done for each of thousands of torrents.
 * Returns: how many entries were put at @entries. @seen: (out): a bit for each */
static guint
collect (GVariant **entries, const CcbtTorrentStatus *status, GVariant *const *names, guint64 mask,
         guint64 *seen)
{
  guint n_entries = 0, n_fields;

  ccbt_control_fields_get (&n_fields);
  *seen = 0;
  for (guint i = 0; i < FIRST_OPTION; i++)
    if ((mask >> i & 1) != 0)
      {
        GVariant *value = read_member (status, &rows[i]);

        if (value != NULL)
          {
            entries[n_entries++] = make_entry (names, i, value);
            *seen |= G_GUINT64_CONSTANT (1) << i;
          }
      }
  if (mask >> FIRST_OPTION != 0 && status->options != NULL)
    n_entries += collect_options (entries + n_entries, status->options, names, mask, seen);
  return n_entries;
}

GVariant *
ccbt_control_fields_collect (const CcbtTorrentStatus *status, guint64 mask)
{
  GVariant *entries[N_FIELDS];
  guint64 seen;
  const guint n_entries = collect (entries, status, keys, mask, &seen);

  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), entries, n_entries);
}

/* --- Columns --- */

static gsize
get_element_size (char type)
{
  return type == 'b' ? 1 : type == 'u' || type == 'i' ? 4 : 8;
}

static GVariant *
collect_numbers (GPtrArray *statuses, const Row *row)
{
  const gsize size = get_element_size (row->type[0]);
  g_autofree guint8 *values = g_malloc (size * statuses->len + 1);

  for (guint i = 0; i < statuses->len; i++)
    {
      const guint8 *member = (const guint8 *) statuses->pdata[i] + row->offset;

      if (row->type[0] == 'b')
        values[i] = *(const gboolean *) (gconstpointer) member != FALSE;
      else
        memcpy (values + i * size, member, size);
    }
  return g_variant_new_fixed_array (G_VARIANT_TYPE (row->type), values, statuses->len, size);
}

static const char *
read_text (const CcbtTorrentStatus *status, const Row *row, char **kept)
{
  const char *text;

  if (row->offset == AT (state))
    return ccbt_torrent_state_get_name (status->state);
  text = *(char *const *) (gconstpointer) ((const guint8 *) status + row->offset);
  return text != NULL ? get_valid (text, kept) : "";
}

/* Thousands of texts as GVariant stores an array of them: one after the other, then where each ends, in as many bytes
 * each as the size of it all needs. */
static GVariant *
collect_texts (GPtrArray *statuses, const Row *row)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GArray) ends = g_array_sized_new (FALSE, FALSE, sizeof (guint64), statuses->len);
  g_autoptr (GBytes) taken = NULL;
  gsize size = 1;

  for (guint i = 0; i < statuses->len; i++)
    {
      g_autofree char *kept = NULL;
      const char *text = read_text (statuses->pdata[i], row, &kept);
      guint64 end;

      g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text) + 1);
      end = GUINT64_TO_LE (bytes->len);
      g_array_append_val (ends, end);
    }
  while (size < 8 && bytes->len + size * ends->len > G_MAXUINT64 >> (64 - 8 * size))
    size *= 2;
  for (guint i = 0; i < ends->len; i++)
    g_byte_array_append (bytes, (const guint8 *) &g_array_index (ends, guint64, i), (guint) size);
  taken = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  return g_variant_new_from_bytes (G_VARIANT_TYPE_STRING_ARRAY, taken, TRUE);
}

static GVariant *
collect_column (GPtrArray *statuses, const Row *row)
{
  g_autofree GVariant **values = NULL;

  if (row->offset != OPTION)
    return row->type[0] == 's' ? collect_texts (statuses, row) : collect_numbers (statuses, row);
  values = g_new (GVariant *, statuses->len + 1);
  for (guint i = 0; i < statuses->len; i++)
    {
      const CcbtTorrentStatus *status = statuses->pdata[i];

      values[i] = ccbt_torrent_options_get_value (status->options, row->name);
    }
  return g_variant_new_array (G_VARIANT_TYPE (row->type), values, statuses->len);
}

GVariant *
ccbt_control_fields_collect_columns (GPtrArray *statuses, guint64 mask)
{
  GVariant *entries[N_FIELDS];
  guint n_entries = 0, n_fields;

  ccbt_control_fields_get (&n_fields);
  for (guint i = 0; i < N_FIELDS; i++)
    if ((mask >> i & 1) != 0)
      entries[n_entries++] = make_entry (keys, i, collect_column (statuses, &rows[i]));
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), entries, n_entries);
}

GVariant *
ccbt_control_fields_collect_properties (const CcbtTorrentStatus *status, guint64 mask)
{
  GVariant *entries[N_FIELDS];
  guint64 seen;
  guint n_entries = collect (entries, status, property_keys, mask, &seen);

  for (guint i = 0; i < N_FIELDS; i++)
    if ((mask & ~seen) >> i & 1 && g_str_equal (rows[i].type, "s"))
      entries[n_entries++] = make_entry (property_keys, i, g_variant_new_string (""));
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), entries, n_entries);
}

static gboolean
is_same_member (const CcbtTorrentStatus *a, const CcbtTorrentStatus *b, const Row *row)
{
  const guint8 *left = (const guint8 *) a + row->offset;
  const guint8 *right = (const guint8 *) b + row->offset;

  switch (row->type[0])
    {
    case 's':
      if (row->offset == AT (state) || row->offset == AT (hindrance))
        return memcmp (left, right, sizeof (int)) == 0;
      return g_strcmp0 (*(char *const *) left, *(char *const *) right) == 0;
    case 't':
    case 'x':
      return memcmp (left, right, sizeof (gint64)) == 0;
    case 'd':
      return memcmp (left, right, sizeof (double)) == 0;
    default:
      return memcmp (left, right, sizeof (int)) == 0;
    }
}

static gboolean
has_same_options (const CcbtTorrentStatus *a, const CcbtTorrentStatus *b)
{
  g_autoptr (GVariant) left = NULL, right = NULL;

  if (a->options == b->options || a->options == NULL || b->options == NULL)
    return a->options == b->options;
  left = g_variant_ref_sink (ccbt_torrent_options_to_variant (a->options));
  right = g_variant_ref_sink (ccbt_torrent_options_to_variant (b->options));
  return g_variant_equal (left, right);
}

guint64
ccbt_control_fields_compare (const CcbtTorrentStatus *a, const CcbtTorrentStatus *b)
{
  const guint64 options = (CCBT_CONTROL_ALL_FIELDS >> (64 - (N_FIELDS - FIRST_OPTION)))
                          << FIRST_OPTION;
  guint64 mask = has_same_options (a, b) ? 0 : options;

  for (guint i = 0; i < FIRST_OPTION; i++)
    if (!is_same_member (a, b, &rows[i]))
      mask |= G_GUINT64_CONSTANT (1) << i;
  return mask;
}

char *
ccbt_control_fields_make_property (const char *name)
{
  /* Written out, as other programs call them. */
  static const char *const others[][2]
      = { { "down-rate", "DownloadRate" }, { "up-rate", "UploadRate" }, { "total-size", "Size" } };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_equal (others[i][0], name))
      return g_strdup (others[i][1]);
  return ccbt_control_make_camel (name);
}

char *
ccbt_control_make_camel (const char *name)
{
  GString *camel = g_string_new (NULL);
  gboolean starts = TRUE;

  for (; *name != '\0'; name++)
    if (*name == '-' || *name == '.')
      starts = TRUE;
    else
      {
        g_string_append_c (camel, starts ? g_ascii_toupper (*name) : *name);
        starts = FALSE;
      }
  return g_string_free (camel, FALSE);
}
