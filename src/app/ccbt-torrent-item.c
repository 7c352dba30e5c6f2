/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-item.h"
#include <glib/gi18n.h>
#include "ccbt-format.h"

#define ROOM_STEP 2u /* characters */

struct _CcbtTorrentItem
{
  GObject parent_instance;
  CcbtTorrentStatus *status; /* never NULL */
  char *search_key;          /* of the name; NULL until somebody searches */
};

G_DEFINE_FINAL_TYPE (CcbtTorrentItem, ccbt_torrent_item, G_TYPE_OBJECT)

enum
{
  PROP_NAME = 1,
  PROP_INFO_HASH,
  PROP_TARGET,
  PROP_ADDED_AT,
  PROP_PROGRESS,
  PROP_IS_PAUSED,
  PROP_HAS_METADATA,
  PROP_IS_COMPLETE,
  PROP_BAR_CLASSES,
  PROP_RATES_CHARS,
  PROP_ETA_CHARS,
  PROP_STATE_TEXT,
  PROP_AMOUNT_TEXT,
  PROP_RATES_TEXT,
  PROP_ETA_TEXT,
  PROP_PEERS_TEXT,
  PROP_DOWNLOADED_TEXT,
  PROP_UPLOADED_TEXT,
  PROP_RATIO_TEXT,
  PROP_SIZE_TEXT,
  PROP_PIECES_TEXT,
  PROP_ADDED_TEXT,
  PROP_COMPLETED_TEXT,
  PROP_FOLDER_TEXT,
  PROP_TOGGLE_ICON,
  PROP_TOGGLE_TEXT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint changed_signal;

static char *
make_rates_text (const CcbtTorrentStatus *status)
{
  return ccbt_format_rates (status->down_rate, status->up_rate);
}

static char *
make_downloaded_text (const CcbtTorrentStatus *status)
{
  return g_format_size (status->downloaded);
}

static char *
make_uploaded_text (const CcbtTorrentStatus *status)
{
  return g_format_size (status->uploaded);
}

static char *
make_ratio_text (const CcbtTorrentStatus *status)
{
  return ccbt_format_ratio (status->uploaded, status->downloaded);
}

static char *
make_size_text (const CcbtTorrentStatus *status)
{
  g_autofree char *size = g_format_size (status->total_size);

  if (!status->has_metadata)
    return g_strdup (_ ("Not known yet"));
  return g_strdup_printf (ngettext ("%s in %u file", "%s in %u files", status->n_files), size,
                          status->n_files);
}

static char *
make_pieces_text (const CcbtTorrentStatus *status)
{
  if (!status->has_metadata)
    return g_strdup (_ ("Not known yet"));
  return g_strdup_printf (_ ("%u of %u"), status->n_pieces_have, status->n_pieces);
}

static char *
make_added_text (const CcbtTorrentStatus *status)
{
  return ccbt_format_date (status->added_at);
}

static char *
make_completed_text (const CcbtTorrentStatus *status)
{
  if (status->completed_at == 0)
    return g_strdup (_ ("Not yet"));
  return ccbt_format_date (status->completed_at);
}

static char *
make_folder_text (const CcbtTorrentStatus *status)
{
  return status->folder != NULL ? g_filename_display_name (status->folder) : g_strdup ("");
}

static char *
make_toggle_icon (const CcbtTorrentStatus *status)
{
  return g_strdup (status->is_paused ? "media-playback-start-symbolic"
                                     : "media-playback-pause-symbolic");
}

static char *
make_toggle_text (const CcbtTorrentStatus *status)
{
  return g_strdup (status->is_paused ? _ ("Resume") : _ ("Pause"));
}

/* Every text property: from which fields it is made, and how. */
static const struct
{
  const char *name;
  guint fields;
  char *(*make) (const CcbtTorrentStatus *status);
} texts[N_PROPS] = {
  [PROP_STATE_TEXT] = { "state-text", CCBT_FIELDS_STATE | CCBT_FIELDS_PEERS, ccbt_format_state },
  [PROP_AMOUNT_TEXT] = { "amount-text", CCBT_FIELDS_STATE | CCBT_FIELDS_PROGRESS | CCBT_FIELDS_SIZE,
                         ccbt_format_amount },
  [PROP_RATES_TEXT] = { "rates-text", CCBT_FIELDS_RATES, make_rates_text },
  [PROP_ETA_TEXT] = { "eta-text", CCBT_FIELDS_STATE | CCBT_FIELDS_ETA, ccbt_format_eta },
  [PROP_PEERS_TEXT] = { "peers-text", CCBT_FIELDS_PEERS, ccbt_format_peers },
  [PROP_DOWNLOADED_TEXT] = { "downloaded-text", CCBT_FIELDS_TOTALS, make_downloaded_text },
  [PROP_UPLOADED_TEXT] = { "uploaded-text", CCBT_FIELDS_TOTALS, make_uploaded_text },
  [PROP_RATIO_TEXT] = { "ratio-text", CCBT_FIELDS_TOTALS, make_ratio_text },
  [PROP_SIZE_TEXT] = { "size-text", CCBT_FIELDS_SIZE, make_size_text },
  [PROP_PIECES_TEXT] = { "pieces-text", CCBT_FIELDS_SIZE | CCBT_FIELDS_PROGRESS, make_pieces_text },
  [PROP_ADDED_TEXT] = { "added-text", CCBT_FIELDS_DATES, make_added_text },
  [PROP_COMPLETED_TEXT] = { "completed-text", CCBT_FIELDS_DATES, make_completed_text },
  [PROP_FOLDER_TEXT] = { "folder-text", CCBT_FIELDS_FOLDER, make_folder_text },
  [PROP_TOGGLE_ICON] = { "toggle-icon", CCBT_FIELDS_STATE, make_toggle_icon },
  [PROP_TOGGLE_TEXT] = { "toggle-text", CCBT_FIELDS_STATE, make_toggle_text },
};

/* The same for the others. */
static const guint fields_of_values[N_PROPS] = {
  [PROP_NAME] = CCBT_FIELDS_NAME,         [PROP_PROGRESS] = CCBT_FIELDS_PROGRESS,
  [PROP_IS_PAUSED] = CCBT_FIELDS_STATE,   [PROP_HAS_METADATA] = CCBT_FIELDS_SIZE,
  [PROP_IS_COMPLETE] = CCBT_FIELDS_STATE, [PROP_BAR_CLASSES] = CCBT_FIELDS_STATE,
  [PROP_RATES_CHARS] = CCBT_FIELDS_RATES, [PROP_ETA_CHARS] = CCBT_FIELDS_STATE | CCBT_FIELDS_ETA,
};

static guint
compare_status (const CcbtTorrentStatus *a, const CcbtTorrentStatus *b)
{
  guint fields = 0;

  if (g_strcmp0 (a->name, b->name) != 0
      || g_strcmp0 (a->options->display_name, b->options->display_name) != 0)
    fields |= CCBT_FIELDS_NAME;
  if (a->state != b->state || a->is_paused != b->is_paused || a->is_complete != b->is_complete
      || a->error_code != b->error_code || a->is_moving != b->is_moving
      || a->move_progress != b->move_progress)
    fields |= CCBT_FIELDS_STATE;
  if (a->progress != b->progress || a->done_size != b->done_size
      || a->n_pieces_have != b->n_pieces_have)
    fields |= CCBT_FIELDS_PROGRESS;
  if (a->down_rate != b->down_rate || a->up_rate != b->up_rate)
    fields |= CCBT_FIELDS_RATES;
  if (a->eta != b->eta)
    fields |= CCBT_FIELDS_ETA;
  if (a->n_peers != b->n_peers || a->n_seeds != b->n_seeds || a->swarm_seeds != b->swarm_seeds
      || a->swarm_leechers != b->swarm_leechers)
    fields |= CCBT_FIELDS_PEERS;
  if (a->downloaded != b->downloaded || a->uploaded != b->uploaded)
    fields |= CCBT_FIELDS_TOTALS;
  if (a->has_metadata != b->has_metadata || a->total_size != b->total_size
      || a->wanted_size != b->wanted_size || a->n_files != b->n_files)
    fields |= CCBT_FIELDS_SIZE;
  if (g_strcmp0 (a->folder, b->folder) != 0)
    fields |= CCBT_FIELDS_FOLDER;
  if (a->added_at != b->added_at || a->completed_at != b->completed_at)
    fields |= CCBT_FIELDS_DATES;
  if (a->active_seconds != b->active_seconds || a->seeding_seconds != b->seeding_seconds)
    fields |= CCBT_FIELDS_TIMES;
  if (a->hindrance != b->hindrance || a->hindrance_count != b->hindrance_count)
    fields |= CCBT_FIELDS_HINDRANCE;
  /* Immutable: another one means a decision of the user. */
  if (a->options != b->options)
    fields |= CCBT_FIELDS_OPTIONS;
  return fields;
}

static const char *
choose_name (const CcbtTorrentStatus *status)
{
  return *status->options->display_name != '\0' ? status->options->display_name : status->name;
}

static const char *const *
get_bar_classes (const CcbtTorrentStatus *status)
{
  /* The first is GTK's own and must stay. */
  static const char *const plain[] = { "horizontal", NULL };
  static const char *const complete[] = { "horizontal", "complete", NULL };
  static const char *const paused[] = { "horizontal", "paused", NULL };
  static const char *const failed[] = { "horizontal", "failed", NULL };

  switch (status->state)
    {
    case CCBT_TORRENT_STATE_PAUSED:
    case CCBT_TORRENT_STATE_QUEUED:
      return paused;
    case CCBT_TORRENT_STATE_FILES_MISSING:
    case CCBT_TORRENT_STATE_ERROR:
      return failed;
    case CCBT_TORRENT_STATE_SEEDING:
      return complete;
    case CCBT_TORRENT_STATE_METADATA:
    case CCBT_TORRENT_STATE_CHECKING:
    case CCBT_TORRENT_STATE_DOWNLOADING:
    default:
      return plain;
    }
}

/* The room for a text at the end of a row. It grows in steps: each change lays out all rows anew. */
static guint
get_room (char *text)
{
  const guint n_chars = (guint) g_utf8_strlen (text, -1);

  g_free (text);
  return (n_chars + ROOM_STEP - 1) / ROOM_STEP * ROOM_STEP;
}

static void
get_value_property (CcbtTorrentItem *self, guint id, GValue *value)
{
  const CcbtTorrentStatus *status = self->status;

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, choose_name (status));
      break;
    case PROP_INFO_HASH:
      g_value_set_string (value, status->info_hash);
      break;
    case PROP_TARGET:
      g_value_take_variant (value, g_variant_ref_sink (g_variant_new_strv (
                                       (const char *const *) &status->info_hash, 1)));
      break;
    case PROP_ADDED_AT:
      g_value_set_int64 (value, status->added_at);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, CLAMP (status->progress, 0, 1));
      break;
    case PROP_IS_PAUSED:
      g_value_set_boolean (value, status->is_paused);
      break;
    case PROP_HAS_METADATA:
      g_value_set_boolean (value, status->has_metadata);
      break;
    case PROP_IS_COMPLETE:
      g_value_set_boolean (value, status->is_complete);
      break;
    case PROP_BAR_CLASSES:
      g_value_set_boxed (value, get_bar_classes (status));
      break;
    case PROP_RATES_CHARS:
      g_value_set_uint (value, get_room (make_rates_text (status)));
      break;
    case PROP_ETA_CHARS:
      g_value_set_uint (value, get_room (ccbt_format_eta (status)));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
ccbt_torrent_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CcbtTorrentItem *self = CCBT_TORRENT_ITEM (object);

  if (id >= N_PROPS)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (texts[id].make != NULL)
    g_value_take_string (value, texts[id].make (self->status));
  else
    get_value_property (self, id, value);
}

static void
ccbt_torrent_item_finalize (GObject *object)
{
  CcbtTorrentItem *self = CCBT_TORRENT_ITEM (object);

  ccbt_torrent_status_unref (self->status);
  g_free (self->search_key);
  G_OBJECT_CLASS (ccbt_torrent_item_parent_class)->finalize (object);
}

static void
ccbt_torrent_item_class_init (CcbtTorrentItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ccbt_torrent_item_get_property;
  object_class->finalize = ccbt_torrent_item_finalize;

  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  props[PROP_INFO_HASH] = g_param_spec_string ("info-hash", NULL, NULL, NULL, flags);
  props[PROP_TARGET]
      = g_param_spec_variant ("target", NULL, NULL, G_VARIANT_TYPE_STRING_ARRAY, NULL, flags);
  props[PROP_ADDED_AT]
      = g_param_spec_int64 ("added-at", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  props[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  props[PROP_IS_PAUSED] = g_param_spec_boolean ("is-paused", NULL, NULL, FALSE, flags);
  props[PROP_HAS_METADATA] = g_param_spec_boolean ("has-metadata", NULL, NULL, FALSE, flags);
  props[PROP_IS_COMPLETE] = g_param_spec_boolean ("is-complete", NULL, NULL, FALSE, flags);
  props[PROP_BAR_CLASSES] = g_param_spec_boxed ("bar-classes", NULL, NULL, G_TYPE_STRV, flags);
  props[PROP_RATES_CHARS] = g_param_spec_uint ("rates-chars", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_ETA_CHARS] = g_param_spec_uint ("eta-chars", NULL, NULL, 0, G_MAXUINT, 0, flags);
  for (guint id = PROP_STATE_TEXT; id < N_PROPS; id++)
    props[id] = g_param_spec_string (texts[id].name, NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
ccbt_torrent_item_init (CcbtTorrentItem *self)
{
}

CcbtTorrentItem *
ccbt_torrent_item_new (CcbtTorrentStatus *status)
{
  CcbtTorrentItem *self = g_object_new (CCBT_TYPE_TORRENT_ITEM, NULL);

  self->status = ccbt_torrent_status_ref (status);
  return self;
}

CcbtTorrentFields
ccbt_torrent_item_update (CcbtTorrentItem *self, CcbtTorrentStatus *status)
{
  guint fields;
  CcbtTorrentStatus *old;

  g_return_val_if_fail (CCBT_IS_TORRENT_ITEM (self), 0);

  fields = compare_status (self->status, status);
  old = self->status;
  self->status = ccbt_torrent_status_ref (status);
  ccbt_torrent_status_unref (old);
  if (fields == 0)
    return 0;
  if ((fields & CCBT_FIELDS_NAME) != 0)
    g_clear_pointer (&self->search_key, g_free);
  g_object_freeze_notify (G_OBJECT (self));
  for (guint id = 1; id < N_PROPS; id++)
    if (((texts[id].fields | fields_of_values[id]) & fields) != 0)
      g_object_notify_by_pspec (G_OBJECT (self), props[id]);
  g_object_thaw_notify (G_OBJECT (self));
  g_signal_emit (self, changed_signal, 0, fields);
  return fields;
}

const char *
ccbt_torrent_item_get_name (CcbtTorrentItem *self)
{
  return choose_name (self->status);
}

const char *
ccbt_torrent_item_get_search_key (CcbtTorrentItem *self)
{
  if (self->search_key == NULL)
    self->search_key = ccbt_format_search_key (choose_name (self->status));
  return self->search_key;
}

const CcbtTorrentStatus *
ccbt_torrent_item_get_status (CcbtTorrentItem *self)
{
  return self->status;
}

const char *
ccbt_torrent_item_get_info_hash (CcbtTorrentItem *self)
{
  return self->status->info_hash;
}
