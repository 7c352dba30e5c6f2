/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-app.h"
#include "bitonic-format.h"
#include "../ccbt-cli-text.h"
#include <glib/gi18n.h>

/* What is always there: the views' names at the top, a line of state and one of keys at the bottom. */

#define SHORT_TITLE 4

/* Returns: (transfer full): "3 Peers" */
static char *
make_tab (BitonicView view, gboolean is_short)
{
  g_autofree char *title = is_short ? g_utf8_substring (
                               bitonic_view_get_title (view), 0,
                               MIN (SHORT_TITLE, g_utf8_strlen (bitonic_view_get_title (view), -1)))
                                    : g_strdup (bitonic_view_get_title (view));

  return g_strdup_printf ("%u %s", view + 1, title);
}

static guint
measure_tabs (void)
{
  guint total = 0;

  for (BitonicView view = 0; view < BITONIC_N_VIEWS; view++)
    {
      g_autofree char *tab = make_tab (view, FALSE);

      total += ccbt_cli_text_width (tab) + 1;
    }
  return total - 1;
}

static void
draw_tabs (BitonicApp *self)
{
  const guint width = bitonic_canvas_get_width (self->canvas);
  const gboolean is_short = measure_tabs () > width;
  guint x = 0;

  bitonic_canvas_fill (self->canvas, 0, 0, width, BITONIC_STYLE_TITLE);
  for (BitonicView view = 0; view < BITONIC_N_VIEWS; view++)
    {
      const gboolean is_shown = view == self->view;
      g_autofree char *tab = make_tab (view, is_short && !is_shown);
      const guint style = BITONIC_STYLE_TITLE | (is_shown ? BITONIC_STYLE_SELECTED : 0);
      const guint used = bitonic_canvas_put (self->canvas, x, 0, width, style, tab);

      bitonic_canvas_add_hit (self->canvas, x, 0, used + 1, BITONIC_HIT_VIEW, view);
      x += used + 1;
    }
}

/* "↓ 1.2 MiB/s  ↑ 30 KiB/s" Returns: (transfer full) */
static char *
make_rates (BitonicApp *self)
{
  const gboolean plain = bitonic_canvas_is_plain (self->canvas);
  g_autofree char *down = NULL, *up = NULL;

  if (self->status == NULL)
    return g_strdup ("");
  down = bitonic_format_rate (bitonic_get_double (self->status, "down-rate"));
  up = bitonic_format_rate (bitonic_get_double (self->status, "up-rate"));
  return g_strdup_printf ("%s %s  %s %s", plain ? "D" : "↓", down[0] != '\0' ? down : "0",
                          plain ? "U" : "↑", up[0] != '\0' ? up : "0");
}

/* Returns: (transfer full) */
static char *
make_state (BitonicApp *self)
{
  const guint n = bitonic_torrents_count (self->torrents);
  const guint n_shown = bitonic_torrents_get_shown (self->torrents)->len;
  const guint n_alerts = bitonic_log_count_alerts (self->log);
  g_autoptr (GPtrArray) marked = bitonic_torrents_get_marked (self->torrents, NULL);
  const char *filter = bitonic_torrents_get_filter (self->torrents);
  GString *text = g_string_new (NULL);

  if (!self->is_connected)
    g_string_append (text, _ ("NOT CONNECTED  "));
  g_string_append_printf (text, ngettext ("%u torrent", "%u torrents", n), n);
  if (filter[0] != '\0')
    g_string_append_printf (text, _ (", %u with “%s”"), n_shown, filter);
  if (marked->len > 0)
    g_string_append_printf (text, ngettext (", %u marked", ", %u marked", marked->len),
                            marked->len);
  if (n_alerts > 0)
    g_string_append_printf (text, ngettext (", %u alert", ", %u alerts", n_alerts), n_alerts);
  if (self->status != NULL && bitonic_get_number (self->status, "alternative-limits") != 0)
    g_string_append (text, _ (", alternative limits"));
  return g_string_free (text, FALSE);
}

static void
draw_state (BitonicApp *self, guint y)
{
  const guint width = bitonic_canvas_get_width (self->canvas);
  g_autofree char *rates = make_rates (self);
  g_autofree char *state = make_state (self);
  const guint rates_width = MIN (ccbt_cli_text_width (rates), width);

  bitonic_canvas_fill (self->canvas, 0, y, width, BITONIC_STYLE_TITLE);
  if (self->message != NULL && g_get_monotonic_time () < self->message_end)
    {
      bitonic_canvas_put (self->canvas, 0, y, width,
                          self->is_bad ? BITONIC_STYLE_BAD : BITONIC_STYLE_GOOD, self->message);
      return;
    }
  bitonic_canvas_put (self->canvas, 0, y, width - rates_width, BITONIC_STYLE_TITLE, state);
  bitonic_canvas_put_right (self->canvas, 0, y, width, BITONIC_STYLE_TITLE, rates);
}

static void
draw_hints (BitonicApp *self, guint y)
{
  const guint width = bitonic_canvas_get_width (self->canvas);
  guint n, x = 0;
  const BitonicKey *keys = bitonic_keys_get (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = NULL;
      guint begin = x;

      if (keys[i].hint == NULL || bitonic_keys_find (self->view, keys[i].key) != keys[i].action)
        continue;
      name = bitonic_key_make_name (keys[i].key);
      if (x + ccbt_cli_text_width (name) + 1 + ccbt_cli_text_width (_ (keys[i].hint)) > width)
        continue;
      x += bitonic_canvas_put (self->canvas, x, y, width, BITONIC_STYLE_BOLD, name) + 1;
      x += bitonic_canvas_put (self->canvas, x, y, width - MIN (x, width), BITONIC_STYLE_NORMAL,
                               _ (keys[i].hint));
      bitonic_canvas_add_hit (self->canvas, begin, y, x - begin, BITONIC_HIT_KEY, keys[i].key);
      x += 2;
    }
}

void
bitonic_app_draw (BitonicApp *self)
{
  const guint height = bitonic_canvas_get_height (self->canvas);
  const BitonicViewInfo *info = bitonic_view_get_info (self->view);

  bitonic_canvas_clear (self->canvas);
  bitonic_app_check_details (self);
  if (height > 3)
    info->draw (self, 1, height - 3);
  draw_tabs (self);
  if (height > 1)
    draw_hints (self, height - 1);
  if (height > 2)
    draw_state (self, height - 2);
  if (self->dialog != BITONIC_DIALOG_NONE)
    bitonic_app_draw_dialog (self);
}
