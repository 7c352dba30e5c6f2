/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-columns.h"
#include <glib/gi18n.h>

/* Columns of the terminal that those shown take at least. */
static guint
measure (const BitonicColumn *columns, guint n_columns, const guint *widths)
{
  guint total = 0;

  for (guint i = 0; i < n_columns; i++)
    if (widths[i] > 0)
      total += columns[i].width + (total > 0 ? 1 : 0);
  return total;
}

static gboolean
leave_one_out (const BitonicColumn *columns, guint n_columns, guint *widths)
{
  int worst = -1;

  for (guint i = 0; i < n_columns; i++)
    if (widths[i] > 0 && columns[i].rank > 0
        && (worst < 0 || columns[i].rank > columns[worst].rank))
      worst = (int) i;
  if (worst >= 0)
    widths[worst] = 0;
  return worst >= 0;
}

void
bitonic_columns_fit (const BitonicColumn *columns, guint n_columns, guint width, guint *widths)
{
  guint n_flexible = 0, used, rest;

  for (guint i = 0; i < n_columns; i++)
    widths[i] = columns[i].width;
  while ((used = measure (columns, n_columns, widths)) > width
         && leave_one_out (columns, n_columns, widths))
    ;
  for (guint i = 0; i < n_columns; i++)
    n_flexible += widths[i] > 0 && columns[i].gives_way;
  rest = width > used ? width - used : 0;
  for (guint i = 0; i < n_columns; i++)
    if (widths[i] > 0 && columns[i].gives_way)
      {
        const guint share = rest / n_flexible;

        widths[i] += share;
        rest -= share;
        n_flexible--;
      }
}

void
bitonic_scroll_fit (BitonicScroll *self, guint n_rows, guint height)
{
  height = MAX (height, 1);
  self->cursor = MIN (self->cursor, n_rows > 0 ? n_rows - 1 : 0);
  self->top = MIN (self->top, n_rows > height ? n_rows - height : 0);
  self->top = MIN (self->top, self->cursor);
  if (self->cursor >= self->top + height)
    self->top = self->cursor - height + 1;
}

void
bitonic_scroll_move (BitonicScroll *self, guint n_rows, int by)
{
  const gint64 last = n_rows > 0 ? (gint64) n_rows - 1 : 0;

  self->cursor = (guint) CLAMP ((gint64) self->cursor + by, 0, last);
}

static void
draw_headings (const BitonicTable *self, BitonicCanvas *canvas, guint x, guint y, guint width,
               const guint *widths)
{
  bitonic_canvas_fill (canvas, x, y, width, BITONIC_STYLE_HEADING);
  for (guint i = 0; i < self->n_columns; i++)
    {
      const gboolean is_sorted = self->sort_column == (int) i;
      const gboolean plain = bitonic_canvas_is_plain (canvas);
      g_autofree char *title = NULL;

      if (widths[i] == 0)
        continue;
      title = g_strconcat (_ (self->columns[i].title),
                           !is_sorted          ? ""
                           : self->is_reversed ? (plain ? "v" : "▼")
                                               : (plain ? "^" : "▲"),
                           NULL);
      if (self->columns[i].is_number)
        bitonic_canvas_put_right (canvas, x, y, widths[i], BITONIC_STYLE_HEADING, title);
      else
        bitonic_canvas_put (canvas, x, y, widths[i], BITONIC_STYLE_HEADING, title);
      bitonic_canvas_add_hit (canvas, x, y, widths[i] + 1, BITONIC_HIT_COLUMN, i);
      x += widths[i] + 1;
    }
}

static void
draw_row (const BitonicTable *self, BitonicCanvas *canvas, guint x, guint y, guint row,
          guint selected, const guint *widths)
{
  for (guint i = 0; i < self->n_columns; i++)
    {
      guint style = BITONIC_STYLE_NORMAL;
      g_autofree char *cell = NULL;

      if (widths[i] == 0)
        continue;
      cell = self->format (self->data, row, i, widths[i], &style);
      if (self->columns[i].is_number)
        bitonic_canvas_put_right (canvas, x, y, widths[i], style | selected, cell);
      else
        bitonic_canvas_put (canvas, x, y, widths[i], style | selected, cell);
      x += widths[i] + 1;
    }
}

void
bitonic_table_draw (const BitonicTable *self, BitonicCanvas *canvas, guint x, guint y, guint width,
                    guint height, BitonicScroll *scroll)
{
  guint widths[BITONIC_MAX_COLUMNS];

  if (height == 0)
    return;
  bitonic_columns_fit (self->columns, self->n_columns, width, widths);
  draw_headings (self, canvas, x, y, width, widths);
  bitonic_scroll_fit (scroll, self->n_rows, height - 1);
  for (guint i = 0; i + 1 < height && scroll->top + i < self->n_rows; i++)
    {
      const guint row = scroll->top + i;
      const guint selected = row == scroll->cursor ? BITONIC_STYLE_SELECTED : 0;

      if (selected != 0)
        bitonic_canvas_fill (canvas, x, y + 1 + i, width, selected);
      draw_row (self, canvas, x, y + 1 + i, row, selected, widths);
      bitonic_canvas_add_hit (canvas, x, y + 1 + i, width, BITONIC_HIT_ROW, row);
    }
}
