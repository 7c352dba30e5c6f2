/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-magnet.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Whatever is read can be written and read again. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (CcbtMagnet) magnet = ccbt_magnet_parse (text, NULL);
  g_autoptr (CcbtMagnet) again = NULL;
  g_autofree char *link = NULL;

  if (magnet == NULL)
    return 0;
  g_assert (ccbt_magnet_looks_like (text));
  g_assert (magnet->name == NULL || g_utf8_validate (magnet->name, -1, NULL));
  for (guint i = 1; i < magnet->selected->len; i++)
    g_assert (g_array_index (magnet->selected, guint32, i - 1)
              < g_array_index (magnet->selected, guint32, i));
  link = ccbt_magnet_build (&magnet->info_hash, magnet->name, NULL);
  again = ccbt_magnet_parse (link, NULL);
  g_assert (again != NULL && ccbt_info_hash_matches (&magnet->info_hash, &again->info_hash));
  return 0;
}
