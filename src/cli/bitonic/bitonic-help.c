/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-app.h"
#include "bitonic-commands.h"
#include "../ccbt-cli-text.h"
#include <glib/gi18n.h>

/* All keys and commands, from their tables. */

/* The keys that act in @views (0: everywhere). */
static void
add_keys (GPtrArray *lines, guint views)
{
  guint n;
  const BitonicKey *keys = bitonic_keys_get (&n);

  for (guint i = 0; i < n; i++)
    if (keys[i].help != NULL && keys[i].views == views)
      {
        g_autofree char *name = bitonic_key_make_name (keys[i].key);
        const guint width = ccbt_cli_text_width (name);

        g_ptr_array_add (lines, g_strdup_printf ("%s%*s %s", name, width < 9 ? 9 - (int) width : 0,
                                                 "", _ (keys[i].help)));
      }
}

static void
add_heading (GPtrArray *lines, const char *text)
{
  g_ptr_array_add (lines, g_strdup (""));
  g_ptr_array_add (lines, g_strdup_printf ("%s:", text));
}

/* Returns: (transfer full): lines */
static GPtrArray *
make_help (void)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  guint n;
  const BitonicCommandInfo *commands = bitonic_commands_get (&n);

  add_keys (lines, 0);
  add_heading (lines, bitonic_view_get_title (BITONIC_VIEW_TORRENTS));
  add_keys (lines, 1u << BITONIC_VIEW_TORRENTS | 1u << BITONIC_VIEW_QUEUE);
  add_keys (lines, 1u << BITONIC_VIEW_TORRENTS);
  add_heading (lines, bitonic_view_get_title (BITONIC_VIEW_QUEUE));
  add_keys (lines, 1u << BITONIC_VIEW_QUEUE);
  add_heading (lines, bitonic_view_get_title (BITONIC_VIEW_FILES));
  add_keys (lines, 1u << BITONIC_VIEW_FILES);
  add_heading (lines, _ ("Commands"));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (lines, g_strdup_printf (":%s %s%s%s", commands[i].name, commands[i].usage,
                                             commands[i].usage[0] != '\0' ? ": " : "- ",
                                             _ (commands[i].help)));
  return lines;
}

void
bitonic_app_draw_help (BitonicApp *self)
{
  const guint width = MIN (bitonic_canvas_get_width (self->canvas), 90);
  const guint height = bitonic_canvas_get_height (self->canvas);
  const guint x = (bitonic_canvas_get_width (self->canvas) - width) / 2;
  g_autoptr (GPtrArray) lines = make_help ();
  const guint shown = height > 2 ? height - 2 : 1;
  BitonicScroll *scroll = &self->dialog_scroll;

  if (width < 8 || height < 3)
    return;
  scroll->top = MIN (scroll->cursor, lines->len > shown ? lines->len - shown : 0);
  scroll->cursor = scroll->top;
  bitonic_canvas_box (self->canvas, x, 0, width, height, _ ("Keys (Esc closes)"));
  for (guint i = 0; i < shown && scroll->top + i < lines->len; i++)
    bitonic_canvas_put (self->canvas, x + 2, 1 + i, width - 4, BITONIC_STYLE_NORMAL,
                        lines->pdata[scroll->top + i]);
}

void
bitonic_app_feed_help (BitonicApp *self, gunichar key)
{
  const guint page = MAX (bitonic_canvas_get_height (self->canvas), 6) - 4;

  if (key == 'q' || key == '?' || key == BITONIC_KEY_ENTER)
    self->dialog = BITONIC_DIALOG_NONE;
  else if (key == BITONIC_KEY_UP || key == 'k')
    bitonic_scroll_move (&self->dialog_scroll, G_MAXINT, -1);
  else if (key == BITONIC_KEY_DOWN || key == 'j')
    bitonic_scroll_move (&self->dialog_scroll, G_MAXINT, 1);
  else if (key == BITONIC_KEY_PAGE_UP)
    bitonic_scroll_move (&self->dialog_scroll, G_MAXINT, -(int) page);
  else if (key == BITONIC_KEY_PAGE_DOWN || key == ' ')
    bitonic_scroll_move (&self->dialog_scroll, G_MAXINT, (int) page);
}
