/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-private.h"

#define MAX_ENTRANCES 300u
#define TICK CCBT_SECOND
/* While the table is thin, its neighbourhood is looked for again and again. */
#define THIN_TABLE 2u * CCBT_DHT_K
#define REFRESH_FIRST (5 * CCBT_SECOND)
/* Neighbours that come after us are found by looking again, at first soon. */
#define REFRESH_SOON (20 * CCBT_SECOND)
#define REFRESH_USUAL (15 * 60 * CCBT_SECOND)
/* While there is somebody to ask; else there is no need to look so often. */
#define PING_NEXT (CCBT_SECOND / 10)
#define PING_LOOK CCBT_SECOND
#define ID_CHANGE_PAUSE (10 * 60 * CCBT_SECOND)
/* So many must say the same before we believe it. */
#define VOTES_NEEDED 4u
#define MAX_SAVED 200u

/* --- Beginning and end --- */

static gboolean
is_zero (const CcbtSha1 *id)
{
  static const CcbtSha1 zero;

  return ccbt_sha1_equal (id, &zero);
}

static void
set_up_family (CcbtDht *self, guint index, gboolean is_used)
{
  CcbtDhtFamily *family = &self->families[index];
  CcbtAddress nowhere = { .is_ipv6 = (guint8) index };

  family->is_used = is_used;
  family->id = is_zero (&self->options.id[index]) ? ccbt_dht_id_make (&self->random, &nowhere)
                                                  : self->options.id[index];
  family->table = ccbt_dht_table_new (&family->id, index == 1, ccbt_random_next (&self->random));
  ccbt_dht_table_allow_local (family->table, self->options.allow_local);
}

CcbtDht *
ccbt_dht_new (const CcbtDhtOptions *options, const CcbtDhtOwner *questions, gpointer owner,
              CcbtClock *clock, guint64 seed)
{
  CcbtDht *self = g_new0 (CcbtDht, 1);
  gint64 now = ccbt_clock_now (clock);

  self->options = *options;
  self->questions = questions;
  self->owner = owner;
  self->clock = clock;
  ccbt_random_init (&self->random, seed);
  set_up_family (self, 0, options->has_ipv4);
  set_up_family (self, 1, options->has_ipv6);
  self->store = ccbt_dht_store_new (ccbt_random_next (&self->random));
  ccbt_dht_tokens_init (&self->tokens, now);
  self->quota = ccbt_dht_quota_new ();
  self->queries = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->allowance_at = now - CCBT_SECOND;
  self->lookups = g_ptr_array_new_with_free_func ((GDestroyNotify) ccbt_dht_lookup_free);
  self->next_lookup = 1;
  self->entrances = g_array_new (FALSE, FALSE, sizeof (CcbtKrpcNode));
  return self;
}

void
ccbt_dht_free (CcbtDht *self)
{
  for (guint i = 0; i < CCBT_DHT_N_FAMILIES; i++)
    ccbt_dht_table_free (self->families[i].table);
  g_ptr_array_unref (self->lookups);
  g_hash_table_unref (self->queries);
  g_array_unref (self->entrances);
  ccbt_dht_quota_free (self->quota);
  ccbt_dht_store_free (self->store);
  g_free (self);
}

/* --- Datagrams --- */

void
ccbt_dht_send (CcbtDht *self, const CcbtAddress *to, const CcbtKrpcMessage *message)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new (512);

  ccbt_krpc_write (bytes, message);
  self->bytes_out += bytes->len;
  self->questions->send (self->owner, to, (CcbtSpan){ bytes->data, bytes->len });
}

static void
tell_when_filled (CcbtDht *self)
{
  gint64 now = ccbt_clock_now (self->clock);

  for (guint i = 0; i < CCBT_DHT_N_FAMILIES; i++)
    {
      CcbtDhtFamily *family = &self->families[i];
      gboolean is_filled = family->is_used && ccbt_dht_table_get_n_good (family->table, now) > 0;

      if (is_filled == family->was_filled)
        continue;
      family->was_filled = is_filled;
      if (self->questions->changed != NULL)
        self->questions->changed (self->owner);
    }
}

gboolean
ccbt_dht_receive (CcbtDht *self, const CcbtAddress *from, CcbtSpan datagram)
{
  CcbtKrpcMessage message;

  if (!ccbt_krpc_parse (datagram, &message, NULL))
    return FALSE;
  self->bytes_in += datagram.len;
  if (!self->families[from->is_ipv6].is_used || from->port == 0)
    return TRUE;
  if (message.kind == CCBT_KRPC_QUERY)
    ccbt_dht_answer (self, from, &message);
  else
    {
      ccbt_dht_take_reply (self, from, &message);
      ccbt_dht_run_lookups (self);
      if (!self->families[from->is_ipv6].was_filled)
        tell_when_filled (self);
    }
  return TRUE;
}

/* --- Our address (BEP 42) --- */

static guint
count_votes (const CcbtDhtExternal *external, const CcbtAddress *address)
{
  guint n = 0;

  for (guint i = 0; i < external->n; i++)
    n += ccbt_address_same_ip (&external->votes[i], address);
  return n;
}

/* One voice each: who voted before says it anew, perhaps another now. */
static guint
find_vote (const CcbtDhtExternal *external, const CcbtAddress *voter)
{
  for (guint i = 0; i < external->n; i++)
    if (ccbt_address_same_ip (&external->voters[i], voter))
      return i;
  return external->next;
}

static void
take_address (CcbtDht *self, CcbtDhtFamily *family, const CcbtAddress *address)
{
  gint64 now = ccbt_clock_now (self->clock);

  family->external.is_known = TRUE;
  family->external.address = *address;
  family->external.address.port = 0;
  if (ccbt_dht_id_is_secure (&family->id, address)
      || (family->id_changed_at != 0 && now - family->id_changed_at < ID_CHANGE_PAUSE))
    return;
  family->id = ccbt_dht_id_make (&self->random, address);
  family->id_changed_at = now;
  family->next_refresh = now; /* among our new neighbours */
  ccbt_dht_table_set_own_id (family->table, &family->id);
}

void
ccbt_dht_note_external (CcbtDht *self, const CcbtAddress *voter, const CcbtAddress *address)
{
  CcbtDhtFamily *family = &self->families[voter->is_ipv6];
  CcbtDhtExternal *external = &family->external;
  guint place;

  if (address->is_ipv6 != voter->is_ipv6 || ccbt_address_get_scope (address) != CCBT_ADDRESS_GLOBAL)
    return;
  place = find_vote (external, voter);
  if (place == external->next)
    {
      external->next = (external->next + 1) % CCBT_DHT_VOTES;
      external->n = MIN (external->n + 1, CCBT_DHT_VOTES);
    }
  external->voters[place] = *voter;
  external->votes[place] = *address;
  if ((!external->is_known || !ccbt_address_same_ip (&external->address, address))
      && count_votes (external, address) >= MAX (VOTES_NEEDED, external->n / 2 + 1))
    take_address (self, family, address);
}

/* --- Ways in --- */

void
ccbt_dht_add_node (CcbtDht *self, const CcbtSha1 *id, const CcbtAddress *address)
{
  CcbtKrpcNode node = { *id, *address };

  if (address->port == 0 || !self->families[address->is_ipv6].is_used
      || self->entrances->len >= MAX_ENTRANCES)
    return;
  for (guint i = 0; i < self->entrances->len; i++)
    if (ccbt_address_equal (&g_array_index (self->entrances, CcbtKrpcNode, i).address, address))
      return;
  g_array_append_val (self->entrances, node);
  self->next_tick = 0;
}

void
ccbt_dht_add_address (CcbtDht *self, const CcbtAddress *address)
{
  static const CcbtSha1 unknown;

  ccbt_dht_add_node (self, &unknown, address);
}

static gboolean
is_thin (CcbtDht *self, guint family)
{
  return ccbt_dht_table_get_n_nodes (self->families[family].table) < THIN_TABLE;
}

static CcbtDhtLookup *
find_refresh (CcbtDht *self)
{
  for (guint i = 0; i < self->lookups->len; i++)
    {
      CcbtDhtLookup *lookup = g_ptr_array_index (self->lookups, i);

      if (lookup->kind == CCBT_DHT_LOOKUP_NODES)
        return lookup;
    }
  return NULL;
}

/* Once the table is filled there is no need to ask everybody for neighbours: a ping will do. */
static void
use_entrances (CcbtDht *self, CcbtDhtLookup *lookup)
{
  for (guint i = self->entrances->len; i-- > 0;)
    {
      CcbtKrpcNode *node = &g_array_index (self->entrances, CcbtKrpcNode, i);
      guint family = node->address.is_ipv6;

      /* Only the nearest are asked on the way to our neighbourhood; the others have their turn. */
      if (!is_zero (&node->id))
        ccbt_dht_table_note_node (self->families[family].table, &node->id, &node->address, FALSE, 0,
                                  ccbt_clock_now (self->clock));
      if (lookup != NULL && lookup->traversals[family].is_used
          && !lookup->traversals[family].is_done)
        ccbt_dht_traversal_add (self, lookup, is_zero (&node->id) ? NULL : &node->id,
                                &node->address);
      else if (!ccbt_dht_ping (self, NULL, &node->address))
        return;
      g_array_remove_index_fast (self->entrances, i);
    }
}

static gint64
get_refresh_pause (CcbtDht *self, CcbtDhtFamily *family, guint index)
{
  if (is_thin (self, index))
    return REFRESH_FIRST;
  return MIN (REFRESH_SOON << MIN (family->n_refreshes++, 6u), REFRESH_USUAL);
}

/* Looks for our own neighbourhood, or for that of a bucket of which nothing was heard. */
static void
refresh (CcbtDht *self, gint64 now)
{
  CcbtDhtLookup *lookup = find_refresh (self);
  CcbtSha1 target;

  for (guint i = 0; i < CCBT_DHT_N_FAMILIES && lookup == NULL; i++)
    {
      CcbtDhtFamily *family = &self->families[i];
      gboolean has_way = self->entrances->len > 0 || ccbt_dht_table_get_n_nodes (family->table) > 0;

      if (!family->is_used || !has_way)
        continue;
      if (now >= family->next_refresh || (is_thin (self, i) && self->entrances->len > 0))
        {
          lookup = ccbt_dht_start_lookup (self, CCBT_DHT_LOOKUP_NODES, &family->id);
          family->next_refresh = now + get_refresh_pause (self, family, i);
        }
      else if (ccbt_dht_table_take_stale_bucket (family->table, now, &target))
        lookup = ccbt_dht_start_lookup (self, CCBT_DHT_LOOKUP_NODES, &target);
    }
  if (self->entrances->len > 0)
    use_entrances (self, lookup);
}

static void
ping_questionable (CcbtDht *self, gint64 now)
{
  CcbtDhtContact contact;

  self->next_ping = now + PING_LOOK;
  for (guint i = 0; i < CCBT_DHT_N_FAMILIES; i++)
    if (self->families[i].is_used
        && ccbt_dht_table_take_questionable (self->families[i].table, now, &contact))
      {
        ccbt_dht_ping (self, &contact.id, &contact.address);
        self->next_ping = now + PING_NEXT;
      }
}

/* --- Time --- */

gint64
ccbt_dht_tick (CcbtDht *self)
{
  gint64 now = ccbt_clock_now (self->clock);
  gint64 due = ccbt_dht_expire_queries (self, now);

  if (now >= self->next_tick)
    {
      self->next_tick = now + TICK;
      ccbt_dht_store_tick (self->store, now);
      refresh (self, now);
      tell_when_filled (self);
    }
  if (now >= self->next_ping)
    ping_questionable (self, now);
  if (!ccbt_dht_run_lookups (self))
    due = MIN (due, now + CCBT_SECOND / 50);
  return MIN (due, MIN (self->next_tick, self->next_ping));
}

/* --- State --- */

void
ccbt_dht_get_status (CcbtDht *self, CcbtDhtStatus *out)
{
  gint64 now = ccbt_clock_now (self->clock);

  *out = (CcbtDhtStatus){ .n_lookups = self->lookups->len,
                          .n_torrents = ccbt_dht_store_get_n_torrents (self->store),
                          .n_peers = ccbt_dht_store_get_n_peers (self->store),
                          .n_items = ccbt_dht_store_get_n_items (self->store),
                          .queries_out = self->queries_out,
                          .queries_in = self->queries_in,
                          .replies_in = self->replies_in,
                          .errors_in = self->errors_in,
                          .timeouts = self->timeouts,
                          .dropped = self->dropped,
                          .bytes_in = self->bytes_in,
                          .bytes_out = self->bytes_out };
  for (guint i = 0; i < CCBT_DHT_N_FAMILIES; i++)
    {
      const CcbtDhtFamily *family = &self->families[i];

      out->n_nodes[i] = family->is_used ? ccbt_dht_table_get_n_good (family->table, now) : 0;
      out->id[i] = family->id;
      out->has_external[i] = family->external.is_known;
      out->external[i] = family->external.address;
    }
}

GArray *
ccbt_dht_get_nodes (CcbtDht *self)
{
  GArray *nodes = ccbt_dht_table_get_nodes (self->families[0].table, MAX_SAVED);
  g_autoptr (GArray) ipv6 = ccbt_dht_table_get_nodes (self->families[1].table, MAX_SAVED);

  g_array_append_vals (nodes, ipv6->data, ipv6->len);
  return nodes;
}
