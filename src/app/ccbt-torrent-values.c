/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-values.h"
#include <glib/gi18n.h>
#include <math.h>
#include "ccbt-format.h"

/* Slower is as good as standing still. */
#define MIN_SHOWN_RATE 100.0

#define STATUS(item) ccbt_torrent_item_get_status (item)

/* --- Numbers. --- */

#define NUMBER(name, expression)                                                                   \
  static double name (CcbtTorrentItem *item)                                                       \
  {                                                                                                \
    const CcbtTorrentStatus *status = STATUS (item);                                               \
                                                                                                   \
    return (double) (expression);                                                                  \
  }

NUMBER (get_size, status->total_size)
NUMBER (get_progress, status->progress)
NUMBER (get_state, status->state)
NUMBER (get_down_rate, status->down_rate)
NUMBER (get_up_rate, status->up_rate)
NUMBER (get_eta, status->eta >= 0 ? (double) status->eta : INFINITY)
NUMBER (get_ratio,
        status->downloaded > 0 ? (double) status->uploaded / (double) status->downloaded : -1)
NUMBER (get_peers, status->n_peers)
NUMBER (get_seeds, status->n_seeds)
NUMBER (get_swarm_seeds, status->swarm_seeds)
NUMBER (get_swarm_leechers, status->swarm_leechers)
NUMBER (get_added, status->added_at)
NUMBER (get_completed, status->completed_at)
NUMBER (get_downloaded, status->downloaded)
NUMBER (get_uploaded, status->uploaded)
NUMBER (get_wasted, status->wasted)
NUMBER (get_remaining, status->wanted_size - MIN (status->done_size, status->wanted_size))
NUMBER (get_active_time, status->active_seconds)
NUMBER (get_seeding_time, status->seeding_seconds)
NUMBER (get_priority, status->options->priority)
NUMBER (get_position, status->options->position)
NUMBER (get_files, status->n_files)

/* --- Texts. --- */

static char *
format_size (double size)
{
  return g_format_size ((guint64) size);
}

static char *
format_count (double count)
{
  return count >= 0 ? g_strdup_printf ("%.0f", count) : g_strdup ("");
}

static char *
format_rate (double rate)
{
  return rate >= MIN_SHOWN_RATE ? ccbt_format_rate (rate) : g_strdup ("");
}

static char *
format_time (double seconds)
{
  return seconds > 0 ? ccbt_format_duration ((gint64) seconds) : g_strdup ("");
}

#define TEXT_OF(get, format)                                                                       \
  static char *make_##get (CcbtTorrentItem *item)                                                  \
  {                                                                                                \
    return format (get (item));                                                                    \
  }

TEXT_OF (get_down_rate, format_rate)
TEXT_OF (get_up_rate, format_rate)
TEXT_OF (get_peers, format_count)
TEXT_OF (get_seeds, format_count)
TEXT_OF (get_swarm_seeds, format_count)
TEXT_OF (get_swarm_leechers, format_count)
TEXT_OF (get_downloaded, format_size)
TEXT_OF (get_uploaded, format_size)
TEXT_OF (get_wasted, format_size)
TEXT_OF (get_active_time, format_time)
TEXT_OF (get_seeding_time, format_time)
TEXT_OF (get_position, format_count)
TEXT_OF (get_progress, ccbt_format_percent)

static char *
make_size (CcbtTorrentItem *item)
{
  return STATUS (item)->has_metadata ? g_format_size (STATUS (item)->total_size) : g_strdup ("");
}

static char *
make_remaining (CcbtTorrentItem *item)
{
  return STATUS (item)->has_metadata ? format_size (get_remaining (item)) : g_strdup ("");
}

static char *
make_files (CcbtTorrentItem *item)
{
  return STATUS (item)->has_metadata ? format_count (get_files (item)) : g_strdup ("");
}

static char *
make_state (CcbtTorrentItem *item)
{
  return ccbt_format_state (STATUS (item));
}

static char *
make_eta (CcbtTorrentItem *item)
{
  const CcbtTorrentStatus *status = STATUS (item);

  if (status->state != CCBT_TORRENT_STATE_DOWNLOADING || status->eta < 0)
    return g_strdup ("");
  return ccbt_format_duration (status->eta);
}

static char *
make_ratio (CcbtTorrentItem *item)
{
  const double ratio = get_ratio (item);

  return ratio >= 0 ? g_strdup_printf ("%.2f", ratio) : g_strdup ("");
}

static char *
make_added (CcbtTorrentItem *item)
{
  return ccbt_format_date (STATUS (item)->added_at);
}

static char *
make_completed (CcbtTorrentItem *item)
{
  return ccbt_format_date (STATUS (item)->completed_at);
}

static char *
make_priority (CcbtTorrentItem *item)
{
  return g_strdup (ccbt_format_queue_priority (STATUS (item)->options->priority));
}

static const char *
get_category (CcbtTorrentItem *item)
{
  return STATUS (item)->options->category;
}

static const char *
get_first_tag (CcbtTorrentItem *item)
{
  const char *first = STATUS (item)->options->tags[0];

  return first != NULL ? first : "";
}

static char *
make_tags (CcbtTorrentItem *item)
{
  return g_strjoinv (", ", STATUS (item)->options->tags);
}

static const char *
get_folder (CcbtTorrentItem *item)
{
  return STATUS (item)->folder != NULL ? STATUS (item)->folder : "";
}

static char *
make_folder (CcbtTorrentItem *item)
{
  return g_filename_display_name (get_folder (item));
}

static char *
make_name (CcbtTorrentItem *item)
{
  return g_strdup (ccbt_torrent_item_get_name (item));
}

static const CcbtTorrentValue values[] = {
  { "name", N_ ("Name"), CCBT_FIELDS_NAME, 260, TRUE, NULL, ccbt_torrent_item_get_search_key,
    make_name },
  { "size", N_ ("Size"), CCBT_FIELDS_SIZE, 90, TRUE, get_size, NULL, make_size },
  { "progress", N_ ("Progress"), CCBT_FIELDS_PROGRESS | CCBT_FIELDS_STATE, 130, TRUE, get_progress,
    NULL, make_get_progress },
  { "state", N_ ("State"), CCBT_FIELDS_STATE | CCBT_FIELDS_PEERS, 180, TRUE, get_state, NULL,
    make_state },
  { "down-rate", N_ ("Down"), CCBT_FIELDS_RATES, 95, TRUE, get_down_rate, NULL,
    make_get_down_rate },
  { "up-rate", N_ ("Up"), CCBT_FIELDS_RATES, 95, TRUE, get_up_rate, NULL, make_get_up_rate },
  { "eta", N_ ("Time Left"), CCBT_FIELDS_ETA | CCBT_FIELDS_STATE, 120, TRUE, get_eta, NULL,
    make_eta },
  { "ratio", N_ ("Ratio"), CCBT_FIELDS_TOTALS, 70, TRUE, get_ratio, NULL, make_ratio },
  { "peers", N_ ("Peers"), CCBT_FIELDS_PEERS, 70, TRUE, get_peers, NULL, make_get_peers },
  { "seeds", N_ ("Seeds"), CCBT_FIELDS_PEERS, 70, FALSE, get_seeds, NULL, make_get_seeds },
  { "swarm-seeds", N_ ("Seeds in Swarm"), CCBT_FIELDS_PEERS, 120, FALSE, get_swarm_seeds, NULL,
    make_get_swarm_seeds },
  { "swarm-leechers", N_ ("Leeches in Swarm"), CCBT_FIELDS_PEERS, 120, FALSE, get_swarm_leechers,
    NULL, make_get_swarm_leechers },
  { "category", N_ ("Category"), CCBT_FIELDS_OPTIONS, 110, FALSE, NULL, get_category, NULL },
  { "tags", N_ ("Tags"), CCBT_FIELDS_OPTIONS, 130, FALSE, NULL, get_first_tag, make_tags },
  { "added", N_ ("Added"), CCBT_FIELDS_DATES, 140, TRUE, get_added, NULL, make_added },
  { "completed", N_ ("Completed"), CCBT_FIELDS_DATES, 140, FALSE, get_completed, NULL,
    make_completed },
  { "folder", N_ ("Folder"), CCBT_FIELDS_FOLDER, 180, FALSE, NULL, get_folder, make_folder },
  { "files", N_ ("Files"), CCBT_FIELDS_SIZE, 70, FALSE, get_files, NULL, make_files },
  { "downloaded", N_ ("Downloaded"), CCBT_FIELDS_TOTALS, 100, FALSE, get_downloaded, NULL,
    make_get_downloaded },
  { "uploaded", N_ ("Uploaded"), CCBT_FIELDS_TOTALS, 100, FALSE, get_uploaded, NULL,
    make_get_uploaded },
  { "remaining", N_ ("Remaining"), CCBT_FIELDS_PROGRESS | CCBT_FIELDS_SIZE, 100, FALSE,
    get_remaining, NULL, make_remaining },
  { "wasted", N_ ("Wasted"), CCBT_FIELDS_TOTALS, 100, FALSE, get_wasted, NULL, make_get_wasted },
  { "active-time", N_ ("Active Time"), CCBT_FIELDS_TIMES, 140, FALSE, get_active_time, NULL,
    make_get_active_time },
  { "seeding-time", N_ ("Seeding Time"), CCBT_FIELDS_TIMES, 140, FALSE, get_seeding_time, NULL,
    make_get_seeding_time },
  { "priority", N_ ("Priority"), CCBT_FIELDS_OPTIONS, 90, FALSE, get_priority, NULL,
    make_priority },
  { "position", N_ ("Position"), CCBT_FIELDS_OPTIONS, 90, FALSE, get_position, NULL,
    make_get_position },
  { "info-hash", N_ ("Info-Hash"), CCBT_FIELDS_NAME, 200, FALSE, NULL,
    ccbt_torrent_item_get_info_hash, NULL },
};

const CcbtTorrentValue *
ccbt_torrent_values_get (guint *n_values)
{
  *n_values = G_N_ELEMENTS (values);
  return values;
}

char *
ccbt_torrent_value_make_text (const CcbtTorrentValue *self, CcbtTorrentItem *item)
{
  return self->make_text != NULL ? self->make_text (item) : g_strdup (self->get_text (item));
}

int
ccbt_torrent_value_compare (const CcbtTorrentValue *self, CcbtTorrentItem *a, CcbtTorrentItem *b)
{
  double number_a;
  double number_b;

  if (self->get_number == NULL)
    return strcmp (self->get_text (a), self->get_text (b));
  number_a = self->get_number (a);
  number_b = self->get_number (b);
  return (number_a > number_b) - (number_a < number_b);
}
