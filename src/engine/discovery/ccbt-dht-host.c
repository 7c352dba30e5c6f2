/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-dht-host.h"
#include "wire/ccbt-bencode.h"

#define MAX_HOSTS 32u
#define MAX_SAVED_NODES 500u
/* The ways in are tried again while nobody answers. */
#define BOOTSTRAP_FIRST (15 * CCBT_SECOND)
#define BOOTSTRAP_MOST (10 * 60 * CCBT_SECOND)
#define IDLE_TICK CCBT_SECOND

struct _CcbtDhtHost
{
  CcbtUdpMux *mux;
  CcbtClock *clock;
  CcbtDht *dht;
  GPtrArray *hosts; /* "host:port" */
  GCancellable *cancellable;
  GSource *timer;
  gint64 next_bootstrap;
  gint64 bootstrap_pause;
  gboolean is_on_this_machine;
  void (*ready) (gpointer data);
  gpointer data;
};

/* --- Time --- */

static gboolean has_nodes (CcbtDhtHost *self);
static void ask_hosts (CcbtDhtHost *self);

static void
tick (CcbtDhtHost *self)
{
  gint64 due = ccbt_dht_tick (self->dht), now = ccbt_clock_now (self->clock);

  if (now >= self->next_bootstrap && !has_nodes (self))
    ask_hosts (self);
  if (due == 0 || due > now + IDLE_TICK)
    due = now + IDLE_TICK;
  g_source_set_ready_time (self->timer,
                           g_get_monotonic_time () + MAX (due - now, CCBT_MILLISECOND));
}

static gboolean
timer_cb (gpointer data)
{
  tick (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_timer (GSource *source, GSourceFunc callback, gpointer data)
{
  g_source_set_ready_time (source, -1);
  return callback (data);
}

static GSourceFuncs timer_funcs = { .dispatch = dispatch_timer };

void
ccbt_dht_host_wake (CcbtDhtHost *self)
{
  g_source_set_ready_time (self->timer, 0);
}

/* --- Datagrams --- */

static void
send_cb (gpointer owner, const CcbtAddress *to, CcbtSpan datagram)
{
  ccbt_udp_mux_send (((CcbtDhtHost *) owner)->mux, to, datagram);
}

static gboolean
take_cb (gpointer owner, const CcbtAddress *from, CcbtSpan datagram)
{
  CcbtDhtHost *self = owner;

  if (datagram.len == 0 || datagram.data[0] != 'd' || !ccbt_dht_receive (self->dht, from, datagram))
    return FALSE;
  ccbt_dht_host_wake (self); /* an answer lets a lookup go on */
  return TRUE;
}

static gboolean
has_nodes (CcbtDhtHost *self)
{
  CcbtDhtStatus status;

  ccbt_dht_get_status (self->dht, &status);
  return status.n_nodes[0] + status.n_nodes[1] > 0;
}

static void
changed_cb (gpointer owner)
{
  CcbtDhtHost *self = owner;

  if (self->ready != NULL && has_nodes (self))
    self->ready (self->data);
}

/* --- Ways in --- */

static void
resolved_cb (GObject *enumerator, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) native = g_socket_address_enumerator_next_finish (
      G_SOCKET_ADDRESS_ENUMERATOR (enumerator), result, &error);
  CcbtDhtHost *self = data;
  CcbtAddress address;

  if (native == NULL) /* the end, an error, or we are gone */
    return;
  if (ccbt_address_from_socket_address (native, &address))
    {
      ccbt_dht_add_address (self->dht, &address);
      ccbt_dht_host_wake (self);
    }
  g_socket_address_enumerator_next_async (G_SOCKET_ADDRESS_ENUMERATOR (enumerator),
                                          self->cancellable, resolved_cb, self);
}

static void
ask_host (CcbtDhtHost *self, const char *host)
{
  g_autoptr (GSocketConnectable) connectable = NULL;
  g_autoptr (GSocketAddressEnumerator) enumerator = NULL;
  CcbtAddress address;

  if (ccbt_address_parse (host, &address))
    {
      ccbt_dht_add_address (self->dht, &address);
      return;
    }
  connectable = g_network_address_parse (host, 6881, NULL);
  if (connectable == NULL)
    return;
  /* Of this one only addresses are wanted: nothing goes through a proxy. */
  enumerator = g_socket_connectable_enumerate (connectable);
  g_socket_address_enumerator_next_async (enumerator, self->cancellable, resolved_cb, self);
}

static void
ask_hosts (CcbtDhtHost *self)
{
  gint64 now = ccbt_clock_now (self->clock);

  self->bootstrap_pause = CLAMP (2 * self->bootstrap_pause, BOOTSTRAP_FIRST, BOOTSTRAP_MOST);
  self->next_bootstrap = now + self->bootstrap_pause;
  for (guint i = 0; i < self->hosts->len; i++)
    ask_host (self, g_ptr_array_index (self->hosts, i));
}

void
ccbt_dht_host_try_host (CcbtDhtHost *self, const char *host_and_port)
{
  CcbtDhtStatus status;

  ccbt_dht_get_status (self->dht, &status);
  if (status.n_nodes[0] + status.n_nodes[1] >= CCBT_DHT_K)
    return;
  ask_host (self, host_and_port);
  ccbt_dht_host_wake (self);
}

void
ccbt_dht_host_note_network_changed (CcbtDhtHost *self)
{
  self->next_bootstrap = self->bootstrap_pause = 0;
  ccbt_dht_host_wake (self);
}

/* --- What is kept --- */

static void
load_id (CcbtBencodeValue root, const char *key, CcbtSha1 *id)
{
  CcbtSpan bytes;

  if (ccbt_bencode_value_lookup_string (root, key, &bytes) && bytes.len == sizeof id->bytes)
    memcpy (id->bytes, bytes.data, bytes.len);
}

static void
load_nodes (CcbtDhtHost *self, CcbtBencodeValue root, const char *key, gboolean is_ipv6)
{
  const gsize size = is_ipv6 ? 38 : 26;
  CcbtSpan bytes;

  if (!ccbt_bencode_value_lookup_string (root, key, &bytes))
    return;
  for (gsize at = 0; at + size <= bytes.len && at / size < MAX_SAVED_NODES; at += size)
    {
      CcbtAddress address = ccbt_address_from_compact (bytes.data + at + 20, is_ipv6);
      CcbtSha1 id;

      memcpy (id.bytes, bytes.data + at, sizeof id.bytes);
      ccbt_dht_add_node (self->dht, &id, &address);
    }
}

static CcbtBencode *
parse_saved (GBytes *saved)
{
  CcbtSpan bytes;

  if (saved == NULL)
    return NULL;
  bytes.data = g_bytes_get_data (saved, &bytes.len);
  return ccbt_bencode_parse (bytes, &ccbt_bencode_limits_message, NULL, NULL);
}

static void
write_nodes (GByteArray *out, const char *key, GArray *nodes, gboolean is_ipv6)
{
  g_autoptr (GByteArray) compact = g_byte_array_new ();

  for (guint i = 0; i < nodes->len; i++)
    {
      const CcbtKrpcNode *node = &g_array_index (nodes, CcbtKrpcNode, i);
      guint8 port[2];

      if ((node->address.is_ipv6 != 0) != is_ipv6)
        continue;
      ccbt_write_u16 (port, node->address.port);
      g_byte_array_append (compact, node->id.bytes, sizeof node->id.bytes);
      g_byte_array_append (compact, node->address.ip, is_ipv6 ? 16 : 4);
      g_byte_array_append (compact, port, sizeof port);
    }
  ccbt_bencode_write_key (out, key);
  ccbt_bencode_write_string (out, (CcbtSpan){ compact->data, compact->len });
}

GBytes *
ccbt_dht_host_save (CcbtDhtHost *self)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GArray) nodes = ccbt_dht_get_nodes (self->dht);
  CcbtDhtStatus status;

  ccbt_dht_get_status (self->dht, &status);
  ccbt_bencode_begin_dict (out);
  ccbt_bencode_write_key (out, "id");
  ccbt_bencode_write_string (out, (CcbtSpan){ status.id[0].bytes, sizeof status.id[0].bytes });
  ccbt_bencode_write_key (out, "id6");
  ccbt_bencode_write_string (out, (CcbtSpan){ status.id[1].bytes, sizeof status.id[1].bytes });
  write_nodes (out, "nodes", nodes, FALSE);
  write_nodes (out, "nodes6", nodes, TRUE);
  ccbt_bencode_end (out);
  return g_byte_array_free_to_bytes (out);
}

/* --- Beginning and end --- */

static void
add_hosts (CcbtDhtHost *self, const char *list)
{
  g_auto (GStrv) hosts = g_strsplit_set (list, ", \t", -1);

  for (guint i = 0; hosts[i] != NULL && self->hosts->len < MAX_HOSTS; i++)
    if (*hosts[i] != '\0')
      g_ptr_array_add (self->hosts, g_strdup (hosts[i]));
}

/* Has the user named a way in that stands on this machine, or also one in this house? Then the
 * network is there. */
static gboolean
has_local_host (CcbtDhtHost *self, gboolean or_in_house)
{
  for (guint i = 0; i < self->hosts->len; i++)
    {
      CcbtAddress address;
      CcbtAddressScope scope;

      if (!ccbt_address_parse (g_ptr_array_index (self->hosts, i), &address))
        continue;
      scope = ccbt_address_get_scope (&address);
      if (scope == CCBT_ADDRESS_LOOPBACK || (or_in_house && scope != CCBT_ADDRESS_GLOBAL))
        return TRUE;
    }
  return FALSE;
}

CcbtDhtHost *
ccbt_dht_host_new (CcbtUdpMux *mux, CcbtClock *clock, const CcbtDhtHostOptions *options,
                   void (*ready) (gpointer data), gpointer data)
{
  static const CcbtDhtOwner owner = { .send = send_cb, .changed = changed_cb };
  CcbtDhtHost *self = g_new0 (CcbtDhtHost, 1);
  g_autoptr (CcbtBencode) saved = parse_saved (options->saved);
  CcbtDhtOptions node = { .has_ipv4 = ccbt_udp_mux_has_family (mux, FALSE),
                          .has_ipv6 = !options->no_ipv6 && ccbt_udp_mux_has_family (mux, TRUE),
                          .is_read_only = options->is_read_only,
                          .enforce_secure_ids = TRUE };
  guint64 seed;

  self->mux = mux;
  self->clock = clock;
  self->ready = ready;
  self->data = data;
  self->hosts = g_ptr_array_new_with_free_func (g_free);
  self->cancellable = g_cancellable_new ();
  add_hosts (self, options->bootstrap);
  self->is_on_this_machine = options->is_local || has_local_host (self, FALSE);
  node.allow_local = options->is_local || has_local_host (self, TRUE);
  node.allow_loopback = self->is_on_this_machine;
  if (saved != NULL)
    {
      load_id (ccbt_bencode_get_root (saved), "id", &node.id[0]);
      load_id (ccbt_bencode_get_root (saved), "id6", &node.id[1]);
    }
  ccbt_random_fill ((guint8 *) &seed, sizeof seed);
  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (self->timer, timer_cb, self, NULL);
  self->dht = ccbt_dht_new (&node, &owner, self, clock, seed);
  if (saved != NULL)
    {
      load_nodes (self, ccbt_bencode_get_root (saved), "nodes", FALSE);
      load_nodes (self, ccbt_bencode_get_root (saved), "nodes6", TRUE);
    }
  ccbt_udp_mux_add_taker (mux, take_cb, self);
  g_source_set_ready_time (self->timer, 0);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
  return self;
}

void
ccbt_dht_host_free (CcbtDhtHost *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  ccbt_udp_mux_remove_taker (self->mux, self);
  ccbt_dht_free (self->dht);
  g_ptr_array_unref (self->hosts);
  g_free (self);
}

CcbtDht *
ccbt_dht_host_get_dht (CcbtDhtHost *self)
{
  return self->dht;
}

gboolean
ccbt_dht_host_is_on_this_machine (CcbtDhtHost *self)
{
  return self->is_on_this_machine;
}
