/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-detail-item.h"

struct _CcbtDetailItem
{
  GObject parent_instance;
  char *title;
  char *subtitle;
  char *value;
  double progress;
};

G_DEFINE_FINAL_TYPE (CcbtDetailItem, ccbt_detail_item, G_TYPE_OBJECT)

enum
{
  PROP_TITLE = 1,
  PROP_SUBTITLE,
  PROP_VALUE,
  PROP_PROGRESS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
take_text (CcbtDetailItem *self, char **field, char *text, guint property)
{
  if (g_strcmp0 (*field, text) == 0)
    {
      g_free (text);
      return;
    }
  g_free (*field);
  *field = text;
  g_object_notify_by_pspec (G_OBJECT (self), props[property]);
}

static void
ccbt_detail_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CcbtDetailItem *self = CCBT_DETAIL_ITEM (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, self->subtitle);
      break;
    case PROP_VALUE:
      g_value_set_string (value, self->value);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ccbt_detail_item_finalize (GObject *object)
{
  CcbtDetailItem *self = CCBT_DETAIL_ITEM (object);

  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->value);
  G_OBJECT_CLASS (ccbt_detail_item_parent_class)->finalize (object);
}

static void
ccbt_detail_item_class_init (CcbtDetailItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ccbt_detail_item_get_property;
  object_class->finalize = ccbt_detail_item_finalize;
  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  props[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  props[PROP_VALUE] = g_param_spec_string ("value", NULL, NULL, NULL, flags);
  props[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ccbt_detail_item_init (CcbtDetailItem *self)
{
}

CcbtDetailItem *
ccbt_detail_item_new (const char *title)
{
  CcbtDetailItem *self = g_object_new (CCBT_TYPE_DETAIL_ITEM, NULL);

  self->title = g_strdup (title);
  return self;
}

const char *
ccbt_detail_item_get_title (CcbtDetailItem *self)
{
  return self->title;
}

void
ccbt_detail_item_take (CcbtDetailItem *self, char *subtitle, char *value, double progress)
{
  g_return_if_fail (CCBT_IS_DETAIL_ITEM (self));

  take_text (self, &self->subtitle, subtitle, PROP_SUBTITLE);
  take_text (self, &self->value, value, PROP_VALUE);
  if (self->progress != progress)
    {
      self->progress = CLAMP (progress, 0, 1);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROGRESS]);
    }
}
