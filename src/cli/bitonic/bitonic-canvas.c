/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-canvas.h"
#include "../ccbt-cli-text.h"
#include "base/ccbt-text.h"

typedef struct
{
  guint x, y, width;
  BitonicHit hit;
  guint value;
} Area;

struct _BitonicCanvas
{
  guint width, height;
  gboolean plain;
  BitonicCell *cells;
  GArray *areas; /* Area */
  int cursor_x, cursor_y;
};

BitonicCanvas *
bitonic_canvas_new (guint width, guint height, gboolean plain)
{
  BitonicCanvas *self = g_new0 (BitonicCanvas, 1);

  self->plain = plain;
  self->areas = g_array_new (FALSE, FALSE, sizeof (Area));
  bitonic_canvas_resize (self, width, height);
  return self;
}

void
bitonic_canvas_free (BitonicCanvas *self)
{
  g_array_unref (self->areas);
  g_free (self->cells);
  g_free (self);
}

void
bitonic_canvas_resize (BitonicCanvas *self, guint width, guint height)
{
  g_free (self->cells);
  self->width = CLAMP (width, 1, 2000);
  self->height = CLAMP (height, 1, 2000);
  self->cells = g_new (BitonicCell, (gsize) self->width * self->height);
  bitonic_canvas_clear (self);
}

static void
clear_cells (BitonicCell *cells, gsize n, guint style)
{
  for (gsize i = 0; i < n; i++)
    cells[i] = (BitonicCell){ .chars = { ' ' }, .style = (guint8) style, .width = 1 };
}

void
bitonic_canvas_clear (BitonicCanvas *self)
{
  clear_cells (self->cells, (gsize) self->width * self->height, BITONIC_STYLE_NORMAL);
  g_array_set_size (self->areas, 0);
  bitonic_canvas_set_cursor (self, -1, -1);
}

guint
bitonic_canvas_get_width (BitonicCanvas *self)
{
  return self->width;
}

guint
bitonic_canvas_get_height (BitonicCanvas *self)
{
  return self->height;
}

gboolean
bitonic_canvas_is_plain (BitonicCanvas *self)
{
  return self->plain;
}

/* Half of a wide character must not be left alone. */
static void
break_wide (BitonicCanvas *self, guint x, guint y)
{
  BitonicCell *cell = &self->cells[y * self->width + x];

  if (cell->width == 0 && x > 0)
    clear_cells (cell - 1, 1, cell[-1].style);
  if (cell->width == 2 && x + 1 < self->width)
    clear_cells (cell + 1, 1, cell[1].style);
}

static guint
clip (BitonicCanvas *self, guint x, guint y, guint width)
{
  return y < self->height && x < self->width ? MIN (width, self->width - x) : 0;
}

void
bitonic_canvas_fill (BitonicCanvas *self, guint x, guint y, guint width, guint style)
{
  width = clip (self, x, y, width);
  if (width == 0)
    return;
  break_wide (self, x, y);
  break_wide (self, x + width - 1, y);
  clear_cells (&self->cells[y * self->width + x], width, style);
}

/* A mark goes to the character before it. */
static void
add_mark (BitonicCell *cell, gunichar mark)
{
  for (guint i = 1; i < BITONIC_CELL_CHARS; i++)
    if (cell->chars[i] == 0)
      {
        cell->chars[i] = mark;
        return;
      }
}

/* What is shown for @text: printable, in ASCII when it must be. Returns: (transfer full) (nullable): NULL:
 * @text as it is */
static char *
make_shown (BitonicCanvas *self, const char *text)
{
  g_autofree char *printable = NULL;
  const char *at = text;

  while (*at >= ' ' && *at < 0x7f)
    at++;
  if (*at == '\0')
    return NULL;
  printable = ccbt_text_make_printable (ccbt_span_from_string (text), 4000);
  return self->plain ? g_str_to_ascii (printable, NULL) : g_steal_pointer (&printable);
}

/* Puts @text, which fits. */
static void
put_fitting (BitonicCanvas *self, guint x, guint y, guint style, const char *text)
{
  BitonicCell *row = &self->cells[y * self->width];
  BitonicCell *last = NULL;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      const gunichar c = g_utf8_get_char (text);
      const guint width = ccbt_cli_char_width (c);

      if (width == 0)
        {
          if (last != NULL)
            add_mark (last, c);
          continue;
        }
      bitonic_canvas_fill (self, x, y, width, style);
      last = &row[x];
      last->chars[0] = c;
      last->width = (guint8) width;
      if (width == 2)
        row[x + 1] = (BitonicCell){ .style = (guint8) style };
      x += width;
    }
}

/* Returns: its columns. @cut: what fits into @width */
static guint
cut_text (BitonicCanvas *self, GString *cut, const char *text, guint width)
{
  g_autofree char *shown = make_shown (self, text);
  guint used;

  if (width == 0)
    return 0;
  used = ccbt_cli_text_append_cut (cut, shown != NULL ? shown : text, width);
  if (self->plain && g_str_has_suffix (cut->str, "…"))
    {
      g_string_truncate (cut, cut->len - strlen ("…"));
      g_string_append_c (cut, '~');
    }
  return used;
}

guint
bitonic_canvas_put (BitonicCanvas *self, guint x, guint y, guint width, guint style,
                    const char *text)
{
  g_autoptr (GString) cut = g_string_new (NULL);
  const guint used = cut_text (self, cut, text, clip (self, x, y, width));

  put_fitting (self, x, y, style, cut->str);
  return used;
}

void
bitonic_canvas_put_right (BitonicCanvas *self, guint x, guint y, guint width, guint style,
                          const char *text)
{
  g_autoptr (GString) cut = g_string_new (NULL);
  guint used;

  width = clip (self, x, y, width);
  used = cut_text (self, cut, text, width);
  put_fitting (self, x + width - used, y, style, cut->str);
}

void
bitonic_canvas_box (BitonicCanvas *self, guint x, guint y, guint width, guint height,
                    const char *title)
{
  static const char *const lines[2][6]
      = { { "─", "│", "┌", "┐", "└", "┘" }, { "-", "|", "+", "+", "+", "+" } };
  const char *const *line = lines[self->plain ? 1 : 0];
  const guint right = x + width - 1, bottom = y + height - 1;

  for (guint i = y; i <= bottom; i++)
    {
      bitonic_canvas_fill (self, x, i, width, BITONIC_STYLE_NORMAL);
      bitonic_canvas_put (self, x, i, 1, BITONIC_STYLE_NORMAL, line[1]);
      bitonic_canvas_put (self, right, i, 1, BITONIC_STYLE_NORMAL, line[1]);
    }
  for (guint i = x; i <= right; i++)
    {
      bitonic_canvas_put (self, i, y, 1, BITONIC_STYLE_NORMAL,
                          line[i == x       ? 2
                               : i == right ? 3
                                            : 0]);
      bitonic_canvas_put (self, i, bottom, 1, BITONIC_STYLE_NORMAL,
                          line[i == x       ? 4
                               : i == right ? 5
                                            : 0]);
    }
  if (width > 6)
    bitonic_canvas_put (self, x + 2, y, width - 4, BITONIC_STYLE_BOLD, title);
}

void
bitonic_canvas_add_hit (BitonicCanvas *self, guint x, guint y, guint width, BitonicHit hit,
                        guint value)
{
  const Area area = { x, y, width, hit, value };

  g_array_append_val (self->areas, area);
}

BitonicHit
bitonic_canvas_find_hit (BitonicCanvas *self, guint x, guint y, guint *value)
{
  for (guint i = self->areas->len; i-- > 0;)
    {
      const Area *area = &g_array_index (self->areas, Area, i);

      if (area->y != y || x < area->x || x - area->x >= area->width)
        continue;
      *value = area->value;
      return area->hit;
    }
  return BITONIC_HIT_NONE;
}

void
bitonic_canvas_set_cursor (BitonicCanvas *self, int x, int y)
{
  self->cursor_x = x;
  self->cursor_y = y;
}

void
bitonic_canvas_get_cursor (BitonicCanvas *self, int *x, int *y)
{
  *x = self->cursor_x;
  *y = self->cursor_y;
}

const BitonicCell *
bitonic_canvas_get_row (BitonicCanvas *self, guint y)
{
  g_return_val_if_fail (y < self->height, NULL);

  return &self->cells[y * self->width];
}

char *
bitonic_canvas_dup_row (BitonicCanvas *self, guint y)
{
  GString *text = g_string_new (NULL);
  const BitonicCell *row = bitonic_canvas_get_row (self, y);

  for (guint x = 0; x < self->width; x++)
    for (guint i = 0; i < BITONIC_CELL_CHARS && row[x].chars[i] != 0; i++)
      g_string_append_unichar (text, row[x].chars[i]);
  return g_strchomp (g_string_free (text, FALSE));
}
