/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-app.h"
#include "bitonic-format.h"
#include "../ccbt-cli-text.h"
#include <glib/gi18n.h>

#define MESSAGE_US (6 * G_USEC_PER_SEC)
#define WHEEL_ROWS 3
#define HURRY_US (2 * G_USEC_PER_SEC) /* after a key, its effects are awaited */

BitonicApp *
bitonic_app_new (guint width, guint height, gboolean plain)
{
  BitonicApp *self = g_new0 (BitonicApp, 1);

  self->canvas = bitonic_canvas_new (width, height, plain);
  self->torrents = bitonic_torrents_new ();
  self->log = bitonic_log_new ();
  self->down = bitonic_rates_new ();
  self->up = bitonic_rates_new ();
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  self->is_connected = TRUE;
  return self;
}

void
bitonic_app_free (BitonicApp *self)
{
  g_clear_pointer (&self->link, bitonic_link_free);
  bitonic_canvas_free (self->canvas);
  bitonic_torrents_free (self->torrents);
  bitonic_log_free (self->log);
  bitonic_rates_free (self->down);
  bitonic_rates_free (self->up);
  g_clear_pointer (&self->status, g_variant_unref);
  g_ptr_array_unref (self->rows);
  g_clear_pointer (&self->pieces, g_bytes_unref);
  bitonic_line_clear (&self->line);
  bitonic_form_clear (&self->form);
  g_clear_pointer (&self->browser, bitonic_browser_free);
  g_free (self->details_hash);
  g_free (self->details_part);
  g_free (self->message);
  g_free (self);
}

/* --- What the instance tells --- */

/* Rates change all the time, and are drawn once in a while. */
static void
redraw (BitonicApp *self, gboolean is_urgent)
{
  if (self->redraw != NULL && (is_urgent || g_get_monotonic_time () < self->hurry_end))
    self->redraw (self->redraw_data);
}

static void
changed_cb (gpointer data, GVariant *changes)
{
  BitonicApp *self = data;

  bitonic_torrents_apply (self->torrents, changes);
  redraw (self, !self->has_list);
  self->has_list = TRUE;
}

static void
more_cb (gpointer data, GVariant *changes)
{
  BitonicApp *self = data;

  bitonic_torrents_merge (self->torrents, changes);
  redraw (self, FALSE);
}

static void
status_cb (gpointer data, GVariant *status)
{
  BitonicApp *self = data;

  g_clear_pointer (&self->status, g_variant_unref);
  self->status = g_variant_ref (status);
  bitonic_rates_add (self->down, bitonic_get_double (status, "down-rate"));
  bitonic_rates_add (self->up, bitonic_get_double (status, "up-rate"));
  redraw (self, FALSE);
}

static void
events_cb (gpointer data, GVariant *events)
{
  BitonicApp *self = data;
  BitonicScroll *scroll = &self->scrolls[BITONIC_VIEW_LOG];
  const guint n_before = bitonic_log_get_shown (self->log)->len;
  GVariantIter iter;
  GVariant *event;

  g_variant_iter_init (&iter, events);
  while ((event = g_variant_iter_next_value (&iter)) != NULL)
    {
      const BitonicTorrent *torrent = bitonic_torrents_lookup (
          self->torrents, (guint32) bitonic_get_number (event, "torrent"));

      bitonic_log_add (self->log, event, torrent != NULL ? torrent->name : NULL);
      g_variant_unref (event);
    }
  if (scroll->cursor + 1 >= n_before) /* at the end: follows */
    scroll->cursor = G_MAXUINT;
  redraw (self, FALSE);
}

static int
compare_rates (gconstpointer a, gconstpointer b)
{
  GVariant *first = *(GVariant *const *) a, *second = *(GVariant *const *) b;
  const double left
      = bitonic_get_double (first, "down-rate") + bitonic_get_double (first, "up-rate");
  const double right
      = bitonic_get_double (second, "down-rate") + bitonic_get_double (second, "up-rate");

  return left > right ? -1 : left < right;
}

static void
details_cb (gpointer data, const char *info_hash, const char *part, GVariant *details)
{
  BitonicApp *self = data;
  g_autoptr (GVariant) rows = NULL, pieces = NULL;

  if (g_strcmp0 (info_hash, self->details_hash) != 0 || g_strcmp0 (part, self->details_part) != 0)
    return;
  g_ptr_array_set_size (self->rows, 0);
  g_clear_pointer (&self->pieces, g_bytes_unref);
  rows = g_variant_lookup_value (details, part, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; rows != NULL && i < g_variant_n_children (rows); i++)
    g_ptr_array_add (self->rows, g_variant_get_child_value (rows, i));
  if (g_str_equal (part, "peers"))
    g_ptr_array_sort (self->rows, compare_rates);
  pieces = g_variant_lookup_value (details, "pieces", G_VARIANT_TYPE_BYTESTRING);
  if (pieces != NULL)
    self->pieces = g_variant_get_data_as_bytes (pieces);
  redraw (self, FALSE);
}

static void
answered_cb (gpointer data, const char *verb, GVariant *reply, const GError *error)
{
  BitonicApp *self = data;
  gboolean is_new;

  bitonic_app_refresh (self);
  if (error != NULL)
    {
      bitonic_app_say (self, TRUE, g_strdup_printf ("%s: %s", verb, error->message));
      return;
    }
  if (g_str_equal (verb, "torrent.add") && g_variant_is_of_type (reply, G_VARIANT_TYPE ("(sub)")))
    {
      g_variant_get (reply, "(&sub)", NULL, &self->selected, &is_new);
      bitonic_app_say (self, FALSE, g_strdup (is_new ? _ ("Added.") : _ ("It was there already.")));
    }
}

static void
connected_cb (gpointer data, gboolean is_connected)
{
  BitonicApp *self = data;

  self->is_connected = is_connected;
  bitonic_app_say (self, !is_connected,
                   g_strdup (is_connected
                                 ? _ ("The instance is back.")
                                 : _ ("The instance has ended; waiting for another one.")));
}

const BitonicLinkEvents *
bitonic_app_get_link_events (void)
{
  static const BitonicLinkEvents events
      = { changed_cb, more_cb, status_cb, events_cb, details_cb, answered_cb, connected_cb };

  return &events;
}

/* --- State --- */

void
bitonic_app_say (BitonicApp *self, gboolean is_bad, char *text)
{
  g_free (self->message);
  self->message = text;
  self->is_bad = is_bad;
  self->message_end = g_get_monotonic_time () + MESSAGE_US;
  redraw (self, TRUE);
}

/* The cursor of the list stays with its torrent; when that is gone, with its place. */
static void
sync_selection (BitonicApp *self)
{
  const gboolean is_queue = self->view == BITONIC_VIEW_QUEUE;
  BitonicScroll *scroll = &self->scrolls[is_queue ? self->view : BITONIC_VIEW_TORRENTS];
  GPtrArray *shown;
  int place;

  bitonic_torrents_set_sort (self->torrents, is_queue ? BITONIC_SORT_PLACE : self->sort,
                             !is_queue && self->is_reversed);
  shown = bitonic_torrents_get_shown (self->torrents);
  if (scroll->cursor < shown->len
      && ((BitonicTorrent *) shown->pdata[scroll->cursor])->id == self->selected)
    return;
  place = bitonic_torrents_find (self->torrents, self->selected);
  if (place >= 0)
    {
      scroll->cursor = (guint) place;
      return;
    }
  if (bitonic_torrents_lookup (self->torrents, self->selected) != NULL
      && self->view != BITONIC_VIEW_TORRENTS && !is_queue)
    return; /* filtered out while its details are shown */
  scroll->cursor = MIN (scroll->cursor, shown->len > 0 ? shown->len - 1 : 0);
  self->selected = shown->len > 0 ? ((BitonicTorrent *) shown->pdata[scroll->cursor])->id : 0;
}

BitonicTorrent *
bitonic_app_get_selected (BitonicApp *self)
{
  sync_selection (self);
  return bitonic_torrents_lookup (self->torrents, self->selected);
}

void
bitonic_app_check_details (BitonicApp *self)
{
  const BitonicTorrent *torrent = bitonic_app_get_selected (self);
  const char *part = bitonic_view_get_info (self->view)->part;
  const char *hash = torrent != NULL ? torrent->info_hash : NULL;

  if (g_strcmp0 (hash, self->details_hash) == 0 && g_strcmp0 (part, self->details_part) == 0)
    return;
  g_free (self->details_hash);
  g_free (self->details_part);
  self->details_hash = g_strdup (hash);
  self->details_part = g_strdup (part);
  g_ptr_array_set_size (self->rows, 0);
  g_clear_pointer (&self->pieces, g_bytes_unref);
  self->scrolls[self->view] = part != NULL ? (BitonicScroll){ 0 } : self->scrolls[self->view];
}

void
bitonic_app_set_view (BitonicApp *self, BitonicView view)
{
  self->view = view;
  bitonic_app_refresh (self);
}

void
bitonic_app_refresh (BitonicApp *self)
{
  bitonic_app_check_details (self);
  if (self->link != NULL)
    bitonic_link_refresh (self->link, self->details_hash, self->details_part);
}

/* --- Input --- */

void
bitonic_app_feed_key (BitonicApp *self, gunichar key)
{
  self->hurry_end = g_get_monotonic_time () + HURRY_US;
  if (self->dialog != BITONIC_DIALOG_NONE)
    bitonic_app_feed_dialog (self, key);
  else
    bitonic_app_run (self, bitonic_keys_find (self->view, key), key);
}

static void
click_row (BitonicApp *self, guint row, gboolean twice)
{
  GPtrArray *shown = bitonic_torrents_get_shown (self->torrents);

  self->scrolls[self->view].cursor = row;
  if (self->view != BITONIC_VIEW_TORRENTS && self->view != BITONIC_VIEW_QUEUE)
    return;
  if (row < shown->len)
    self->selected = ((BitonicTorrent *) shown->pdata[row])->id;
  if (twice)
    bitonic_app_set_view (self, BITONIC_VIEW_DETAILS);
}

static void
click_column (BitonicApp *self, guint column)
{
  if (self->view != BITONIC_VIEW_TORRENTS || column >= BITONIC_SORT_PLACE)
    return;
  self->is_reversed = self->sort == column && !self->is_reversed;
  self->sort = column;
}

void
bitonic_app_feed_click (BitonicApp *self, guint x, guint y, gboolean twice)
{
  guint value;
  const BitonicHit hit = bitonic_canvas_find_hit (self->canvas, x, y, &value);

  if (hit == BITONIC_HIT_KEY)
    bitonic_app_feed_key (self, value);
  else if (self->dialog != BITONIC_DIALOG_NONE)
    return;
  else if (hit == BITONIC_HIT_VIEW)
    bitonic_app_set_view (self, value);
  else if (hit == BITONIC_HIT_COLUMN)
    click_column (self, value);
  else if (hit == BITONIC_HIT_ROW)
    click_row (self, value, twice);
}

void
bitonic_app_feed_wheel (BitonicApp *self, int direction)
{
  for (guint i = 0; i < WHEEL_ROWS; i++)
    bitonic_app_feed_key (self, direction < 0 ? BITONIC_KEY_UP : BITONIC_KEY_DOWN);
}
