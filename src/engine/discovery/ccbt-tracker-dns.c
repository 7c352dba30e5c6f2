/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-dns.h"

#include <gio/gio.h>

#define MAX_PORTS 16u
#define MAX_RECORD_BYTES 4096u
#define PATIENCE_MS 1000
#define KEEP_SECONDS 3600
#define KEEP_SILENCE_SECONDS 600

/* --- Records --- */

static gboolean
parse_port (const char *word, CcbtTrackerPort *out)
{
  guint64 number;

  out->is_udp = g_str_has_prefix (word, "UDP:");
  if (!out->is_udp && !g_str_has_prefix (word, "TCP:"))
    return FALSE;
  if (!g_ascii_string_to_unsigned (word + 4, 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;
  out->port = (guint16) number;
  return TRUE;
}

GArray *
ccbt_tracker_dns_parse (const char *record)
{
  GArray *ports = NULL;
  g_auto (GStrv) words = NULL;

  if (strlen (record) > MAX_RECORD_BYTES)
    return NULL;
  words = g_strsplit (record, " ", -1);
  if (words[0] == NULL || !g_str_equal (words[0], "BITTORRENT"))
    return NULL;
  ports = g_array_new (FALSE, FALSE, sizeof (CcbtTrackerPort));
  for (guint i = 1; words[i] != NULL && ports->len < MAX_PORTS; i++)
    {
      CcbtTrackerPort port;

      if (parse_port (words[i], &port))
        g_array_append_val (ports, port);
    }
  return ports;
}

static int
get_port (GUri *uri)
{
  int port = g_uri_get_port (uri);

  if (port > 0)
    return port;
  return g_str_equal (g_uri_get_scheme (uri), "https") ? 443 : 80;
}

static char *
with_port (GUri *uri, const CcbtTrackerPort *port, gboolean was_udp)
{
  const char *scheme = port->is_udp ? "udp" : was_udp ? "http" : g_uri_get_scheme (uri);

  return g_uri_join (G_URI_FLAGS_ENCODED, scheme, g_uri_get_userinfo (uri), g_uri_get_host (uri),
                     port->port, g_uri_get_path (uri), g_uri_get_query (uri), NULL);
}

char *
ccbt_tracker_dns_apply (const char *url, const GArray *ports, gboolean can_udp)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED, NULL);
  const CcbtTrackerPort *best = NULL;
  gboolean is_udp;

  if (uri == NULL)
    return g_strdup (url);
  is_udp = g_str_equal (g_uri_get_scheme (uri), "udp");
  for (guint i = 0; i < ports->len; i++)
    {
      const CcbtTrackerPort *port = &g_array_index (ports, CcbtTrackerPort, i);

      if (port->is_udp == is_udp && port->port == get_port (uri))
        return g_strdup (url);
      if (best == NULL && (can_udp || !port->is_udp))
        best = port;
    }
  return best != NULL ? with_port (uri, best, is_udp) : NULL;
}

/* --- Asking --- */

typedef struct
{
  CcbtLookupCache *cache;
  char *host;
  GCancellable *cancellable;
  GSource *deadline; /* NULL once it was answered */
} Job;

/* @found (transfer full) (nullable) */
static void
answer (Job *job, GArray *found, guint lifetime)
{
  g_source_destroy (job->deadline);
  g_clear_pointer (&job->deadline, g_source_unref);
  ccbt_lookup_cache_answer (job->cache, job->host, found, lifetime);
}

static GArray *
take_records (GList *records)
{
  GArray *found = NULL;

  for (GList *item = records; item != NULL && found == NULL; item = item->next)
    {
      g_autoptr (GVariant) strings = g_variant_get_child_value (item->data, 0);
      g_autofree const char **list = g_variant_get_strv (strings, NULL);
      g_autofree char *text = g_strjoinv (" ", (char **) list);

      found = ccbt_tracker_dns_parse (text);
    }
  return found;
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Job *job = data;
  GList *records = g_resolver_lookup_records_finish (G_RESOLVER (source), result, NULL);

  if (job->deadline != NULL)
    answer (job, take_records (records), KEEP_SECONDS);
  g_list_free_full (records, (GDestroyNotify) g_variant_unref);
  ccbt_lookup_cache_unref (job->cache);
  g_object_unref (job->cancellable);
  g_free (job->host);
  g_free (job);
}

static gboolean
late_cb (gpointer data)
{
  Job *job = data;
  g_autoptr (GCancellable) cancellable = g_object_ref (job->cancellable);

  answer (job, NULL, KEEP_SILENCE_SECONDS);
  g_cancellable_cancel (cancellable); /* looked_up_cb comes, and ends the job */
  return G_SOURCE_REMOVE;
}

static void
start_lookup (CcbtLookupCache *cache, const char *key)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  Job *job = g_new0 (Job, 1);

  job->cache = ccbt_lookup_cache_ref (cache);
  job->host = g_strdup (key);
  job->cancellable = g_cancellable_new ();
  job->deadline = g_timeout_source_new (PATIENCE_MS);
  g_source_set_callback (job->deadline, late_cb, job, NULL);
  g_source_attach (job->deadline, g_main_context_get_thread_default ());
  g_resolver_lookup_records_async (resolver, key, G_RESOLVER_RECORD_TXT, job->cancellable,
                                   looked_up_cb, job);
}

CcbtLookupCache *
ccbt_tracker_dns_new (CcbtClock *clock)
{
  return ccbt_lookup_cache_new (clock, start_lookup, (GDestroyNotify) g_array_unref);
}

gboolean
ccbt_tracker_dns_can_ask (const char *host)
{
  const char *dot = strrchr (host, '.');

  return dot != NULL && dot[1] != '\0' && !g_hostname_is_ip_address (host)
         && g_ascii_strcasecmp (dot, ".local") != 0 && g_ascii_strcasecmp (dot, ".localhost") != 0
         && g_ascii_strcasecmp (dot, ".onion") != 0 && g_ascii_strcasecmp (dot, ".i2p") != 0;
}
