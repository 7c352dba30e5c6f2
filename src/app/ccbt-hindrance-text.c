/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-hindrance-text.h"
#include <glib/gi18n.h>
#include "ccbt-format.h"

static gboolean
runs (const CcbtTorrentStatus *status)
{
  return status->state == CCBT_TORRENT_STATE_METADATA
         || status->state == CCBT_TORRENT_STATE_DOWNLOADING
         || status->state == CCBT_TORRENT_STATE_SEEDING;
}

static char *
format_rate_limit (const CcbtTorrentStatus *status)
{
  guint64 limit
      = status->is_complete ? status->options->upload_limit : status->options->download_limit;
  g_autofree char *rate = ccbt_format_rate ((double) limit);

  if (limit == 0) /* changed meanwhile */
    return g_strdup (_ ("Its own limit is reached."));
  /* Translators: a rate, such as "500 kB/s" */
  return g_strdup_printf (_ ("Its own limit of %s is reached."), rate);
}

static char *
format_unreachable (guint n_peers)
{
  return g_strdup_printf (ngettext ("%u peer is known and does not answer.",
                                    "%u peers are known, and none of them answers.", n_peers),
                          n_peers);
}

static char *
format_no_pieces (guint n_pieces)
{
  if (n_pieces == 0)
    return g_strdup (_ ("Nobody connected has anything that is still missing."));
  return g_strdup_printf (ngettext ("Nobody connected has the %u piece that is missing.",
                                    "Nobody connected has any of %u missing pieces.", n_pieces),
                          n_pieces);
}

char *
ccbt_hindrance_text (const CcbtTorrentStatus *status)
{
  if (!runs (status))
    return g_strdup ("");
  switch (status->hindrance)
    {
    case CCBT_HINDRANCE_NO_PEERS:
      return g_strdup (_ ("Nobody who has it is known yet."));
    case CCBT_HINDRANCE_NO_TRACKER:
      return g_strdup (_ ("Nobody who has it is known, and none of its trackers answers."));
    case CCBT_HINDRANCE_UNREACHABLE:
      return format_unreachable (status->hindrance_count);
    case CCBT_HINDRANCE_NO_PIECES:
      return format_no_pieces (status->hindrance_count);
    case CCBT_HINDRANCE_CHOKED:
      return g_strdup (_ ("All who have something serve others at the moment."));
    case CCBT_HINDRANCE_OWN_LIMIT:
      return format_rate_limit (status);
    case CCBT_HINDRANCE_PEER_LIMIT:
      return g_strdup (_ ("The limit for each peer is reached."));
    case CCBT_HINDRANCE_SESSION_LIMIT:
      return g_strdup (_ ("The limit for all torrents together is reached."));
    case CCBT_HINDRANCE_DISK:
      return g_strdup (_ ("The disk cannot keep up."));
    case CCBT_HINDRANCE_NO_TAKERS:
      return g_strdup (_ ("Nobody connected needs anything of it."));
    case CCBT_HINDRANCE_NONE:
    default:
      return g_strdup ("");
    }
}

gboolean
ccbt_hindrance_get_fix (CcbtHindrance hindrance, CcbtHindranceFix *out)
{
  switch (hindrance)
    {
    case CCBT_HINDRANCE_NO_PEERS:
    case CCBT_HINDRANCE_NO_PIECES:
      *out = (CcbtHindranceFix){ _ ("_Ask Trackers"), "win.announce", TRUE };
      return TRUE;
    case CCBT_HINDRANCE_NO_TRACKER:
      *out = (CcbtHindranceFix){ _ ("_Edit Trackers…"), "details.edit-trackers", FALSE };
      return TRUE;
    case CCBT_HINDRANCE_UNREACHABLE:
      *out = (CcbtHindranceFix){ _ ("_Connection…"), "app.connection", FALSE };
      return TRUE;
    case CCBT_HINDRANCE_OWN_LIMIT:
      *out = (CcbtHindranceFix){ _ ("_Options…"), "win.options", TRUE };
      return TRUE;
    case CCBT_HINDRANCE_PEER_LIMIT:
    case CCBT_HINDRANCE_SESSION_LIMIT:
      *out = (CcbtHindranceFix){ _ ("_Preferences…"), "app.preferences", FALSE };
      return TRUE;
    default:
      return FALSE;
    }
}
