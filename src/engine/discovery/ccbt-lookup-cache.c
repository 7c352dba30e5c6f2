/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-lookup-cache.h"

#define MAX_ENTRIES 2000u

typedef struct
{
  CcbtLookupFunc func;
  gpointer data;
} Waiter;

typedef struct
{
  gboolean is_known;
  gpointer value;
  gint64 expires;
  GArray *waiters;
} Entry;

struct _CcbtLookupCache
{
  CcbtClock *clock;
  CcbtLookupStart start;
  GDestroyNotify free_value;
  GHashTable *entries; /* key -> Entry */
  guint references;
  gboolean is_closed;
};

static void
drop_value (CcbtLookupCache *self, Entry *entry)
{
  if (entry->value != NULL)
    self->free_value (entry->value);
  entry->value = NULL;
}

static void
drop_entry (CcbtLookupCache *self, Entry *entry)
{
  drop_value (self, entry);
  g_array_unref (entry->waiters);
  g_free (entry);
}

CcbtLookupCache *
ccbt_lookup_cache_new (CcbtClock *clock, CcbtLookupStart start, GDestroyNotify free_value)
{
  CcbtLookupCache *self = g_new0 (CcbtLookupCache, 1);

  self->clock = clock;
  self->start = start;
  self->free_value = free_value;
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->references = 1;
  return self;
}

CcbtLookupCache *
ccbt_lookup_cache_ref (CcbtLookupCache *self)
{
  self->references++;
  return self;
}

void
ccbt_lookup_cache_unref (CcbtLookupCache *self)
{
  GHashTableIter iter;
  gpointer entry;

  if (--self->references > 0)
    return;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    drop_entry (self, entry);
  g_hash_table_unref (self->entries);
  g_free (self);
}

void
ccbt_lookup_cache_close (CcbtLookupCache *self)
{
  GHashTableIter iter;
  gpointer entry;

  self->is_closed = TRUE;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    g_array_set_size (((Entry *) entry)->waiters, 0);
}

/* Those nobody waits for; the expired ones, or all of them when that is not enough. */
static void
make_room (CcbtLookupCache *self, gboolean take_all)
{
  gint64 now = ccbt_clock_now (self->clock);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;

      if (!entry->is_known || (!take_all && entry->expires > now))
        continue;
      drop_entry (self, entry);
      g_hash_table_iter_remove (&iter);
    }
}

static Entry *
add_entry (CcbtLookupCache *self, const char *key)
{
  Entry *entry = g_new0 (Entry, 1);

  for (int take_all = 0; take_all < 2; take_all++)
    if (g_hash_table_size (self->entries) >= MAX_ENTRIES)
      make_room (self, take_all);
  entry->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  g_hash_table_insert (self->entries, g_strdup (key), entry);
  return entry;
}

gboolean
ccbt_lookup_cache_get (CcbtLookupCache *self, const char *key, gconstpointer *value,
                       CcbtLookupFunc func, gpointer data)
{
  const Waiter waiter = { func, data };
  Entry *entry = g_hash_table_lookup (self->entries, key);
  gboolean is_new = entry == NULL;

  if (self->is_closed)
    {
      *value = NULL;
      return TRUE;
    }
  if (is_new)
    entry = add_entry (self, key);
  if (entry->is_known && entry->expires <= ccbt_clock_now (self->clock))
    {
      drop_value (self, entry);
      entry->is_known = FALSE;
      is_new = TRUE;
    }
  if (is_new)
    self->start (self, key);
  if (entry->is_known)
    {
      *value = entry->value;
      return TRUE;
    }
  g_array_append_val (entry->waiters, waiter);
  return FALSE;
}

gboolean
ccbt_lookup_cache_peek (CcbtLookupCache *self, const char *key, gconstpointer *value)
{
  const Entry *entry = g_hash_table_lookup (self->entries, key);

  if (entry == NULL || !entry->is_known)
    return FALSE;
  *value = entry->value;
  return TRUE;
}

void
ccbt_lookup_cache_forget (CcbtLookupCache *self, gpointer data)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GArray *waiters = ((Entry *) value)->waiters;

      for (guint i = waiters->len; i-- > 0;)
        if (g_array_index (waiters, Waiter, i).data == data)
          g_array_remove_index (waiters, i);
    }
}

/* Each may forget others, ask for more or close the cache: so one is taken out after the other. */
static void
tell_waiters (CcbtLookupCache *self, const char *key)
{
  for (;;)
    {
      Entry *entry = g_hash_table_lookup (self->entries, key);
      Waiter waiter;

      if (entry == NULL || !entry->is_known || entry->waiters->len == 0)
        return;
      waiter = g_array_index (entry->waiters, Waiter, 0);
      g_array_remove_index (entry->waiters, 0);
      waiter.func (waiter.data, entry->value);
    }
}

void
ccbt_lookup_cache_answer (CcbtLookupCache *self, const char *key, gpointer value, guint lifetime)
{
  Entry *entry = g_hash_table_lookup (self->entries, key);

  g_return_if_fail (entry != NULL && !entry->is_known);

  if (self->is_closed)
    {
      if (value != NULL)
        self->free_value (value);
      return;
    }
  ccbt_lookup_cache_ref (self);
  entry->is_known = TRUE;
  entry->value = value;
  entry->expires = ccbt_clock_now (self->clock) + lifetime * CCBT_SECOND;
  tell_waiters (self, key);
  ccbt_lookup_cache_unref (self);
}
