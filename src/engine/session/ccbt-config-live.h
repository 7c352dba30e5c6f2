/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-config.h"

/* The configuration of a session that runs: changes by others' wish and of the file, one after the
 * other, each wholly or not at all. The file is read and written on a thread of its own; everything
 * else happens on the context this was made on. */
typedef struct _CcbtConfigLive CcbtConfigLive;

typedef struct
{
  /* These have other values now. @keys: NULL-terminated, not empty */
  void (*changed) (gpointer data, const char *const *keys);
  /* The file has changed, and the old values stay: @text says why. */
  void (*invalid) (gpointer data, const char *text);
} CcbtConfigLiveOwner;

/* @config outlives it. Returns: (transfer full) */
CcbtConfigLive *ccbt_config_live_new (CcbtConfig *config, const CcbtConfigLiveOwner *owner,
                                      gpointer data);
/* What is being written gets written; what waits fails with BUSY. */
void ccbt_config_live_free (CcbtConfigLive *self);

/* @error: (nullable): INVALID: nothing has changed; DISK, READ_ONLY, TOO_LARGE: it could not be
 * written, and counts nowhere; BUSY: too many wait, or it is the end. @keys: what has changed; NULL
 * with an error. */
typedef void (*CcbtConfigLiveDone) (gpointer data, const char *const *keys, const GError *error);

/* @text: as on the command line; NULL = back to the default. The file first, then the running
 * value. */
void ccbt_config_live_set (CcbtConfigLive *self, const char *key, const char *text,
                           CcbtConfigLiveDone done, gpointer data);
/* Reads the file again, even if nothing seems to have changed. */
void ccbt_config_live_reload (CcbtConfigLive *self, CcbtConfigLiveDone done, gpointer data);
