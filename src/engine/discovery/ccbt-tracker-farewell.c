/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-farewell.h"
#include "wire/ccbt-tracker-http.h"

#define STOP_SECONDS 2

typedef struct
{
  void (*done) (gpointer data);
  gpointer data;
} Done;

struct _CcbtTrackerFarewell
{
  const CcbtTrackerFarewellOwner *questions;
  gpointer owner; /* NULL when it has gone */
  CcbtHttp *http;
  GCancellable *cancellable;
  GSource *deadline;
  GArray *dones;
  guint references;
};

/* To one tracker. */
typedef struct
{
  CcbtTrackerFarewell *farewell;
  char *stopped_url; /* NULL when it is what is being asked */
} Word;

/* A done may add another one. */
static void
tell_done (CcbtTrackerFarewell *self)
{
  while (self->dones->len > 0)
    {
      Done first = g_array_index (self->dones, Done, 0);

      g_array_remove_index (self->dones, 0);
      first.done (first.data);
    }
}

CcbtTrackerFarewell *
ccbt_tracker_farewell_ref (CcbtTrackerFarewell *self)
{
  self->references++;
  return self;
}

void
ccbt_tracker_farewell_unref (CcbtTrackerFarewell *self)
{
  if (self->references == 1)
    tell_done (self); /* while we still hold ourselves: it may do anything */
  if (--self->references > 0)
    return;
  if (self->owner != NULL)
    self->questions->finished (self->owner);
  g_source_destroy (self->deadline);
  g_source_unref (self->deadline);
  g_object_unref (self->cancellable);
  g_array_unref (self->dones);
  g_free (self);
}

static gboolean
late_cb (gpointer data)
{
  CcbtTrackerFarewell *self = ccbt_tracker_farewell_ref (data);

  tell_done (self);
  g_cancellable_cancel (self->cancellable);
  ccbt_tracker_farewell_unref (self);
  return G_SOURCE_REMOVE;
}

CcbtTrackerFarewell *
ccbt_tracker_farewell_new (const CcbtTrackerFarewellOwner *questions, gpointer owner,
                           CcbtHttp *http, GCancellable *cancellable)
{
  CcbtTrackerFarewell *self = g_new0 (CcbtTrackerFarewell, 1);

  self->questions = questions;
  self->owner = owner;
  self->http = http;
  self->cancellable = cancellable;
  self->dones = g_array_new (FALSE, FALSE, sizeof (Done));
  self->references = 1;
  self->deadline = g_timeout_source_new (STOP_SECONDS * 1000);
  g_source_set_callback (self->deadline, late_cb, self, NULL);
  g_source_attach (self->deadline, g_main_context_get_thread_default ());
  return self;
}

void
ccbt_tracker_farewell_add_done (CcbtTrackerFarewell *self, void (*done) (gpointer data),
                                gpointer data)
{
  const Done entry = { done, data };

  if (done != NULL)
    g_array_append_val (self->dones, entry);
}

void
ccbt_tracker_farewell_forget_owner (CcbtTrackerFarewell *self)
{
  self->owner = NULL;
}

/* --- One tracker --- */

static void said_cb (GObject *source, GAsyncResult *result, gpointer data);

static void
ask (Word *word, const char *url)
{
  const CcbtHttpRequest request
      = { .url = url, .max_body = CCBT_TRACKER_REPLY_MAX, .timeout = 2 * STOP_SECONDS };

  ccbt_http_get_async (word->farewell->http, &request, word->farewell->cancellable, said_cb, word);
}

static void
word_free (Word *word)
{
  ccbt_tracker_farewell_unref (word->farewell);
  g_free (word->stopped_url);
  g_free (word);
}

static gboolean
was_heard (const CcbtHttpReply *reply)
{
  g_autoptr (CcbtAnnounceReply) parsed = NULL;
  const guint8 *body;
  gsize size;

  if (reply == NULL || reply->status < 200 || reply->status > 299)
    return FALSE;
  body = g_bytes_get_data (reply->body, &size);
  parsed = ccbt_announce_reply_parse ((CcbtSpan){ body, size }, NULL);
  return parsed != NULL && parsed->failure == NULL;
}

static void
said_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Word *word = data;
  CcbtTrackerFarewell *self = word->farewell;
  g_autofree char *next = g_steal_pointer (&word->stopped_url);
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtHttpReply) reply = ccbt_http_get_finish (self->http, result, &error);

  if (next != NULL && self->owner != NULL && was_heard (reply))
    self->questions->completion_told (self->owner);
  /* Cancelled: the time is over, or nobody may ask through this client any more. */
  if (next == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    word_free (word);
  else
    ask (word, next);
}

void
ccbt_tracker_farewell_say (CcbtTrackerFarewell *self, const char *completed_url,
                           const char *stopped_url)
{
  Word *word = g_new0 (Word, 1);

  word->farewell = ccbt_tracker_farewell_ref (self);
  if (completed_url != NULL)
    word->stopped_url = g_strdup (stopped_url);
  ask (word, completed_url != NULL ? completed_url : stopped_url);
}
