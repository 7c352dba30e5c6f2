/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the tests of settings in a session share: a session on a file of settings, and ways to change it. */

#include "session/ccbt-config-file.h"
#include "session/ccbt-session-private.h"
#include <string.h>

#define PATIENCE_S 30

typedef struct
{
  char *state;
  char *settings;
  CcbtConfig *config;
  CcbtSnapshotStore *snapshots;
  CcbtEventRing *events;
  CcbtSession *session;
  guint reader;
} World;

static const char base_text[] = "[discovery]\nenable_dht = false\nenable_lsd = false\n"
                                "dht_bootstrap_nodes = \"127.0.0.1:1\"\n"
                                "[nat]\nauto_map_ports = false\n";

/* Loopback keeps all of it on this machine. */
G_GNUC_UNUSED static gboolean
try_open (World *world, const char *text, const char *bind, GError **error)
{
  const CcbtEngineOptions options
      = { .state_dir = world->state, .bind_address = bind, .port = bind != NULL ? 0 : -1 };

  g_assert_true (g_file_set_contents (world->settings, text, -1, NULL));
  world->config = ccbt_config_load (world->settings, FALSE);
  world->snapshots = ccbt_snapshot_store_new ();
  world->events = ccbt_event_ring_new (64);
  world->reader = ccbt_event_ring_add_reader (world->events,
                                              CCBT_EVENT_MASK (CCBT_EVENT_CONFIG_CHANGED)
                                                  | CCBT_EVENT_MASK (CCBT_EVENT_CONFIG_INVALID),
                                              FALSE, NULL, NULL, NULL);
  world->session
      = ccbt_session_new (&options, world->config, world->snapshots, world->events, error);
  return world->session != NULL;
}

G_GNUC_UNUSED static void
open_session (World *world, const char *text)
{
  g_autoptr (GError) error = NULL;

  try_open (world, text, "127.0.0.1", &error);
  g_assert_no_error (error);
}

G_GNUC_UNUSED static void
set_flag (gpointer data)
{
  *(gboolean *) data = TRUE;
}

G_GNUC_UNUSED static void
close_session (World *world)
{
  gboolean is_closed = FALSE;

  if (world->session != NULL)
    {
      ccbt_session_close (world->session, set_flag, &is_closed);
      while (!is_closed)
        g_main_context_iteration (NULL, TRUE);
      ccbt_session_free (world->session);
    }
  ccbt_event_ring_remove_reader (world->events, world->reader);
  ccbt_config_free (world->config);
  ccbt_snapshot_store_unref (world->snapshots);
  ccbt_event_ring_unref (world->events);
}

G_GNUC_UNUSED static void
set_up (World *world, gconstpointer data)
{
  world->state = g_dir_make_tmp ("ccbt-live-XXXXXX", NULL);
  world->settings = g_build_filename (world->state, "ccbt.toml", NULL);
}

G_GNUC_UNUSED static void
tear_down (World *world, gconstpointer data)
{
  const char *arguments[] = { "rm", "-rf", world->state, NULL };

  g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
  g_free (world->settings);
  g_free (world->state);
}

/* --- Changing --- */

typedef struct
{
  gboolean is_done;
  GError *error;
  char **keys;
} Answer;

G_GNUC_UNUSED static void
answer_clear (Answer *answer)
{
  g_clear_error (&answer->error);
  g_clear_pointer (&answer->keys, g_strfreev);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

G_GNUC_UNUSED static void
done_cb (gpointer data, const char *const *keys, const GError *error)
{
  Answer *answer = data;

  answer->is_done = TRUE;
  answer->error = error != NULL ? g_error_copy (error) : NULL;
  answer->keys = g_strdupv ((char **) keys);
}

G_GNUC_UNUSED static gboolean
nudge_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

G_GNUC_UNUSED static void
wait_for (gboolean (*is_true) (gpointer data), gpointer data)
{
  const gint64 until = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;
  const guint nudge = g_timeout_add (50, nudge_cb, NULL);

  while (!is_true (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (nudge);
}

G_GNUC_UNUSED static gboolean
is_answered (gpointer data)
{
  return ((Answer *) data)->is_done;
}

G_GNUC_UNUSED static void
set (World *world, const char *key, const char *text, Answer *answer)
{
  ccbt_config_live_set (ccbt_session_get_settings (world->session), key, text, done_cb, answer);
  wait_for (is_answered, answer);
}

G_GNUC_UNUSED static void
set_well (World *world, const char *key, const char *text)
{
  g_auto (Answer) answer = { 0 };

  set (world, key, text, &answer);
  g_assert_no_error (answer.error);
}

/* Returns: (transfer full) (nullable) */
G_GNUC_UNUSED static CcbtEvent *
next_event (World *world)
{
  g_autoptr (GPtrArray) events = ccbt_event_ring_read (world->events, world->reader, 1, NULL);

  return events->len > 0 ? ccbt_event_ref (events->pdata[0]) : NULL;
}

typedef struct
{
  World *world;
  CcbtEvent *event;
} Awaited;

G_GNUC_UNUSED static gboolean
has_event (gpointer data)
{
  Awaited *awaited = data;

  awaited->event = next_event (awaited->world);
  return awaited->event != NULL;
}

G_GNUC_UNUSED static char *
await_event (World *world, CcbtEventType type)
{
  Awaited awaited = { world, NULL };
  const char *text = NULL;
  char *copy;

  wait_for (has_event, &awaited);
  g_assert_cmpint (awaited.event->type, ==, type);
  g_assert_true (g_variant_lookup (awaited.event->payload, "text", "&s", &text));
  copy = g_strdup (text);
  ccbt_event_unref (awaited.event);
  return copy;
}
