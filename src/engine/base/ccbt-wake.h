/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* "Come and look": a call on another thread's main context that is made once, however often it was
 * asked for before it ran. What there is to see is kept elsewhere, so nothing queues up here. */
typedef struct _CcbtWake CcbtWake;

/* @context: (nullable): NULL = the global default one. */
CcbtWake *ccbt_wake_new (GMainContext *context, GSourceOnceFunc call, gpointer data);

/* Any thread. */
void ccbt_wake_ring (CcbtWake *self);

/* No call begins after this. Free it on the thread that runs the context (or when nobody runs it),
 * since a call that has begun elsewhere is not waited for. */
void ccbt_wake_free (CcbtWake *self);
