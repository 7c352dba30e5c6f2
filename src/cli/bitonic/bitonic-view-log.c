/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-views.h"
#include "bitonic-format.h"
#include <glib/gi18n.h>

static const BitonicColumn columns[] = {
  { N_ ("Time"), 19, FALSE, FALSE, 2 },
  { N_ ("Event"), 18, FALSE, FALSE, 0 },
  { N_ ("Torrent"), 16, TRUE, FALSE, 1 },
  { N_ ("Text"), 16, TRUE, FALSE, 0 },
};

static char *
format_event (gpointer data, guint row, guint column, guint width, guint *style)
{
  const BitonicEvent *event = bitonic_log_get_shown (((BitonicApp *) data)->log)->pdata[row];

  *style = event->is_alert ? BITONIC_STYLE_BAD : BITONIC_STYLE_NORMAL;
  switch (column)
    {
    case 0:
      return bitonic_format_time (event->time);
    case 1:
      return g_strdup (bitonic_format_word (event->type));
    case 2:
      return g_strdup (event->torrent);
    default:
      return g_strdup (event->text);
    }
}

guint
bitonic_count_events (BitonicApp *self)
{
  return bitonic_log_get_shown (self->log)->len;
}

void
bitonic_draw_events (BitonicApp *self, guint y, guint height)
{
  const BitonicTable table
      = { columns, G_N_ELEMENTS (columns), bitonic_count_events (self), -1, FALSE, format_event,
          self };

  bitonic_draw_table (self, y, height, &table);
  if (table.n_rows == 0 && height > 1)
    bitonic_canvas_put (self->canvas, 0, y + 1, bitonic_canvas_get_width (self->canvas),
                        BITONIC_STYLE_DIM, _ ("Nothing happened yet."));
}
