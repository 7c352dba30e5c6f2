/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-event-ring.h"
#include "base/ccbt-snapshot-store.h"

/* Snapshots and events as they go over D-Bus. All return (transfer floating). */

/* a{sv} */
GVariant *ccbt_control_session_to_variant (const CcbtSessionStatus *status);

typedef enum
{
  CCBT_CONTROL_FILES = 1 << 0,
  CCBT_CONTROL_PEERS = 1 << 1,
  CCBT_CONTROL_TRACKERS = 1 << 2,
  CCBT_CONTROL_PIECES = 1 << 3,
  CCBT_CONTROL_HINDERED = 1 << 4, /* seconds that each hindrance was there */
  CCBT_CONTROL_SUMMARY = 1 << 5,  /* how the pieces stand */
  CCBT_CONTROL_RATES = 1 << 6,    /* what was moved in the last minutes */
} CcbtControlParts;

/* @names: empty = all. Returns: FALSE with INVALID for an unknown one. */
gboolean ccbt_control_parts_parse (const char *const *names, CcbtControlParts *parts,
                                   GError **error);
/* a{sv} */
GVariant *ccbt_control_details_to_variant (const CcbtTorrentDetails *details,
                                           CcbtControlParts parts);

/* a{sv}. @info_hash: (nullable) */
GVariant *ccbt_control_event_to_variant (const CcbtEvent *event, const char *info_hash);

/* (tbaa{sv}au): what changed since @since. */
GVariant *ccbt_control_list_to_variant (CcbtSnapshotStore *snapshots, guint64 since, guint64 mask,
                                        guint64 *generation);

/* (tbayau): the same by columns: the bytes are a serialized GVariant of the type a{sv}, which D-Bus carries as they
 * are. */
GVariant *ccbt_control_columns_to_variant (CcbtSnapshotStore *snapshots, guint64 since,
                                           guint64 mask);

/* D-Bus has no empty tuple: inside a variant, "()" travels as an empty av. Floating is taken,
 * a full one is borrowed; give (transfer full). */
GVariant *ccbt_control_tuple_pack (GVariant *tuple);
GVariant *ccbt_control_tuple_unpack (GVariant *packed);
