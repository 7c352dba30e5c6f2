/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-form.h"
#include "bitonic-format.h"
#include "bitonic-keys.h"
#include "../ccbt-cli-text.h"
#include <glib/gi18n.h>

#define WIDTH 76u

static const char *const switch_words[] = { "off", "on", NULL };

void
bitonic_form_init (BitonicForm *self, const char *title)
{
  bitonic_form_clear (self);
  self->title = title;
}

void
bitonic_form_clear (BitonicForm *self)
{
  for (guint i = 0; i < self->n_fields; i++)
    bitonic_line_clear (&self->fields[i].line);
  *self = (BitonicForm){ NULL };
}

static BitonicField *
add_field (BitonicForm *self, const char *label, const char *text)
{
  BitonicField *field = &self->fields[self->n_fields];

  g_return_val_if_fail (self->n_fields < BITONIC_FORM_MAX, NULL);

  self->n_fields++;
  field->label = label;
  bitonic_line_init (&field->line, text);
  return field;
}

void
bitonic_form_add_line (BitonicForm *self, const char *label, const char *text)
{
  add_field (self, label, text);
}

void
bitonic_form_add_choice (BitonicForm *self, const char *label, const char *const *choices,
                         guint choice)
{
  BitonicField *field = add_field (self, label, "");

  field->choices = choices;
  field->choice = MIN (choice, g_strv_length ((GStrv) choices) - 1);
}

void
bitonic_form_add_switch (BitonicForm *self, const char *label, gboolean is_on)
{
  bitonic_form_add_choice (self, label, switch_words, is_on ? 1 : 0);
}

char *
bitonic_form_get_text (const BitonicForm *self, guint i)
{
  return g_strstrip (g_strdup (self->fields[i].line.text->str));
}

const char *
bitonic_form_get_choice (const BitonicForm *self, guint i)
{
  return self->fields[i].choices[self->fields[i].choice];
}

gboolean
bitonic_form_is_on (const BitonicForm *self, guint i)
{
  return self->fields[i].choice == 1;
}

gboolean
bitonic_form_is_changed (const BitonicForm *self, guint i)
{
  return self->fields[i].is_changed;
}

static void
choose (BitonicField *field, int by)
{
  const guint n = g_strv_length ((GStrv) field->choices);

  field->choice = (field->choice + n + (guint) by) % n;
  field->is_changed = TRUE;
}

BitonicFormResult
bitonic_form_feed (BitonicForm *self, gunichar key)
{
  BitonicField *field = &self->fields[self->cursor];

  if (key == BITONIC_KEY_ENTER)
    return BITONIC_FORM_DONE;
  if (key == '\t' || key == BITONIC_KEY_DOWN || key == BITONIC_CONTROL ('N'))
    self->cursor = (self->cursor + 1) % self->n_fields;
  else if (key == BITONIC_KEY_BACK_TAB || key == BITONIC_KEY_UP || key == BITONIC_CONTROL ('P'))
    self->cursor = (self->cursor + self->n_fields - 1) % self->n_fields;
  else if (field->choices == NULL)
    field->is_changed = bitonic_line_feed (&field->line, key) || field->is_changed;
  else if (key == ' ' || key == BITONIC_KEY_RIGHT)
    choose (field, 1);
  else if (key == BITONIC_KEY_LEFT)
    choose (field, -1);
  return BITONIC_FORM_OPEN;
}

static void
draw_field (const BitonicForm *self, guint i, BitonicCanvas *canvas, guint x, guint y, guint width,
            guint label_width)
{
  const BitonicField *field = &self->fields[i];
  const guint style = i == self->cursor ? BITONIC_STYLE_SELECTED : BITONIC_STYLE_NORMAL;
  const guint rest = width > label_width + 1 ? width - label_width - 1 : 0;

  bitonic_canvas_put (canvas, x, y, label_width, BITONIC_STYLE_DIM, _ (field->label));
  x += label_width + 1;
  if (field->choices != NULL)
    {
      g_autofree char *text
          = g_strdup_printf ("< %s >", bitonic_format_word (field->choices[field->choice]));

      bitonic_canvas_put (canvas, x, y, rest, style, text);
    }
  else if (i == self->cursor)
    bitonic_line_draw (&field->line, canvas, x, y, rest);
  else
    bitonic_canvas_put (canvas, x, y, rest, style, field->line.text->str);
}

void
bitonic_form_draw (const BitonicForm *self, BitonicCanvas *canvas)
{
  const guint width = MIN (bitonic_canvas_get_width (canvas), WIDTH);
  const guint height = self->n_fields + 4;
  const guint x = (bitonic_canvas_get_width (canvas) - width) / 2;
  const guint space = bitonic_canvas_get_height (canvas);
  const guint y = space > height ? (space - height) / 2 : 0;
  guint label_width = 0;

  if (width < 8)
    return;
  for (guint i = 0; i < self->n_fields; i++)
    label_width = MAX (label_width, ccbt_cli_text_width (_ (self->fields[i].label)));
  bitonic_canvas_box (canvas, x, y, width, height, _ (self->title));
  for (guint i = 0; i < self->n_fields; i++)
    draw_field (self, i, canvas, x + 2, y + 1 + i, width - 4, MIN (label_width, width / 2));
  bitonic_canvas_put (canvas, x + 2, y + height - 2, width - 4, BITONIC_STYLE_DIM,
                      _ ("Enter: do it   Esc: leave it   Tab: next   Space: other choice"));
}
