/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-clock.h"

/* Answers of a slow service (DNS), kept for a while: who asks for what is being looked up waits for
 * the same answer, so that thousands of torrents of one tracker ask once. One thread. */
typedef struct _CcbtLookupCache CcbtLookupCache;

/* Begins to look @key up; the answer goes to ccbt_lookup_cache_answer(), at once or later. It keeps a
 * reference on @cache meanwhile. */
typedef void (*CcbtLookupStart) (CcbtLookupCache *cache, const char *key);
/* @value: borrowed, valid during the call; NULL = there is none. */
typedef void (*CcbtLookupFunc) (gpointer data, gconstpointer value);

/* @clock: borrowed. Returns: (transfer full) */
CcbtLookupCache *ccbt_lookup_cache_new (CcbtClock *clock, CcbtLookupStart start,
                                        GDestroyNotify free_value);
CcbtLookupCache *ccbt_lookup_cache_ref (CcbtLookupCache *self);
void ccbt_lookup_cache_unref (CcbtLookupCache *self);
/* Nobody waits any more; nothing is begun. For whoever made it, before unref. */
void ccbt_lookup_cache_close (CcbtLookupCache *self);

/* Returns: TRUE when the answer is known: @value (out) is it, valid until the next call here. FALSE:
 * @func is called once, later, and not from within this call. */
gboolean ccbt_lookup_cache_get (CcbtLookupCache *self, const char *key, gconstpointer *value,
                                CcbtLookupFunc func, gpointer data);
/* The same without asking: FALSE when it is not known. */
gboolean ccbt_lookup_cache_peek (CcbtLookupCache *self, const char *key, gconstpointer *value);
/* Takes back every question asked with @data. */
void ccbt_lookup_cache_forget (CcbtLookupCache *self, gpointer data);
/* @value: (transfer full) (nullable). @lifetime: seconds it is kept. */
void ccbt_lookup_cache_answer (CcbtLookupCache *self, const char *key, gpointer value,
                               guint lifetime);
