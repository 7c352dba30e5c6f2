/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-build.h"
#include "ccbt-cli.h"

#include <glib.h>
#include <locale.h>
#include <stdio.h>

static const char help[]
    = "Usage:\n"
      "  ccbt [OPTION...] TORRENT|MAGNET|URL   download here, in this process\n"
      "  ccbt show FILE|MAGNET [--json]        tell what a torrent holds\n"
      "  ccbt check TORRENT -o DIR [--json]    hash the files and say which are whole\n"
      "  ccbt create PATH [-o FILE] [--tracker=URL]... [--seed]   make a torrent\n"
      "  ccbt import PROGRAM [FOLDER]          take over the torrents of qbittorrent, deluge,\n"
      "                                        transmission or rtorrent\n"
      "  ccbt async [TORRENT...] [-o DIR]      many torrents in one session, here\n"
      "  ccbt daemon start|stop|status|logs    the same in the background (run: in this process)\n"
      "  ccbt config show|get|set|reset|diff|schema|validate|path   settings\n"
      "\n"
      "Options:\n"
      "  -o, --output=DIR           where the files go (default: the folder you are in)\n"
      "      --port=N               port for incoming peers (0: any free one)\n"
      "      --bind=ADDRESS         use this address of this machine only\n"
      "      --peer=HOST:PORT       connect to this peer; can be given again\n"
      "      --seed                 go on seeding until interrupted\n"
      "      --super-seed           as the only seed, give each piece away about once\n"
      "      --sequential           download in order\n"
      "      --files=SPEC           only these files, by number as “ccbt show” prints: 1,3-5\n"
      "      --down-limit=RATE      bytes per second; K, M and G are understood\n"
      "      --up-limit=RATE\n"
      "      --state-dir=DIR        where to remember progress\n"
      "      --config=FILE          settings to use instead of the usual ones\n"
      "      --set=SECTION.KEY=VALUE  one setting; can be given again\n"
      "      --no-dht --no-pex --no-lsd --no-portmap\n"
      "      --dht-bootstrap=HOST:PORT  where to enter the distributed hash table\n"
      "      --json                 one JSON object a line\n"
      "  -q, --quiet                say only what goes wrong\n"
      "      --version\n"
      "  -h, --help\n"
      "\n"
      "Exit status: 0 complete, verified and on disk; 1 failed; 2 wrong usage; 130 interrupted.\n";

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_log_writer_default_set_use_stderr (TRUE); /* stdout is for answers */
  if (argc < 2)
    {
      fputs (help, stderr);
      return CCBT_EXIT_USAGE;
    }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    {
      fputs (help, stdout);
      return CCBT_EXIT_DONE;
    }
  if (g_str_equal (argv[1], "--version"))
    {
      puts ("ccbt " CCBT_VERSION);
      return CCBT_EXIT_DONE;
    }
  if (g_str_equal (argv[1], "show"))
    return ccbt_cli_show (argc - 1, argv + 1);
  if (g_str_equal (argv[1], "check"))
    return ccbt_cli_check (argc - 1, argv + 1);
  if (g_str_equal (argv[1], "create"))
    return ccbt_cli_create (argc - 1, argv + 1);
  if (g_str_equal (argv[1], "import"))
    return ccbt_cli_import (argc - 1, argv + 1);
  if (g_str_equal (argv[1], "daemon"))
    return ccbt_cli_daemon (argc - 1, argv + 1);
  if (g_str_equal (argv[1], "async"))
    return ccbt_cli_async (argc - 1, argv + 1);
  if (g_str_equal (argv[1], "config"))
    return ccbt_cli_config (argc - 1, argv + 1);
  return ccbt_cli_download (argc, argv);
}
