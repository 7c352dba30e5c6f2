/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-host-lookup.h"

#define KEEP_SECONDS 300
#define KEEP_FAILURE_SECONDS 60

typedef struct
{
  CcbtLookupCache *cache;
  char *key;
} Job;

static GArray *
take_addresses (GList *found)
{
  GArray *addresses = g_array_new (FALSE, FALSE, sizeof (CcbtAddress));

  for (GList *item = found; item != NULL; item = item->next)
    {
      CcbtAddress address;

      if (ccbt_address_from_ip_bytes ((CcbtSpan){ g_inet_address_to_bytes (item->data),
                                                  g_inet_address_get_native_size (item->data) },
                                      &address))
        g_array_append_val (addresses, address);
    }
  if (addresses->len == 0)
    g_clear_pointer (&addresses, g_array_unref);
  return addresses;
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Job *job = data;
  GList *found = g_resolver_lookup_by_name_with_flags_finish (G_RESOLVER (source), result, NULL);
  GArray *addresses = take_addresses (found);

  g_resolver_free_addresses (found);
  ccbt_lookup_cache_answer (job->cache, job->key, addresses,
                            addresses != NULL ? KEEP_SECONDS : KEEP_FAILURE_SECONDS);
  ccbt_lookup_cache_unref (job->cache);
  g_free (job->key);
  g_free (job);
}

static void
start_lookup (CcbtLookupCache *cache, const char *key)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  Job *job = g_new0 (Job, 1);

  job->cache = ccbt_lookup_cache_ref (cache);
  job->key = g_strdup (key);
  g_resolver_lookup_by_name_with_flags_async (resolver, key + 1,
                                              key[0] == '6'
                                                  ? G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY
                                                  : G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY,
                                              NULL, looked_up_cb, job);
}

CcbtLookupCache *
ccbt_host_lookup_new (CcbtClock *clock)
{
  return ccbt_lookup_cache_new (clock, start_lookup, (GDestroyNotify) g_array_unref);
}

char *
ccbt_host_lookup_make_key (const char *host, gboolean is_ipv6)
{
  return g_strconcat (is_ipv6 ? "6" : "4", host, NULL);
}
