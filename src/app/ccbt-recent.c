/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-recent.h"
#include <gtk/gtk.h>

void
ccbt_recent_note_added (GVariant *source)
{
  GtkRecentData data = { .mime_type = "application/x-bittorrent",
                         .app_name = "ccBitTorrent",
                         .app_exec = "ccbittorrent %u" };
  const char *path;
  g_autofree char *uri = NULL;

  if (!g_variant_lookup (source, "path", "&s", &path))
    return;
  uri = g_filename_to_uri (path, NULL, NULL);
  if (uri != NULL)
    gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &data);
}
