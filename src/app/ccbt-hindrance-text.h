/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-torrent-status.h"

/* Why a torrent is not faster, in one sentence, and what can be done about it. */

/* Returns: (transfer full): "" when nothing is to be told: it does not run, or loses nothing */
char *ccbt_hindrance_text (const CcbtTorrentStatus *status);

typedef struct
{
  const char *label;  /* translated, with mnemonic */
  const char *action; /* to be activated with the info-hashes (as) as target if @takes_target */
  gboolean takes_target;
} CcbtHindranceFix;

/* Returns: FALSE when the user can do nothing but wait */
gboolean ccbt_hindrance_get_fix (CcbtHindrance hindrance, CcbtHindranceFix *out);
