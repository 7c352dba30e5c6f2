/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-config-private.h"

/* Rules over several keys. Only what the user has said himself can contradict itself: what stands by
 * default gives way silently. */

static gboolean
is_said (CcbtConfig *self, const char *key)
{
  return ccbt_config_get_origin (self, key) != CCBT_CONFIG_LEVEL_DEFAULT;
}

static char *
check_order (CcbtConfig *self, const char *smaller, const char *larger)
{
  const gint64 least = ccbt_config_get_integer (self, smaller);
  const gint64 most = ccbt_config_get_integer (self, larger);

  if (least <= most || !is_said (self, smaller) || !is_said (self, larger))
    return NULL;
  return g_strdup_printf ("%s: found %" G_GINT64_FORMAT ", allowed at most %s (%" G_GINT64_FORMAT
                          ")",
                          smaller, least, larger, most);
}

/* @key asks for what @ways, all switched off, would have to do. */
static char *
check_has_way (CcbtConfig *self, const char *key, const char *const *ways)
{
  g_autofree char *names = NULL;

  if (!is_said (self, key) || !ccbt_config_get_boolean (self, key))
    return NULL;
  for (guint i = 0; ways[i] != NULL; i++)
    if (ccbt_config_get_boolean (self, ways[i]))
      return NULL;
  names = g_strjoinv (", ", (char **) ways);
  return g_strdup_printf ("%s: found true, allowed only with one of %s", key, names);
}

char *
ccbt_config_find_conflict (CcbtConfig *self, guint *index)
{
  static const char *const orders[][2] = {
    { "network.max_connections_per_torrent", "network.max_connections" },
    { "network.max_half_open", "network.max_connections" },
    { "network.handshake_timeout", "network.peer_timeout" },
  };
  static const char *const protocols[]
      = { "nat.enable_pcp", "nat.enable_nat_pmp", "nat.enable_upnp", NULL };
  static const char *const ports[] = { "nat.map_tcp_port", "nat.map_udp_port", NULL };
  char *conflict = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (orders) && conflict == NULL; i++)
    {
      conflict = check_order (self, orders[i][0], orders[i][1]);
      *index = ccbt_config_find_key (self, orders[i][0]);
    }
  if (conflict != NULL)
    return conflict;
  *index = ccbt_config_find_key (self, "nat.auto_map_ports");
  conflict = check_has_way (self, "nat.auto_map_ports", protocols);
  return conflict != NULL ? conflict : check_has_way (self, "nat.auto_map_ports", ports);
}
