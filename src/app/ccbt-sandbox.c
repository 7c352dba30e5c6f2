/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-sandbox.h"

gboolean
ccbt_is_sandboxed (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS)
         || g_strcmp0 (g_getenv ("GTK_USE_PORTAL"), "1") == 0;
}
