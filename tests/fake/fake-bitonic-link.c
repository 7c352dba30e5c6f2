/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-bitonic-link.h"

struct _BitonicLink
{
  int unused;
};

GString *fake_bitonic_calls;
char *fake_bitonic_asked;

BitonicLink *
fake_bitonic_link_new (void)
{
  g_clear_pointer (&fake_bitonic_asked, g_free);
  if (fake_bitonic_calls != NULL)
    g_string_free (fake_bitonic_calls, TRUE);
  fake_bitonic_calls = g_string_new (NULL);
  return g_new0 (BitonicLink, 1);
}

void
bitonic_link_free (BitonicLink *self)
{
  g_free (self);
}

void
bitonic_link_refresh (BitonicLink *self, const char *info_hash, const char *part)
{
  g_free (fake_bitonic_asked);
  fake_bitonic_asked
      = info_hash != NULL && part != NULL ? g_strdup_printf ("%s %s", info_hash, part) : NULL;
}

void
bitonic_link_call (BitonicLink *self, const char *verb, GVariant *arguments)
{
  g_autofree char *text = g_variant_print (arguments, FALSE);

  g_string_append_printf (fake_bitonic_calls, "%s %s\n", verb, text);
}
