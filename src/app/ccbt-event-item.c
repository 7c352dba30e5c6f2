/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-event-item.h"
#include <string.h>
#include "ccbt-format.h"

struct _CcbtEventItem
{
  GObject parent_instance;
  gint64 time;
  CcbtEventType type;
  CcbtTorrentId torrent;
  char *name;
  char *text;
  char *subtitle;
  char *key; /* what is searched */
};

G_DEFINE_FINAL_TYPE (CcbtEventItem, ccbt_event_item, G_TYPE_OBJECT)

enum
{
  PROP_TEXT = 1,
  PROP_SUBTITLE,
  PROP_IS_PROBLEM,
  N_PROPS
};

static char *
format_time (gint64 wall_time, const char *format)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (wall_time / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, format) : g_strdup ("");
}

static void
ccbt_event_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CcbtEventItem *self = CCBT_EVENT_ITEM (object);

  switch (id)
    {
    case PROP_TEXT:
      g_value_set_string (value, self->text);
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, self->subtitle);
      break;
    case PROP_IS_PROBLEM:
      g_value_set_boolean (value,
                           (ccbt_event_item_get_kinds (self) & CCBT_EVENT_KIND_PROBLEM) != 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ccbt_event_item_finalize (GObject *object)
{
  CcbtEventItem *self = CCBT_EVENT_ITEM (object);

  g_free (self->name);
  g_free (self->text);
  g_free (self->subtitle);
  g_free (self->key);
  G_OBJECT_CLASS (ccbt_event_item_parent_class)->finalize (object);
}

static void
ccbt_event_item_class_init (CcbtEventItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GParamSpec *props[N_PROPS] = { NULL, g_param_spec_string ("text", NULL, NULL, NULL, flags),
                                 g_param_spec_string ("subtitle", NULL, NULL, NULL, flags),
                                 g_param_spec_boolean ("is-problem", NULL, NULL, FALSE, flags) };

  object_class->get_property = ccbt_event_item_get_property;
  object_class->finalize = ccbt_event_item_finalize;
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ccbt_event_item_init (CcbtEventItem *self)
{
}

CcbtEventItem *
ccbt_event_item_new (const CcbtEvent *event, const char *name)
{
  CcbtEventItem *self = g_object_new (CCBT_TYPE_EVENT_ITEM, NULL);
  g_autofree char *time = format_time (event->wall_time, "%x %X");
  g_autofree char *all = NULL;

  self->time = event->wall_time;
  self->type = event->type;
  self->torrent = event->torrent;
  self->name = g_strdup (name);
  self->text = ccbt_event_text (event);
  self->subtitle = *name != '\0' ? g_strdup_printf ("%s · %s", time, name) : g_strdup (time);
  all = g_strdup_printf ("%s\n%s", self->text, name);
  self->key = ccbt_format_search_key (all);
  return self;
}

CcbtTorrentId
ccbt_event_item_get_torrent (CcbtEventItem *self)
{
  return self->torrent;
}

CcbtEventKinds
ccbt_event_item_get_kinds (CcbtEventItem *self)
{
  return ccbt_event_get_kinds (self->type);
}

gboolean
ccbt_event_item_matches (CcbtEventItem *self, const char *key)
{
  return strstr (self->key, key) != NULL;
}

char *
ccbt_event_item_to_line (CcbtEventItem *self)
{
  g_autofree char *time = format_time (self->time, "%Y-%m-%d %H:%M:%S");

  return g_strdup_printf ("%s\t%s\t%s", time, self->name, self->text);
}
