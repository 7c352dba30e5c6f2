/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-commands.h"
#include "bitonic-forms.h"
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
          else
            bitonic_app_call (self, verb, arguments);
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
    bitonic_forms_add_torrent (self, text, NULL, FALSE, FALSE);
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

  for (guint i = 0; i < chosen->len; i++)
    bitonic_app_call (
        self, "torrent.remove",
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

/* --- All of them --- */

static void
feed_browser (BitonicApp *self, gunichar key)
{
  g_autofree char *path = bitonic_browser_feed (self->browser, key);

  if (path == NULL)
    return;
  if (g_utf8_validate (path, -1, NULL)) /* a folder can be named for it */
    bitonic_forms_open_add (self, path);
  else if (bitonic_forms_add_torrent (self, path, NULL, FALSE, FALSE))
    self->dialog = BITONIC_DIALOG_NONE;
}

static void
feed_form (BitonicApp *self, gunichar key)
{
  if (bitonic_form_feed (&self->form, key) == BITONIC_FORM_DONE && bitonic_forms_submit (self))
    self->dialog = BITONIC_DIALOG_NONE;
}

static void
leave (BitonicApp *self)
{
  if (self->dialog == BITONIC_DIALOG_FILTER)
    bitonic_torrents_set_filter (self->torrents, "");
  self->dialog = BITONIC_DIALOG_NONE;
}

void
bitonic_app_feed_dialog (BitonicApp *self, gunichar key)
{
  if (key == BITONIC_KEY_ESCAPE)
    {
      leave (self);
      return;
    }
  switch (self->dialog)
    {
    case BITONIC_DIALOG_HELP:
      bitonic_app_feed_help (self, key);
      break;
    case BITONIC_DIALOG_REMOVE:
      feed_question (self, key);
      break;
    case BITONIC_DIALOG_BROWSER:
      feed_browser (self, key);
      break;
    case BITONIC_DIALOG_ADD_FORM:
    case BITONIC_DIALOG_OPTIONS:
    case BITONIC_DIALOG_LIMITS:
      feed_form (self, key);
      break;
    default:
      feed_line (self, key);
      break;
    }
}

static void
draw_line (BitonicApp *self)
{
  const guint width = bitonic_canvas_get_width (self->canvas);
  const guint y = bitonic_canvas_get_height (self->canvas) - 1;
  const char *label = self->dialog == BITONIC_DIALOG_FILTER ? _ ("Filter: ")
                      : self->dialog == BITONIC_DIALOG_ADD  ? _ ("Add (file, URL or magnet link): ")
                                                            : ":";
  guint used;

  bitonic_canvas_fill (self->canvas, 0, y, width, BITONIC_STYLE_NORMAL);
  used = bitonic_canvas_put (self->canvas, 0, y, width / 2, BITONIC_STYLE_BOLD, label);
  bitonic_line_draw (&self->line, self->canvas, used, y, width - used);
}

void
bitonic_app_draw_dialog (BitonicApp *self)
{
  switch (self->dialog)
    {
    case BITONIC_DIALOG_HELP:
      bitonic_app_draw_help (self);
      break;
    case BITONIC_DIALOG_REMOVE:
      draw_question (self);
      break;
    case BITONIC_DIALOG_BROWSER:
      bitonic_browser_draw (self->browser, self->canvas);
      break;
    case BITONIC_DIALOG_ADD_FORM:
    case BITONIC_DIALOG_OPTIONS:
    case BITONIC_DIALOG_LIMITS:
      bitonic_form_draw (&self->form, self->canvas);
      break;
    default:
      draw_line (self);
      break;
    }
}
