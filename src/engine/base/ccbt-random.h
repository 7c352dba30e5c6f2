/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Unguessable bytes from the system (peer ids, keys, transaction ids). Any thread. */
void ccbt_random_fill (guint8 *out, gsize len);

/* Keyed hash for tables whose keys strangers choose (threat B86); the key is of this process. Any thread. */
guint ccbt_random_keyed_hash (const guint8 *bytes, gsize len);

/* A small, fast generator for choices that need no secrecy (random ties, jitter). Handed in, so that tests repeat. */
typedef struct
{
  guint64 state;
} CcbtRandom;

static inline void
ccbt_random_init (CcbtRandom *self, guint64 seed)
{
  self->state = seed;
}

/* splitmix64 */
static inline guint64
ccbt_random_next (CcbtRandom *self)
{
  guint64 z = (self->state += 0x9e3779b97f4a7c15u);

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* Uniform in [0, @below); @below > 0. */
static inline guint32
ccbt_random_below (CcbtRandom *self, guint32 below)
{
  return (guint32) (((ccbt_random_next (self) >> 32) * below) >> 32);
}
