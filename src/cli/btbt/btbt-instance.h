/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "btbt-output.h"

/* The running instance and the torrents it has: what commands that name torrents begin with. */
typedef struct
{
  gboolean wants_all; /* (in) every field of the torrents, not only what names them */
  CcbtControlClient *client;
  GVariant *torrents; /* aa{sv} */
} BtbtInstance;

void btbt_instance_clear (BtbtInstance *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BtbtInstance, btbt_instance_clear)

/* @fields: (nullable): those of ccbt_control_client_list(); NULL: as @self wants. Complains when there is
 * something wrong. Returns: BtbtExit */
int btbt_instance_open (BtbtInstance *self, const BtbtCall *call, const char *const *fields);

/* Opens it and finds the info-hashes of all torrents that @call names, before anything is done.
 * @n: so many of its arguments name torrents. Returns: (transfer full) (nullable): NULL after
 * complaining, with @code set */
GPtrArray *btbt_instance_resolve (BtbtInstance *self, const BtbtCall *call, guint n, int *code);

/* Runs a verb whose reply says nothing. @arguments: floating is taken. Returns: BtbtExit */
int btbt_call_verb (CcbtControlClient *client, const char *verb, GVariant *arguments);

/* @options: floating a{sv} of base/ccbt-torrent-options.h, for the torrent that the first argument names.
 * Returns: BtbtExit */
int btbt_set_options (const BtbtCall *call, GVariant *options);

/* Calls a verb that answers with the bytes of a file, for the torrent that the first argument names, and writes them
 * into the file that the second names. Returns: BtbtExit */
int btbt_save_reply (const BtbtCall *call, const char *verb);
