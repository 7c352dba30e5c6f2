/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-magnet.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_info_hash (const CcbtMagnet *magnet)
{
  g_autofree char *link = ccbt_magnet_build (&magnet->info_hash, magnet->name, NULL);
  g_autoptr (CcbtMagnet) again = ccbt_magnet_parse (link, NULL);

  g_assert (again != NULL && ccbt_info_hash_matches (&magnet->info_hash, &again->info_hash));
}

static void
check_publisher (const CcbtMagnet *magnet)
{
  const CcbtSpan salt = { magnet->salt, magnet->salt_len };
  g_autofree char *link = ccbt_magnet_build_mutable (magnet->public_key, salt, magnet->name, NULL);
  g_autoptr (CcbtMagnet) again = ccbt_magnet_parse (link, NULL);

  g_assert (salt.len <= sizeof magnet->salt);
  g_assert (again != NULL && again->has_public_key && !ccbt_magnet_has_info_hash (again));
  g_assert (memcmp (again->public_key, magnet->public_key, sizeof again->public_key) == 0);
  g_assert (ccbt_span_equal ((CcbtSpan){ again->salt, again->salt_len }, salt));
}

/* Whatever is read can be written and read again. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (CcbtMagnet) magnet = ccbt_magnet_parse (text, NULL);

  if (magnet == NULL)
    return 0;
  g_assert (ccbt_magnet_looks_like (text));
  g_assert (magnet->name == NULL || g_utf8_validate (magnet->name, -1, NULL));
  for (guint i = 1; i < magnet->selected->len; i++)
    g_assert (g_array_index (magnet->selected, guint32, i - 1)
              < g_array_index (magnet->selected, guint32, i));
  g_assert (ccbt_magnet_has_info_hash (magnet) || magnet->has_public_key);
  if (ccbt_magnet_has_info_hash (magnet))
    check_info_hash (magnet);
  if (magnet->has_public_key)
    check_publisher (magnet);
  return 0;
}
