/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-connection-text.h"
#include <glib/gi18n.h>
#include "ccbt-format.h"

const char *
ccbt_connection_text_get_icon (CcbtReach reach)
{
  static const char *const icons[] = {
    [CCBT_REACH_UNKNOWN] = "dialog-question-symbolic",
    [CCBT_REACH_OPEN] = "emblem-ok-symbolic",
    [CCBT_REACH_LIKELY] = "emblem-ok-symbolic",
    [CCBT_REACH_CLOSED] = "dialog-warning-symbolic",
    [CCBT_REACH_NO_NETWORK] = "network-offline-symbolic",
  };

  return icons[reach];
}

char *
ccbt_connection_text_get_verdict (const CcbtFamilyStatus *family)
{
  static const char *const verdicts[] = {
    [CCBT_REACH_UNKNOWN] = N_ ("Not known yet"),
    [CCBT_REACH_OPEN] = N_ ("Others can connect to you"),
    [CCBT_REACH_LIKELY] = N_ ("Others can probably connect to you"),
    [CCBT_REACH_CLOSED] = N_ ("Others cannot connect to you"),
    [CCBT_REACH_NO_NETWORK] = N_ ("Not available on this network"),
  };

  return g_strdup (_ (verdicts[family->reach]));
}

/* What is seen of others' connections. */
static void
add_incoming (GString *text, const CcbtFamilyStatus *family)
{
  g_autofree char *last = ccbt_format_date (family->last_incoming);
  const guint n = (guint) MIN (family->n_incoming, G_MAXUINT);
  g_autofree char *count
      = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u connection came in from outside",
                                      "%u connections came in from outside", n),
                         n);

  /* Translators: “3 connections came in from outside, the last one on 3 May, 14:02.” */
  g_string_append_printf (text, _ ("%s, the last one on %s."), count, last);
}

static void
add_advice (GString *text, const CcbtConnectionStatus *status)
{
  g_string_append_printf (
      text,
      _ ("You connected to others, but nobody from outside has connected to you. Downloads work, "
         "yet with fewer people. Switch on UPnP or NAT-PMP in your router, or have it forward port "
         "%u to this computer; a firewall must let it through."),
      status->tcp_port);
}

char *
ccbt_connection_text_get_evidence (const CcbtConnectionStatus *status, gboolean is_ipv6)
{
  const CcbtFamilyStatus *family = &status->families[is_ipv6 ? 1 : 0];
  GString *text = g_string_new (NULL);

  switch (family->reach)
    {
    case CCBT_REACH_OPEN:
      add_incoming (text, family);
      break;
    case CCBT_REACH_LIKELY:
      g_string_append (text, g_str_equal (status->map_state, "mapped")
                                 ? _ ("The router forwards the port; nobody has used it yet.")
                                 : _ ("No router stands between; nobody has connected yet."));
      break;
    case CCBT_REACH_CLOSED:
      add_advice (text, status);
      break;
    case CCBT_REACH_NO_NETWORK:
      g_string_append (text, is_ipv6 ? _ ("This computer has no IPv6 address for the internet.")
                                     : _ ("This computer has no IPv4 address for the internet."));
      break;
    default:
      g_string_append (text, _ ("This shows after some minutes with a running torrent."));
    }
  if (*family->external != '\0')
    {
      g_string_append_c (text, ' ');
      g_string_append_printf (text, _ ("Others see you as %s."), family->external);
    }
  return g_string_free (text, FALSE);
}

char *
ccbt_connection_text_get_router (const CcbtConnectionStatus *status)
{
  if (g_str_equal (status->map_state, "mapped"))
    /* Translators: %s is the name of a protocol, such as UPnP */
    return g_strdup_printf (_ ("The router forwards port %u (%s)"),
                            status->map_tcp_port != 0 ? status->map_tcp_port : status->map_udp_port,
                            status->map_protocol);
  if (g_str_equal (status->map_state, "searching"))
    return g_strdup (_ ("Asking the router to forward the port…"));
  if (g_str_equal (status->map_state, "failed"))
    return g_strdup (_ ("The router does not forward the port"));
  return g_strdup (_ ("The router is not asked"));
}

char *
ccbt_connection_text_get_router_evidence (const CcbtConnectionStatus *status)
{
  g_autofree char *left = NULL;

  if (g_str_equal (status->map_state, "failed"))
    return g_strdup (status->map_error);
  if (!g_str_equal (status->map_state, "mapped"))
    return g_strdup ("");
  if (*status->map_error != '\0')
    return g_strdup (status->map_error); /* it works, but */
  if (status->map_seconds_left < 0)
    return g_strdup (*status->map_gateway != '\0' ? status->map_gateway : "");
  left = ccbt_format_duration (status->map_seconds_left);
  /* Translators: the address of the router, and a time such as “50 minutes” */
  return g_strdup_printf (_ ("%s; will be renewed within %s"), status->map_gateway, left);
}

char *
ccbt_connection_text_get_dht (const CcbtConnectionStatus *status)
{
  const guint n = status->families[0].n_nodes + status->families[1].n_nodes;

  if (!status->has_dht)
    return g_strdup (_ ("Off"));
  if (n == 0)
    return g_strdup (_ ("Looking for a way in…"));
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u node known", "%u nodes known", n), n);
}
