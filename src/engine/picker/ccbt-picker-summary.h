/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-piece-summary.h"
#include "picker/ccbt-picker.h"

/* O(pieces): for those somebody looks at. @n_peers: connected. Returns: (transfer full): g_free() it */
CcbtPieceSummary *ccbt_picker_summarise (CcbtPicker *self, guint n_peers);
