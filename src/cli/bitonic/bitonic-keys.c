/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-keys.h"
#include <glib/gi18n.h>

#define VIEW(name) (1u << BITONIC_VIEW_##name)
#define LISTS (VIEW (TORRENTS) | VIEW (QUEUE))

static const BitonicKey keys[] = {
  { ' ', BITONIC_ACTION_FILE_TOGGLE, VIEW (FILES), N_ ("download this file, or skip it"),
    N_ ("Skip") },
  { 'a', BITONIC_ACTION_FILE_ALL, VIEW (FILES), N_ ("download all files"), N_ ("All") },
  { 'd', BITONIC_ACTION_FILE_NONE, VIEW (FILES), N_ ("skip all files"), N_ ("None") },
  { 'p', BITONIC_ACTION_FILE_PRIORITY, VIEW (FILES), N_ ("next priority of the file"),
    N_ ("Priority") },
  { '-', BITONIC_ACTION_QUEUE_UP, VIEW (QUEUE), N_ ("earlier in the queue"), N_ ("Earlier") },
  { '+', BITONIC_ACTION_QUEUE_DOWN, VIEW (QUEUE), N_ ("later in the queue"), N_ ("Later") },
  { 'T', BITONIC_ACTION_QUEUE_TOP, VIEW (QUEUE), N_ ("first in the queue"), N_ ("First") },
  { 'B', BITONIC_ACTION_QUEUE_BOTTOM, VIEW (QUEUE), N_ ("last in the queue"), N_ ("Last") },
  { ' ', BITONIC_ACTION_MARK, LISTS,
    N_ ("mark; what is marked is paused, resumed, removed together") },
  { '*', BITONIC_ACTION_MARK_ALL, LISTS, N_ ("mark all that are shown, or none") },
  { '>', BITONIC_ACTION_SORT_NEXT, VIEW (TORRENTS), N_ ("sort by the next column") },
  { '<', BITONIC_ACTION_SORT_PREVIOUS, VIEW (TORRENTS), N_ ("sort by the column before") },
  { 'v', BITONIC_ACTION_REVERSE, VIEW (TORRENTS), N_ ("turn the order round") },
  { 'p', BITONIC_ACTION_PAUSE, 0, N_ ("pause"), N_ ("Pause") },
  { 'r', BITONIC_ACTION_RESUME, 0, N_ ("resume"), N_ ("Resume") },
  { BITONIC_KEY_DELETE, BITONIC_ACTION_REMOVE, 0, N_ ("remove, after a question; the files stay"),
    N_ ("Remove") },
  { 'i', BITONIC_ACTION_ADD, 0, N_ ("add a .torrent file, its URL, or a magnet link"), N_ ("Add") },
  { 'o', BITONIC_ACTION_ADD_MORE, 0, N_ ("add one with a folder, paused, in order") },
  { 'b', BITONIC_ACTION_BROWSE, 0, N_ ("look for .torrent files in folders") },
  { 't', BITONIC_ACTION_OPTIONS, 0, N_ ("options of the torrent: limits, priority, category ..."),
    N_ ("Options") },
  { 'g', BITONIC_ACTION_LIMITS, 0, N_ ("limits of the whole instance") },
  { 'A', BITONIC_ACTION_ANNOUNCE, 0, N_ ("ask the trackers for peers now") },
  { 'H', BITONIC_ACTION_CHECK, 0, N_ ("hash again what is on disk") },
  { '/', BITONIC_ACTION_FILTER, 0,
    N_ ("show only torrents with this in the name, or in this state or category"), N_ ("Filter") },
  { ':', BITONIC_ACTION_COMMAND, 0,
    N_ ("run a command: pause, resume, remove, announce, rehash, limit DOWN UP ...") },
  { 'l', BITONIC_ACTION_VIEW_LOG, 0, N_ ("what happened") },
  { 'a', BITONIC_ACTION_VIEW_ALERTS, 0, N_ ("what went wrong") },
  { 'h', BITONIC_ACTION_HISTORY, 0, N_ ("high graphs of the rates, or low ones") },
  { BITONIC_CONTROL ('R'), BITONIC_ACTION_VIEW_TRACKERS, 0,
    N_ ("trackers, and how many they know of") },
  { 'n', BITONIC_ACTION_VIEW_NETWORK, 0, N_ ("connection, DHT and router") },
  { BITONIC_CONTROL ('N'), BITONIC_ACTION_VIEW_NETWORK, 0 },
  { '1', BITONIC_ACTION_VIEW_NUMBER, 0, N_ ("1 to 9: the views") },
  { '2', BITONIC_ACTION_VIEW_NUMBER, 0 },
  { '3', BITONIC_ACTION_VIEW_NUMBER, 0 },
  { '4', BITONIC_ACTION_VIEW_NUMBER, 0 },
  { '5', BITONIC_ACTION_VIEW_NUMBER, 0 },
  { '6', BITONIC_ACTION_VIEW_NUMBER, 0 },
  { '7', BITONIC_ACTION_VIEW_NUMBER, 0 },
  { '8', BITONIC_ACTION_VIEW_NUMBER, 0 },
  { '9', BITONIC_ACTION_VIEW_NUMBER, 0 },
  { '\t', BITONIC_ACTION_NEXT_VIEW, 0, N_ ("next view") },
  { BITONIC_KEY_RIGHT, BITONIC_ACTION_NEXT_VIEW, 0 },
  { BITONIC_KEY_BACK_TAB, BITONIC_ACTION_PREVIOUS_VIEW, 0, N_ ("previous view") },
  { BITONIC_KEY_LEFT, BITONIC_ACTION_PREVIOUS_VIEW, 0 },
  { BITONIC_KEY_UP, BITONIC_ACTION_UP, 0, N_ ("up") },
  { 'k', BITONIC_ACTION_UP, 0 },
  { BITONIC_KEY_DOWN, BITONIC_ACTION_DOWN, 0, N_ ("down") },
  { 'j', BITONIC_ACTION_DOWN, 0 },
  { BITONIC_KEY_PAGE_UP, BITONIC_ACTION_PAGE_UP, 0, N_ ("a page up") },
  { BITONIC_KEY_PAGE_DOWN, BITONIC_ACTION_PAGE_DOWN, 0, N_ ("a page down") },
  { BITONIC_KEY_HOME, BITONIC_ACTION_FIRST, 0, N_ ("to the first") },
  { BITONIC_KEY_END, BITONIC_ACTION_LAST, 0, N_ ("to the last") },
  { BITONIC_KEY_ENTER, BITONIC_ACTION_OPEN, LISTS, N_ ("everything about the torrent") },
  { BITONIC_KEY_ESCAPE, BITONIC_ACTION_BACK, 0,
    N_ ("back to the torrents; there: no marks, no filter") },
  { '?', BITONIC_ACTION_HELP, 0, N_ ("these keys"), N_ ("Help") },
  { BITONIC_KEY_F1, BITONIC_ACTION_HELP, 0 },
  { 'q', BITONIC_ACTION_QUIT, 0, N_ ("quit; the instance goes on"), N_ ("Quit") },
};

const BitonicKey *
bitonic_keys_get (guint *n_keys)
{
  *n_keys = G_N_ELEMENTS (keys);
  return keys;
}

BitonicAction
bitonic_keys_find (BitonicView view, gunichar key)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].key == key && (keys[i].views == 0 || (keys[i].views >> view & 1) != 0))
      return keys[i].action;
  return BITONIC_ACTION_NONE;
}

char *
bitonic_key_make_name (gunichar key)
{
  static const struct
  {
    gunichar key;
    const char *name;
  } names[] = {
    { ' ', N_ ("Space") },           { '\t', "Tab" },
    { BITONIC_KEY_ENTER, "Enter" },  { BITONIC_KEY_ESCAPE, "Esc" },
    { BITONIC_KEY_UP, "↑" },         { BITONIC_KEY_DOWN, "↓" },
    { BITONIC_KEY_LEFT, "←" },       { BITONIC_KEY_RIGHT, "→" },
    { BITONIC_KEY_HOME, "Home" },    { BITONIC_KEY_END, "End" },
    { BITONIC_KEY_PAGE_UP, "PgUp" }, { BITONIC_KEY_PAGE_DOWN, "PgDn" },
    { BITONIC_KEY_DELETE, "Del" },   { BITONIC_KEY_BACK_TAB, "Shift+Tab" },
    { BITONIC_KEY_F1, "F1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].key == key)
      return g_strdup (_ (names[i].name));
  if (key < ' ')
    return g_strdup_printf ("^%c", (char) (key + '@'));
  return g_ucs4_to_utf8 (&key, 1, NULL, NULL, NULL);
}

const char *
bitonic_view_get_title (BitonicView view)
{
  static const char *const titles[BITONIC_N_VIEWS] = {
    [BITONIC_VIEW_TORRENTS] = N_ ("Torrents"), [BITONIC_VIEW_DETAILS] = N_ ("Details"),
    [BITONIC_VIEW_PEERS] = N_ ("Peers"),       [BITONIC_VIEW_TRACKERS] = N_ ("Trackers"),
    [BITONIC_VIEW_FILES] = N_ ("Files"),       [BITONIC_VIEW_PIECES] = N_ ("Pieces"),
    [BITONIC_VIEW_LOG] = N_ ("Log"),           [BITONIC_VIEW_QUEUE] = N_ ("Queue"),
    [BITONIC_VIEW_NETWORK] = N_ ("Network"),
  };

  return _ (titles[view]);
}
