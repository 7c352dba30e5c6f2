/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-client.h"

/* Asks what of a torrent is wanted, where it goes and whether it starts at once; then adds it.
 * Signal "added" (s info-hash, b is new) just before it closes. */
#define CCBT_TYPE_ADD_DIALOG (ccbt_add_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CcbtAddDialog, ccbt_add_dialog, CCBT, ADD_DIALOG, AdwWindow)

/* @source: a{sv} with "torrent", "path" or "uri", as the verb torrent.add takes it; floating is
 * taken. @client is CCBT_CLIENT_READY. */
CcbtAddDialog *ccbt_add_dialog_new (CcbtClient *client, GVariant *source);
