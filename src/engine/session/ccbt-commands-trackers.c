/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-session-private.h"
#include "torrent/ccbt-torrent-trackers.h"

/* The trackers of a torrent. */

/* @error: (transfer full) (nullable) */
static void
answer (CcbtCall *call, GError *error)
{
  if (error != NULL)
    ccbt_call_reply_error (call, error);
  else
    ccbt_call_reply (call, NULL);
}

static void
torrent_add_tracker (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  GError *error = NULL;
  const char *url;
  guint32 tier;

  if (torrent == NULL)
    return;
  g_variant_get_child (arguments, 1, "&s", &url);
  g_variant_get_child (arguments, 2, "u", &tier);
  ccbt_torrent_insert_tracker (torrent, url, tier, &error);
  answer (call, error);
}

static void
torrent_remove_tracker (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  GError *error = NULL;
  const char *url;

  if (torrent == NULL)
    return;
  g_variant_get_child (arguments, 1, "&s", &url);
  ccbt_torrent_remove_tracker (torrent, url, &error);
  answer (call, error);
}

static void
torrent_set_trackers (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  g_autoptr (GVariant) list = g_variant_get_child_value (arguments, 1);
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (CcbtTrackerEntry));
  GError *error = NULL;
  CcbtTrackerEntry entry;
  GVariantIter iter;

  if (torrent == NULL)
    return;
  g_variant_iter_init (&iter, list);
  while (entries->len <= CCBT_TRACKERS_MAX
         && g_variant_iter_next (&iter, "(u&s)", &entry.tier, &entry.url))
    g_array_append_val (entries, entry);
  ccbt_torrent_set_trackers (torrent, (const CcbtTrackerEntry *) (gpointer) entries->data,
                             entries->len, &error);
  answer (call, error);
}

static void
torrent_scrape (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  GError *error = NULL;
  gint64 wait;

  if (torrent == NULL)
    return;
  if (ccbt_torrent_scrape (torrent, &wait, &error))
    ccbt_call_reply (call, g_variant_new ("(x)", wait));
  else
    ccbt_call_reply_error (call, error);
}

static const CcbtCommandEntry entries[] = {
  { { "torrent.add-tracker", "(ssu)", "()", "Add a tracker to a torrent, in a tier from 0" },
    torrent_add_tracker },
  { { "torrent.remove-tracker", "(ss)", "()", "Remove a tracker from a torrent" },
    torrent_remove_tracker },
  { { "torrent.set-trackers", "(sa(us))", "()",
      "Give a torrent this list of trackers, each with its tier" },
    torrent_set_trackers },
  { { "torrent.scrape", "(s)", "(x)",
      "Ask the trackers how large the swarm is; replies the seconds until they may be asked" },
    torrent_scrape },
};

const CcbtCommandGroup ccbt_tracker_commands = { entries, G_N_ELEMENTS (entries) };
