/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-piece-text.h"
#include <glib/gi18n.h>
#include "ccbt-format.h"

/* --- Columns --- */

/* The first stretch of @column. */
static guint32
get_first (const CcbtPieceSummary *summary, guint n_columns, guint column)
{
  return (guint32) ((guint64) column * summary->n_stretches / n_columns);
}

/* The mean of @n shares that add up to @sum. */
static guint8
get_mean (guint sum, guint n)
{
  return ccbt_piece_share (sum, n * 255);
}

static CcbtPieceStretch
join (const CcbtPieceStretch *stretches, guint n)
{
  guint had = 0, begun = 0, missing = 0;
  guint8 least = 255;

  for (guint i = 0; i < n; i++)
    {
      had += stretches[i].had;
      begun += stretches[i].begun;
      missing += stretches[i].missing;
      if (stretches[i].missing > 0)
        least = MIN (least, stretches[i].least);
    }
  return (CcbtPieceStretch){ .had = get_mean (had, n),
                             .begun = get_mean (begun, n),
                             .missing = get_mean (missing, n),
                             .least = missing > 0 ? least : 0 };
}

void
ccbt_piece_columns_make (const CcbtPieceSummary *summary, guint n_columns, CcbtPieceStretch *out)
{
  g_return_if_fail (n_columns <= summary->n_stretches);

  for (guint i = 0; i < n_columns; i++)
    {
      guint32 first = get_first (summary, n_columns, i);

      out[i] = join (&summary->stretches[first], get_first (summary, n_columns, i + 1) - first);
    }
}

/* --- Words --- */

static char *
format_number (guint32 number)
{
  return g_strdup_printf ("%'u", number);
}

char *
ccbt_piece_text_format (const CcbtPieceSummary *summary)
{
  g_autofree char *percent = ccbt_format_percent ((double) summary->n_had / summary->n_pieces);
  g_autofree char *all = format_number (summary->n_pieces);
  g_autofree char *nowhere = format_number (summary->n_nowhere);
  /* Translators: "62% of 1,024 pieces" */
  g_autofree char *had = g_strdup_printf (
      ngettext ("%s of %s piece", "%s of %s pieces", summary->n_pieces), percent, all);
  g_autofree char *rest = NULL;

  /* Without peers that is true of all of them, and says nothing about any. */
  if (summary->n_nowhere == 0 || summary->n_peers == 0)
    return g_steal_pointer (&had);
  /* Translators: follows "62% of 1,024 pieces": some of the missing ones */
  rest = g_strdup_printf (
      ngettext ("%s is with nobody connected", "%s are with nobody connected", summary->n_nowhere),
      nowhere);
  /* Translators: "62% of 1,024 pieces" and "12 are with nobody connected" */
  return g_strdup_printf (_ ("%s; %s"), had, rest);
}

/* Of what is missing in a stretch of @n_pieces. */
static char *
format_least (guint8 least, guint32 n_pieces)
{
  if (least == 0)
    return g_strdup (n_pieces == 1 ? _ ("nobody connected has it")
                                   : _ ("nobody connected has some of them"));
  if (n_pieces == 1)
    return g_strdup_printf (
        ngettext ("%u connected peer has it", "%u connected peers have it", least), least);
  /* Translators: of several missing pieces, the one that the fewest have */
  return g_strdup_printf (ngettext ("the rarest is with %u connected peer",
                                    "the rarest is with %u connected peers", least),
                          least);
}

static char *
format_standing (const CcbtPieceStretch *stretch, guint32 n_pieces)
{
  g_autofree char *percent = NULL;

  if (stretch->had == 255)
    return g_strdup (n_pieces == 1 ? _ ("here") : _ ("all here"));
  if (n_pieces == 1 && stretch->begun > 0)
    return g_strdup (_ ("being downloaded"));
  if (stretch->missing == 0 && stretch->had == 0)
    return g_strdup (_ ("not wanted"));
  if (stretch->had == 0)
    return g_strdup (_ ("missing"));
  percent = ccbt_format_percent (stretch->had / 255.0);
  /* Translators: of some pieces, such as "40% here" */
  return g_strdup_printf (_ ("%s here"), percent);
}

static char *
format_range (guint32 first, guint32 end)
{
  g_autofree char *from = format_number (first + 1);
  g_autofree char *to = format_number (end);

  /* Translators: numbers of pieces of a torrent */
  return end - first == 1 ? g_strdup_printf (_ ("Piece %s"), to)
                          : g_strdup_printf (_ ("Pieces %s to %s"), from, to);
}

char *
ccbt_piece_text_format_column (const CcbtPieceSummary *summary, guint n_columns, guint column)
{
  const guint32 begin = get_first (summary, n_columns, column);
  const guint32 end = get_first (summary, n_columns, column + 1);
  const guint32 first = ccbt_piece_summary_get_first (summary, begin);
  const guint32 last = ccbt_piece_summary_get_first (summary, end);
  const CcbtPieceStretch stretch = join (&summary->stretches[begin], end - begin);
  g_autofree char *range = format_range (first, last);
  g_autofree char *standing = format_standing (&stretch, last - first);
  g_autofree char *least = NULL;

  if (stretch.missing == 0 || summary->n_peers == 0)
    /* Translators: "Pieces 11 to 20: all here" */
    return g_strdup_printf (_ ("%s: %s"), range, standing);
  least = format_least (stretch.least, last - first);
  /* Translators: "Piece 11: missing; 2 connected peers have it" */
  return g_strdup_printf (_ ("%s: %s; %s"), range, standing, least);
}
