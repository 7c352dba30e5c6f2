/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-torrent-status.h"

/* What can be asked about a torrent, by name: the fields of a snapshot that are for people, and what
 * the user decided (CcbtTorrentOptions). Lists and signals are made from this one table. */
typedef struct
{
  const char *name; /* "info-hash" */
  const char *type; /* of D-Bus */
} CcbtControlField;

#define CCBT_CONTROL_ALL_FIELDS G_MAXUINT64

const CcbtControlField *ccbt_control_fields_get (guint *n_fields);

/* @names: (nullable): NULL or empty = all. @mask: (out): a bit for each. Errors: INVALID: an unknown
 * one. */
gboolean ccbt_control_fields_parse (const char *const *names, guint64 *mask, GError **error);

/* Fields without a value (no error, no metadata yet) are not in it. Returns: (transfer floating):
 * a{sv} */
GVariant *ccbt_control_fields_collect (const CcbtTorrentStatus *status, guint64 mask);

/* By columns, which is much faster for thousands. @statuses: (element-type CcbtTorrentStatus). Text without a value
 * is empty. Returns: (transfer floating): a{sv}: of each field an array, with a place for each torrent */
GVariant *ccbt_control_fields_collect_columns (GPtrArray *statuses, guint64 mask);
/* The same as properties of an object of D-Bus: by their names there, and "" for text that there is none of,
 * as an object cannot lose a property. */
GVariant *ccbt_control_fields_collect_properties (const CcbtTorrentStatus *status, guint64 mask);

/* Which fields differ. What the user decided counts as one. */
guint64 ccbt_control_fields_compare (const CcbtTorrentStatus *a, const CcbtTorrentStatus *b);

/* The property of the field @name: "InfoHash", "DownloadRate". Returns: (transfer full) */
char *ccbt_control_fields_make_property (const char *name);

/* "info-hash", "torrent.set-files" -> "InfoHash", "TorrentSetFiles". Returns: (transfer full) */
char *ccbt_control_make_camel (const char *name);
