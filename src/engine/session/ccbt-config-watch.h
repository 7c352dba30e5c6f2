/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Tells when a file may have changed: written to, replaced by another of its name, made or removed.
 * Several changes at once are told once, when it has been quiet for a moment. */
typedef struct _CcbtConfigWatch CcbtConfigWatch;

/* @changed runs on the caller's thread-default context. Returns: (transfer full) */
CcbtConfigWatch *ccbt_config_watch_new (const char *path, void (*changed) (gpointer data),
                                        gpointer data);
void ccbt_config_watch_free (CcbtConfigWatch *self);
