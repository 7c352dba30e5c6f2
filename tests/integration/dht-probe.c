/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A node of the DHT that does one thing and says how it went:
 *
 *     dht-probe OWN-IP NODE COMMAND...
 *
 *     peers HASH; announce HASH PORT; put TEXT; get TARGET; sample NODE;
 *     put-mutable SEED SALT SEQUENCE TEXT; get-mutable KEY SALT;
 *     publish SEED SALT SEQUENCE HASH: a mutable torrent (BEP 46)
 *
 * Hashes, seeds and keys are hexadecimal. */
#include "discovery/ccbt-dht-host.h"
#include "wire/ccbt-dht-item.h"

#include <stdio.h>
#include <stdlib.h>

#define WANTED_NODES 5u
#define PATIENCE (20 * CCBT_SECOND)

typedef struct
{
  GMainLoop *loop;
  CcbtDhtHost *host;
  char **words; /* the command */
  gint64 begin;
  gboolean is_asked;
} Probe;

static void
read_hex (const char *text, guint8 *out, gsize len)
{
  if (strlen (text) != 2 * len)
    {
      fprintf (stderr, "%" G_GSIZE_FORMAT " bytes expected: %s\n", len, text);
      exit (2);
    }
  for (gsize i = 0; i < len; i++)
    out[i] = (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4
                       | g_ascii_xdigit_value (text[2 * i + 1]));
}

static void
print_hex (const char *name, const guint8 *bytes, gsize len)
{
  printf ("%s ", name);
  for (gsize i = 0; i < len; i++)
    printf ("%02x", bytes[i]);
  printf ("\n");
}

static void
got_peers_cb (gpointer data, const CcbtAddress *peers, guint n_peers)
{
  for (guint i = 0; i < n_peers; i++)
    {
      g_autofree char *text = ccbt_address_to_string (&peers[i]);

      printf ("peer %s\n", text);
    }
}

static void
peers_done_cb (gpointer data, guint n_nodes, guint n_stored, int seeds, int leechers)
{
  printf ("done %u %u %d %d\n", n_nodes, n_stored, seeds, leechers);
  g_main_loop_quit (((Probe *) data)->loop);
}

static void
put_cb (gpointer data, guint n_stored)
{
  printf ("done %u\n", n_stored);
  g_main_loop_quit (((Probe *) data)->loop);
}

static void
item_cb (gpointer data, const CcbtDhtItem *item)
{
  if (item != NULL)
    printf ("item %" G_GINT64_FORMAT " %.*s\n", item->sequence, (int) item->value.len,
            (const char *) item->value.data);
  printf ("done %d\n", item != NULL);
  g_main_loop_quit (((Probe *) data)->loop);
}

static void
samples_cb (gpointer data, const CcbtSha1 *samples, guint n_samples, gint64 number, gint64 interval)
{
  for (guint i = 0; i < n_samples; i++)
    print_hex ("sample", samples[i].bytes, sizeof samples[i].bytes);
  printf ("done %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", number, interval);
  g_main_loop_quit (((Probe *) data)->loop);
}

static char *
to_value (const char *text)
{
  return g_strdup_printf ("%" G_GSIZE_FORMAT ":%s", strlen (text), text);
}

static void
ask_for_peers (Probe *self, CcbtDht *dht, guint16 port)
{
  static const CcbtDhtPeersFunc func = { .got_peers = got_peers_cb, .done = peers_done_cb };
  CcbtSha1 hash;

  read_hex (self->words[1], hash.bytes, sizeof hash.bytes);
  ccbt_dht_get_peers (dht, &hash, port, FALSE, FALSE, &func, self);
}

static void
put (Probe *self, CcbtDht *dht)
{
  g_autofree char *value = to_value (self->words[1]);
  CcbtSha1 target = ccbt_dht_item_get_immutable_target (ccbt_span_from_string (value));

  print_hex ("target", target.bytes, sizeof target.bytes);
  ccbt_dht_put_immutable (dht, ccbt_span_from_string (value), put_cb, self);
}

static void
put_signed (Probe *self, CcbtDht *dht, CcbtSpan bytes)
{
  const CcbtSpan salt = ccbt_span_from_string (self->words[2]);
  const gint64 sequence = g_ascii_strtoll (self->words[3], NULL, 10);
  guint8 seed[32], key[32], signature[64];

  read_hex (self->words[1], seed, sizeof seed);
  ccbt_dht_item_get_public_key (seed, key);
  print_hex ("key", key, sizeof key);
  ccbt_dht_item_sign (seed, salt, sequence, bytes, signature);
  ccbt_dht_put_mutable (dht, key, signature, salt, sequence, -1, bytes, put_cb, self);
}

static void
put_mutable (Probe *self, CcbtDht *dht)
{
  g_autofree char *value = to_value (self->words[4]);

  put_signed (self, dht, ccbt_span_from_string (value));
}

static void
publish (Probe *self, CcbtDht *dht)
{
  guint8 value[] = "d2:ih20:....................e";

  read_hex (self->words[4], value + strlen ("d2:ih20:"), 20);
  put_signed (self, dht, (CcbtSpan){ value, sizeof value - 1 });
}

static void
get_item (Probe *self, CcbtDht *dht, gboolean is_mutable)
{
  CcbtSpan salt = { 0 };
  CcbtSha1 target;
  guint8 key[32];

  if (is_mutable)
    {
      salt = ccbt_span_from_string (self->words[2]);
      read_hex (self->words[1], key, sizeof key);
      target = ccbt_dht_item_get_mutable_target (key, salt);
    }
  else
    read_hex (self->words[1], target.bytes, sizeof target.bytes);
  ccbt_dht_get_item (dht, &target, salt, item_cb, self);
}

static void
sample (Probe *self, CcbtDht *dht)
{
  const CcbtSha1 target = { { 0 } };
  CcbtAddress node;

  if (!ccbt_address_parse (self->words[1], &node))
    exit (2);
  ccbt_dht_sample (dht, &node, &target, samples_cb, self);
}

static void
ask (Probe *self)
{
  CcbtDht *dht = ccbt_dht_host_get_dht (self->host);
  const char *name = self->words[0];

  if (g_str_equal (name, "peers") || g_str_equal (name, "announce"))
    ask_for_peers (self, dht,
                   self->words[2] != NULL ? (guint16) g_ascii_strtoull (self->words[2], NULL, 10)
                                          : 0);
  else if (g_str_equal (name, "put"))
    put (self, dht);
  else if (g_str_equal (name, "put-mutable"))
    put_mutable (self, dht);
  else if (g_str_equal (name, "publish"))
    publish (self, dht);
  else if (g_str_equal (name, "sample"))
    sample (self, dht);
  else
    get_item (self, dht, g_str_equal (name, "get-mutable"));
  ccbt_dht_host_wake (self->host);
}

/* Asks once enough others are known, or all there are. */
static gboolean
look_cb (gpointer data)
{
  Probe *self = data;
  CcbtDhtStatus status;

  ccbt_dht_get_status (ccbt_dht_host_get_dht (self->host), &status);
  if (g_get_monotonic_time () - self->begin > PATIENCE)
    {
      printf ("gave up with %u nodes\n", status.n_nodes[0] + status.n_nodes[1]);
      g_main_loop_quit (self->loop);
    }
  else if (!self->is_asked && status.n_nodes[0] + status.n_nodes[1] >= WANTED_NODES)
    {
      self->is_asked = TRUE;
      printf ("nodes %u after %" G_GINT64_FORMAT " ms\n", status.n_nodes[0] + status.n_nodes[1],
              (g_get_monotonic_time () - self->begin) / CCBT_MILLISECOND);
      ask (self);
    }
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  CcbtSocketFactory sockets = { .is_bound = TRUE };
  CcbtDhtHostOptions options = { .is_local = TRUE };
  Probe probe = { .words = argv + 3 };
  g_autoptr (GError) error = NULL;
  CcbtReactor *reactor;
  CcbtUdpMux *mux;

  if (argc < 5 || !ccbt_address_parse_ip (argv[1], 0, &sockets.address))
    return 2;
  setvbuf (stdout, NULL, _IOLBF, 0);
  reactor = ccbt_reactor_new (NULL);
  mux = ccbt_udp_mux_new (reactor, &sockets, 6881, &error);
  if (mux == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  options.bootstrap = argv[2];
  probe.loop = g_main_loop_new (NULL, FALSE);
  probe.begin = g_get_monotonic_time ();
  probe.host = ccbt_dht_host_new (mux, ccbt_clock_get_system (), &options, NULL, NULL);
  g_timeout_add (20, look_cb, &probe);
  g_main_loop_run (probe.loop);
  ccbt_dht_host_free (probe.host);
  ccbt_udp_mux_free (mux);
  ccbt_reactor_free (reactor);
  g_main_loop_unref (probe.loop);
  return 0;
}
