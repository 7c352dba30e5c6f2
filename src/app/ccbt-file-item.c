/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-file-item.h"

struct _CcbtFileItem
{
  GObject parent_instance;
  guint index;
  char *path;
  const char *name; /* within path */
  guint64 length;
  guint64 done;
  CcbtPriority priority;
};

G_DEFINE_FINAL_TYPE (CcbtFileItem, ccbt_file_item, G_TYPE_OBJECT)

enum
{
  PROP_NAME = 1,
  PROP_FOLDER,
  PROP_LENGTH,
  PROP_SIZE_TEXT,
  PROP_PROGRESS,
  PROP_PRIORITY,
  PROP_IS_WANTED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint chosen_signal;

static void
set_priority (CcbtFileItem *self, CcbtPriority priority)
{
  self->priority = priority;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PRIORITY]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_WANTED]);
}

static double
get_progress (CcbtFileItem *self)
{
  return self->length > 0 ? CLAMP ((double) self->done / (double) self->length, 0, 1) : 1;
}

static void
ccbt_file_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CcbtFileItem *self = CCBT_FILE_ITEM (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_FOLDER:
      g_value_take_string (value,
                           g_strndup (self->path, (gsize) MAX (self->name - self->path - 1, 0)));
      break;
    case PROP_LENGTH:
      g_value_set_uint64 (value, self->length);
      break;
    case PROP_SIZE_TEXT:
      g_value_take_string (value, g_format_size (self->length));
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, get_progress (self));
      break;
    case PROP_PRIORITY:
      g_value_set_uint (value, self->priority);
      break;
    case PROP_IS_WANTED:
      g_value_set_boolean (value, self->priority != CCBT_PRIORITY_SKIP);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ccbt_file_item_finalize (GObject *object)
{
  g_free (CCBT_FILE_ITEM (object)->path);
  G_OBJECT_CLASS (ccbt_file_item_parent_class)->finalize (object);
}

static void
ccbt_file_item_class_init (CcbtFileItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ccbt_file_item_get_property;
  object_class->finalize = ccbt_file_item_finalize;
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  props[PROP_FOLDER] = g_param_spec_string ("folder", NULL, NULL, NULL, flags);
  props[PROP_LENGTH] = g_param_spec_uint64 ("length", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_SIZE_TEXT] = g_param_spec_string ("size-text", NULL, NULL, NULL, flags);
  props[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  props[PROP_PRIORITY] = g_param_spec_uint ("priority", NULL, NULL, 0, CCBT_PRIORITY_MAXIMUM,
                                            CCBT_PRIORITY_NORMAL, flags);
  props[PROP_IS_WANTED] = g_param_spec_boolean ("is-wanted", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  chosen_signal = g_signal_new ("chosen", CCBT_TYPE_FILE_ITEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
ccbt_file_item_init (CcbtFileItem *self)
{
  self->priority = CCBT_PRIORITY_NORMAL;
}

CcbtFileItem *
ccbt_file_item_new (guint index, const char *path, guint64 length)
{
  CcbtFileItem *self = g_object_new (CCBT_TYPE_FILE_ITEM, NULL);
  const char *slash;

  self->index = index;
  self->path = g_strdup (path);
  slash = strrchr (self->path, '/');
  self->name = slash != NULL ? slash + 1 : self->path;
  self->length = length;
  return self;
}

void
ccbt_file_item_update (CcbtFileItem *self, guint64 done, CcbtPriority priority)
{
  g_return_if_fail (CCBT_IS_FILE_ITEM (self));

  if (self->done != done)
    {
      self->done = done;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROGRESS]);
    }
  if (self->priority != priority)
    set_priority (self, priority);
}

void
ccbt_file_item_choose (CcbtFileItem *self, CcbtPriority priority)
{
  g_return_if_fail (CCBT_IS_FILE_ITEM (self));

  if (self->priority == priority)
    return;
  set_priority (self, priority);
  g_signal_emit (self, chosen_signal, 0);
}

guint
ccbt_file_item_get_index (CcbtFileItem *self)
{
  return self->index;
}

const char *
ccbt_file_item_get_name (CcbtFileItem *self)
{
  return self->name;
}

guint64
ccbt_file_item_get_length (CcbtFileItem *self)
{
  return self->length;
}

CcbtPriority
ccbt_file_item_get_priority (CcbtFileItem *self)
{
  return self->priority;
}
