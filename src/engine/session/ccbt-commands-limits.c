/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"

/* The verbs that limit the whole session. */

static void
set_limits (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  guint64 download, upload;

  g_variant_get (arguments, "(tt)", &download, &upload);
  ccbt_session_set_limits (session, download, upload);
  ccbt_call_reply (call, NULL);
}

static void
set_peer_limits (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  guint64 download, upload;

  g_variant_get (arguments, "(tt)", &download, &upload);
  ccbt_session_set_peer_limits (session, download, upload);
  ccbt_call_reply (call, NULL);
}

static void
set_alternative (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  gboolean alternative;

  g_variant_get (arguments, "(b)", &alternative);
  ccbt_session_set_alternative (session, alternative);
  ccbt_call_reply (call, NULL);
}

static const CcbtCommandEntry entries[] = {
  { { "session.set-limits", "(tt)", "()",
      "Limit download and upload, in bytes per second; 0 is no limit" },
    set_limits },
  { { "session.set-peer-limits", "(tt)", "()",
      "Limit download from and upload to each peer, in bytes per second; 0 is no limit" },
    set_peer_limits },
  { { "session.set-alternative", "(b)", "()",
      "Use the alternative limits, or the usual ones, until the schedule changes it" },
    set_alternative },
};

const CcbtCommandGroup ccbt_limits_commands = { entries, G_N_ELEMENTS (entries) };
