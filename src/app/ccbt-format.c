/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-format.h"
#include <glib/gi18n.h>
#include "ccbt-error-text.h"

/* Slower than this is as good as standing still, and would flicker. */
#define MIN_SHOWN_RATE 100.0

char *
ccbt_format_rate (double bytes_per_second)
{
  g_autofree char *size = g_format_size ((guint64) MAX (bytes_per_second, 0));

  /* Translators: a transfer rate, such as "1.2 MB/s" */
  return g_strdup_printf (_ ("%s/s"), size);
}

char *
ccbt_format_percent (double share)
{
  /* Rounded down: 99.9 % is not finished. */
  return g_strdup_printf (_ ("%u%%"), (guint) (CLAMP (share, 0, 1) * 100));
}

static char *
format_days (gint64 value)
{
  return g_strdup_printf (ngettext ("%u day", "%u days", (gulong) value), (guint) value);
}

static char *
format_hours (gint64 value)
{
  return g_strdup_printf (ngettext ("%u hour", "%u hours", (gulong) value), (guint) value);
}

static char *
format_minutes (gint64 value)
{
  return g_strdup_printf (ngettext ("%u minute", "%u minutes", (gulong) value), (guint) value);
}

static char *
format_seconds (gint64 value)
{
  return g_strdup_printf (ngettext ("%u second", "%u seconds", (gulong) value), (guint) value);
}

char *
ccbt_format_duration (gint64 seconds)
{
  static const struct
  {
    gint64 seconds;
    char *(*format) (gint64 value);
  } units[] = {
    { 86400, format_days },
    { 3600, format_hours },
    { 60, format_minutes },
    { 1, format_seconds },
  };
  guint i = 0;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  gint64 rest;

  seconds = MAX (seconds, 0);
  while (i < G_N_ELEMENTS (units) - 1 && seconds < units[i].seconds)
    i++;
  first = units[i].format (seconds / units[i].seconds);
  rest = seconds % units[i].seconds;
  /* Seconds beside minutes would change all the time and help nobody. */
  if (i + 2 >= G_N_ELEMENTS (units) || rest < units[i + 1].seconds)
    return g_steal_pointer (&first);
  second = units[i + 1].format (rest / units[i + 1].seconds);
  /* Translators: two parts of a duration, such as "2 hours" and "5 minutes" */
  return g_strdup_printf (C_ ("duration", "%s %s"), first, second);
}

char *
ccbt_format_date (gint64 wall_time)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (wall_time / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return wall_time > 0 && local != NULL ? g_date_time_format (local, "%x %H:%M") : g_strdup ("");
}

char *
ccbt_format_ratio (guint64 uploaded, guint64 downloaded)
{
  if (downloaded == 0)
    return g_strdup (_ ("None yet"));
  return g_strdup_printf ("%.2f", (double) uploaded / (double) downloaded);
}

char *
ccbt_format_rates (double down_rate, double up_rate)
{
  g_autofree char *down = ccbt_format_rate (down_rate);
  g_autofree char *up = ccbt_format_rate (up_rate);

  if (down_rate < MIN_SHOWN_RATE && up_rate < MIN_SHOWN_RATE)
    return g_strdup ("");
  if (up_rate < MIN_SHOWN_RATE)
    return g_strdup_printf ("↓ %s", down);
  if (down_rate < MIN_SHOWN_RATE)
    return g_strdup_printf ("↑ %s", up);
  return g_strdup_printf ("↓ %s  ↑ %s", down, up);
}

char *
ccbt_format_search_key (const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return g_utf8_normalize (folded, -1, G_NORMALIZE_ALL);
}

const char *
ccbt_format_queue_priority (CcbtQueuePriority priority)
{
  static const char *const names[CCBT_N_QUEUE_PRIORITIES]
      = { NC_ ("priority", "Low"), NC_ ("priority", "Normal"), NC_ ("priority", "High"),
          NC_ ("priority", "Maximum") };

  return g_dpgettext2 (NULL, "priority", names[priority]);
}

static char *
format_downloading (guint n_peers)
{
  if (n_peers == 0)
    return g_strdup (_ ("Looking for peers"));
  return g_strdup_printf (
      ngettext ("Downloading from %u peer", "Downloading from %u peers", n_peers), n_peers);
}

static char *
format_seeding (guint n_peers)
{
  if (n_peers == 0)
    return g_strdup (_ ("Seeding"));
  return g_strdup_printf (ngettext ("Seeding to %u peer", "Seeding to %u peers", n_peers), n_peers);
}

static char *
format_moving (double progress)
{
  g_autofree char *percent = ccbt_format_percent (progress);

  if (progress <= 0)
    return g_strdup (_ ("Waiting to move the files"));
  /* Translators: a percentage */
  return g_strdup_printf (_ ("Moving the files (%s)"), percent);
}

char *
ccbt_format_state (const CcbtTorrentStatus *status)
{
  if (status->is_moving)
    return format_moving (status->move_progress);
  switch (status->state)
    {
    case CCBT_TORRENT_STATE_METADATA:
      return g_strdup (_ ("Fetching information"));
    case CCBT_TORRENT_STATE_CHECKING:
      return g_strdup (_ ("Checking files"));
    case CCBT_TORRENT_STATE_DOWNLOADING:
      return format_downloading (status->n_peers);
    case CCBT_TORRENT_STATE_SEEDING:
      return format_seeding (status->n_peers);
    case CCBT_TORRENT_STATE_PAUSED:
      return g_strdup (status->is_complete ? _ ("Finished") : _ ("Paused"));
    case CCBT_TORRENT_STATE_QUEUED:
      return g_strdup (_ ("Waiting for its turn"));
    case CCBT_TORRENT_STATE_FILES_MISSING:
      return g_strdup (ccbt_error_text_for_code (CCBT_ERROR_FILES_MISSING));
    case CCBT_TORRENT_STATE_ERROR:
    default:
      return g_strdup (ccbt_error_text_for_code (status->error_code));
    }
}

char *
ccbt_format_amount (const CcbtTorrentStatus *status)
{
  g_autofree char *done = g_format_size (status->done_size);
  g_autofree char *wanted = g_format_size (status->wanted_size);
  g_autofree char *percent = ccbt_format_percent (status->progress);

  if (!status->has_metadata)
    return g_strdup (_ ("Size not known yet"));
  if (status->state == CCBT_TORRENT_STATE_CHECKING)
    /* Translators: size, share checked */
    return g_strdup_printf (_ ("%s (%s checked)"), wanted, percent);
  if (status->is_complete)
    return g_steal_pointer (&wanted);
  /* Translators: size got so far, whole size, percentage */
  return g_strdup_printf (_ ("%s of %s (%s)"), done, wanted, percent);
}

char *
ccbt_format_eta (const CcbtTorrentStatus *status)
{
  g_autofree char *duration = NULL;

  if (status->state != CCBT_TORRENT_STATE_DOWNLOADING || status->eta < 0)
    return g_strdup ("");
  duration = ccbt_format_duration (status->eta);
  /* Translators: a duration, such as "3 minutes left" */
  return g_strdup_printf (_ ("%s left"), duration);
}

char *
ccbt_format_peers (const CcbtTorrentStatus *status)
{
  g_autofree char *connected = g_strdup_printf (
      ngettext ("%u connected", "%u connected", status->n_peers), status->n_peers);

  if (status->swarm_seeds < 0)
    return g_steal_pointer (&connected);
  /* Translators: "5 connected", then what the tracker counted */
  return g_strdup_printf (_ ("%s (in the swarm: %d with all of it, %d without)"), connected,
                          status->swarm_seeds, MAX (status->swarm_leechers, 0));
}
