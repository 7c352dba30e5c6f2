/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>

/* A limit or a goal as rows of a dialog: one to choose what kind it is (none, that of the settings,
 * a number), and below it one for the number, in units of people. */
#define CCBT_TYPE_NUMBER_OPTION (ccbt_number_option_get_type ())
G_DECLARE_FINAL_TYPE (CcbtNumberOption, ccbt_number_option, CCBT, NUMBER_OPTION, GObject)

/* Appends the rows to @group. @key: a number of base/ccbt-torrent-options.h. @value: (nullable):
 * NULL when torrents differ in it. */
CcbtNumberOption *ccbt_number_option_new (AdwPreferencesGroup *group, const char *key,
                                          GVariant *value);

const char *ccbt_number_option_get_key (CcbtNumberOption *self);

/* Returns: (transfer full) (nullable): NULL when it is as it was */
GVariant *ccbt_number_option_get_change (CcbtNumberOption *self);
