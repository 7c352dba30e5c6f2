/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-snapshot-store.h"

/* The torrents as objects of D-Bus, made of snapshots when somebody asks for them. One thread. */
typedef struct _CcbtControlObjects CcbtControlObjects;

typedef struct
{
  char *info_hash; /* the last part of its path */
  CcbtTorrentStatus *status;
  GVariant *properties; /* a{sv}, all of them; NULL until asked for */
} CcbtControlObject;

/* @was_there: FALSE for a new one. @mask: the fields that changed, of control/ccbt-control-fields.h;
 * an object that is gone is not found any more. */
typedef void (*CcbtControlObjectChanged) (const char *info_hash, gboolean was_there, guint64 mask,
                                          gpointer data);

CcbtControlObjects *ccbt_control_objects_new (CcbtSnapshotStore *snapshots,
                                              CcbtControlObjectChanged changed, gpointer data);
void ccbt_control_objects_free (CcbtControlObjects *self);

/* Takes over what is new in the snapshots, and tells of it. */
void ccbt_control_objects_refresh (CcbtControlObjects *self);

/* Nobody follows: gives the memory back, says nothing. */
void ccbt_control_objects_forget (CcbtControlObjects *self);

/* Returns: (nullable), valid until the next refresh */
CcbtControlObject *ccbt_control_objects_lookup (CcbtControlObjects *self, const char *info_hash);
/* Returns: (transfer container): CcbtControlObject */
GPtrArray *ccbt_control_objects_list (CcbtControlObjects *self);

/* All of its properties, a{sv}; made once for each snapshot. Borrowed. */
GVariant *ccbt_control_object_get_properties (CcbtControlObject *self);
