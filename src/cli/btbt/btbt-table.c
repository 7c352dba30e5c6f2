/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../ccbt-cli-text.h"
#include "btbt-table.h"
#include "base/ccbt-text.h"
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MIN_FLEXIBLE 8
#define GAP 2

struct _BtbtTable
{
  guint n_columns;
  GPtrArray *rows; /* GStrv; the first holds the headings */
  GArray *widths;  /* guint: of each cell, row by row */
  gboolean *is_number;
  guint flexible; /* the column that gives way */
};

/* @row: (transfer full) */
static void
add_row (BtbtTable *self, GStrv row)
{
  for (guint i = 0; i < self->n_columns; i++)
    {
      guint width = ccbt_cli_text_width (row[i]);

      g_array_append_val (self->widths, width);
    }
  g_ptr_array_add (self->rows, row);
}

BtbtTable *
btbt_table_new (const char *const *headings)
{
  BtbtTable *self = g_new0 (BtbtTable, 1);
  GStrv row = g_strdupv ((char **) headings);

  self->n_columns = g_strv_length (row);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  self->widths = g_array_new (FALSE, FALSE, sizeof (guint));
  self->is_number = g_new0 (gboolean, self->n_columns);
  self->flexible = self->n_columns - 1;
  for (guint i = 0; i < self->n_columns; i++)
    {
      if (row[i][0] != '>' && row[i][0] != '*')
        continue;
      self->is_number[i] = row[i][0] == '>';
      if (row[i][0] == '*')
        self->flexible = i;
      memmove (row[i], row[i] + 1, strlen (row[i]));
    }
  add_row (self, row);
  return self;
}

void
btbt_table_free (BtbtTable *self)
{
  g_ptr_array_unref (self->rows);
  g_array_unref (self->widths);
  g_free (self->is_number);
  g_free (self);
}

void
btbt_table_add (BtbtTable *self, const char *const *cells)
{
  GStrv row = g_new0 (char *, self->n_columns + 1);

  for (guint i = 0; i < self->n_columns; i++)
    row[i] = ccbt_text_make_printable (ccbt_span_from_string (cells[i]), 2000);
  add_row (self, row);
}

static void
append_spaces (GString *out, guint n)
{
  while (n-- > 0)
    g_string_append_c (out, ' ');
}

static guint
get_width (BtbtTable *self, guint row, guint column)
{
  return g_array_index (self->widths, guint, row * self->n_columns + column);
}

static void
append_row (BtbtTable *self, GString *out, guint number, const guint *widths)
{
  GStrv row = self->rows->pdata[number];

  for (guint i = 0; i < self->n_columns; i++)
    {
      guint width = get_width (self, number, i), rest;
      g_autoptr (GString) cut = NULL;

      if (width > widths[i])
        {
          cut = g_string_new (NULL);
          width = ccbt_cli_text_append_cut (cut, row[i], widths[i]);
        }
      rest = widths[i] - width;
      if (i > 0)
        append_spaces (out, GAP);
      if (self->is_number[i])
        append_spaces (out, rest);
      g_string_append (out, cut != NULL ? cut->str : row[i]);
      if (!self->is_number[i] && i + 1 < self->n_columns)
        append_spaces (out, rest);
    }
  g_string_append_c (out, '\n');
}

char *
btbt_table_format (BtbtTable *self, guint width)
{
  GString *out = g_string_new (NULL);
  g_autofree guint *widths = g_new0 (guint, self->n_columns);
  guint total = GAP * (self->n_columns - 1);

  for (guint i = 0; i < self->n_columns; i++)
    {
      for (guint j = 0; j < self->rows->len; j++)
        widths[i] = MAX (widths[i], get_width (self, j, i));
      total += widths[i];
    }
  if (width > 0 && total > width)
    {
      guint *flexible = &widths[self->flexible];
      guint excess = MIN (total - width, *flexible - MIN (*flexible, MIN_FLEXIBLE));

      *flexible -= excess;
    }
  for (guint j = 0; j < self->rows->len; j++)
    append_row (self, out, j, widths);
  return g_string_free (out, FALSE);
}

guint
btbt_terminal_width (void)
{
  struct winsize size = { 0 };
  const char *columns = g_getenv ("COLUMNS");
  guint64 n;

  if (!isatty (STDOUT_FILENO))
    return 0;
  if (columns != NULL && g_ascii_string_to_unsigned (columns, 10, 1, 10000, &n, NULL))
    return (guint) n;
  return ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}
