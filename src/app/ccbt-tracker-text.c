/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-tracker-text.h"
#include "base/ccbt-torrent-status.h"

char *
ccbt_tracker_text_format (GPtrArray *statuses)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < statuses->len; i++)
    {
      const CcbtTrackerStatus *tracker = statuses->pdata[i];
      const CcbtTrackerStatus *before = i > 0 ? statuses->pdata[i - 1] : NULL;

      if (before != NULL && before->tier != tracker->tier)
        g_string_append_c (text, '\n');
      g_string_append_printf (text, "%s\n", tracker->url);
    }
  return g_string_free (text, FALSE);
}

GVariant *
ccbt_tracker_text_parse (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GVariantBuilder builder;
  gboolean has_any = FALSE, is_next = FALSE;
  guint32 tier = 0;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(us)"));
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *url = g_strstrip (lines[i]);

      if (*url == '\0')
        {
          is_next = has_any;
          continue;
        }
      tier += is_next ? 1 : 0;
      is_next = FALSE;
      has_any = TRUE;
      g_variant_builder_add (&builder, "(us)", tier, url);
    }
  return g_variant_builder_end (&builder);
}
