/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "base/ccbt-snapshot-store.h"

/* The torrents in the search of GNOME Shell (org.gnome.Shell.SearchProvider2), while the program
 * runs: data/…search-provider.ini says that a search does not start it. */
#define CCBT_TYPE_SEARCH_PROVIDER (ccbt_search_provider_get_type ())
G_DECLARE_FINAL_TYPE (CcbtSearchProvider, ccbt_search_provider, CCBT, SEARCH_PROVIDER, GObject)

/* @actions: has show-torrent (s info-hash) and search (s text) */
CcbtSearchProvider *ccbt_search_provider_new (GDBusConnection *connection, CcbtSnapshotStore *store,
                                              GActionGroup *actions);
