/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Who is called at every tick and who rests until a time, or until something happens to him: thousands that rest cost
 * a tick nothing. Items are borrowed pointers. Pure. */
typedef struct _CcbtRoster CcbtRoster;

CcbtRoster *ccbt_roster_new (void);
void ccbt_roster_free (CcbtRoster *self);
/* Awake, once. */
void ccbt_roster_add (CcbtRoster *self, gpointer item);
void ccbt_roster_remove (CcbtRoster *self, gpointer item);
/* Those that are awake; one that goes to rest or is removed leaves its place to the last. */
guint ccbt_roster_get_n_awake (CcbtRoster *self);
gpointer ccbt_roster_get_awake (CcbtRoster *self, guint index);
/* @until: G_MAXINT64 = until it is woken */
void ccbt_roster_rest (CcbtRoster *self, guint index, gint64 until);
/* Returns: FALSE when it was awake, or is none of ours */
gboolean ccbt_roster_wake (CcbtRoster *self, gpointer item);
/* Wakes one whose time has come. Returns: (nullable): the item */
gpointer ccbt_roster_wake_due (CcbtRoster *self, gint64 now);
