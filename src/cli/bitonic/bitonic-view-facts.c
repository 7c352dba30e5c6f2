/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-views.h"
#include "bitonic-format.h"
#include <glib/gi18n.h>

/* Names and values: of the selected torrent, and of the network. */

static const BitonicColumn columns[] = {
  { N_ ("What"), 18, FALSE, FALSE, 0 },
  { N_ ("Value"), 20, TRUE, FALSE, 0 },
};

/* What one name says of @self. Returns: (transfer full) (nullable): NULL: nothing */
typedef struct
{
  const char *name;
  char *(*format) (BitonicApp *self, const BitonicTorrent *torrent);
} Fact;

static char *
format_fact (gpointer data, guint row, guint column, guint width, guint *style)
{
  char **texts = data;

  *style = column == 0 ? BITONIC_STYLE_DIM : BITONIC_STYLE_NORMAL;
  return g_strdup (texts[row * 2 + column]);
}

/* @torrent: (nullable) */
static void
draw_facts (BitonicApp *self, const BitonicTorrent *torrent, const Fact *facts, guint n_facts,
            guint y, guint height)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  BitonicTable table = { columns, G_N_ELEMENTS (columns), 0, -1, FALSE, format_fact, NULL };

  for (guint i = 0; i < n_facts; i++)
    {
      char *value = facts[i].format (self, torrent);

      g_ptr_array_add (texts, g_strdup (_ (facts[i].name)));
      g_ptr_array_add (texts, value != NULL ? value : g_strdup (""));
    }
  table.n_rows = n_facts;
  table.data = texts->pdata;
  bitonic_draw_table (self, y, height, &table);
}

/* --- A torrent --- */

static char *
format_state (BitonicApp *self, const BitonicTorrent *torrent)
{
  g_autofree char *percent = bitonic_format_percent (torrent->progress);
  const gboolean plain = bitonic_canvas_is_plain (self->canvas);
  g_autofree char *bar = bitonic_format_bar (torrent->progress, 20, plain);

  return g_strdup_printf ("%s %s %s", bitonic_format_word (torrent->state), bar, percent);
}

static char *
format_error (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup (torrent->error_text);
}

static char *
format_size (BitonicApp *self, const BitonicTorrent *torrent)
{
  g_autofree char *total = bitonic_format_size (torrent->total_size);
  g_autofree char *done = bitonic_format_size (torrent->done_size);

  return g_strdup_printf (_ ("%s, of which %s are here"), total, done);
}

static char *
format_pieces (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup_printf (_ ("%u of %u"), torrent->n_pieces_have, torrent->n_pieces);
}

static char *
format_moved (BitonicApp *self, const BitonicTorrent *torrent)
{
  g_autofree char *down = bitonic_format_size (torrent->downloaded);
  g_autofree char *up = bitonic_format_size (torrent->uploaded);
  g_autofree char *ratio = bitonic_format_ratio (torrent->uploaded, torrent->downloaded);

  return g_strdup_printf (_ ("%s down, %s up, ratio %s"), down, up, ratio[0] != '\0' ? ratio : "-");
}

static char *
format_rates (BitonicApp *self, const BitonicTorrent *torrent)
{
  g_autofree char *down = bitonic_format_rate (torrent->down_rate);
  g_autofree char *up = bitonic_format_rate (torrent->up_rate);
  g_autofree char *eta = bitonic_format_duration (torrent->eta);

  return g_strdup_printf (eta[0] != '\0' ? _ ("%s down, %s up, %s left") : _ ("%s down, %s up"),
                          down[0] != '\0' ? down : "0", up[0] != '\0' ? up : "0", eta);
}

static char *
format_limits (BitonicApp *self, const BitonicTorrent *torrent)
{
  g_autofree char *down = bitonic_format_limit (torrent->download_limit);
  g_autofree char *up = bitonic_format_limit (torrent->upload_limit);

  return g_strdup_printf (_ ("%s down, %s up"), down, up);
}

static char *
format_peers (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup_printf (_ ("%u, %u of them seeds"), torrent->n_peers, torrent->n_seeds);
}

static char *
format_queue (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup_printf (torrent->is_forced ? _ ("priority %s, beside the queue")
                                             : _ ("priority %s"),
                          bitonic_format_word (torrent->priority));
}

static char *
format_goal (BitonicApp *self, const BitonicTorrent *torrent)
{
  if (torrent->ratio_goal < 0)
    return g_strdup (_ ("as the settings say"));
  return torrent->ratio_goal > 0 ? g_strdup_printf ("%.2f", torrent->ratio_goal)
                                 : g_strdup (C_ ("goal", "none"));
}

static char *
format_kind (BitonicApp *self, const BitonicTorrent *torrent)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  g_ptr_array_add (words, torrent->is_private ? _ ("private") : _ ("public"));
  if (torrent->is_sequential)
    g_ptr_array_add (words, _ ("in order"));
  if (torrent->is_super_seeding)
    g_ptr_array_add (words, _ ("super-seeding"));
  g_ptr_array_add (words, NULL);
  return g_strjoinv (", ", (char **) words->pdata);
}

static char *
format_folder (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup (torrent->folder);
}

static char *
format_category (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup (torrent->category);
}

static char *
format_added (BitonicApp *self, const BitonicTorrent *torrent)
{
  return bitonic_format_time (torrent->added_at);
}

static char *
format_hash (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup (torrent->info_hash);
}

static const Fact torrent_facts[] = {
  { N_ ("State"), format_state },     { N_ ("Error"), format_error },
  { N_ ("Rates"), format_rates },     { N_ ("Size"), format_size },
  { N_ ("Pieces"), format_pieces },   { N_ ("Transferred"), format_moved },
  { N_ ("Peers"), format_peers },     { N_ ("Folder"), format_folder },
  { N_ ("Queue"), format_queue },     { N_ ("Limits"), format_limits },
  { N_ ("Ratio goal"), format_goal }, { N_ ("Category"), format_category },
  { N_ ("Kind"), format_kind },       { N_ ("Added"), format_added },
  { N_ ("Info-hash"), format_hash },
};

guint
bitonic_count_facts (BitonicApp *self)
{
  return G_N_ELEMENTS (torrent_facts);
}

void
bitonic_draw_facts (BitonicApp *self, guint y, guint height)
{
  const BitonicTorrent *torrent = bitonic_app_get_selected (self);
  const guint used = bitonic_draw_subject (self, y);

  if (torrent != NULL && height > used)
    draw_facts (self, torrent, torrent_facts, G_N_ELEMENTS (torrent_facts), y + used,
                height - used);
}

/* --- The network --- */

static char *
format_family (BitonicApp *self, const char *name)
{
  g_autoptr (GVariant) family
      = self->status != NULL ? g_variant_lookup_value (self->status, name, G_VARIANT_TYPE_VARDICT)
                             : NULL;
  const char *external = bitonic_get_text (family, "external");

  if (family == NULL)
    return NULL;
  return g_strdup_printf (external[0] != '\0' ? _ ("%s; here %s, outside %s") : _ ("%s; here %s"),
                          bitonic_format_word (bitonic_get_text (family, "reach")),
                          bitonic_get_text (family, "local"), external);
}

static char *
format_ipv4 (BitonicApp *self, const BitonicTorrent *torrent)
{
  return format_family (self, "ipv4");
}

static char *
format_ipv6 (BitonicApp *self, const BitonicTorrent *torrent)
{
  return format_family (self, "ipv6");
}

static gint64
get_of_family (BitonicApp *self, const char *name, const char *key)
{
  g_autoptr (GVariant) family
      = self->status != NULL ? g_variant_lookup_value (self->status, name, G_VARIANT_TYPE_VARDICT)
                             : NULL;

  return bitonic_get_number (family, key);
}

static char *
format_dht (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup_printf (_ ("nodes: %u by IPv4, %u by IPv6"),
                          (guint) get_of_family (self, "ipv4", "dht-nodes"),
                          (guint) get_of_family (self, "ipv6", "dht-nodes"));
}

static char *
format_incoming (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup_printf (_ ("%u by IPv4, %u by IPv6"),
                          (guint) get_of_family (self, "ipv4", "incoming"),
                          (guint) get_of_family (self, "ipv6", "incoming"));
}

static char *
format_router (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup (bitonic_format_word (bitonic_get_text (self->status, "router")));
}

static char *
format_ports (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup_printf ("TCP %u, UDP %u", (guint) bitonic_get_number (self->status, "port"),
                          (guint) bitonic_get_number (self->status, "udp-port"));
}

static char *
format_session_peers (BitonicApp *self, const BitonicTorrent *torrent)
{
  return g_strdup_printf ("%u", (guint) bitonic_get_number (self->status, "n-peers"));
}

static char *
format_session_limits (BitonicApp *self, const BitonicTorrent *torrent)
{
  g_autofree char *down
      = bitonic_format_limit ((guint64) bitonic_get_number (self->status, "download-limit"));
  g_autofree char *up
      = bitonic_format_limit ((guint64) bitonic_get_number (self->status, "upload-limit"));

  return g_strdup_printf (_ ("%s down, %s up"), down, up);
}

static char *
format_disk (BitonicApp *self, const BitonicTorrent *torrent)
{
  return bitonic_format_size ((guint64) bitonic_get_number (self->status, "disk-queue"));
}

static const Fact network_facts[] = {
  { N_ ("IPv4"), format_ipv4 },
  { N_ ("IPv6"), format_ipv6 },
  { N_ ("Ports"), format_ports },
  { N_ ("Router"), format_router },
  { N_ ("DHT"), format_dht },
  { N_ ("Came from outside"), format_incoming },
  { N_ ("Peers"), format_session_peers },
  { N_ ("Limits in force"), format_session_limits },
  { N_ ("Waits for disk"), format_disk },
};

guint
bitonic_count_network (BitonicApp *self)
{
  return G_N_ELEMENTS (network_facts);
}

void
bitonic_draw_network (BitonicApp *self, guint y, guint height)
{
  if (self->status != NULL)
    draw_facts (self, NULL, network_facts, G_N_ELEMENTS (network_facts), y, height);
}
