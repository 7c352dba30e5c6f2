/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-format.h"
#include <glib/gi18n.h>
#include <string.h>

#define N_STEPS 8
#define MIN_SHOWN_RATE 1.0

static const char *const blocks[N_STEPS + 1] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const plain_blocks[N_STEPS + 1]
    = { " ", ".", ":", "-", "=", "+", "*", "%", "#" };
static const char *const slices[N_STEPS + 1] = { " ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█" };

char *
bitonic_format_size (guint64 bytes)
{
  g_autofree char *text = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
  g_auto (GStrv) parts = g_strsplit (text, "\302\240", -1); /* no-break spaces */

  return g_strjoinv (" ", parts);
}

char *
bitonic_format_rate (double bytes_per_s)
{
  g_autofree char *size = NULL;

  if (!(bytes_per_s >= MIN_SHOWN_RATE))
    return g_strdup ("");
  size = bitonic_format_size (bytes_per_s < 1e18 ? (guint64) bytes_per_s : 0);
  return g_strdup_printf (_ ("%s/s"), size);
}

char *
bitonic_format_limit (guint64 bytes)
{
  return bytes > 0 ? bitonic_format_rate ((double) bytes) : g_strdup (C_ ("limit", "none"));
}

char *
bitonic_format_percent (double share)
{
  const guint tenths = share > 0 ? (guint) (MIN (share, 1) * 1000) : 0;

  return tenths == 1000 ? g_strdup ("100%") : g_strdup_printf ("%u.%u%%", tenths / 10, tenths % 10);
}

char *
bitonic_format_duration (gint64 seconds)
{
  if (seconds < 0)
    return g_strdup ("");
  if (seconds < 60)
    return g_strdup_printf (_ ("%us"), (guint) seconds);
  if (seconds < 3600)
    return g_strdup_printf (_ ("%um%02us"), (guint) seconds / 60, (guint) seconds % 60);
  if (seconds < 86400)
    return g_strdup_printf (_ ("%uh%02um"), (guint) seconds / 3600, (guint) seconds / 60 % 60);
  if (seconds < 86400 * 1000)
    return g_strdup_printf (_ ("%ud%02uh"), (guint) (seconds / 86400),
                            (guint) (seconds / 3600 % 24));
  return g_strdup ("∞");
}

char *
bitonic_format_ratio (guint64 uploaded, guint64 downloaded)
{
  if (downloaded == 0)
    return g_strdup (uploaded > 0 ? "∞" : "");
  return g_strdup_printf ("%.2f", (double) uploaded / (double) downloaded);
}

char *
bitonic_format_time (gint64 wall_time)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (wall_time / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return wall_time > 0 && local != NULL ? g_date_time_format (local, "%Y-%m-%d %H:%M:%S")
                                        : g_strdup ("");
}

const char *
bitonic_format_word (const char *word)
{
  static const char *const words[][2] = {
    { "metadata", N_ ("metadata") },
    { "checking", N_ ("checking") },
    { "downloading", N_ ("downloading") },
    { "seeding", N_ ("seeding") },
    { "paused", N_ ("paused") },
    { "queued", N_ ("queued") },
    { "files-missing", N_ ("no files") },
    { "error", N_ ("error") },
    { "idle", N_ ("idle") },
    { "announcing", N_ ("announcing") },
    { "working", N_ ("working") },
    { "failed", N_ ("failed") },
    { "low", N_ ("low") },
    { "normal", N_ ("normal") },
    { "high", N_ ("high") },
    { "maximum", N_ ("maximum") },
    { "unknown", N_ ("unknown") },
    { "open", N_ ("open: others connect to us") },
    { "likely", N_ ("likely open") },
    { "closed", N_ ("closed: nobody connects to us") },
    { "no-network", N_ ("no network") },
    { "off", N_ ("off") },
    { "on", N_ ("on") },
    { "searching", N_ ("searching") },
    { "mapped", N_ ("port is forwarded") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i][0], word))
      return _ (words[i][1]);
  return word;
}

char *
bitonic_format_bar (double share, guint width, gboolean plain)
{
  GString *bar = g_string_sized_new (width * 3);
  const guint steps = (guint) (CLAMP (share, 0, 1) * width * N_STEPS);

  for (guint i = 0; i < width; i++)
    {
      const guint step = CLAMP ((int) steps - (int) (i * N_STEPS), 0, N_STEPS);

      g_string_append (bar, plain ? (step == N_STEPS ? "#" : step > 0 ? "-" : ".") : slices[step]);
    }
  return g_string_free (bar, FALSE);
}

char *
bitonic_format_graph (const double *samples, guint n_samples, guint width, double top, guint row,
                      guint n_rows, gboolean plain)
{
  GString *text = g_string_sized_new (width * 3);
  const int below = (int) ((n_rows - 1 - row) * N_STEPS);

  for (guint i = 0; i < width; i++)
    {
      const int at = (int) n_samples - (int) width + (int) i;
      const double value = at >= 0 && top > 0 ? CLAMP (samples[at] / top, 0, 1) : 0;
      int steps = (int) (value * n_rows * N_STEPS + 0.5);

      if (value > 0 && steps == 0)
        steps = 1; /* a little is not nothing */
      g_string_append (text,
                       bitonic_format_step ((guint) CLAMP (steps - below, 0, N_STEPS), plain));
    }
  return g_string_free (text, FALSE);
}

guint8 *
bitonic_format_pieces (const guint8 *bitfield, gsize n_bytes, guint n_pieces, guint n_cells)
{
  guint8 *cells = g_new0 (guint8, MAX (n_cells, 1));

  for (guint i = 0; i < n_cells && n_pieces > 0; i++)
    {
      const guint64 first = (guint64) i * n_pieces / n_cells;
      const guint64 end = MAX ((guint64) (i + 1) * n_pieces / n_cells, first + 1);
      guint n_have = 0;

      for (guint64 piece = first; piece < end && piece / 8 < n_bytes; piece++)
        n_have += bitfield[piece / 8] >> (7 - piece % 8) & 1;
      cells[i] = (guint8) (n_have * (guint64) N_STEPS / (end - first));
      if (n_have > 0 && cells[i] == 0)
        cells[i] = 1;
    }
  return cells;
}

const char *
bitonic_format_step (guint step, gboolean plain)
{
  return (plain ? plain_blocks : blocks)[MIN (step, N_STEPS)];
}
