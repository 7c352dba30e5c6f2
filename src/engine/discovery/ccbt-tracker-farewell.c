/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-farewell.h"

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
  CcbtTrackerAccess access;
  GPtrArray *words; /* Word under way */
  GSource *deadline;
  GArray *dones;
  guint references;
};

/* To one tracker. */
typedef struct
{
  CcbtTrackerFarewell *farewell;
  CcbtAnnounce *announce; /* under way */
  char *url;
  CcbtAnnounceRequest stopped;
  char *tracker_id;
  gboolean is_stopping; /* FALSE: "completed" is what is being told */
  gboolean was_heard;   /* over one address family at least */
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
  g_ptr_array_unref (self->words);
  g_array_unref (self->dones);
  g_free (self);
}

static void
word_free (Word *word)
{
  CcbtTrackerFarewell *self = word->farewell;

  g_ptr_array_remove_fast (self->words, word);
  g_free (word->url);
  g_free (word->tracker_id);
  g_free (word);
  ccbt_tracker_farewell_unref (self);
}

static gboolean
late_cb (gpointer data)
{
  CcbtTrackerFarewell *self = ccbt_tracker_farewell_ref (data);

  while (self->words->len > 0)
    {
      Word *word = g_ptr_array_index (self->words, 0);

      ccbt_announce_cancel (word->announce);
      word_free (word);
    }
  tell_done (self); /* somebody may hold it for longer */
  ccbt_tracker_farewell_unref (self);
  return G_SOURCE_REMOVE;
}

CcbtTrackerFarewell *
ccbt_tracker_farewell_new (const CcbtTrackerFarewellOwner *questions, gpointer owner,
                           const CcbtTrackerAccess *access)
{
  CcbtTrackerFarewell *self = g_new0 (CcbtTrackerFarewell, 1);

  self->questions = questions;
  self->owner = owner;
  self->access = *access;
  self->words = g_ptr_array_new ();
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

static void
answered_cb (gpointer data, const CcbtAnnounceReply *reply, const GError *error, gboolean is_local,
             gboolean is_last)
{
  Word *word = data;
  CcbtTrackerFarewell *self = word->farewell;
  CcbtAnnounceRequest stopped = word->stopped;

  word->was_heard |= reply != NULL && reply->failure == NULL;
  if (!is_last) /* the other address family is still to hear it, too */
    return;
  word->announce = NULL;
  if (!word->is_stopping && word->was_heard && self->owner != NULL)
    self->questions->completion_told (self->owner);
  if (word->is_stopping || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      word_free (word);
      return;
    }
  word->is_stopping = TRUE;
  word->announce = ccbt_announce_begin (&self->access, word->url, &stopped, 2 * STOP_SECONDS, TRUE,
                                        answered_cb, word);
}

static Word *
word_new (CcbtTrackerFarewell *self, const char *url, const CcbtAnnounceRequest *stopped)
{
  Word *word = g_new0 (Word, 1);

  word->farewell = ccbt_tracker_farewell_ref (self);
  word->url = g_strdup (url);
  word->tracker_id = g_strdup (stopped->tracker_id);
  word->stopped = *stopped;
  word->stopped.tracker_id = word->tracker_id;
  g_ptr_array_add (self->words, word);
  return word;
}

void
ccbt_tracker_farewell_say (CcbtTrackerFarewell *self, const char *url,
                           const CcbtAnnounceRequest *completed, const CcbtAnnounceRequest *stopped)
{
  Word *word = word_new (self, url, stopped);

  word->is_stopping = completed == NULL;
  word->announce = ccbt_announce_begin (&self->access, url, completed != NULL ? completed : stopped,
                                        2 * STOP_SECONDS, TRUE, answered_cb, word);
}

void
ccbt_tracker_farewell_adopt (CcbtTrackerFarewell *self, CcbtAnnounce *completing, const char *url,
                             const CcbtAnnounceRequest *stopped)
{
  Word *word = word_new (self, url, stopped);

  word->announce = completing;
  ccbt_announce_set_func (completing, answered_cb, word);
}
