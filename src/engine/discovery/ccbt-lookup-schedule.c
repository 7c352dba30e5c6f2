/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-lookup-schedule.h"

/* Nodes forget an announce after about 30 minutes. */
#define EVERY (15 * 60 * CCBT_SECOND)
#define NEEDY_FIRST (60 * CCBT_SECOND)
/* Nobody answered at all: the network is down, or not there yet. */
#define UNANSWERED_FIRST (5 * CCBT_SECOND)
#define HURRY_AFTER (60 * CCBT_SECOND)

typedef struct
{
  CcbtSha1 info_hash;
  GSequenceIter *place; /* NULL while under way */
  gint64 due;
  gint64 begun;
  guint n_tries;        /* in a row that did not end well */
  gboolean is_outdated; /* under way, and to be begun again */
} Entry;

struct _CcbtLookupSchedule
{
  GHashTable *entries; /* CcbtSha1 -> Entry, owned */
  GSequence *waiting;  /* Entry, by due */
  guint n_under_way;
  CcbtRandom random;
};

static gint
compare_due (gconstpointer a, gconstpointer b, gpointer unused)
{
  const Entry *left = a, *right = b;

  return left->due < right->due ? -1 : left->due > right->due;
}

CcbtLookupSchedule *
ccbt_lookup_schedule_new (guint64 seed)
{
  CcbtLookupSchedule *self = g_new0 (CcbtLookupSchedule, 1);

  self->entries = g_hash_table_new_full (ccbt_sha1_hash, ccbt_sha1_equal, NULL, g_free);
  self->waiting = g_sequence_new (NULL);
  ccbt_random_init (&self->random, seed);
  return self;
}

void
ccbt_lookup_schedule_free (CcbtLookupSchedule *self)
{
  g_sequence_free (self->waiting);
  g_hash_table_unref (self->entries);
  g_free (self);
}

static void
wait_until (CcbtLookupSchedule *self, Entry *entry, gint64 due)
{
  entry->due = due;
  if (entry->place != NULL)
    g_sequence_remove (entry->place);
  entry->place = g_sequence_insert_sorted (self->waiting, entry, compare_due, NULL);
}

void
ccbt_lookup_schedule_add (CcbtLookupSchedule *self, const CcbtSha1 *info_hash, gint64 now)
{
  Entry *entry;

  if (g_hash_table_contains (self->entries, info_hash))
    return;
  entry = g_new0 (Entry, 1);
  entry->info_hash = *info_hash;
  g_hash_table_insert (self->entries, &entry->info_hash, entry);
  wait_until (self, entry, now);
}

void
ccbt_lookup_schedule_remove (CcbtLookupSchedule *self, const CcbtSha1 *info_hash)
{
  Entry *entry = g_hash_table_lookup (self->entries, info_hash);

  if (entry == NULL)
    return;
  if (entry->place != NULL)
    g_sequence_remove (entry->place);
  else
    self->n_under_way--;
  g_hash_table_remove (self->entries, info_hash);
}

void
ccbt_lookup_schedule_hurry (CcbtLookupSchedule *self, const CcbtSha1 *info_hash, gint64 now)
{
  Entry *entry = g_hash_table_lookup (self->entries, info_hash);

  if (entry == NULL || entry->place == NULL)
    return;
  wait_until (self, entry,
              entry->begun == 0 ? now : MIN (entry->due, MAX (now, entry->begun + HURRY_AFTER)));
}

void
ccbt_lookup_schedule_restart (CcbtLookupSchedule *self, gint64 now)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;

      entry->n_tries = 0;
      entry->is_outdated = entry->place == NULL;
      if (entry->place != NULL)
        wait_until (self, entry, MIN (entry->due, now));
    }
}

gboolean
ccbt_lookup_schedule_take (CcbtLookupSchedule *self, gint64 now, CcbtSha1 *info_hash)
{
  Entry *entry;

  if (self->n_under_way >= CCBT_LOOKUPS_AT_ONCE || ccbt_lookup_schedule_get_next (self) > now)
    return FALSE;
  entry = g_sequence_get (g_sequence_get_begin_iter (self->waiting));
  g_sequence_remove (entry->place);
  entry->place = NULL;
  entry->begun = now;
  self->n_under_way++;
  *info_hash = entry->info_hash;
  return TRUE;
}

/* A tenth sooner or later, so that torrents do not march in step. */
static gint64
vary (CcbtLookupSchedule *self, gint64 time)
{
  return time - time / 10 + (gint64) ccbt_random_below (&self->random, 1000) * (time / 5) / 1000;
}

void
ccbt_lookup_schedule_finish (CcbtLookupSchedule *self, const CcbtSha1 *info_hash, guint n_nodes,
                             guint n_peers, gboolean needs_peers, gint64 now)
{
  Entry *entry = g_hash_table_lookup (self->entries, info_hash);
  gint64 pause = EVERY;

  if (entry == NULL || entry->place != NULL)
    return;
  self->n_under_way--;
  if (entry->is_outdated)
    {
      entry->is_outdated = FALSE;
      wait_until (self, entry, now);
      return;
    }
  if (n_nodes > 0 && (n_peers > 0 || !needs_peers))
    entry->n_tries = 0;
  else
    pause = (n_nodes == 0 ? UNANSWERED_FIRST : NEEDY_FIRST) << MIN (entry->n_tries++, 10u);
  wait_until (self, entry, now + vary (self, MIN (pause, EVERY)));
}

guint
ccbt_lookup_schedule_get_n (CcbtLookupSchedule *self)
{
  return g_hash_table_size (self->entries);
}

guint
ccbt_lookup_schedule_get_n_under_way (CcbtLookupSchedule *self)
{
  return self->n_under_way;
}

gint64
ccbt_lookup_schedule_get_next (CcbtLookupSchedule *self)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->waiting);

  return g_sequence_iter_is_end (first) ? G_MAXINT64 : ((Entry *) g_sequence_get (first))->due;
}
