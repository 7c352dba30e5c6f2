/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picker/ccbt-picker-summary.h"

/* Fills the stretch but for what is begun. */
static void
count_stretch (CcbtPicker *self, CcbtPieceSummary *summary, guint32 index)
{
  const CcbtBitfield *have = ccbt_picker_get_have (self);
  const guint32 first = ccbt_piece_summary_get_first (summary, index);
  const guint32 end = ccbt_piece_summary_get_first (summary, index + 1);
  guint32 n_had = 0, n_missing = 0;
  guint least = G_MAXUINT;

  for (guint32 piece = first; piece < end; piece++)
    {
      guint availability;

      if (ccbt_bitfield_get (have, piece))
        {
          n_had++;
          continue;
        }
      if (ccbt_picker_get_priority (self, piece) == CCBT_PRIORITY_SKIP)
        continue;
      availability = ccbt_picker_get_availability (self, piece);
      n_missing++;
      summary->n_nowhere += availability == 0;
      least = MIN (least, availability);
    }
  summary->n_missing += n_missing;
  summary->stretches[index]
      = (CcbtPieceStretch){ .had = ccbt_piece_share (n_had, end - first),
                            .missing = ccbt_piece_share (n_missing, end - first),
                            .least = n_missing > 0 ? (guint8) MIN (least, 255) : 0 };
}

static void
count_begun (CcbtPicker *self, CcbtPieceSummary *summary)
{
  g_autofree guint32 *n_begun = g_new0 (guint32, summary->n_stretches);

  summary->n_begun = ccbt_picker_get_n_partial (self);
  for (guint i = 0; i < summary->n_begun; i++)
    n_begun[ccbt_piece_summary_find (summary, ccbt_picker_get_partial (self, i))]++;
  for (guint32 i = 0; i < summary->n_stretches; i++)
    summary->stretches[i].begun
        = ccbt_piece_share (n_begun[i], ccbt_piece_summary_get_first (summary, i + 1)
                                            - ccbt_piece_summary_get_first (summary, i));
}

CcbtPieceSummary *
ccbt_picker_summarise (CcbtPicker *self, guint n_peers)
{
  const CcbtBitfield *have = ccbt_picker_get_have (self);
  CcbtPieceSummary *summary = ccbt_piece_summary_new (have->n_bits);

  summary->n_had = have->n_set;
  summary->n_peers = n_peers;
  for (guint32 i = 0; i < summary->n_stretches; i++)
    count_stretch (self, summary, i);
  count_begun (self, summary);
  return summary;
}
