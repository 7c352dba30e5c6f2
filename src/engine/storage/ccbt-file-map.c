/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-file-map.h"

struct _CcbtFileMap
{
  guint n_spans;
  CcbtFileSpan spans[];
};

static guint64
get_span_end (const CcbtFileSpan *span)
{
  return span->offset + span->length;
}

CcbtFileMap *
ccbt_file_map_new (const CcbtFileSpan *spans, guint n_spans)
{
  CcbtFileMap *self = g_malloc (sizeof *self + n_spans * sizeof *spans);

  self->n_spans = n_spans;
  for (guint i = 0; i < n_spans; i++)
    {
      g_assert (spans[i].length > 0);
      g_assert (i == 0 || get_span_end (&spans[i - 1]) <= spans[i].offset);
      self->spans[i] = spans[i];
    }
  return self;
}

void
ccbt_file_map_free (CcbtFileMap *self)
{
  g_free (self);
}

/* The first span that ends behind @offset; n_spans when none does. */
static guint
find_span (const CcbtFileMap *self, guint64 offset)
{
  guint low = 0, high = self->n_spans;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (get_span_end (&self->spans[middle]) <= offset)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

void
ccbt_file_map_iter_init (CcbtFileMapIter *self, const CcbtFileMap *map, guint64 offset,
                         guint64 length)
{
  *self = (CcbtFileMapIter){
    .map = map, .offset = offset, .end = offset + length, .next = find_span (map, offset)
  };
}

gboolean
ccbt_file_map_iter_next (CcbtFileMapIter *self, CcbtFileSegment *out)
{
  const CcbtFileSpan *span = &self->map->spans[self->next];
  gboolean has_span = self->next < self->map->n_spans;
  guint64 end = self->end;

  if (self->offset >= self->end)
    return FALSE;
  *out = (CcbtFileSegment){ .file = CCBT_FILE_MAP_NONE, .offset = self->offset };
  if (has_span && span->offset > self->offset)
    end = MIN (end, span->offset);
  else if (has_span)
    {
      end = MIN (end, get_span_end (span));
      out->file = span->file;
      out->file_offset = self->offset - span->offset;
      if (end == get_span_end (span))
        self->next++;
    }
  out->length = end - self->offset;
  self->offset = end;
  return TRUE;
}
