/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-progress.h"
#include "ccbt-cli-connection.h"
#include "base/ccbt-clock.h"
#include "base/ccbt-text.h"

#include <stdio.h>
#include <unistd.h>

#define TERMINAL_EVERY (CCBT_SECOND / 2)
#define JSON_EVERY CCBT_SECOND
#define PLAIN_EVERY (10 * CCBT_SECOND)

struct _CcbtCliProgress
{
  gboolean json;
  gboolean is_quiet;
  gboolean is_terminal;
  gboolean has_line; /* an unfinished progress line is on the terminal */
  gint64 next;
  CcbtTorrentState last_state;
  gint64 next_connection;
  char *connection; /* as last printed */
};

CcbtCliProgress *
ccbt_cli_progress_new (gboolean json, gboolean is_quiet)
{
  CcbtCliProgress *self = g_new0 (CcbtCliProgress, 1);

  self->json = json;
  self->is_quiet = is_quiet;
  self->is_terminal = isatty (STDOUT_FILENO) == 1;
  self->last_state = CCBT_TORRENT_N_STATES;
  return self;
}

void
ccbt_cli_progress_free (CcbtCliProgress *self)
{
  g_free (self->connection);
  g_free (self);
}

guint64
ccbt_cli_progress_get_event_mask (CcbtCliProgress *self)
{
  guint64 rare
      = CCBT_EVENT_MASK (CCBT_EVENT_TORRENT_ERROR) | CCBT_EVENT_MASK (CCBT_EVENT_METADATA_RECEIVED)
        | CCBT_EVENT_MASK (CCBT_EVENT_CHECK_STARTED) | CCBT_EVENT_MASK (CCBT_EVENT_CHECK_FINISHED)
        | CCBT_EVENT_MASK (CCBT_EVENT_PIECE_FAILED) | CCBT_EVENT_MASK (CCBT_EVENT_PEER_BANNED)
        | CCBT_EVENT_MASK (CCBT_EVENT_TRACKER_FAILED);

  return self->json ? CCBT_EVENT_MASK_ALL & ~CCBT_EVENT_MASK (CCBT_EVENT_PIECE_VERIFIED) : rare;
}

static void
end_line (CcbtCliProgress *self)
{
  if (self->has_line)
    g_print ("\n");
  self->has_line = FALSE;
}

static void
add_string (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
add_integer (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static JsonBuilder *
begin_object (const char *type)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "type", type);
  return builder;
}

static void
print_object (JsonBuilder *builder)
{
  json_builder_end_object (builder);
  ccbt_cli_print_json (builder);
  g_object_unref (builder);
}

void
ccbt_cli_progress_listening (CcbtCliProgress *self, guint16 port)
{
  if (!self->json)
    return;
  {
    JsonBuilder *builder = begin_object ("listening");

    add_integer (builder, "port", port);
    print_object (builder);
  }
}

void
ccbt_cli_progress_connection (CcbtCliProgress *self, const CcbtConnectionStatus *status)
{
  gint64 now = g_get_monotonic_time ();
  char *text;

  if (!self->json || now < self->next_connection || status->map_state == NULL)
    return;
  self->next_connection = now + JSON_EVERY;
  text = ccbt_cli_connection_to_json (status);
  if (g_strcmp0 (text, self->connection) == 0)
    {
      g_free (text);
      return;
    }
  g_free (self->connection);
  self->connection = text;
  g_print ("%s\n", text);
  fflush (stdout);
}

static void
print_status_json (const CcbtTorrentStatus *status)
{
  JsonBuilder *builder = begin_object ("status");

  add_string (builder, "state", ccbt_torrent_state_get_name (status->state));
  add_string (builder, "name", status->name);
  add_string (builder, "info_hash", status->info_hash);
  json_builder_set_member_name (builder, "progress");
  json_builder_add_double_value (builder, status->progress);
  add_integer (builder, "down_rate", (gint64) status->down_rate);
  add_integer (builder, "up_rate", (gint64) status->up_rate);
  add_integer (builder, "peers", status->n_peers);
  add_integer (builder, "seeds", status->n_seeds);
  add_integer (builder, "eta", status->eta);
  add_integer (builder, "done", (gint64) status->done_size);
  add_integer (builder, "wanted", (gint64) status->wanted_size);
  add_integer (builder, "downloaded", (gint64) status->downloaded);
  add_integer (builder, "uploaded", (gint64) status->uploaded);
  add_integer (builder, "wasted", (gint64) status->wasted);
  if (status->error_text != NULL)
    add_string (builder, "error", status->error_text);
  print_object (builder);
}

static char *
describe_eta (gint64 seconds)
{
  if (seconds < 0)
    return g_strdup ("");
  if (seconds < 60)
    return g_strdup_printf (", %d s left", (int) seconds);
  if (seconds < 3600)
    return g_strdup_printf (", %d min left", (int) (seconds / 60));
  if (seconds < 48 * 3600)
    return g_strdup_printf (", %d h %02d min left", (int) (seconds / 3600),
                            (int) (seconds / 60 % 60));
  return g_strdup_printf (", %d days left", (int) (seconds / 86400));
}

static char *
describe_status (const CcbtTorrentStatus *status)
{
  g_autofree char *down = g_format_size ((guint64) status->down_rate);
  g_autofree char *up = g_format_size ((guint64) status->up_rate);
  g_autofree char *done = g_format_size (status->done_size);
  g_autofree char *wanted = g_format_size (status->wanted_size);
  g_autofree char *eta = describe_eta (status->eta);

  switch (status->state)
    {
    case CCBT_TORRENT_STATE_METADATA:
      return g_strdup_printf ("fetching metadata, %u peers", status->n_peers);
    case CCBT_TORRENT_STATE_CHECKING:
      return g_strdup_printf ("checking %5.1f %%", 100 * status->progress);
    case CCBT_TORRENT_STATE_SEEDING:
      return g_strdup_printf ("seeding, ↑ %s/s, %u peers", up, status->n_peers);
    case CCBT_TORRENT_STATE_DOWNLOADING:
      return g_strdup_printf ("%5.1f %% of %s, ↓ %s/s ↑ %s/s, %u peers%s", 100 * status->progress,
                              wanted, down, up, status->n_peers, eta);
    default:
      return g_strdup_printf ("%s, %s of %s", ccbt_torrent_state_get_name (status->state), done,
                              wanted);
    }
}

void
ccbt_cli_progress_update (CcbtCliProgress *self, const CcbtTorrentStatus *status)
{
  gint64 now = g_get_monotonic_time ();
  g_autofree char *text = NULL;

  if (self->is_quiet && !self->json)
    return;
  if (now < self->next && status->state == self->last_state)
    return;
  self->last_state = status->state;
  self->next = now + (self->json ? JSON_EVERY : self->is_terminal ? TERMINAL_EVERY : PLAIN_EVERY);
  if (self->json)
    {
      print_status_json (status);
      return;
    }
  text = describe_status (status);
  if (self->is_terminal)
    {
      g_print ("\r\033[K%s", text);
      self->has_line = TRUE;
    }
  else
    g_print ("%s\n", text);
  fflush (stdout);
}

static void
print_event_json (const CcbtEvent *event)
{
  JsonBuilder *builder = begin_object ("event");
  GVariantIter iter;
  const char *key;
  GVariant *value;

  add_string (builder, "event", ccbt_event_type_get_name (event->type));
  if (event->payload != NULL)
    {
      g_variant_iter_init (&iter, event->payload);
      while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
        {
          if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
            add_string (builder, key, g_variant_get_string (value, NULL));
          else if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
            add_integer (builder, key, g_variant_get_uint32 (value));
          else if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT32))
            add_integer (builder, key, g_variant_get_int32 (value));
          g_variant_unref (value);
        }
    }
  print_object (builder);
}

void
ccbt_cli_progress_show_event (CcbtCliProgress *self, const CcbtEvent *event)
{
  const char *first = NULL, *second = NULL;

  if (self->json)
    {
      print_event_json (event);
      return;
    }
  if (self->is_quiet || event->payload == NULL)
    return;
  if (event->type == CCBT_EVENT_PEER_BANNED)
    {
      g_variant_lookup (event->payload, "address", "&s", &first);
      g_variant_lookup (event->payload, "reason", "&s", &second);
      end_line (self);
      g_print ("peer %s is banned: it %s\n", first, second);
    }
  else if (event->type == CCBT_EVENT_TRACKER_FAILED)
    {
      g_autofree char *message = NULL;

      g_variant_lookup (event->payload, "url", "&s", &first);
      g_variant_lookup (event->payload, "message", "&s", &second);
      message = ccbt_text_make_printable (ccbt_span_from_string (second), 200);
      end_line (self);
      g_print ("tracker %s: %s\n", first, message);
    }
}

void
ccbt_cli_progress_complete (CcbtCliProgress *self, CcbtTorrentStatus *status, gboolean goes_on)
{
  g_autoptr (CcbtTorrentStatus) owned = status;

  if (owned == NULL)
    return;
  if (self->json)
    print_status_json (owned);
  if (self->json || self->is_quiet)
    return;
  if (self->is_terminal)
    g_print ("\r\033[K");
  self->has_line = FALSE;
  g_print ("complete: %s%s\n", owned->name, goes_on ? "; seeding until interrupted" : "");
  fflush (stdout);
}

void
ccbt_cli_progress_fail (CcbtCliProgress *self, const char *message)
{
  end_line (self);
  if (self->json)
    {
      g_autofree char *printable = ccbt_text_make_printable (ccbt_span_from_string (message), 2000);
      JsonBuilder *builder = begin_object ("error");

      add_string (builder, "message", printable);
      print_object (builder);
    }
  ccbt_cli_complain ("%s", message);
}

void
ccbt_cli_progress_end (CcbtCliProgress *self)
{
  end_line (self);
}
