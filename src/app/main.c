/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <locale.h>
#include "ccbt-application.h"
#include "ccbt-build.h"

/* Translations of a build that is not installed lie elsewhere: tests and screenshots say where. */
static const char *
get_locale_dir (void)
{
  const char *dir = g_getenv ("CCBT_LOCALE_DIR");

  return dir != NULL ? dir : CCBT_LOCALE_DIR;
}

int
main (int argc, char **argv)
{
  const gint64 began = g_get_monotonic_time ();
  g_autoptr (CcbtApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, get_locale_dir ());
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name ("ccBitTorrent");
  application = ccbt_application_new (began);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
