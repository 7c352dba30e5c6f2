/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-torrent-options.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include <math.h>
#include <string.h>

#define MAX_RATE (G_GUINT64_CONSTANT (1) << 53)
#define MAX_SECONDS (G_GINT64_CONSTANT (100) * 366 * 24 * 3600)
#define MAX_RATIO 1e6
#define MAX_CONNECTIONS 1000
#define MAX_STORED (64 * 1024)

G_DEFINE_BOXED_TYPE (CcbtTorrentOptions, ccbt_torrent_options, ccbt_torrent_options_ref,
                     ccbt_torrent_options_unref)

static const char *const priority_names[CCBT_N_QUEUE_PRIORITIES]
    = { "low", "normal", "high", "maximum" };
static const char *const action_names[CCBT_N_GOAL_ACTIONS] = { "inherit", "stop", "remove" };

const char *
ccbt_queue_priority_get_name (CcbtQueuePriority priority)
{
  g_return_val_if_fail ((guint) priority < CCBT_N_QUEUE_PRIORITIES, "normal");
  return priority_names[priority];
}

CcbtTorrentOptions *
ccbt_torrent_options_new (void)
{
  CcbtTorrentOptions *self = g_atomic_rc_box_new0 (CcbtTorrentOptions);

  self->priority = CCBT_QUEUE_PRIORITY_NORMAL;
  self->ratio_goal = CCBT_GOAL_INHERIT;
  self->seed_time_goal = CCBT_GOAL_INHERIT;
  self->idle_goal = CCBT_GOAL_INHERIT;
  self->category = g_strdup ("");
  self->tags = g_new0 (char *, 1);
  self->display_name = g_strdup ("");
  return self;
}

static void
clear_options (gpointer data)
{
  CcbtTorrentOptions *self = data;

  g_free (self->category);
  g_strfreev (self->tags);
  g_free (self->display_name);
}

CcbtTorrentOptions *
ccbt_torrent_options_ref (CcbtTorrentOptions *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ccbt_torrent_options_unref (CcbtTorrentOptions *self)
{
  g_atomic_rc_box_release_full (self, clear_options);
}

static CcbtTorrentOptions *
copy_options (const CcbtTorrentOptions *from)
{
  CcbtTorrentOptions *self = g_atomic_rc_box_new (CcbtTorrentOptions);

  *self = *from;
  self->category = g_strdup (from->category);
  self->tags = g_strdupv (from->tags);
  self->display_name = g_strdup (from->display_name);
  return self;
}

/* --- One value --- */

static gboolean
read_name (GVariant *value, const char *const *names, guint n_names, int *out)
{
  for (guint i = 0; i < n_names; i++)
    if (g_str_equal (g_variant_get_string (value, NULL), names[i]))
      {
        *out = (int) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_uint64 (GVariant *value, guint64 most, guint64 *out)
{
  guint64 number = g_variant_get_uint64 (value);

  if (number <= most)
    *out = number;
  return number <= most;
}

static gboolean
read_uint (GVariant *value, guint most, guint *out)
{
  guint number = g_variant_get_uint32 (value);

  if (number <= most)
    *out = number;
  return number <= most;
}

static gboolean
read_ratio (GVariant *value, double *out)
{
  double number = g_variant_get_double (value);

  if (!isfinite (number) || number > MAX_RATIO || (number < 0 && number != CCBT_GOAL_INHERIT))
    return FALSE;
  *out = number;
  return TRUE;
}

static gboolean
read_seconds (GVariant *value, gint64 *out)
{
  gint64 number = g_variant_get_int64 (value);

  if (number < CCBT_GOAL_INHERIT || number > MAX_SECONDS)
    return FALSE;
  *out = number;
  return TRUE;
}

/* One line of text that can be shown as it is. */
static gboolean
is_label (const char *text, gsize most)
{
  g_autofree char *printable = ccbt_text_make_printable (ccbt_span_from_string (text), most);

  return strlen (text) <= most && g_str_equal (text, printable);
}

static gboolean
read_label (GVariant *value, gsize most, char **out)
{
  const char *text = g_variant_get_string (value, NULL);

  if (!is_label (text, most))
    return FALSE;
  g_free (*out);
  *out = g_strstrip (g_strdup (text));
  return TRUE;
}

static int
compare_tags (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
read_tags (GVariant *value, GStrv *out)
{
  g_autofree const char **tags = g_variant_get_strv (value, NULL);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; tags[i] != NULL; i++)
    {
      char *tag = g_strstrip (g_strdup (tags[i]));

      if (!is_label (tag, CCBT_MAX_LABEL) || strchr (tag, ',') != NULL)
        {
          g_free (tag);
          return FALSE;
        }
      if (tag[0] != '\0' && !g_ptr_array_find_with_equal_func (kept, tag, g_str_equal, NULL))
        g_ptr_array_add (kept, tag);
      else
        g_free (tag);
    }
  if (kept->len > CCBT_MAX_TAGS)
    return FALSE;
  g_ptr_array_sort (kept, compare_tags);
  g_ptr_array_add (kept, NULL);
  g_strfreev (*out);
  *out = (GStrv) g_ptr_array_steal (kept, NULL);
  return TRUE;
}

/* --- All of them --- */

typedef struct
{
  const char *key;
  const char *type;
  const char *allowed;
  gboolean (*read) (CcbtTorrentOptions *self, GVariant *value);
  GVariant *(*write) (const CcbtTorrentOptions *self);
} Field;

#define FIELD(name, read_expression, write_expression)                                             \
  static gboolean read_##name##_field (CcbtTorrentOptions *self, GVariant *value)                  \
  {                                                                                                \
    return read_expression;                                                                        \
  }                                                                                                \
  static GVariant *write_##name##_field (const CcbtTorrentOptions *self)                           \
  {                                                                                                \
    return write_expression;                                                                       \
  }

FIELD (priority,
       read_name (value, priority_names, G_N_ELEMENTS (priority_names), (int *) &self->priority),
       g_variant_new_string (priority_names[self->priority]))
FIELD (forced, (self->is_forced = g_variant_get_boolean (value), TRUE),
       g_variant_new_boolean (self->is_forced))
FIELD (position, read_uint64 (value, G_MAXUINT64, &self->position),
       g_variant_new_uint64 (self->position))
FIELD (download_limit, read_uint64 (value, MAX_RATE, &self->download_limit),
       g_variant_new_uint64 (self->download_limit))
FIELD (upload_limit, read_uint64 (value, MAX_RATE, &self->upload_limit),
       g_variant_new_uint64 (self->upload_limit))
FIELD (max_connections, read_uint (value, MAX_CONNECTIONS, &self->max_connections),
       g_variant_new_uint32 (self->max_connections))
FIELD (upload_slots, read_uint (value, MAX_CONNECTIONS, &self->upload_slots),
       g_variant_new_uint32 (self->upload_slots))
FIELD (ratio_goal, read_ratio (value, &self->ratio_goal), g_variant_new_double (self->ratio_goal))
FIELD (seed_time_goal, read_seconds (value, &self->seed_time_goal),
       g_variant_new_int64 (self->seed_time_goal))
FIELD (idle_goal, read_seconds (value, &self->idle_goal), g_variant_new_int64 (self->idle_goal))
FIELD (goal_action,
       read_name (value, action_names, G_N_ELEMENTS (action_names), (int *) &self->goal_action),
       g_variant_new_string (action_names[self->goal_action]))
FIELD (super_seeding, (self->is_super_seeding = g_variant_get_boolean (value), TRUE),
       g_variant_new_boolean (self->is_super_seeding))
FIELD (category, read_label (value, CCBT_MAX_LABEL, &self->category),
       g_variant_new_string (self->category))
FIELD (tags, read_tags (value, &self->tags),
       g_variant_new_strv ((const char *const *) self->tags, -1))
FIELD (display_name, read_label (value, 255, &self->display_name),
       g_variant_new_string (self->display_name))

/* clang-format off */
static const Field fields[] = {
  { "priority", "s", "low, normal, high or maximum", read_priority_field, write_priority_field },
  { "forced", "b", "true or false", read_forced_field, write_forced_field },
  { "position", "t", "a whole number", read_position_field, write_position_field },
  { "download-limit", "t", "bytes per second", read_download_limit_field, write_download_limit_field },
  { "upload-limit", "t", "bytes per second", read_upload_limit_field, write_upload_limit_field },
  { "max-connections", "u", "0 to 1000", read_max_connections_field, write_max_connections_field },
  { "upload-slots", "u", "0 to 1000", read_upload_slots_field, write_upload_slots_field },
  { "ratio-goal", "d", "-1 or 0 to 1000000", read_ratio_goal_field, write_ratio_goal_field },
  { "seed-time-goal", "x", "-1 or seconds", read_seed_time_goal_field, write_seed_time_goal_field },
  { "idle-goal", "x", "-1 or seconds", read_idle_goal_field, write_idle_goal_field },
  { "goal-action", "s", "inherit, stop or remove", read_goal_action_field, write_goal_action_field },
  { "super-seeding", "b", "true or false", read_super_seeding_field, write_super_seeding_field },
  { "category", "s", "one line of at most 100 bytes", read_category_field, write_category_field },
  { "tags", "as", "at most 64 of at most 100 bytes each, without commas", read_tags_field, write_tags_field },
  { "display-name", "s", "one line of at most 255 bytes", read_display_name_field, write_display_name_field },
};
/* clang-format on */

static const Field *
find_field (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (g_str_equal (fields[i].key, key))
      return &fields[i];
  return NULL;
}

GVariant *
ccbt_torrent_options_get_value (CcbtTorrentOptions *self, const char *key)
{
  const Field *field = find_field (key);

  return field != NULL ? field->write (self) : NULL;
}

static gboolean
change_field (CcbtTorrentOptions *self, const char *key, GVariant *value, GError **error)
{
  const Field *field = find_field (key);
  g_autofree char *shown = NULL;

  if (field != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE (field->type))
      && field->read (self, value))
    return TRUE;
  shown = ccbt_text_make_printable (ccbt_span_from_string (key), 40);
  if (field == NULL)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "%s: a torrent has no such option", shown);
  else
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "%s: allowed is %s", shown, field->allowed);
  return FALSE;
}

CcbtTorrentOptions *
ccbt_torrent_options_change (CcbtTorrentOptions *self, GVariant *changes, GError **error)
{
  g_autoptr (CcbtTorrentOptions) changed = copy_options (self);
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, changes);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      gboolean fits = change_field (changed, key, value, error);

      g_variant_unref (value);
      if (!fits)
        return NULL;
    }
  return g_steal_pointer (&changed);
}

GVariant *
ccbt_torrent_options_to_variant (CcbtTorrentOptions *self)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    g_variant_builder_add (&builder, "{sv}", fields[i].key, fields[i].write (self));
  return g_variant_builder_end (&builder);
}

/* Little-endian, so that the state folder can move to another machine. */
GBytes *
ccbt_torrent_options_to_bytes (CcbtTorrentOptions *self)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (ccbt_torrent_options_to_variant (self));

  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      g_autoptr (GVariant) swapped = g_variant_byteswap (variant);

      return g_variant_get_data_as_bytes (swapped);
    }
  return g_variant_get_data_as_bytes (variant);
}

CcbtTorrentOptions *
ccbt_torrent_options_from_bytes (GBytes *bytes)
{
  g_autoptr (CcbtTorrentOptions) self = ccbt_torrent_options_new ();
  g_autoptr (GVariant) stored = NULL;
  GVariantIter iter;
  const char *key;
  GVariant *value;

  if (bytes == NULL || g_bytes_get_size (bytes) > MAX_STORED)
    return g_steal_pointer (&self);
  stored = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, FALSE));
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      GVariant *swapped = g_variant_byteswap (stored);

      g_variant_unref (stored);
      stored = swapped;
    }
  g_variant_iter_init (&iter, stored);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      change_field (self, key, value, NULL);
      g_variant_unref (value);
    }
  return g_steal_pointer (&self);
}
