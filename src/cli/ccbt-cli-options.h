/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-cli.h"

/* The command line of a download, understood and checked. */
typedef struct
{
  char *what;      /* file, magnet link or URL */
  char *output;    /* absolute */
  char *state_dir; /* absolute; chosen from the torrent when not given */
  char *config_file;
  char *bind;
  int port; /* -1 = configured */
  char **peers;
  char **settings;  /* "section.key=value": --set, and what other options amount to */
  GArray *selected; /* gint32, from 0; NULL = all files */
  gboolean seeds;
  gboolean is_sequential;
  gboolean is_super_seeding;
  gboolean json;
  gboolean is_quiet;
} CcbtCliOptions;

/* Returns: CCBT_EXIT_DONE, or the code to exit with, after complaining. */
int ccbt_cli_options_parse (CcbtCliOptions *self, int argc, char **argv);
void ccbt_cli_options_clear (CcbtCliOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CcbtCliOptions, ccbt_cli_options_clear)
