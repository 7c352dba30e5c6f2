/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-priorities.h"
#include "base/ccbt-types.h"
#include "wire/ccbt-metainfo.h"

GBytes *
ccbt_priorities_from_selection (const guint32 *files, gsize n_files)
{
  gsize size = 1; /* none at all would mean that everything is wanted */
  guint8 *bytes;

  for (gsize i = 0; i < n_files; i++)
    if (files[i] < CCBT_METAINFO_MAX_FILES)
      size = MAX (size, (gsize) files[i] + 1);
  bytes = g_malloc0 (size);
  for (gsize i = 0; i < n_files; i++)
    if (files[i] < CCBT_METAINFO_MAX_FILES)
      bytes[files[i]] = CCBT_PRIORITY_NORMAL;
  return g_bytes_new_take (bytes, size);
}
