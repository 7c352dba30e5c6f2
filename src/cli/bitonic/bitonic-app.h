/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "bitonic-browser.h"
#include "bitonic-columns.h"
#include "bitonic-form.h"
#include "bitonic-keys.h"
#include "bitonic-line.h"
#include "bitonic-link.h"
#include "bitonic-log.h"
#include "bitonic-rates.h"
#include "bitonic-torrents.h"

/* The dashboard without its terminal: what is known, what is shown, and what keys do. Everything it
 * shows goes to a canvas; everything it is told comes through these functions and the link. */

/* What stands over the view and takes the keys. */
typedef enum
{
  BITONIC_DIALOG_NONE,
  BITONIC_DIALOG_HELP,
  BITONIC_DIALOG_REMOVE, /* y or n */
  BITONIC_DIALOG_FILTER, /* a line */
  BITONIC_DIALOG_COMMAND,
  BITONIC_DIALOG_ADD,
  BITONIC_DIALOG_BROWSER,
  BITONIC_DIALOG_ADD_FORM, /* forms */
  BITONIC_DIALOG_OPTIONS,
  BITONIC_DIALOG_LIMITS,
} BitonicDialog;

typedef struct _BitonicApp BitonicApp;
struct _BitonicApp
{
  BitonicLink *link; /* (nullable): until it is there */
  BitonicCanvas *canvas;
  BitonicTorrents *torrents;
  BitonicLog *log;
  BitonicRates *down;
  BitonicRates *up;
  GVariant *status; /* (nullable): a{sv} */
  gboolean is_connected;
  gboolean has_list;              /* of torrents, be it empty */
  gboolean is_over;               /* the user wants to leave */
  void (*redraw) (gpointer data); /* (nullable): what was told now should be seen now */
  gpointer redraw_data;
  gint64 hurry_end; /* monotonic: until then everything should */

  BitonicView view;
  BitonicScroll scrolls[BITONIC_N_VIEWS];
  guint page;       /* rows that the view shows */
  guint32 selected; /* the torrent; 0 = none */
  BitonicSort sort; /* of the torrents; the queue has its own */
  gboolean is_reversed;
  gboolean is_tall; /* the graphs */

  /* Of the selected torrent, as the view needs them: */
  char *details_hash; /* (nullable): whose */
  char *details_part;
  GPtrArray *rows; /* GVariant a{sv} */
  GBytes *pieces;  /* (nullable) */

  BitonicDialog dialog;
  BitonicLine line;
  BitonicForm form;
  BitonicBrowser *browser; /* (nullable): the last */
  BitonicScroll dialog_scroll;
  char *message; /* (nullable): at the bottom */
  gboolean is_bad;
  gint64 message_end; /* monotonic */
};

BitonicApp *bitonic_app_new (guint width, guint height, gboolean plain);
void bitonic_app_free (BitonicApp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BitonicApp, bitonic_app_free)

/* Brings what the instance tells here. */
const BitonicLinkEvents *bitonic_app_get_link_events (void);

/* Once in a while: asks for what is shown. */
void bitonic_app_refresh (BitonicApp *self);
void bitonic_app_feed_key (BitonicApp *self, gunichar key);
void bitonic_app_feed_click (BitonicApp *self, guint x, guint y, gboolean twice);
void bitonic_app_feed_wheel (BitonicApp *self, int direction);
/* Everything onto the canvas. */
void bitonic_app_draw (BitonicApp *self);

/* A line at the bottom, for some seconds. @text: (transfer full) */
void bitonic_app_say (BitonicApp *self, gboolean is_bad, char *text);
/* (nullable) */
BitonicTorrent *bitonic_app_get_selected (BitonicApp *self);
void bitonic_app_set_view (BitonicApp *self, BitonicView view);
/* Forgets what was known of files, peers and so on when it is of another torrent or for another view. */
void bitonic_app_check_details (BitonicApp *self);

/* bitonic-actions.c */
/* @arguments: floating is taken */
void bitonic_app_call (BitonicApp *self, const char *verb, GVariant *arguments);
void bitonic_app_run (BitonicApp *self, BitonicAction action, gunichar key);
/* A verb whose one argument is the torrent, for all that are marked, else for the selected one. */
void bitonic_app_call_each (BitonicApp *self, const char *verb);

/* bitonic-dialogs.c */
void bitonic_app_open_dialog (BitonicApp *self, BitonicDialog dialog, const char *text);
void bitonic_app_feed_dialog (BitonicApp *self, gunichar key);
void bitonic_app_draw_dialog (BitonicApp *self);

/* bitonic-help.c */
void bitonic_app_feed_help (BitonicApp *self, gunichar key);
void bitonic_app_draw_help (BitonicApp *self);

/* bitonic-views.c */
typedef struct
{
  const char *part; /* (nullable): of the torrent's details, that it shows */
  guint (*count) (BitonicApp *self);
  /* Into the rows from @y on, all columns. */
  void (*draw) (BitonicApp *self, guint y, guint height);
} BitonicViewInfo;

const BitonicViewInfo *bitonic_view_get_info (BitonicView view);
/* A dictionary's entries, "" and 0 when it has none. */
const char *bitonic_get_text (GVariant *dictionary, const char *key); /* borrowed */
gint64 bitonic_get_number (GVariant *dictionary,
                           const char *key); /* of any integer type; TRUE = 1 */
double bitonic_get_double (GVariant *dictionary, const char *key);
