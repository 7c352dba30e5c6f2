/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-client.h"

/* One torrent being made by the engine, followed from here. Signals: "status" (GVariant, a{sv} of
 * create.status), again and again until its "state" is done, failed or cancelled; "refused" (GError):
 * it was not begun. */
#define CCBT_TYPE_CREATOR (ccbt_creator_get_type ())
G_DECLARE_FINAL_TYPE (CcbtCreator, ccbt_creator, CCBT, CREATOR, GObject)

CcbtCreator *ccbt_creator_new (CcbtClient *client);
/* @arguments: (transfer floating): a{sv} of create.start. Once. */
void ccbt_creator_start (CcbtCreator *self, GVariant *arguments);
/* Nothing is left of it, and nothing more is told of it. */
void ccbt_creator_cancel (CcbtCreator *self);
