/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A whole session in the test's own main context, for the simulations. */

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include "session/ccbt-session.h"

/* Nothing but what the test starts; the user's own settings do not count here. */
#define SESSION_FIXTURE_SETTINGS                                                                   \
  "[discovery]\nenable_dht = false\nenable_lsd = false\n[nat]\nauto_map_ports = false\n"

typedef struct
{
  CcbtConfig *config;
  CcbtSnapshotStore *snapshots;
  CcbtEventRing *events;
  CcbtSession *session; /* NULL: closed */
} SessionFixture;

/* @settings: path of a file of settings without a fault. @assignment: (nullable): one more, as from the command line */
static inline void
session_fixture_open (SessionFixture *self, const CcbtEngineOptions *options, const char *settings,
                      const char *assignment)
{
  g_autoptr (GError) error = NULL;

  self->config = ccbt_config_load (settings, FALSE);
  g_assert_cmpuint (g_strv_length ((GStrv) ccbt_config_get_problems (self->config)), ==, 0);
  if (assignment != NULL)
    ccbt_config_set_from_command_line (self->config, assignment, &error);
  g_assert_no_error (error);
  self->snapshots = ccbt_snapshot_store_new ();
  self->events = ccbt_event_ring_new (1024);
  self->session = ccbt_session_new (options, self->config, self->snapshots, self->events, &error);
  g_assert_no_error (error);
}

/* For what is done later. @data: gboolean */
static inline void
session_fixture_set_flag_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static inline void
session_fixture_close (SessionFixture *self)
{
  gboolean closed = FALSE;

  ccbt_session_close (self->session, session_fixture_set_flag_cb, &closed);
  while (!closed)
    g_main_context_iteration (NULL, TRUE);
  g_clear_pointer (&self->session, ccbt_session_free);
  g_clear_pointer (&self->config, ccbt_config_free);
  g_clear_pointer (&self->snapshots, ccbt_snapshot_store_unref);
  g_clear_pointer (&self->events, ccbt_event_ring_unref);
}

/* @text: of a dictionary of options, as GVariant writes it */
static inline void
session_fixture_set_options (CcbtTorrent *torrent, const char *text)
{
  g_autoptr (GVariant) changes = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtTorrentOptions) options
      = ccbt_torrent_options_change (ccbt_torrent_get_options (torrent), changes, &error);

  g_assert_no_error (error);
  ccbt_torrent_set_options (torrent, options);
}

static inline int
session_fixture_remove_cb (const char *path, const struct stat *info, int kind, struct FTW *place)
{
  return remove (path);
}

/* With all that is in it. */
static inline void
session_fixture_remove_folder (const char *path)
{
  nftw (path, session_fixture_remove_cb, 16, FTW_DEPTH | FTW_PHYS);
}
