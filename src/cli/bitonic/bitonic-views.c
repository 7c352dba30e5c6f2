/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-views.h"
#include "bitonic-format.h"
#include <glib/gi18n.h>

static const BitonicViewInfo views[BITONIC_N_VIEWS] = {
  [BITONIC_VIEW_TORRENTS] = { NULL, bitonic_count_torrents, bitonic_draw_torrents },
  [BITONIC_VIEW_DETAILS] = { NULL, bitonic_count_facts, bitonic_draw_facts },
  [BITONIC_VIEW_PEERS] = { "peers", bitonic_count_rows, bitonic_draw_peers },
  [BITONIC_VIEW_TRACKERS] = { "trackers", bitonic_count_rows, bitonic_draw_trackers },
  [BITONIC_VIEW_FILES] = { "files", bitonic_count_rows, bitonic_draw_files },
  [BITONIC_VIEW_PIECES] = { "pieces", bitonic_count_rows, bitonic_draw_pieces },
  [BITONIC_VIEW_LOG] = { NULL, bitonic_count_events, bitonic_draw_events },
  [BITONIC_VIEW_QUEUE] = { NULL, bitonic_count_torrents, bitonic_draw_queue },
  [BITONIC_VIEW_NETWORK] = { NULL, bitonic_count_network, bitonic_draw_network },
};

const BitonicViewInfo *
bitonic_view_get_info (BitonicView view)
{
  return &views[view];
}

const char *
bitonic_get_text (GVariant *dictionary, const char *key)
{
  const char *text = "";

  if (dictionary != NULL)
    g_variant_lookup (dictionary, key, "&s", &text);
  return text;
}

double
bitonic_get_double (GVariant *dictionary, const char *key)
{
  double value = 0;

  if (dictionary != NULL)
    g_variant_lookup (dictionary, key, "d", &value);
  return value;
}

gint64
bitonic_get_number (GVariant *dictionary, const char *key)
{
  g_autoptr (GVariant) value
      = dictionary != NULL ? g_variant_lookup_value (dictionary, key, NULL) : NULL;

  if (value == NULL)
    return 0;
  switch (*g_variant_get_type_string (value))
    {
    case 'b':
      return g_variant_get_boolean (value);
    case 'q':
      return g_variant_get_uint16 (value);
    case 'i':
      return g_variant_get_int32 (value);
    case 'u':
      return g_variant_get_uint32 (value);
    case 'x':
      return g_variant_get_int64 (value);
    case 't':
      return (gint64) MIN (g_variant_get_uint64 (value), G_MAXINT64);
    default:
      return 0;
    }
}

guint
bitonic_count_rows (BitonicApp *self)
{
  return self->rows->len;
}

guint
bitonic_count_torrents (BitonicApp *self)
{
  return bitonic_torrents_get_shown (self->torrents)->len;
}

guint
bitonic_draw_subject (BitonicApp *self, guint y)
{
  const guint width = bitonic_canvas_get_width (self->canvas);
  const BitonicTorrent *torrent = bitonic_app_get_selected (self);
  g_autofree char *percent = NULL, *text = NULL;

  if (torrent == NULL)
    {
      bitonic_canvas_put (self->canvas, 0, y, width, BITONIC_STYLE_DIM,
                          _ ("No torrent is selected."));
      return 1;
    }
  percent = bitonic_format_percent (torrent->progress);
  text = g_strdup_printf ("%s: %s, %s", torrent->name, bitonic_format_word (torrent->state),
                          percent);
  bitonic_canvas_put (self->canvas, 0, y, width, BITONIC_STYLE_BOLD, text);
  return 1;
}

void
bitonic_draw_table (BitonicApp *self, guint y, guint height, const BitonicTable *table)
{
  self->page = height > 1 ? height - 1 : 1;
  bitonic_table_draw (table, self->canvas, 0, y, bitonic_canvas_get_width (self->canvas), height,
                      &self->scrolls[self->view]);
}

guint
bitonic_style_of_state (const char *state)
{
  if (g_str_equal (state, "downloading") || g_str_equal (state, "metadata"))
    return BITONIC_STYLE_DOWN;
  if (g_str_equal (state, "seeding"))
    return BITONIC_STYLE_GOOD;
  if (g_str_equal (state, "error") || g_str_equal (state, "files-missing")
      || g_str_equal (state, "failed"))
    return BITONIC_STYLE_BAD;
  if (g_str_equal (state, "checking") || g_str_equal (state, "announcing"))
    return BITONIC_STYLE_WARNING;
  return g_str_equal (state, "paused") ? BITONIC_STYLE_DIM : BITONIC_STYLE_NORMAL;
}
