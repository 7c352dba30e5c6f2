/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-error.h"
#include "wire/ccbt-magnet.h"

/* Returns: FALSE, so that it can be returned */
gboolean ccbt_magnet_fail (GError **error, CcbtError code, const char *sentence);

/* The decoded text of "xt", "xs" and "s". Those of other networks count as absent. Errors:
 * MALFORMED */
gboolean ccbt_magnet_read_topic (CcbtMagnet *self, const char *topic, GError **error);
gboolean ccbt_magnet_read_source (CcbtMagnet *self, const char *source, GError **error);
gboolean ccbt_magnet_read_salt (CcbtMagnet *self, const char *salt, GError **error);
