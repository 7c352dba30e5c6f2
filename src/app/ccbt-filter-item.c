/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-filter-item.h"
#include <glib/gi18n.h>

struct _CcbtFilterItem
{
  GObject parent_instance;
  CcbtFilterItemKind kind;
  CcbtFilterGroup group;
  char *key;
  char *label;
  guint count;
};

G_DEFINE_FINAL_TYPE (CcbtFilterItem, ccbt_filter_item, G_TYPE_OBJECT)

enum
{
  PROP_COUNT = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static const struct
{
  const char *label;
  const char *icon;
} states[CCBT_N_FILTER_STATES] = {
  [CCBT_FILTER_DOWNLOADING] = { N_ ("Downloading"), "folder-download-symbolic" },
  [CCBT_FILTER_SEEDING] = { N_ ("Seeding"), "send-to-symbolic" },
  [CCBT_FILTER_DONE] = { N_ ("Finished"), "object-select-symbolic" },
  [CCBT_FILTER_ACTIVE] = { N_ ("Active"), "network-transmit-receive-symbolic" },
  [CCBT_FILTER_STALLED] = { N_ ("Stalled"), "network-offline-symbolic" },
  [CCBT_FILTER_WAITING] = { N_ ("Waiting"), "document-open-recent-symbolic" },
  [CCBT_FILTER_PAUSED] = { N_ ("Paused"), "media-playback-pause-symbolic" },
  [CCBT_FILTER_CHECKING] = { N_ ("Checking"), "view-refresh-symbolic" },
  [CCBT_FILTER_FAILED] = { N_ ("Failed"), "dialog-error-symbolic" },
};

static CcbtFilterState
find_state (const char *name)
{
  for (guint state = 0; state < CCBT_N_FILTER_STATES; state++)
    if (g_str_equal (ccbt_filter_state_get_name (state), name))
      return state;
  g_return_val_if_reached (CCBT_FILTER_FAILED);
}

static char *
make_heading (CcbtFilterGroup group)
{
  static const char *const headings[CCBT_N_FILTER_GROUPS]
      = { N_ ("State"), N_ ("Categories"), N_ ("Tags"), N_ ("Folders") };

  return g_strdup (_ (headings[group]));
}

static char *
make_label (CcbtFilterItem *self)
{
  if (self->kind == CCBT_FILTER_ITEM_ALL)
    return g_strdup (C_ ("torrents", "All"));
  if (self->kind == CCBT_FILTER_ITEM_HEADING)
    return make_heading (self->group);
  switch (self->group)
    {
    case CCBT_FILTER_STATE:
      return g_strdup (_ (states[find_state (self->key)].label));
    case CCBT_FILTER_CATEGORY:
      return g_strdup (*self->key != '\0' ? self->key : _ ("No Category"));
    case CCBT_FILTER_TAG:
      return g_strdup (*self->key != '\0' ? self->key : _ ("No Tags"));
    case CCBT_FILTER_FOLDER:
    default:
      return g_filename_display_name (self->key);
    }
}

static void
ccbt_filter_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_COUNT)
    g_value_set_uint (value, CCBT_FILTER_ITEM (object)->count);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ccbt_filter_item_finalize (GObject *object)
{
  CcbtFilterItem *self = CCBT_FILTER_ITEM (object);

  g_free (self->key);
  g_free (self->label);
  G_OBJECT_CLASS (ccbt_filter_item_parent_class)->finalize (object);
}

static void
ccbt_filter_item_class_init (CcbtFilterItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ccbt_filter_item_get_property;
  object_class->finalize = ccbt_filter_item_finalize;
  props[PROP_COUNT]
      = g_param_spec_uint ("count", NULL, NULL, 0, G_MAXUINT, 0,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ccbt_filter_item_init (CcbtFilterItem *self)
{
}

CcbtFilterItem *
ccbt_filter_item_new (CcbtFilterItemKind kind, CcbtFilterGroup group, const char *key)
{
  CcbtFilterItem *self = g_object_new (CCBT_TYPE_FILTER_ITEM, NULL);

  self->kind = kind;
  self->group = group;
  self->key = g_strdup (key);
  self->label = make_label (self);
  return self;
}

CcbtFilterItemKind
ccbt_filter_item_get_kind (CcbtFilterItem *self)
{
  return self->kind;
}

CcbtFilterGroup
ccbt_filter_item_get_group (CcbtFilterItem *self)
{
  return self->group;
}

const char *
ccbt_filter_item_get_key (CcbtFilterItem *self)
{
  return self->key;
}

guint
ccbt_filter_item_get_count (CcbtFilterItem *self)
{
  return self->count;
}

void
ccbt_filter_item_set_count (CcbtFilterItem *self, guint count)
{
  g_return_if_fail (CCBT_IS_FILTER_ITEM (self));

  if (self->count == count)
    return;
  self->count = count;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_COUNT]);
}

const char *
ccbt_filter_item_get_label (CcbtFilterItem *self)
{
  return self->label;
}

const char *
ccbt_filter_item_get_icon (CcbtFilterItem *self)
{
  if (self->kind == CCBT_FILTER_ITEM_ALL)
    return "view-list-symbolic";
  switch (self->group)
    {
    case CCBT_FILTER_STATE:
      return states[find_state (self->key)].icon;
    case CCBT_FILTER_CATEGORY:
      return "user-bookmarks-symbolic";
    case CCBT_FILTER_TAG:
      return "emblem-documents-symbolic";
    case CCBT_FILTER_FOLDER:
    default:
      return "folder-symbolic";
    }
}
