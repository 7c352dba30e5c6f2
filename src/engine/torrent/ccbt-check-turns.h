/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Whose files are hashed: a disk that serves several at once serves all of them slowly. Those that wait are
 * strangers to this, told apart by their address. On the engine's context. */
typedef struct _CcbtCheckTurns CcbtCheckTurns;

/* @begin: the turn of @owner, who waited, has come
 * @compare: of two owners that wait; negative when the first is before the second */
CcbtCheckTurns *ccbt_check_turns_new (void (*begin) (gpointer owner),
                                      int (*compare) (gconstpointer first, gconstpointer second));
void ccbt_check_turns_free (CcbtCheckTurns *self);

/* 0 = no limit, and so it is at first. */
void ccbt_check_turns_set_most (CcbtCheckTurns *self, guint most);
/* @always: does not wait, whatever the limit. Returns: FALSE when @owner, who neither has a turn nor waits,
 * waits from now on */
gboolean ccbt_check_turns_take (CcbtCheckTurns *self, gpointer owner, gboolean always);
/* One turn is over: the next one's begins before this returns. */
void ccbt_check_turns_give_back (CcbtCheckTurns *self);
/* @owner waits no longer. */
void ccbt_check_turns_forget (CcbtCheckTurns *self, gpointer owner);
/* Nobody's turn comes any more. */
void ccbt_check_turns_stop (CcbtCheckTurns *self);
