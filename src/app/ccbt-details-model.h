/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "ccbt-client.h"

/* Files, peers and trackers of the one torrent that is looked at; the engine publishes them only
 * while this model has a torrent.
 *
 * Signal "changed": what ccbt_details_model_get_details() gives is another. */
#define CCBT_TYPE_DETAILS_MODEL (ccbt_details_model_get_type ())
G_DECLARE_FINAL_TYPE (CcbtDetailsModel, ccbt_details_model, CCBT, DETAILS_MODEL, GObject)

CcbtDetailsModel *ccbt_details_model_new (CcbtClient *client);

/* @item: (nullable): NULL = none. */
void ccbt_details_model_set_item (CcbtDetailsModel *self, CcbtTorrentItem *item);

/* Borrowed. */
GListModel *ccbt_details_model_get_files (CcbtDetailsModel *self);    /* CcbtFileItem */
GListModel *ccbt_details_model_get_peers (CcbtDetailsModel *self);    /* CcbtDetailItem */
GListModel *ccbt_details_model_get_trackers (CcbtDetailsModel *self); /* CcbtDetailItem */
/* The same as a text to edit; NULL as long as they are not known. Borrowed. */
const char *ccbt_details_model_get_tracker_text (CcbtDetailsModel *self);

/* The newest; NULL as long as there are none. Borrowed. */
CcbtTorrentDetails *ccbt_details_model_get_details (CcbtDetailsModel *self);

/* Borrowed. */
CcbtClient *ccbt_details_model_get_client (CcbtDetailsModel *self);
