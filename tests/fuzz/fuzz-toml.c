/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-toml.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* What was set must be found again, and the keys before must still be there, however odd the file.
 */
static void
check_set (CcbtToml *toml)
{
  const guint n_before = ccbt_toml_get_entries (toml)->len;
  const gboolean is_new = ccbt_toml_lookup (toml, "network.listen_port") == NULL;
  const CcbtTomlEntry *entry;

  if (!ccbt_toml_set (toml, "network.listen_port", "4242", NULL))
    return;
  entry = ccbt_toml_lookup (toml, "network.listen_port");
  g_assert (entry != NULL && entry->value.type == CCBT_TOML_INTEGER);
  g_assert (entry->value.integer == 4242);
  g_assert (ccbt_toml_get_entries (toml)->len == n_before + is_new);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (CcbtToml) toml = ccbt_toml_new ((const char *) data, size);
  GPtrArray *entries = ccbt_toml_get_entries (toml);
  const char *text = ccbt_toml_get_text (toml, NULL);
  const guint n_problems = ccbt_toml_get_problems (toml)->len;

  g_assert (n_problems <= CCBT_TOML_MAX_PROBLEMS);
  for (guint i = 0; i < entries->len; i++)
    {
      const CcbtTomlEntry *entry = entries->pdata[i];
      g_auto (CcbtTomlValue) value = { 0 };

      g_assert (entry->start < entry->end && entry->end <= size && entry->line > 0);
      g_assert (
          ccbt_toml_value_parse (text + entry->start, entry->end - entry->start, &value, NULL));
      g_assert (value.type == entry->value.type);
      g_assert (value.string == NULL || g_utf8_validate (value.string, -1, NULL));
    }
  /* A file that is broken already may read differently once a line is added to it. */
  if (n_problems == 0)
    check_set (toml);
  return 0;
}
