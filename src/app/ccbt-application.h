/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ccbt-client.h"

/* The program: one instance, one engine, one window. */
#define CCBT_TYPE_APPLICATION (ccbt_application_get_type ())
G_DECLARE_FINAL_TYPE (CcbtApplication, ccbt_application, CCBT, APPLICATION, AdwApplication)

/* @began: monotonic time at which the program started, for --print-stalls */
CcbtApplication *ccbt_application_new (gint64 began);
