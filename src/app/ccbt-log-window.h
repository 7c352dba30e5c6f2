/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-event-log.h"

/* What happened in this session. */
#define CCBT_TYPE_LOG_WINDOW (ccbt_log_window_get_type ())
G_DECLARE_FINAL_TYPE (CcbtLogWindow, ccbt_log_window, CCBT, LOG_WINDOW, AdwWindow)

/* Present it afterwards. */
CcbtLogWindow *ccbt_log_window_new (GtkWindow *parent, CcbtEventLog *log);
