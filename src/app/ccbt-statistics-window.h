/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-client.h"

/* What was moved: rates over minutes, a day and months, and totals. Follows the session while it is open. */
#define CCBT_TYPE_STATISTICS_WINDOW (ccbt_statistics_window_get_type ())
G_DECLARE_FINAL_TYPE (CcbtStatisticsWindow, ccbt_statistics_window, CCBT, STATISTICS_WINDOW,
                      AdwWindow)

/* Present it afterwards. */
CcbtStatisticsWindow *ccbt_statistics_window_new (GtkWindow *parent, CcbtClient *client);
