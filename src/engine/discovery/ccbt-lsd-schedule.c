/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-lsd-schedule.h"

#define PERIOD (300 * CCBT_SECOND)
#define JITTER_SECONDS 20u
#define MAX_ALLOWANCE 5.0
#define REFILL (60 * CCBT_SECOND) /* one datagram */

typedef struct
{
  CcbtSha1 info_hash;
  gint64 due;
} Entry;

void
ccbt_lsd_schedule_init (CcbtLsdSchedule *self, guint64 seed, gint64 now)
{
  *self = (CcbtLsdSchedule){ .allowance = MAX_ALLOWANCE, .filled_at = now, .next = now };
  /* The info-hash is an entry's first member: an entry is its own key. */
  self->entries = g_hash_table_new_full (ccbt_sha1_hash, ccbt_sha1_equal, g_free, NULL);
  ccbt_random_init (&self->random, seed);
}

void
ccbt_lsd_schedule_clear (CcbtLsdSchedule *self)
{
  g_hash_table_unref (self->entries);
}

void
ccbt_lsd_schedule_add (CcbtLsdSchedule *self, const CcbtSha1 *info_hash, gint64 now)
{
  Entry *entry;

  if (ccbt_lsd_schedule_contains (self, info_hash))
    return;
  entry = g_new (Entry, 1);
  *entry = (Entry){ .info_hash = *info_hash, .due = now };
  g_hash_table_add (self->entries, entry);
}

void
ccbt_lsd_schedule_remove (CcbtLsdSchedule *self, const CcbtSha1 *info_hash)
{
  g_hash_table_remove (self->entries, info_hash);
}

gboolean
ccbt_lsd_schedule_contains (CcbtLsdSchedule *self, const CcbtSha1 *info_hash)
{
  return g_hash_table_contains (self->entries, info_hash);
}

void
ccbt_lsd_schedule_restart (CcbtLsdSchedule *self, gint64 now)
{
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &entry, NULL))
    ((Entry *) entry)->due = now;
}

static gint
compare_due (gconstpointer a, gconstpointer b)
{
  const Entry *left = *(Entry *const *) a, *right = *(Entry *const *) b;

  if (left->due != right->due)
    return left->due < right->due ? -1 : 1;
  return memcmp (&left->info_hash, &right->info_hash, sizeof left->info_hash);
}

/* Returns: (transfer full) (element-type Entry): the longest due first */
static GPtrArray *
list_due (CcbtLsdSchedule *self, gint64 now)
{
  GPtrArray *due = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &entry, NULL))
    if (((Entry *) entry)->due <= now)
      g_ptr_array_add (due, entry);
  g_ptr_array_sort (due, compare_due);
  return due;
}

static void
refill (CcbtLsdSchedule *self, gint64 now)
{
  self->allowance += (double) (now - self->filled_at) / (double) REFILL;
  self->allowance = MIN (self->allowance, MAX_ALLOWANCE);
  self->filled_at = now;
}

guint
ccbt_lsd_schedule_take (CcbtLsdSchedule *self, gint64 now,
                        CcbtSha1 info_hashes[CCBT_LSD_MAX_HASHES])
{
  g_autoptr (GPtrArray) due = NULL;
  guint n, n_datagrams;

  refill (self, now);
  if (self->allowance < 1 || now < self->next)
    return 0;
  due = list_due (self, now);
  if (due->len == 0)
    return 0;
  n_datagrams = (guint) self->allowance;
  n = MIN ((due->len + n_datagrams - 1) / n_datagrams, CCBT_LSD_MAX_HASHES);
  for (guint i = 0; i < n; i++)
    {
      Entry *entry = g_ptr_array_index (due, i);

      info_hashes[i] = entry->info_hash;
      entry->due = now + PERIOD + ccbt_random_below (&self->random, JITTER_SECONDS) * CCBT_SECOND;
    }
  self->allowance -= 1;
  self->next = now + CCBT_SECOND;
  return n;
}
