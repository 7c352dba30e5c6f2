/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* bitonic: the dashboard of a running instance in a terminal. What it shows is kept in models and drawn on
 * a canvas in memory; only bitonic-screen.c and bitonic-restore.c know the terminal, only
 * bitonic-link.c the instance.
 *
 * Values as they are shown, short enough for columns. All return: (transfer full). */
char *bitonic_format_size (guint64 bytes);      /* "1.2 MiB" */
char *bitonic_format_rate (double bytes_per_s); /* "1.2 MiB/s"; "" when it is none */
char *bitonic_format_limit (guint64 bytes);     /* the same of a limit; 0 = "none" */
char *
bitonic_format_percent (double share); /* "42.1%", rounded down: only what is whole says 100 */
char *bitonic_format_duration (gint64 seconds); /* "1h05m"; "" when unknown (-1) */
char *bitonic_format_ratio (guint64 uploaded, guint64 downloaded);
char *bitonic_format_time (gint64 wall_time); /* microseconds since 1970 */

/* A state, a tracker's state, a priority, in the user's language. Returns: (transfer none) */
const char *bitonic_format_word (const char *word);

/* A bar of @width columns, filled to @share (0.0-1.0). @plain: ASCII only. */
char *bitonic_format_bar (double share, guint width, gboolean plain);

/* One row of a graph that is @n_rows high, the newest sample at the right: row 0 is at the top.
 * @samples: oldest first; the last @width are shown; @top: the value that fills all rows. */
char *bitonic_format_graph (const double *samples, guint n_samples, guint width, double top,
                            guint row, guint n_rows, gboolean plain);

/* A map of @n_pieces pieces in @n_cells cells, each "how many of its pieces are there". @bitfield: the
 * first piece is the highest bit of the first byte. Returns: (transfer full): n_cells of them, cell @i in
 * steps from 0 (none) to 8 (all) */
guint8 *bitonic_format_pieces (const guint8 *bitfield, gsize n_bytes, guint n_pieces,
                               guint n_cells);
/* What shows such a step. Returns: (transfer none) */
const char *bitonic_format_step (guint step, gboolean plain);
