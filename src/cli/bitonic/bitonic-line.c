/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-line.h"
#include "bitonic-keys.h"
#include "../ccbt-cli-text.h"
#include <string.h>

#define MAX_BYTES 65536 /* magnet links with many trackers are below it */

void
bitonic_line_init (BitonicLine *self, const char *text)
{
  bitonic_line_clear (self);
  self->text = g_string_new (text);
  self->at = self->text->len;
}

void
bitonic_line_clear (BitonicLine *self)
{
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  *self = (BitonicLine){ NULL };
}

static gsize
get_previous (const BitonicLine *self)
{
  const char *before = g_utf8_find_prev_char (self->text->str, self->text->str + self->at);

  return before != NULL ? (gsize) (before - self->text->str) : 0;
}

static gsize
get_next (const BitonicLine *self)
{
  return self->at < self->text->len
             ? (gsize) (g_utf8_next_char (self->text->str + self->at) - self->text->str)
             : self->at;
}

static void
erase (BitonicLine *self, gsize from, gsize to)
{
  g_string_erase (self->text, (gssize) from, (gssize) (to - from));
  self->at = from;
}

static gsize
find_word (const BitonicLine *self)
{
  gsize at = self->at;

  while (at > 0 && self->text->str[at - 1] == ' ')
    at--;
  while (at > 0 && self->text->str[at - 1] != ' ')
    at--;
  return at;
}

static gboolean
insert (BitonicLine *self, gunichar key)
{
  char bytes[6];
  const int n = g_unichar_to_utf8 (key, bytes);

  if (!g_unichar_validate (key) || g_unichar_iscntrl (key))
    return FALSE;
  if (self->text->len + (gsize) n > MAX_BYTES)
    return TRUE;
  g_string_insert_len (self->text, (gssize) self->at, bytes, n);
  self->at += (gsize) n;
  return TRUE;
}

gboolean
bitonic_line_feed (BitonicLine *self, gunichar key)
{
  switch (key)
    {
    case BITONIC_KEY_LEFT:
      self->at = get_previous (self);
      return TRUE;
    case BITONIC_KEY_RIGHT:
      self->at = get_next (self);
      return TRUE;
    case BITONIC_KEY_HOME:
    case BITONIC_CONTROL ('A'):
      self->at = 0;
      return TRUE;
    case BITONIC_KEY_END:
    case BITONIC_CONTROL ('E'):
      self->at = self->text->len;
      return TRUE;
    case BITONIC_KEY_BACKSPACE:
      erase (self, get_previous (self), self->at);
      return TRUE;
    case BITONIC_KEY_DELETE:
      erase (self, self->at, get_next (self));
      return TRUE;
    case BITONIC_CONTROL ('U'):
      erase (self, 0, self->at);
      return TRUE;
    case BITONIC_CONTROL ('W'):
      erase (self, find_word (self), self->at);
      return TRUE;
    default:
      return insert (self, key);
    }
}

void
bitonic_line_draw (const BitonicLine *self, BitonicCanvas *canvas, guint x, guint y, guint width)
{
  const char *from = self->text->str;
  g_autofree char *before = NULL;

  bitonic_canvas_fill (canvas, x, y, width, BITONIC_STYLE_NORMAL);
  if (width < 2)
    return;
  before = g_strndup (from, self->at);
  for (const char *at = before; ccbt_cli_text_width (at) >= width; at = g_utf8_next_char (at))
    from = self->text->str + (g_utf8_next_char (at) - before);
  bitonic_canvas_put (canvas, x, y, width, BITONIC_STYLE_NORMAL, from);
  bitonic_canvas_set_cursor (
      canvas, (int) (x + ccbt_cli_text_width (before + (from - self->text->str))), (int) y);
}
