/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-handlers.h"
#include "ccbt-build.h"
#include <glib/gi18n.h>
#include <locale.h>

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain ("ccbittorrent", CCBT_LOCALE_DIR);
  bind_textdomain_codeset ("ccbittorrent", "UTF-8");
  textdomain ("ccbittorrent");
  g_log_writer_default_set_use_stderr (TRUE); /* stdout is for answers */
  return btbt_main ((const char *const *) argv + (argc > 0));
}
