/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-columns.h"
#include <string.h>

typedef struct
{
  char *key;
  GVariant *values; /* an array */
} Column;

struct _BtbtColumns
{
  GArray *columns; /* Column */
  guint n_rows;
};

static void
column_clear (gpointer data)
{
  Column *column = data;

  g_free (column->key);
  g_variant_unref (column->values);
}

BtbtColumns *
btbt_columns_new (GVariant *columns)
{
  BtbtColumns *self = g_new0 (BtbtColumns, 1);
  GVariantIter iter;
  Column column;

  self->columns = g_array_new (FALSE, FALSE, sizeof (Column));
  g_array_set_clear_func (self->columns, column_clear);
  self->n_rows = G_MAXUINT;
  g_variant_iter_init (&iter, columns);
  while (g_variant_iter_next (&iter, "{sv}", &column.key, &column.values))
    if (g_variant_is_of_type (column.values, G_VARIANT_TYPE_ARRAY))
      {
        self->n_rows = MIN (self->n_rows, (guint) g_variant_n_children (column.values));
        g_array_append_val (self->columns, column);
      }
    else
      column_clear (&column);
  if (self->columns->len == 0)
    self->n_rows = 0;
  return self;
}

void
btbt_columns_free (BtbtColumns *self)
{
  g_array_unref (self->columns);
  g_free (self);
}

static GVariant *
find (BtbtColumns *self, const char *key)
{
  for (guint i = 0; i < self->columns->len; i++)
    if (g_str_equal (g_array_index (self->columns, Column, i).key, key))
      return g_array_index (self->columns, Column, i).values;
  return NULL;
}

GVariant *
btbt_columns_get_cell (BtbtColumns *self, const char *key, guint row)
{
  GVariant *values = find (self, key);

  return values != NULL ? g_variant_get_child_value (values, row) : NULL;
}

GVariant *
btbt_columns_get_row (BtbtColumns *self, guint row)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < self->columns->len; i++)
    {
      const Column *column = &g_array_index (self->columns, Column, i);
      g_autoptr (GVariant) value = g_variant_get_child_value (column->values, row);

      g_variant_builder_add (&builder, "{sv}", column->key, value);
    }
  return g_variant_builder_end (&builder);
}

/* --- Choosing --- */

static gboolean
is_text (BtbtColumns *self, const char *key, guint row, const char *wanted)
{
  g_autoptr (GVariant) cell = btbt_columns_get_cell (self, key, row);

  return cell != NULL && g_variant_is_of_type (cell, G_VARIANT_TYPE_STRING)
         && g_str_equal (g_variant_get_string (cell, NULL), wanted);
}

static gboolean
has_tag (BtbtColumns *self, guint row, const char *wanted)
{
  g_autoptr (GVariant) cell = btbt_columns_get_cell (self, "tags", row);
  g_autofree const char **tags = NULL;

  if (cell == NULL || !g_variant_is_of_type (cell, G_VARIANT_TYPE_STRING_ARRAY))
    return FALSE;
  tags = g_variant_get_strv (cell, NULL);
  return g_strv_contains ((const char *const *) tags, wanted);
}

static gboolean
name_contains (BtbtColumns *self, guint row, const char *folded)
{
  g_autoptr (GVariant) cell = btbt_columns_get_cell (self, "name", row);
  g_autofree char *name = NULL;

  if (cell == NULL || !g_variant_is_of_type (cell, G_VARIANT_TYPE_STRING))
    return FALSE;
  name = g_utf8_casefold (g_variant_get_string (cell, NULL), -1);
  return strstr (name, folded) != NULL;
}

/* --- Order --- */

typedef struct
{
  guint row;
  double number;
  char *text; /* as strcmp() compares; NULL: a number */
} Place;

static void
place_clear (gpointer data)
{
  g_free (((Place *) data)->text);
}

static double
read_number (GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_UINT32:
      return g_variant_get_uint32 (value);
    case G_VARIANT_CLASS_UINT64:
      return (double) g_variant_get_uint64 (value);
    case G_VARIANT_CLASS_INT64:
      return (double) g_variant_get_int64 (value);
    case G_VARIANT_CLASS_DOUBLE:
      return g_variant_get_double (value);
    default:
      return 0;
    }
}

static Place
find_place (GVariant *column, guint row)
{
  Place place = { .row = row };
  g_autoptr (GVariant) cell = column != NULL ? g_variant_get_child_value (column, row) : NULL;

  if (cell != NULL && g_variant_is_of_type (cell, G_VARIANT_TYPE_STRING))
    place.text = g_utf8_collate_key (g_variant_get_string (cell, NULL), -1);
  else if (cell != NULL)
    place.number = read_number (cell);
  return place;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *left = a, *right = b;

  if (left->text != NULL && right->text != NULL)
    return strcmp (left->text, right->text);
  return left->number < right->number ? -1 : left->number > right->number;
}

GArray *
btbt_columns_arrange (BtbtColumns *self, const char *filter, const char *key)
{
  g_autofree char *valid = filter != NULL ? g_utf8_make_valid (filter, -1) : NULL;
  g_autofree char *folded = valid != NULL ? g_utf8_casefold (valid, -1) : NULL;
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (guint));
  GVariant *column = find (self, key);

  g_array_set_clear_func (places, place_clear);
  for (guint row = 0; row < self->n_rows; row++)
    if (filter == NULL || is_text (self, "state", row, filter)
        || is_text (self, "category", row, filter) || has_tag (self, row, filter)
        || name_contains (self, row, folded))
      {
        Place place = find_place (column, row);

        g_array_append_val (places, place);
      }
  g_array_sort (places, compare_places);
  for (guint i = 0; i < places->len; i++)
    g_array_append_val (rows, g_array_index (places, Place, i).row);
  return rows;
}
