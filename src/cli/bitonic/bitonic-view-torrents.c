/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-views.h"
#include "bitonic-format.h"
#include <glib/gi18n.h>

/* The overview and the torrents; the queue. */

#define MIN_OVERVIEW_HEIGHT 14 /* of the view: below it all of it is for the torrents */
#define MIN_TALL_HEIGHT 32
#define LABEL_WIDTH 24

/* Its columns are in the order of BitonicSort. */
static const BitonicColumn columns[] = {
  { N_ ("Name"), 24, TRUE, FALSE, 0 }, { N_ ("State"), 11, FALSE, FALSE, 2 },
  { N_ ("Done"), 6, FALSE, TRUE, 0 },  { N_ ("Size"), 9, FALSE, TRUE, 4 },
  { N_ ("Down"), 11, FALSE, TRUE, 1 }, { N_ ("Up"), 11, FALSE, TRUE, 3 },
  { N_ ("Left"), 7, FALSE, TRUE, 5 },  { N_ ("Ratio"), 6, FALSE, TRUE, 7 },
  { N_ ("Peers"), 6, FALSE, TRUE, 6 }, { N_ ("Added"), 19, FALSE, FALSE, 8 },
};

static char *
format_name (const BitonicTorrent *torrent)
{
  return g_strconcat (torrent->is_marked ? "* " : "", torrent->name, NULL);
}

static char *
format_torrent (gpointer data, guint row, guint column, guint width, guint *style)
{
  BitonicApp *self = data;
  const BitonicTorrent *torrent = bitonic_torrents_get_shown (self->torrents)->pdata[row];

  switch ((BitonicSort) column)
    {
    case BITONIC_SORT_NAME:
      *style = torrent->is_marked ? BITONIC_STYLE_BOLD : BITONIC_STYLE_NORMAL;
      return format_name (torrent);
    case BITONIC_SORT_STATE:
      *style = bitonic_style_of_state (torrent->state);
      return g_strdup (bitonic_format_word (torrent->state));
    case BITONIC_SORT_PROGRESS:
      return bitonic_format_percent (torrent->progress);
    case BITONIC_SORT_SIZE:
      return torrent->total_size > 0 ? bitonic_format_size (torrent->total_size) : g_strdup ("");
    case BITONIC_SORT_DOWN:
      *style = BITONIC_STYLE_DOWN;
      return bitonic_format_rate (torrent->down_rate);
    case BITONIC_SORT_UP:
      *style = BITONIC_STYLE_UP;
      return bitonic_format_rate (torrent->up_rate);
    case BITONIC_SORT_ETA:
      return bitonic_format_duration (torrent->eta);
    case BITONIC_SORT_RATIO:
      return bitonic_format_ratio (torrent->uploaded, torrent->downloaded);
    case BITONIC_SORT_PEERS:
      return torrent->n_peers > 0 ? g_strdup_printf ("%u", torrent->n_peers) : g_strdup ("");
    default:
      return bitonic_format_time (torrent->added_at);
    }
}

/* One rate: what it is now, its limit, and its graph. */
static void
draw_rate (BitonicApp *self, guint y, guint n_rows, gboolean is_down)
{
  const guint width = bitonic_canvas_get_width (self->canvas);
  const guint style = is_down ? BITONIC_STYLE_DOWN : BITONIC_STYLE_UP;
  const gint64 limit
      = bitonic_get_number (self->status, is_down ? "download-limit" : "upload-limit");
  BitonicRates *rates = is_down ? self->down : self->up;
  g_autofree char *rate
      = bitonic_format_rate (bitonic_get_double (self->status, is_down ? "down-rate" : "up-rate"));
  g_autofree char *text = NULL, *limit_text = NULL;
  guint n_samples;
  const double *samples = bitonic_rates_get (rates, &n_samples);

  text = g_strdup_printf ("%s %s", is_down ? _ ("Down") : _ ("Up"), rate[0] != '\0' ? rate : "0");
  bitonic_canvas_put (self->canvas, 0, y, LABEL_WIDTH - 1, style, text);
  if (limit > 0)
    {
      g_autofree char *size = bitonic_format_limit ((guint64) limit);

      limit_text = g_strdup_printf (_ ("limit %s"), size);
      if (n_rows > 1)
        bitonic_canvas_put (self->canvas, 0, y + 1, LABEL_WIDTH - 1, BITONIC_STYLE_DIM, limit_text);
    }
  for (guint i = 0; i < n_rows && width > LABEL_WIDTH; i++)
    {
      g_autofree char *graph
          = bitonic_format_graph (samples, n_samples, width - LABEL_WIDTH,
                                  MAX (bitonic_rates_get_top (rates, width - LABEL_WIDTH), 1024), i,
                                  n_rows, bitonic_canvas_is_plain (self->canvas));

      bitonic_canvas_put (self->canvas, LABEL_WIDTH, y + i, width - LABEL_WIDTH, style, graph);
    }
}

/* Returns: the rows it took */
static guint
draw_overview (BitonicApp *self, guint y, guint height)
{
  const guint n_rows = self->is_tall ? height / 4 : height >= MIN_TALL_HEIGHT ? 3 : 1;
  g_autofree char *down = NULL, *up = NULL, *text = NULL;

  if (height < MIN_OVERVIEW_HEIGHT || self->status == NULL)
    return 0;
  draw_rate (self, y, n_rows, TRUE);
  draw_rate (self, y + n_rows, n_rows, FALSE);
  down = bitonic_format_size ((guint64) bitonic_get_number (self->status, "downloaded"));
  up = bitonic_format_size ((guint64) bitonic_get_number (self->status, "uploaded"));
  text = g_strdup_printf (_ ("This run: %s down, %s up. Peers: %u. Port: %u."), down, up,
                          (guint) bitonic_get_number (self->status, "n-peers"),
                          (guint) bitonic_get_number (self->status, "port"));
  bitonic_canvas_put (self->canvas, 0, y + 2 * n_rows, bitonic_canvas_get_width (self->canvas),
                      BITONIC_STYLE_NORMAL, text);
  return 2 * n_rows + 1;
}

void
bitonic_draw_torrents (BitonicApp *self, guint y, guint height)
{
  const guint used = draw_overview (self, y, height);
  const BitonicTable table = { columns,
                               G_N_ELEMENTS (columns),
                               bitonic_count_torrents (self),
                               (int) self->sort,
                               self->is_reversed,
                               format_torrent,
                               self };

  bitonic_draw_table (self, y + used, height - used, &table);
  if (table.n_rows == 0 && height > used + 1)
    bitonic_canvas_put (self->canvas, 0, y + used + 1, bitonic_canvas_get_width (self->canvas),
                        BITONIC_STYLE_DIM,
                        !self->has_list ? _ ("Waiting for the list ...")
                        : bitonic_torrents_count (self->torrents) > 0
                            ? _ ("No torrent passes the filter; Esc removes it.")
                            : _ ("No torrents. Press i to add one."));
}

/* --- The queue --- */

static const BitonicColumn queue_columns[] = {
  { N_ ("Place"), 6, FALSE, TRUE, 0 },   { N_ ("Name"), 16, TRUE, FALSE, 0 },
  { N_ ("State"), 11, FALSE, FALSE, 0 }, { N_ ("Priority"), 9, FALSE, FALSE, 1 },
  { N_ ("Beside"), 7, FALSE, FALSE, 2 }, { N_ ("Done"), 6, FALSE, TRUE, 0 },
};

static char *
format_queued (gpointer data, guint row, guint column, guint width, guint *style)
{
  BitonicApp *self = data;
  const BitonicTorrent *torrent = bitonic_torrents_get_shown (self->torrents)->pdata[row];

  switch (column)
    {
    case 0:
      return g_strdup_printf ("%u", row + 1);
    case 1:
      return format_name (torrent);
    case 2:
      *style = bitonic_style_of_state (torrent->state);
      return g_strdup (bitonic_format_word (torrent->state));
    case 3:
      return g_strdup (bitonic_format_word (torrent->priority));
    case 4:
      return g_strdup (torrent->is_forced ? _ ("yes") : "");
    default:
      return bitonic_format_percent (torrent->progress);
    }
}

void
bitonic_draw_queue (BitonicApp *self, guint y, guint height)
{
  const BitonicTable table = { queue_columns,
                               G_N_ELEMENTS (queue_columns),
                               bitonic_count_torrents (self),
                               -1,
                               FALSE,
                               format_queued,
                               self };

  bitonic_draw_table (self, y, height, &table);
}
