/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-quota.h"

#include "base/ccbt-random.h"

#define ADDRESS_INTERVAL (CCBT_SECOND / 10)
#define ADDRESS_BURST 30
#define TOTAL_INTERVAL (CCBT_SECOND / 500)
#define TOTAL_BURST 500
/* An address takes 3 s to get its whole burst back. As long as all together take fewer than this
 * many in 3 s (500 at once, then 1,500), the one used longest ago has nothing to forget. */
#define MAX_ADDRESSES 2048u

/* A bucket is the moment at which it is full again: each query moves that by one interval. */
typedef gint64 Bucket;

typedef struct
{
  guint8 key[9]; /* IPv4 address or IPv6 /64, then the family */
  Bucket bucket;
  GList link; /* in `by_use` */
} Entry;

struct _CcbtDhtQuota
{
  Bucket total;
  GHashTable *entries; /* Entry by its own key */
  GQueue by_use;       /* the one used longest ago first */
};

static guint
hash_key (gconstpointer key)
{
  return ccbt_random_keyed_hash (key, sizeof ((Entry *) NULL)->key);
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof ((Entry *) NULL)->key) == 0;
}

static gboolean
has_room (Bucket bucket, gint64 interval, gint64 burst, gint64 now)
{
  return bucket - now <= (burst - 1) * interval;
}

static void
take (Bucket *bucket, gint64 interval, gint64 now)
{
  *bucket = MAX (*bucket, now) + interval;
}

CcbtDhtQuota *
ccbt_dht_quota_new (void)
{
  CcbtDhtQuota *self = g_new0 (CcbtDhtQuota, 1);

  self->total = G_MININT64 / 2;
  self->entries = g_hash_table_new_full (hash_key, equal_keys, NULL, g_free);
  g_queue_init (&self->by_use);
  return self;
}

void
ccbt_dht_quota_free (CcbtDhtQuota *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries); /* the links are inside the entries */
  g_free (self);
}

static Entry *
add_entry (CcbtDhtQuota *self, const guint8 key[9], gint64 now)
{
  Entry *entry = g_new0 (Entry, 1);

  if (self->by_use.length >= MAX_ADDRESSES)
    {
      Entry *oldest = self->by_use.head->data;

      g_queue_unlink (&self->by_use, &oldest->link);
      g_hash_table_remove (self->entries, oldest->key);
    }
  memcpy (entry->key, key, sizeof entry->key);
  entry->bucket = now;
  entry->link.data = entry;
  g_hash_table_add (self->entries, entry);
  g_queue_push_tail_link (&self->by_use, &entry->link);
  return entry;
}

gboolean
ccbt_dht_quota_take (CcbtDhtQuota *self, const CcbtAddress *from, gint64 now)
{
  guint8 key[9] = { 0 };
  Entry *entry;

  memcpy (key, from->ip, from->is_ipv6 ? 8 : 4);
  key[8] = from->is_ipv6;
  entry = g_hash_table_lookup (self->entries, key);
  /* Who is refused takes nothing from the others. */
  if ((entry != NULL && !has_room (entry->bucket, ADDRESS_INTERVAL, ADDRESS_BURST, now))
      || !has_room (self->total, TOTAL_INTERVAL, TOTAL_BURST, now))
    return FALSE;
  if (entry == NULL)
    entry = add_entry (self, key, now);
  else
    {
      g_queue_unlink (&self->by_use, &entry->link);
      g_queue_push_tail_link (&self->by_use, &entry->link);
    }
  take (&entry->bucket, ADDRESS_INTERVAL, now);
  take (&self->total, TOTAL_INTERVAL, now);
  return TRUE;
}

guint
ccbt_dht_quota_get_n_addresses (CcbtDhtQuota *self)
{
  return self->by_use.length;
}
