/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-event-text.h"
#include <glib/gi18n.h>
#include "base/ccbt-text.h"
#include "ccbt-error-text.h"

#define MAX_CHARS 300u /* of what somebody else wrote */

static const struct
{
  CcbtEventKinds kinds;
  /* Without payload, or with one that says nothing: the whole sentence. */
  const char *text;
} events[CCBT_N_EVENT_TYPES] = {
  [CCBT_EVENT_TORRENT_ADDED] = { CCBT_EVENT_KIND_TORRENT, N_ ("The torrent was added") },
  [CCBT_EVENT_TORRENT_REMOVED] = { CCBT_EVENT_KIND_TORRENT, N_ ("The torrent was removed") },
  [CCBT_EVENT_TORRENT_PAUSED] = { CCBT_EVENT_KIND_TORRENT, N_ ("The torrent was paused") },
  [CCBT_EVENT_TORRENT_RESUMED] = { CCBT_EVENT_KIND_TORRENT, N_ ("The torrent was resumed") },
  [CCBT_EVENT_TORRENT_COMPLETED] = { CCBT_EVENT_KIND_TORRENT, N_ ("The download is complete") },
  [CCBT_EVENT_TORRENT_ERROR]
  = { CCBT_EVENT_KIND_TORRENT | CCBT_EVENT_KIND_PROBLEM, N_ ("An error stopped the torrent") },
  [CCBT_EVENT_METADATA_RECEIVED]
  = { CCBT_EVENT_KIND_TORRENT, N_ ("Peers told which files the torrent has") },
  [CCBT_EVENT_CHECK_STARTED] = { CCBT_EVENT_KIND_TORRENT, N_ ("Checking of the files began") },
  [CCBT_EVENT_CHECK_FINISHED] = { CCBT_EVENT_KIND_TORRENT, N_ ("The files were checked") },
  [CCBT_EVENT_PIECE_VERIFIED] = { CCBT_EVENT_KIND_TORRENT, N_ ("A piece was downloaded") },
  [CCBT_EVENT_PIECE_FAILED] = { CCBT_EVENT_KIND_TORRENT | CCBT_EVENT_KIND_PROBLEM,
                                N_ ("A piece was damaged and is downloaded again") },
  [CCBT_EVENT_PEER_CONNECTED] = { CCBT_EVENT_KIND_TORRENT, N_ ("A peer connected") },
  [CCBT_EVENT_PEER_DISCONNECTED] = { CCBT_EVENT_KIND_TORRENT, N_ ("A peer disconnected") },
  [CCBT_EVENT_PEER_BANNED]
  = { CCBT_EVENT_KIND_TORRENT | CCBT_EVENT_KIND_PROBLEM, N_ ("A peer was banned") },
  [CCBT_EVENT_TRACKER_ANNOUNCED] = { CCBT_EVENT_KIND_TRACKER, N_ ("A tracker answered") },
  [CCBT_EVENT_TRACKER_FAILED]
  = { CCBT_EVENT_KIND_TRACKER | CCBT_EVENT_KIND_PROBLEM, N_ ("A tracker failed") },
  [CCBT_EVENT_LISTENING] = { 0, N_ ("Other peers can be accepted") },
  [CCBT_EVENT_LISTEN_FAILED]
  = { CCBT_EVENT_KIND_PROBLEM, N_ ("Other peers cannot connect: the port is in use") },
  [CCBT_EVENT_STATE_WARNING]
  = { CCBT_EVENT_KIND_PROBLEM, N_ ("The list of torrents could not be saved or read completely") },
  [CCBT_EVENT_SEED_GOAL_REACHED]
  = { CCBT_EVENT_KIND_TORRENT, N_ ("The torrent has been seeded enough") },
  [CCBT_EVENT_CONFIG_CHANGED] = { CCBT_EVENT_KIND_SETTING, N_ ("Settings were changed") },
  [CCBT_EVENT_CONFIG_INVALID]
  = { CCBT_EVENT_KIND_SETTING | CCBT_EVENT_KIND_PROBLEM,
      N_ ("The file of settings is wrong; the settings stay as they were") },
  [CCBT_EVENT_TORRENT_MOVED] = { CCBT_EVENT_KIND_TORRENT, N_ ("The files were moved") },
  [CCBT_EVENT_MOVE_FAILED]
  = { CCBT_EVENT_KIND_TORRENT | CCBT_EVENT_KIND_PROBLEM, N_ ("The files could not be moved") },
  [CCBT_EVENT_WATCH_FAILED]
  = { CCBT_EVENT_KIND_PROBLEM, N_ ("Something in a watched folder could not be added") },
};

CcbtEventKinds
ccbt_event_get_kinds (CcbtEventType type)
{
  return (guint) type < CCBT_N_EVENT_TYPES ? events[type].kinds : 0;
}

/* --- What a payload says --- */

/* Returns: (transfer full) (nullable): NULL when there is none */
static char *
dup_text (const CcbtEvent *event, const char *key)
{
  const char *text;

  if (event->payload == NULL || !g_variant_lookup (event->payload, key, "&s", &text)
      || *text == '\0')
    return NULL;
  return ccbt_text_make_printable (ccbt_span_from_string (text), MAX_CHARS);
}

static gboolean
find_number (const CcbtEvent *event, const char *key, guint32 *number)
{
  return event->payload != NULL && g_variant_lookup (event->payload, key, "u", number);
}

static int
get_code (const CcbtEvent *event)
{
  int code = G_MAXINT;

  if (event->payload != NULL)
    g_variant_lookup (event->payload, "code", "i", &code);
  return code;
}

/* --- Sentences; NULL where the payload says nothing --- */

/* "The files were checked: 3 of 8 pieces are there" */
static char *
format_check (const CcbtEvent *event)
{
  guint32 found, pieces;

  if (!find_number (event, "found", &found) || !find_number (event, "pieces", &pieces))
    return NULL;
  return g_strdup_printf (ngettext ("The files were checked: %u of %u piece is there",
                                    "The files were checked: %u of %u pieces are there", pieces),
                          found, pieces);
}

static char *
format_piece (const CcbtEvent *event, const char *format)
{
  guint32 piece;

  /* People count from 1. */
  return find_number (event, "piece", &piece) ? g_strdup_printf (format, piece + 1) : NULL;
}

static char *
format_tracker (const CcbtEvent *event)
{
  g_autofree char *url = dup_text (event, "url");
  guint32 n_peers;

  if (url == NULL || !find_number (event, "peers", &n_peers))
    return NULL;
  return g_strdup_printf (
      ngettext ("The tracker %s knows %u peer", "The tracker %s knows %u peers", n_peers), url,
      n_peers);
}

/* Two texts of the payload in @format. */
static char *
format_two (const CcbtEvent *event, const char *format, const char *first, const char *second)
{
  g_autofree char *one = dup_text (event, first);
  g_autofree char *two = dup_text (event, second);

  return one != NULL && two != NULL ? g_strdup_printf (format, one, two) : NULL;
}

static char *
format_one (const CcbtEvent *event, const char *format, const char *key)
{
  g_autofree char *text = dup_text (event, key);

  return text != NULL ? g_strdup_printf (format, text) : NULL;
}

static char *
format_port (const CcbtEvent *event)
{
  guint32 port;

  if (!find_number (event, "port", &port))
    return NULL;
  return g_strdup_printf (_ ("Other peers are accepted at port %u"), port);
}

static char *
format_error (const CcbtEvent *event)
{
  const int code = get_code (event);

  return code != G_MAXINT ? g_strdup (ccbt_error_text_for_code (code)) : NULL;
}

static char *
format_keys (const CcbtEvent *event)
{
  g_auto (GStrv) keys = NULL;
  g_auto (GStrv) restart = NULL;
  g_autofree char *names = NULL;

  if (event->payload == NULL || !g_variant_lookup (event->payload, "keys", "^as", &keys)
      || keys[0] == NULL)
    return NULL;
  g_variant_lookup (event->payload, "restart", "^as", &restart);
  names = g_strjoinv (", ", keys);
  return g_strdup_printf (restart != NULL && restart[0] != NULL
                              /* Translators: names of settings, separated by commas */
                              ? _ ("Settings were changed, some for the next start: %s")
                              : _ ("Settings were changed: %s"),
                          names);
}

static char *
format_moved (const CcbtEvent *event)
{
  char *text = format_two (
      event, _ ("The files were moved to %s, but something stays at the old place: %s"), "folder",
      "left");

  return text != NULL ? text : format_one (event, _ ("The files were moved to %s"), "folder");
}

static char *
format_not_moved (const CcbtEvent *event)
{
  const int code = get_code (event);
  g_autofree char *folder = dup_text (event, "folder");

  if (folder == NULL)
    return NULL;
  if (code < 0)
    return g_strdup_printf (_ ("Moving the files to %s was cancelled"), folder);
  /* Translators: a folder, and why */
  return g_strdup_printf (_ ("The files could not be moved to %s: %s"), folder,
                          ccbt_error_text_for_code (code));
}

static char *
format_payload (const CcbtEvent *event)
{
  switch (event->type)
    {
    case CCBT_EVENT_TORRENT_ERROR:
      return format_error (event);
    case CCBT_EVENT_CHECK_FINISHED:
      return format_check (event);
    case CCBT_EVENT_PIECE_VERIFIED:
      return format_piece (event, _ ("Piece %u was downloaded"));
    case CCBT_EVENT_PIECE_FAILED:
      return format_piece (event, _ ("Piece %u was damaged and is downloaded again"));
    case CCBT_EVENT_PEER_CONNECTED:
      return format_one (event, _ ("The peer %s connected"), "address");
    case CCBT_EVENT_PEER_DISCONNECTED:
      return format_one (event, _ ("The peer %s disconnected"), "address");
    case CCBT_EVENT_PEER_BANNED:
      return format_two (event, _ ("The peer %s was banned: %s"), "address", "reason");
    case CCBT_EVENT_TRACKER_ANNOUNCED:
      return format_tracker (event);
    case CCBT_EVENT_TRACKER_FAILED:
      return format_two (event, _ ("The tracker %s failed: %s"), "url", "message");
    case CCBT_EVENT_LISTENING:
      return format_port (event);
    case CCBT_EVENT_CONFIG_CHANGED:
      return format_keys (event);
    case CCBT_EVENT_CONFIG_INVALID:
      return format_one (event, _ ("The file of settings is wrong: %s"), "text");
    case CCBT_EVENT_STATE_WARNING:
      return format_one (
          event, _ ("The list of torrents could not be saved or read completely: %s"), "text");
    case CCBT_EVENT_TORRENT_MOVED:
      return format_moved (event);
    case CCBT_EVENT_MOVE_FAILED:
      return format_not_moved (event);
    case CCBT_EVENT_WATCH_FAILED:
      return format_one (event, _ ("Something in a watched folder could not be added: %s"), "text");
    default:
      return NULL;
    }
}

char *
ccbt_event_text (const CcbtEvent *event)
{
  char *text;

  g_return_val_if_fail ((guint) event->type < CCBT_N_EVENT_TYPES, NULL);

  text = format_payload (event);
  return text != NULL ? text : g_strdup (_ (events[event->type].text));
}
