/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>

/* One of a few as a row of a dialog: a list to choose from, or a switch where it is on or off for
 * all torrents. */
#define CCBT_TYPE_CHOICE_OPTION (ccbt_choice_option_get_type ())
G_DECLARE_FINAL_TYPE (CcbtChoiceOption, ccbt_choice_option, CCBT, CHOICE_OPTION, GObject)

/* Appends the row to @group. @key: a name or boolean of base/ccbt-torrent-options.h, or
 * "sequential". @value: (nullable): NULL when torrents differ in it. */
CcbtChoiceOption *ccbt_choice_option_new (AdwPreferencesGroup *group, const char *key,
                                          GVariant *value);

const char *ccbt_choice_option_get_key (CcbtChoiceOption *self);

/* Returns: (transfer full) (nullable): NULL when it is as it was */
GVariant *ccbt_choice_option_get_change (CcbtChoiceOption *self);
