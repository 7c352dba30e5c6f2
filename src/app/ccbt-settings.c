/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-settings.h"
#include "ccbt-build.h"

GSettings *
ccbt_settings_open (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  /* g_settings_new() would abort the program. */
  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, CCBT_APPLICATION_ID, TRUE);
  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}
