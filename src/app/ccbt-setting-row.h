/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>

/* One setting, as a row made from what the verb config.list tells of it: a switch, a number with its unit, a choice,
 * a text, a folder. Where its value comes from is told when it cannot be changed here.
 *
 * Signal "changed" (s): the user wants this value, as text. Signal "reset" (): the default. */
#define CCBT_TYPE_SETTING_ROW (ccbt_setting_row_get_type ())
G_DECLARE_FINAL_TYPE (CcbtSettingRow, ccbt_setting_row, CCBT, SETTING_ROW, GObject)

/* @setting: a{sv}. It lives as long as its widget. */
CcbtSettingRow *ccbt_setting_row_new (GVariant *setting);

/* The row to put into a group. Borrowed. */
GtkWidget *ccbt_setting_row_get_widget (CcbtSettingRow *self);

/* Shows another value and origin; nothing is emitted. */
void ccbt_setting_row_update (CcbtSettingRow *self, GVariant *setting);

const char *ccbt_setting_row_get_key (CcbtSettingRow *self);
