/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-views.h"
#include "bitonic-format.h"
#include "base/ccbt-types.h"
#include <glib/gi18n.h>

/* Peers, trackers, files and pieces of the selected torrent. */

static void
draw_rows (BitonicApp *self, guint y, guint height, BitonicTable *table)
{
  const guint used = bitonic_draw_subject (self, y);

  table->n_rows = self->rows->len;
  table->sort_column = -1;
  table->data = self;
  if (height > used)
    bitonic_draw_table (self, y + used, height - used, table);
}

/* --- Peers --- */

static const BitonicColumn peer_columns[] = {
  { N_ ("Address"), 21, TRUE, FALSE, 0 },  { N_ ("Client"), 14, TRUE, FALSE, 2 },
  { N_ ("Done"), 6, FALSE, TRUE, 1 },      { N_ ("Down"), 11, FALSE, TRUE, 0 },
  { N_ ("Up"), 11, FALSE, TRUE, 0 },       { N_ ("Flags"), 6, FALSE, FALSE, 4 },
  { N_ ("Source"), 9, FALSE, FALSE, 3 },   { N_ ("Downloaded"), 10, FALSE, TRUE, 5 },
  { N_ ("Uploaded"), 10, FALSE, TRUE, 6 },
};

/* As other clients write them: D we download, d we would if they let us, U and u the other way round. */
static char *
format_flags (GVariant *peer)
{
  GString *flags = g_string_new (NULL);

  if (bitonic_get_number (peer, "am-interested"))
    g_string_append_c (flags, bitonic_get_number (peer, "peer-choking") ? 'd' : 'D');
  if (bitonic_get_number (peer, "peer-interested"))
    g_string_append_c (flags, bitonic_get_number (peer, "am-choking") ? 'u' : 'U');
  if (bitonic_get_number (peer, "snubbed"))
    g_string_append_c (flags, 'S');
  if (bitonic_get_number (peer, "incoming"))
    g_string_append_c (flags, 'I');
  if (bitonic_get_number (peer, "encrypted"))
    g_string_append_c (flags, 'E');
  return g_string_free (flags, FALSE);
}

static char *
format_peer (gpointer data, guint row, guint column, guint width, guint *style)
{
  GVariant *peer = ((BitonicApp *) data)->rows->pdata[row];

  switch (column)
    {
    case 0:
      return g_strdup (bitonic_get_text (peer, "address"));
    case 1:
      return g_strdup (bitonic_get_text (peer, "client"));
    case 2:
      return bitonic_format_percent (bitonic_get_double (peer, "progress"));
    case 3:
      *style = BITONIC_STYLE_DOWN;
      return bitonic_format_rate (bitonic_get_double (peer, "down-rate"));
    case 4:
      *style = BITONIC_STYLE_UP;
      return bitonic_format_rate (bitonic_get_double (peer, "up-rate"));
    case 5:
      return format_flags (peer);
    case 6:
      return g_strdup (bitonic_get_text (peer, "source"));
    default:
      return bitonic_format_size (
          (guint64) bitonic_get_number (peer, column == 7 ? "downloaded" : "uploaded"));
    }
}

void
bitonic_draw_peers (BitonicApp *self, guint y, guint height)
{
  BitonicTable table = { .columns = peer_columns,
                         .n_columns = G_N_ELEMENTS (peer_columns),
                         .format = format_peer };

  draw_rows (self, y, height, &table);
}

/* --- Trackers --- */

static const BitonicColumn tracker_columns[] = {
  { N_ ("Tier"), 4, FALSE, TRUE, 2 },     { N_ ("Tracker"), 20, TRUE, FALSE, 0 },
  { N_ ("State"), 11, FALSE, FALSE, 0 },  { N_ ("Seeds"), 6, FALSE, TRUE, 1 },
  { N_ ("Leechers"), 8, FALSE, TRUE, 1 }, { N_ ("Next"), 7, FALSE, TRUE, 3 },
  { N_ ("Message"), 12, TRUE, FALSE, 4 },
};

/* -1 is unknown */
static char *
format_count (GVariant *row, const char *key)
{
  const gint64 n = bitonic_get_number (row, key);

  return n >= 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, n) : g_strdup ("");
}

static char *
format_tracker (gpointer data, guint row, guint column, guint width, guint *style)
{
  GVariant *tracker = ((BitonicApp *) data)->rows->pdata[row];
  const char *state = bitonic_get_text (tracker, "state");

  switch (column)
    {
    case 0:
      return format_count (tracker, "tier");
    case 1:
      return g_strdup (bitonic_get_text (tracker, "url"));
    case 2:
      *style = bitonic_style_of_state (state);
      return g_strdup (bitonic_format_word (state));
    case 3:
      return format_count (tracker, "seeds");
    case 4:
      return format_count (tracker, "leechers");
    case 5:
      return bitonic_format_duration (bitonic_get_number (tracker, "next-announce"));
    default:
      return g_strdup (bitonic_get_text (tracker, "message"));
    }
}

void
bitonic_draw_trackers (BitonicApp *self, guint y, guint height)
{
  BitonicTable table = { .columns = tracker_columns,
                         .n_columns = G_N_ELEMENTS (tracker_columns),
                         .format = format_tracker };

  draw_rows (self, y, height, &table);
}

/* --- Files --- */

static const BitonicColumn file_columns[] = {
  { N_ ("File"), 20, TRUE, FALSE, 0 },
  { N_ ("Size"), 9, FALSE, TRUE, 1 },
  { N_ ("Done"), 6, FALSE, TRUE, 0 },
  { N_ ("Priority"), 9, FALSE, FALSE, 0 },
};

static const char *
name_priority (gint64 priority)
{
  switch (priority)
    {
    case CCBT_PRIORITY_SKIP:
      return _ ("skip");
    case CCBT_PRIORITY_LOW:
      return _ ("low");
    case CCBT_PRIORITY_HIGH:
      return _ ("high");
    case CCBT_PRIORITY_MAXIMUM:
      return _ ("maximum");
    default:
      return _ ("normal");
    }
}

static char *
format_file (gpointer data, guint row, guint column, guint width, guint *style)
{
  GVariant *file = ((BitonicApp *) data)->rows->pdata[row];
  const gint64 length = bitonic_get_number (file, "length");
  const gint64 priority = bitonic_get_number (file, "priority");

  *style = priority == CCBT_PRIORITY_SKIP ? BITONIC_STYLE_DIM : BITONIC_STYLE_NORMAL;
  switch (column)
    {
    case 0:
      return g_strdup (bitonic_get_text (file, "path"));
    case 1:
      return bitonic_format_size ((guint64) length);
    case 2:
      return bitonic_format_percent (
          length > 0 ? (double) bitonic_get_number (file, "done") / (double) length : 1);
    default:
      return g_strdup (name_priority (priority));
    }
}

void
bitonic_draw_files (BitonicApp *self, guint y, guint height)
{
  BitonicTable table = { .columns = file_columns,
                         .n_columns = G_N_ELEMENTS (file_columns),
                         .format = format_file };

  draw_rows (self, y, height, &table);
}

/* --- Pieces --- */

void
bitonic_draw_pieces (BitonicApp *self, guint y, guint height)
{
  const guint width = bitonic_canvas_get_width (self->canvas);
  const BitonicTorrent *torrent = bitonic_app_get_selected (self);
  const guint used = bitonic_draw_subject (self, y) + 1;
  g_autofree guint8 *cells = NULL;
  g_autofree char *text = NULL;
  guint n_cells;
  gsize n_bytes;
  const guint8 *bits;

  if (torrent == NULL || self->pieces == NULL || height <= used)
    return;
  n_cells = MIN (torrent->n_pieces, width * (height - used));
  bits = g_bytes_get_data (self->pieces, &n_bytes);
  cells = bitonic_format_pieces (bits, n_bytes, torrent->n_pieces, n_cells);
  text = g_strdup_printf (ngettext ("%u of %u piece; a character stands for %u.",
                                    "%u of %u pieces; a character stands for %u.",
                                    torrent->n_pieces),
                          torrent->n_pieces_have, torrent->n_pieces,
                          n_cells > 0 ? (torrent->n_pieces + n_cells - 1) / n_cells : 1);
  bitonic_canvas_put (self->canvas, 0, y + used - 1, width, BITONIC_STYLE_NORMAL, text);
  for (guint i = 0; i < n_cells; i++)
    bitonic_canvas_put (self->canvas, i % width, y + used + i / width, 1,
                        cells[i] > 0 ? BITONIC_STYLE_GOOD : BITONIC_STYLE_DIM,
                        cells[i] > 0
                            ? bitonic_format_step (cells[i], bitonic_canvas_is_plain (self->canvas))
                            : ".");
}
