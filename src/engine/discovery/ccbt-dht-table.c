/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-table.h"

#define WAITING 8u
#define FRESH_FOR (15 * 60 * CCBT_SECOND)
/* A node that is silent twice gives way to one that answers; after so many it is forgotten. */
#define FAILURES_BAD 2u
#define FAILURES_GONE 5u
/* A question that was never sent, or of which nothing was told, is asked again. */
#define PING_AGAIN (60 * CCBT_SECOND)

/* Contacts that share just so many leading bits with us as the bucket's place says; in the last one
 * also those that share more. */
typedef struct
{
  CcbtDhtContact live[CCBT_DHT_K]; /* answered */
  CcbtDhtContact waiting[WAITING]; /* for a place, or for their first answer */
  guint n_live, n_waiting;
  gint64 changed_at;
} Bucket;

struct _CcbtDhtTable
{
  CcbtSha1 own_id;
  gboolean is_ipv6;
  gboolean allow_local;
  GPtrArray *buckets; /* Bucket */
  CcbtRandom random;
};

CcbtDhtTable *
ccbt_dht_table_new (const CcbtSha1 *own_id, gboolean is_ipv6, guint64 seed)
{
  CcbtDhtTable *self = g_new0 (CcbtDhtTable, 1);

  self->own_id = *own_id;
  self->is_ipv6 = is_ipv6;
  self->buckets = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->buckets, g_new0 (Bucket, 1));
  ccbt_random_init (&self->random, seed);
  return self;
}

void
ccbt_dht_table_free (CcbtDhtTable *self)
{
  g_ptr_array_unref (self->buckets);
  g_free (self);
}

void
ccbt_dht_table_allow_local (CcbtDhtTable *self, gboolean allow_local)
{
  self->allow_local = allow_local;
}

static Bucket *
get_bucket (CcbtDhtTable *self, const CcbtSha1 *id)
{
  guint place = ccbt_dht_id_common_bits (&self->own_id, id);

  return g_ptr_array_index (self->buckets, MIN (place, self->buckets->len - 1));
}

static gboolean
is_good (const CcbtDhtContact *contact)
{
  return contact->last_seen != 0 && contact->n_failures < FAILURES_BAD;
}

static gboolean
is_fresh (const CcbtDhtContact *contact, gint64 now)
{
  return is_good (contact) && now - MAX (contact->last_seen, contact->last_query) < FRESH_FOR;
}

/* --- Who may be in it --- */

static gboolean
is_welcome (CcbtDhtTable *self, const CcbtSha1 *id, const CcbtAddress *address)
{
  CcbtAddressScope scope = ccbt_address_get_scope (address);

  if (address->port == 0 || (address->is_ipv6 != 0) != self->is_ipv6
      || ccbt_sha1_equal (id, &self->own_id))
    return FALSE;
  return scope == CCBT_ADDRESS_GLOBAL
         || (self->allow_local
             && (scope == CCBT_ADDRESS_PRIVATE || scope == CCBT_ADDRESS_LOOPBACK
                 || scope == CCBT_ADDRESS_LINK_LOCAL));
}

static gboolean
are_neighbours (const CcbtAddress *a, const CcbtAddress *b)
{
  return memcmp (a->ip, b->ip, a->is_ipv6 ? 6 : 3) == 0;
}

/* One network must not fill a bucket. */
static gboolean
has_neighbour (CcbtDhtTable *self, const Bucket *bucket, const CcbtAddress *address)
{
  for (guint i = 0; i < bucket->n_live && !self->allow_local; i++)
    if (are_neighbours (&bucket->live[i].address, address))
      return TRUE;
  return FALSE;
}

/* --- Finding and removing --- */

typedef struct
{
  Bucket *bucket;
  CcbtDhtContact *contact;
  gboolean is_live;
} Place;

typedef gboolean (*MatchFunc) (CcbtDhtTable *self, const CcbtDhtContact *contact,
                               gconstpointer data);

static gboolean
find (CcbtDhtTable *self, MatchFunc matches, gconstpointer data, Place *out)
{
  for (guint i = 0; i < self->buckets->len; i++)
    {
      Bucket *bucket = g_ptr_array_index (self->buckets, i);

      for (guint k = 0; k < bucket->n_live + bucket->n_waiting; k++)
        {
          gboolean is_live = k < bucket->n_live;
          CcbtDhtContact *contact
              = is_live ? &bucket->live[k] : &bucket->waiting[k - bucket->n_live];

          if (!matches (self, contact, data))
            continue;
          *out = (Place){ bucket, contact, is_live };
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
has_address (CcbtDhtTable *self, const CcbtDhtContact *contact, gconstpointer address)
{
  return ccbt_address_equal (&contact->address, address);
}

/* In a network of this machine all share one address. */
static gboolean
has_ip (CcbtDhtTable *self, const CcbtDhtContact *contact, gconstpointer address)
{
  return !self->allow_local && ccbt_address_same_ip (&contact->address, address);
}

static gboolean
has_id (CcbtDhtTable *self, const CcbtDhtContact *contact, gconstpointer id)
{
  return ccbt_sha1_equal (&contact->id, id);
}

static void
drop_waiting (Bucket *bucket, guint index)
{
  bucket->waiting[index] = bucket->waiting[--bucket->n_waiting];
}

/* Somebody who has answered moves up into the free place. */
static void
promote (CcbtDhtTable *self, Bucket *bucket)
{
  for (guint i = 0; i < bucket->n_waiting && bucket->n_live < CCBT_DHT_K; i++)
    if (is_good (&bucket->waiting[i]) && !has_neighbour (self, bucket, &bucket->waiting[i].address))
      {
        bucket->live[bucket->n_live++] = bucket->waiting[i];
        drop_waiting (bucket, i--);
      }
}

static void
drop (CcbtDhtTable *self, const Place *place)
{
  Bucket *bucket = place->bucket;

  if (!place->is_live)
    {
      drop_waiting (bucket, (guint) (place->contact - bucket->waiting));
      return;
    }
  *place->contact = bucket->live[--bucket->n_live];
  promote (self, bucket);
}

/* --- Adding --- */

static void insert (CcbtDhtTable *self, const CcbtDhtContact *contact, gint64 now);

/* The last bucket becomes two: our own half may hold more detail. */
static gboolean
split (CcbtDhtTable *self, const Bucket *bucket, gint64 now)
{
  guint last = self->buckets->len - 1;
  Bucket *old = g_ptr_array_index (self->buckets, last);
  Bucket all = *old;

  if (bucket != old || last >= 159)
    return FALSE;
  *old = (Bucket){ .changed_at = now };
  g_ptr_array_add (self->buckets, g_new0 (Bucket, 1));
  ((Bucket *) g_ptr_array_index (self->buckets, last + 1))->changed_at = now;
  for (guint i = 0; i < all.n_live; i++)
    insert (self, &all.live[i], now);
  for (guint i = 0; i < all.n_waiting; i++)
    insert (self, &all.waiting[i], now);
  return TRUE;
}

static void
wait_in_line (Bucket *bucket, const CcbtDhtContact *contact)
{
  guint oldest = 0;

  if (bucket->n_waiting < WAITING)
    {
      bucket->waiting[bucket->n_waiting++] = *contact;
      return;
    }
  if (contact->last_seen == 0)
    return; /* whom we only heard of pushes nobody aside */
  for (guint i = 1; i < WAITING; i++)
    if (bucket->waiting[i].last_seen < bucket->waiting[oldest].last_seen)
      oldest = i;
  bucket->waiting[oldest] = *contact;
}

/* A bad one, or, for a node with a secure id (BEP 42), one without. */
static CcbtDhtContact *
find_replaceable (Bucket *bucket, const CcbtDhtContact *contact)
{
  for (guint i = 0; i < bucket->n_live; i++)
    if (!is_good (&bucket->live[i]))
      return &bucket->live[i];
  for (guint i = 0; i < bucket->n_live && contact->is_secure; i++)
    if (!bucket->live[i].is_secure)
      return &bucket->live[i];
  return NULL;
}

static void
insert (CcbtDhtTable *self, const CcbtDhtContact *contact, gint64 now)
{
  Bucket *bucket = get_bucket (self, &contact->id);
  CcbtDhtContact *replaced;

  if (!is_good (contact) || has_neighbour (self, bucket, &contact->address))
    {
      wait_in_line (bucket, contact);
      return;
    }
  if (bucket->n_live < CCBT_DHT_K)
    {
      bucket->live[bucket->n_live++] = *contact;
      bucket->changed_at = now;
      return;
    }
  if (split (self, bucket, now))
    {
      insert (self, contact, now);
      return;
    }
  replaced = find_replaceable (bucket, contact);
  if (replaced == NULL)
    {
      wait_in_line (bucket, contact);
      return;
    }
  *replaced = *contact;
  bucket->changed_at = now;
}

static void
note_known (CcbtDhtTable *self, const Place *place, gboolean answered, guint round_trip, gint64 now)
{
  CcbtDhtContact *contact = place->contact, moved;

  if (!answered)
    {
      contact->last_query = now;
      return;
    }
  contact->last_seen = now;
  contact->pinged_at = 0;
  contact->n_failures = 0;
  contact->round_trip = round_trip;
  place->bucket->changed_at = now;
  if (place->is_live)
    return;
  moved = *contact;
  drop (self, place);
  insert (self, &moved, now);
}

void
ccbt_dht_table_note_node (CcbtDhtTable *self, const CcbtSha1 *id, const CcbtAddress *address,
                          gboolean answered, guint round_trip, gint64 now)
{
  CcbtDhtContact contact = {
    .id = *id, .address = *address, .last_seen = answered ? now : 0, .round_trip = round_trip
  };
  Place place;

  if (!is_welcome (self, id, address))
    return;
  if (find (self, has_address, address, &place))
    {
      if (has_id (self, place.contact, id))
        {
          note_known (self, &place, answered, round_trip, now);
          return;
        }
      if (!answered)
        return; /* perhaps somebody who wants it out */
      drop (self, &place);
    }
  /* One node an address, one address an id: the one that is good stays. */
  while (find (self, has_ip, address, &place) || find (self, has_id, id, &place))
    {
      if (!answered || is_fresh (place.contact, now))
        return;
      drop (self, &place);
    }
  contact.is_secure = ccbt_dht_id_is_secure (id, address);
  insert (self, &contact, now);
}

void
ccbt_dht_table_note_failure (CcbtDhtTable *self, const CcbtAddress *address, gint64 now)
{
  Place place;
  Bucket *bucket;

  if (!find (self, has_address, address, &place))
    return;
  place.contact->pinged_at = 0;
  place.contact->n_failures++;
  bucket = place.bucket;
  if (!place.is_live || place.contact->n_failures >= FAILURES_GONE)
    {
      drop (self, &place);
      return;
    }
  for (guint i = 0; i < bucket->n_waiting && !is_good (place.contact); i++)
    if (is_good (&bucket->waiting[i]))
      {
        drop (self, &place);
        bucket->changed_at = now;
        return;
      }
}

void
ccbt_dht_table_set_own_id (CcbtDhtTable *self, const CcbtSha1 *own_id)
{
  g_autoptr (GPtrArray) old = g_steal_pointer (&self->buckets);

  self->own_id = *own_id;
  self->buckets = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->buckets, g_new0 (Bucket, 1));
  for (guint i = 0; i < old->len; i++)
    {
      const Bucket *bucket = g_ptr_array_index (old, i);

      for (guint k = 0; k < bucket->n_live; k++)
        if (!ccbt_sha1_equal (&bucket->live[k].id, own_id))
          insert (self, &bucket->live[k], bucket->changed_at);
      for (guint k = 0; k < bucket->n_waiting; k++)
        if (!ccbt_sha1_equal (&bucket->waiting[k].id, own_id))
          insert (self, &bucket->waiting[k], bucket->changed_at);
    }
}

/* --- Asking it --- */

guint
ccbt_dht_table_get_closest (CcbtDhtTable *self, const CcbtSha1 *target, CcbtDhtContact *out,
                            guint max, gint64 now)
{
  guint n = 0;

  for (guint i = 0; i < self->buckets->len; i++)
    {
      const Bucket *bucket = g_ptr_array_index (self->buckets, i);

      for (guint k = 0; k < bucket->n_live; k++)
        {
          const CcbtDhtContact *contact = &bucket->live[k];
          guint place = n;

          if (!is_good (contact))
            continue;
          while (place > 0 && ccbt_dht_id_compare (target, &contact->id, &out[place - 1].id) < 0)
            place--;
          if (place >= max)
            continue;
          memmove (&out[place + 1], &out[place],
                   (MIN (n, max - 1) - place) * sizeof (CcbtDhtContact));
          out[place] = *contact;
          n = MIN (n + 1, max);
        }
    }
  return n;
}

static gboolean
may_be_pinged (const CcbtDhtContact *contact, gint64 now)
{
  return contact->pinged_at == 0 || now - contact->pinged_at >= PING_AGAIN;
}

gboolean
ccbt_dht_table_take_questionable (CcbtDhtTable *self, gint64 now, CcbtDhtContact *out)
{
  for (guint i = 0; i < self->buckets->len; i++)
    {
      Bucket *bucket = g_ptr_array_index (self->buckets, i);
      CcbtDhtContact *found = NULL;

      for (guint k = 0; k < bucket->n_live && found == NULL; k++)
        if (may_be_pinged (&bucket->live[k], now) && !is_fresh (&bucket->live[k], now))
          found = &bucket->live[k];
      /* Whom we heard of is asked while there is room, or room can be made: the last bucket splits. */
      for (guint k = 0; k < bucket->n_waiting && found == NULL
                        && (bucket->n_live < CCBT_DHT_K || i + 1 == self->buckets->len);
           k++)
        if (may_be_pinged (&bucket->waiting[k], now) && bucket->waiting[k].last_seen == 0)
          found = &bucket->waiting[k];
      if (found == NULL)
        continue;
      found->pinged_at = now;
      *out = *found;
      return TRUE;
    }
  return FALSE;
}

gboolean
ccbt_dht_table_take_stale_bucket (CcbtDhtTable *self, gint64 now, CcbtSha1 *target)
{
  for (guint i = 0; i < self->buckets->len; i++)
    {
      Bucket *bucket = g_ptr_array_index (self->buckets, i);

      if (now - bucket->changed_at < FRESH_FOR)
        continue;
      bucket->changed_at = now;
      *target = ccbt_dht_id_make_near (&self->random, &self->own_id, i);
      return TRUE;
    }
  return FALSE;
}

guint
ccbt_dht_table_get_n_good (CcbtDhtTable *self, gint64 now)
{
  guint n = 0;

  for (guint i = 0; i < self->buckets->len; i++)
    {
      const Bucket *bucket = g_ptr_array_index (self->buckets, i);

      for (guint k = 0; k < bucket->n_live; k++)
        n += is_fresh (&bucket->live[k], now);
    }
  return n;
}

guint
ccbt_dht_table_get_n_nodes (CcbtDhtTable *self)
{
  guint n = 0;

  for (guint i = 0; i < self->buckets->len; i++)
    n += ((Bucket *) g_ptr_array_index (self->buckets, i))->n_live;
  return n;
}

GArray *
ccbt_dht_table_get_nodes (CcbtDhtTable *self, guint max)
{
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (CcbtKrpcNode));

  for (guint i = 0; i < self->buckets->len; i++)
    {
      const Bucket *bucket = g_ptr_array_index (self->buckets, i);

      for (guint k = 0; k < bucket->n_live && nodes->len < max; k++)
        if (is_good (&bucket->live[k]))
          {
            CcbtKrpcNode node = { bucket->live[k].id, bucket->live[k].address };

            g_array_append_val (nodes, node);
          }
    }
  return nodes;
}
