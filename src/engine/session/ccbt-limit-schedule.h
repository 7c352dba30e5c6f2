/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* The times of a week at which the alternative limits hold, written as
 * "mon-fri 08:00-18:00, sat,sun 10:00-14:00": days, then from and to; what ends before it begins goes on
 * past midnight, what ends when it begins lasts a day. Days left out: every day. Pure. */
typedef struct _CcbtLimitSchedule CcbtLimitSchedule;

/* @text: empty: never. Errors: INVALID, with the part that is not understood. Returns: (transfer full)
 * (nullable) */
CcbtLimitSchedule *ccbt_limit_schedule_parse (const char *text, GError **error);
void ccbt_limit_schedule_free (CcbtLimitSchedule *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtLimitSchedule, ccbt_limit_schedule_free)

/* By the clock on the wall: @time is taken as it stands in its own time zone. */
gboolean ccbt_limit_schedule_holds (const CcbtLimitSchedule *self, GDateTime *time);
