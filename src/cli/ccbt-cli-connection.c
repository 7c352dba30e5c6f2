/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-connection.h"
#include <json-glib/json-glib.h>

static void
add_string (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text != NULL ? text : "");
}

static void
add_integer (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_family (JsonBuilder *builder, const char *name, const CcbtFamilyStatus *family)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  add_string (builder, "reach", ccbt_reach_get_name (family->reach));
  add_string (builder, "local", family->local);
  add_string (builder, "external", family->external);
  add_integer (builder, "incoming", (gint64) family->n_incoming);
  add_integer (builder, "dht_nodes", family->n_nodes);
  json_builder_end_object (builder);
}

char *
ccbt_cli_connection_to_json (const CcbtConnectionStatus *status)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  add_string (builder, "type", "connection");
  add_integer (builder, "port", status->tcp_port);
  add_integer (builder, "udp_port", status->udp_port);
  add_family (builder, "ipv4", &status->families[0]);
  add_family (builder, "ipv6", &status->families[1]);
  json_builder_set_member_name (builder, "router");
  json_builder_begin_object (builder);
  add_string (builder, "state", status->map_state);
  add_string (builder, "protocol", status->map_protocol);
  add_string (builder, "gateway", status->map_gateway);
  add_integer (builder, "tcp_port", status->map_tcp_port);
  add_integer (builder, "udp_port", status->map_udp_port);
  add_string (builder, "error", status->map_error);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}
