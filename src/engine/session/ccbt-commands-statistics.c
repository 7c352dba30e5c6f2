/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-session-private.h"

/* What was moved when. */

static void
history (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  static const char *const names[CCBT_N_HISTORY_SCALES] = { [CCBT_HISTORY_SECONDS] = "seconds",
                                                            [CCBT_HISTORY_MINUTES] = "minutes",
                                                            [CCBT_HISTORY_HOURS] = "hours" };
  const char *name;

  g_variant_get (arguments, "(&s)", &name);
  for (guint i = 0; i < CCBT_N_HISTORY_SCALES; i++)
    if (g_str_equal (names[i], name))
      {
        ccbt_call_reply (call, ccbt_session_describe_history (session, i));
        return;
      }
  ccbt_call_reply_error (
      call, g_error_new (CCBT_ERROR, CCBT_ERROR_INVALID,
                         "History is by seconds, minutes or hours, not by “%.64s”.", name));
}

static const CcbtCommandEntry entries[] = {
  { { "statistics.history", "(s)", "(xuatat)",
      "Bytes that came and went by seconds (ten minutes), minutes (a day) or hours (90 days): the "
      "time now, "
      "seconds of a slot, slots up to now" },
    history },
};

const CcbtCommandGroup ccbt_statistics_commands = { entries, G_N_ELEMENTS (entries) };
