/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-app.h"
#include "bitonic-commands.h"
#include "../ccbt-cli-addition.h"
#include "../ccbt-cli-text.h"
#include <glib/gi18n.h>
#include <string.h>

/* What stands over the view: lines to type, a question, the keys. */

void
bitonic_app_open_dialog (BitonicApp *self, BitonicDialog dialog, const char *text)
{
  self->dialog = dialog;
  self->dialog_scroll = (BitonicScroll){ 0 };
  bitonic_line_init (&self->line, text);
}

/* --- What a line does --- */

static void
complain (BitonicApp *self, const GError *error)
{
  bitonic_app_say (self, TRUE, g_strdup (error->message));
}

/* @what: a path, "~/" allowed, or a magnet link */
static void
add_torrent (BitonicApp *self, const char *what)
{
  const CcbtCliAddition settings = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) arguments = NULL;
  g_autofree char *path = NULL;

  if (g_str_has_prefix (what, "~/"))
    path = g_build_filename (g_get_home_dir (), what + 2, NULL);
  arguments = ccbt_cli_make_addition (path != NULL ? path : what, &settings, &error);
  if (arguments == NULL)
    complain (self, error);
  else if (self->link != NULL)
    bitonic_link_call (self->link, "torrent.add", arguments);
}

static void
run_command (BitonicApp *self, const char *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) chosen = NULL;
  gboolean is_of_torrent;

  if (g_str_equal (line, "quit") || g_str_equal (line, "q"))
    self->is_over = TRUE;
  else if (g_str_equal (line, "remove"))
    bitonic_app_run (self, BITONIC_ACTION_REMOVE, 0);
  else if (!bitonic_command_check (line, &is_of_torrent, &error))
    complain (self, error);
  else
    {
      chosen = is_of_torrent
                   ? bitonic_torrents_get_marked (self->torrents, bitonic_app_get_selected (self))
                   : g_ptr_array_new ();
      if (!is_of_torrent)
        g_ptr_array_add (chosen, NULL);
      for (guint i = 0; i < chosen->len && error == NULL; i++)
        {
          const BitonicTorrent *torrent = chosen->pdata[i];
          const char *verb;
          g_autoptr (GVariant) arguments = bitonic_command_make (
              line, torrent != NULL ? torrent->info_hash : NULL, &verb, &error);

          if (arguments == NULL)
            complain (self, error);
          else if (self->link != NULL)
            bitonic_link_call (self->link, verb, arguments);
        }
    }
}

static void
finish_line (BitonicApp *self)
{
  const BitonicDialog dialog = self->dialog;
  g_autofree char *text = g_strstrip (g_strdup (self->line.text->str));

  self->dialog = BITONIC_DIALOG_NONE;
  if (text[0] == '\0')
    return;
  if (dialog == BITONIC_DIALOG_ADD)
    add_torrent (self, text);
  else if (dialog == BITONIC_DIALOG_COMMAND)
    run_command (self, text);
}

static void
feed_line (BitonicApp *self, gunichar key)
{
  if (key == BITONIC_KEY_ENTER)
    {
      finish_line (self);
      return;
    }
  bitonic_line_feed (&self->line, key);
  if (self->dialog == BITONIC_DIALOG_FILTER)
    bitonic_torrents_set_filter (self->torrents, self->line.text->str);
}

/* --- Removing --- */

static void
remove_chosen (BitonicApp *self)
{
  g_autoptr (GPtrArray) chosen
      = bitonic_torrents_get_marked (self->torrents, bitonic_app_get_selected (self));

  for (guint i = 0; i < chosen->len && self->link != NULL; i++)
    bitonic_link_call (
        self->link, "torrent.remove",
        g_variant_new ("(sb)", ((BitonicTorrent *) chosen->pdata[i])->info_hash, FALSE));
}

static void
feed_question (BitonicApp *self, gunichar key)
{
  if (key != 'y' && key != 'n')
    return;
  self->dialog = BITONIC_DIALOG_NONE;
  if (key == 'y')
    remove_chosen (self);
}

static void
draw_question (BitonicApp *self)
{
  g_autoptr (GPtrArray) chosen
      = bitonic_torrents_get_marked (self->torrents, bitonic_app_get_selected (self));
  const guint width = MIN (bitonic_canvas_get_width (self->canvas), 70);
  const guint x = (bitonic_canvas_get_width (self->canvas) - width) / 2;
  const guint y = bitonic_canvas_get_height (self->canvas) / 3;
  g_autofree char *text = NULL;

  if (chosen->len == 1)
    text = g_strdup (((BitonicTorrent *) chosen->pdata[0])->name);
  else
    text = g_strdup_printf (ngettext ("%u torrent", "%u torrents", chosen->len), chosen->len);
  bitonic_canvas_box (self->canvas, x, y, width, 5, _ ("Remove?"));
  bitonic_canvas_put (self->canvas, x + 2, y + 1, width - 4, BITONIC_STYLE_BOLD, text);
  bitonic_canvas_put (self->canvas, x + 2, y + 2, width - 4, BITONIC_STYLE_NORMAL,
                      _ ("Its files stay where they are."));
  bitonic_canvas_put (self->canvas, x + 2, y + 3, width / 2 - 2, BITONIC_STYLE_WARNING,
                      _ ("y: remove"));
  bitonic_canvas_add_hit (self->canvas, x + 2, y + 3, width / 2 - 2, BITONIC_HIT_KEY, 'y');
  bitonic_canvas_put (self->canvas, x + width / 2, y + 3, width / 2 - 2, BITONIC_STYLE_NORMAL,
                      _ ("n: no"));
  bitonic_canvas_add_hit (self->canvas, x + width / 2, y + 3, width / 2 - 2, BITONIC_HIT_KEY, 'n');
}

/* --- Help --- */

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

static void
draw_help (BitonicApp *self)
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

static void
feed_help (BitonicApp *self, gunichar key)
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

/* --- All of them --- */

void
bitonic_app_feed_dialog (BitonicApp *self, gunichar key)
{
  if (key == BITONIC_KEY_ESCAPE)
    {
      if (self->dialog == BITONIC_DIALOG_FILTER)
        bitonic_torrents_set_filter (self->torrents, "");
      self->dialog = BITONIC_DIALOG_NONE;
    }
  else if (self->dialog == BITONIC_DIALOG_HELP)
    feed_help (self, key);
  else if (self->dialog == BITONIC_DIALOG_REMOVE)
    feed_question (self, key);
  else
    feed_line (self, key);
}

void
bitonic_app_draw_dialog (BitonicApp *self)
{
  const guint width = bitonic_canvas_get_width (self->canvas);
  const guint y = bitonic_canvas_get_height (self->canvas) - 1;
  const char *label;
  guint used;

  if (self->dialog == BITONIC_DIALOG_HELP)
    draw_help (self);
  else if (self->dialog == BITONIC_DIALOG_REMOVE)
    draw_question (self);
  if (self->dialog == BITONIC_DIALOG_HELP || self->dialog == BITONIC_DIALOG_REMOVE)
    return;
  label = self->dialog == BITONIC_DIALOG_FILTER ? _ ("Filter: ")
          : self->dialog == BITONIC_DIALOG_ADD  ? _ ("Add (file, URL or magnet link): ")
                                                : ":";
  bitonic_canvas_fill (self->canvas, 0, y, width, BITONIC_STYLE_NORMAL);
  used = bitonic_canvas_put (self->canvas, 0, y, width / 2, BITONIC_STYLE_BOLD, label);
  bitonic_line_draw (&self->line, self->canvas, used, y, width - used);
}
