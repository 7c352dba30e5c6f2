/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-forms.h"
#include "base/ccbt-types.h"
#include <glib/gi18n.h>

/* --- Torrents --- */

void
bitonic_app_call (BitonicApp *self, const char *verb, GVariant *arguments)
{
  g_autoptr (GVariant) kept = g_variant_ref_sink (arguments);

  if (self->link != NULL && self->is_connected)
    bitonic_link_call (self->link, verb, kept);
}

void
bitonic_app_call_each (BitonicApp *self, const char *verb)
{
  BitonicTorrent *selected = bitonic_app_get_selected (self);
  g_autoptr (GPtrArray) chosen = bitonic_torrents_get_marked (self->torrents, selected);

  for (guint i = 0; i < chosen->len; i++)
    bitonic_app_call (self, verb,
                      g_variant_new ("(s)", ((BitonicTorrent *) chosen->pdata[i])->info_hash));
}

static void
mark (BitonicApp *self)
{
  BitonicTorrent *torrent = bitonic_app_get_selected (self);

  if (torrent != NULL)
    torrent->is_marked = !torrent->is_marked;
}

static void
mark_all (BitonicApp *self)
{
  g_autoptr (GPtrArray) marked = bitonic_torrents_get_marked (self->torrents, NULL);

  bitonic_torrents_mark_all (self->torrents,
                             marked->len < bitonic_torrents_get_shown (self->torrents)->len);
}

static void
change_sort (BitonicApp *self, int by)
{
  self->sort = (self->sort + BITONIC_SORT_PLACE + (guint) by) % BITONIC_SORT_PLACE;
}

static void
move_in_queue (BitonicApp *self, const char *where)
{
  const BitonicTorrent *torrent = bitonic_app_get_selected (self);

  if (torrent != NULL)
    bitonic_app_call (self, "queue.move", g_variant_new ("(ss)", torrent->info_hash, where));
}

/* --- Files --- */

static void
set_files (BitonicApp *self, guint first, guint end, CcbtPriority priority)
{
  GVariantBuilder files;

  if (self->details_hash == NULL || first >= end || end > self->rows->len)
    return;
  g_variant_builder_init (&files, G_VARIANT_TYPE ("a{uu}"));
  for (guint i = first; i < end; i++)
    g_variant_builder_add (&files, "{uu}", i, (guint32) priority);
  bitonic_app_call (self, "torrent.set-files",
                    g_variant_new ("(sa{uu})", self->details_hash, &files));
}

static void
change_file (BitonicApp *self, gboolean only_skips)
{
  static const CcbtPriority order[] = { CCBT_PRIORITY_SKIP, CCBT_PRIORITY_LOW, CCBT_PRIORITY_NORMAL,
                                        CCBT_PRIORITY_HIGH, CCBT_PRIORITY_MAXIMUM };
  const guint row = self->scrolls[BITONIC_VIEW_FILES].cursor;
  CcbtPriority next = CCBT_PRIORITY_SKIP;
  gint64 now;

  if (row >= self->rows->len)
    return;
  now = bitonic_get_number (self->rows->pdata[row], "priority");
  if (only_skips)
    next = now == CCBT_PRIORITY_SKIP ? CCBT_PRIORITY_NORMAL : CCBT_PRIORITY_SKIP;
  else
    for (guint i = 0; i < G_N_ELEMENTS (order); i++)
      if (order[i] == now)
        next = order[(i + 1) % G_N_ELEMENTS (order)];
  set_files (self, row, row + 1, next);
}

/* --- Moving --- */

static gboolean
is_list (BitonicApp *self)
{
  return self->view == BITONIC_VIEW_TORRENTS || self->view == BITONIC_VIEW_QUEUE;
}

static void
move (BitonicApp *self, int by)
{
  BitonicScroll *scroll = &self->scrolls[self->view];
  GPtrArray *shown;

  bitonic_app_get_selected (self); /* the cursor is where it is */
  bitonic_scroll_move (scroll, bitonic_view_get_info (self->view)->count (self), by);
  if (!is_list (self))
    return;
  shown = bitonic_torrents_get_shown (self->torrents);
  if (scroll->cursor < shown->len)
    self->selected = ((BitonicTorrent *) shown->pdata[scroll->cursor])->id;
}

static void
go_back (BitonicApp *self)
{
  if (self->view != BITONIC_VIEW_TORRENTS)
    {
      bitonic_app_set_view (self, BITONIC_VIEW_TORRENTS);
      return;
    }
  bitonic_torrents_mark_all (self->torrents, FALSE);
  bitonic_torrents_set_filter (self->torrents, "");
}

static void
show_log (BitonicApp *self, gboolean alerts_only)
{
  bitonic_log_set_alerts_only (self->log, alerts_only);
  self->scrolls[BITONIC_VIEW_LOG].cursor = G_MAXUINT;
  bitonic_app_set_view (self, BITONIC_VIEW_LOG);
}

/* Returns: FALSE when @action is none of these */
static gboolean
run_movement (BitonicApp *self, BitonicAction action, gunichar key)
{
  const int page = (int) self->page;

  switch (action)
    {
    case BITONIC_ACTION_UP:
      move (self, -1);
      return TRUE;
    case BITONIC_ACTION_DOWN:
      move (self, 1);
      return TRUE;
    case BITONIC_ACTION_PAGE_UP:
      move (self, -page);
      return TRUE;
    case BITONIC_ACTION_PAGE_DOWN:
      move (self, page);
      return TRUE;
    case BITONIC_ACTION_FIRST:
      move (self, G_MININT);
      return TRUE;
    case BITONIC_ACTION_LAST:
      move (self, G_MAXINT);
      return TRUE;
    case BITONIC_ACTION_NEXT_VIEW:
      bitonic_app_set_view (self, (self->view + 1) % BITONIC_N_VIEWS);
      return TRUE;
    case BITONIC_ACTION_PREVIOUS_VIEW:
      bitonic_app_set_view (self, (self->view + BITONIC_N_VIEWS - 1) % BITONIC_N_VIEWS);
      return TRUE;
    case BITONIC_ACTION_VIEW_NUMBER:
      bitonic_app_set_view (self, key - '1');
      return TRUE;
    case BITONIC_ACTION_VIEW_NETWORK:
      bitonic_app_set_view (self, BITONIC_VIEW_NETWORK);
      return TRUE;
    case BITONIC_ACTION_VIEW_LOG:
    case BITONIC_ACTION_VIEW_ALERTS:
      show_log (self, action == BITONIC_ACTION_VIEW_ALERTS);
      return TRUE;
    case BITONIC_ACTION_VIEW_TRACKERS:
      bitonic_app_set_view (self, BITONIC_VIEW_TRACKERS);
      return TRUE;
    case BITONIC_ACTION_OPEN:
      bitonic_app_set_view (self, BITONIC_VIEW_DETAILS);
      return TRUE;
    case BITONIC_ACTION_BACK:
      go_back (self);
      return TRUE;
    default:
      return FALSE;
    }
}

/* Where it was the last time. */
static void
browse (BitonicApp *self)
{
  if (self->browser == NULL)
    self->browser = bitonic_browser_new (NULL);
  bitonic_app_open_dialog (self, BITONIC_DIALOG_BROWSER, "");
}

static gboolean
run_dialog (BitonicApp *self, BitonicAction action)
{
  switch (action)
    {
    case BITONIC_ACTION_HELP:
      bitonic_app_open_dialog (self, BITONIC_DIALOG_HELP, "");
      return TRUE;
    case BITONIC_ACTION_REMOVE:
      if (bitonic_app_get_selected (self) != NULL)
        bitonic_app_open_dialog (self, BITONIC_DIALOG_REMOVE, "");
      return TRUE;
    case BITONIC_ACTION_ADD:
      bitonic_app_open_dialog (self, BITONIC_DIALOG_ADD, "");
      return TRUE;
    case BITONIC_ACTION_ADD_MORE:
      bitonic_forms_open_add (self, "");
      return TRUE;
    case BITONIC_ACTION_BROWSE:
      browse (self);
      return TRUE;
    case BITONIC_ACTION_OPTIONS:
      bitonic_forms_open_options (self);
      return TRUE;
    case BITONIC_ACTION_LIMITS:
      bitonic_forms_open_limits (self);
      return TRUE;
    case BITONIC_ACTION_FILTER:
      bitonic_app_open_dialog (self, BITONIC_DIALOG_FILTER,
                               bitonic_torrents_get_filter (self->torrents));
      return TRUE;
    case BITONIC_ACTION_COMMAND:
      bitonic_app_open_dialog (self, BITONIC_DIALOG_COMMAND, "");
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
run_on_files (BitonicApp *self, BitonicAction action)
{
  switch (action)
    {
    case BITONIC_ACTION_FILE_TOGGLE:
      change_file (self, TRUE);
      return TRUE;
    case BITONIC_ACTION_FILE_PRIORITY:
      change_file (self, FALSE);
      return TRUE;
    case BITONIC_ACTION_FILE_ALL:
      set_files (self, 0, self->rows->len, CCBT_PRIORITY_NORMAL);
      return TRUE;
    case BITONIC_ACTION_FILE_NONE:
      set_files (self, 0, self->rows->len, CCBT_PRIORITY_SKIP);
      return TRUE;
    default:
      return FALSE;
    }
}

void
bitonic_app_run (BitonicApp *self, BitonicAction action, gunichar key)
{
  if (run_movement (self, action, key) || run_dialog (self, action) || run_on_files (self, action))
    return;
  switch (action)
    {
    case BITONIC_ACTION_QUIT:
      self->is_over = TRUE;
      break;
    case BITONIC_ACTION_PAUSE:
      bitonic_app_call_each (self, "torrent.pause");
      break;
    case BITONIC_ACTION_RESUME:
      bitonic_app_call_each (self, "torrent.resume");
      break;
    case BITONIC_ACTION_ANNOUNCE:
      bitonic_app_call_each (self, "torrent.announce");
      break;
    case BITONIC_ACTION_CHECK:
      bitonic_app_call_each (self, "torrent.check");
      break;
    case BITONIC_ACTION_HISTORY:
      self->is_tall = !self->is_tall;
      bitonic_app_set_view (self, BITONIC_VIEW_TORRENTS);
      break;
    case BITONIC_ACTION_MARK:
      mark (self);
      move (self, 1);
      break;
    case BITONIC_ACTION_MARK_ALL:
      mark_all (self);
      break;
    case BITONIC_ACTION_SORT_NEXT:
      change_sort (self, 1);
      break;
    case BITONIC_ACTION_SORT_PREVIOUS:
      change_sort (self, -1);
      break;
    case BITONIC_ACTION_REVERSE:
      self->is_reversed = !self->is_reversed;
      break;
    case BITONIC_ACTION_QUEUE_UP:
      move_in_queue (self, "up");
      break;
    case BITONIC_ACTION_QUEUE_DOWN:
      move_in_queue (self, "down");
      break;
    case BITONIC_ACTION_QUEUE_TOP:
      move_in_queue (self, "top");
      break;
    case BITONIC_ACTION_QUEUE_BOTTOM:
      move_in_queue (self, "bottom");
      break;
    default:
      break;
    }
}
