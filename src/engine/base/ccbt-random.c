/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

void
ccbt_random_fill (guint8 *out, gsize len)
{
  while (len > 0)
    {
      gssize got = getrandom (out, len, 0);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        g_error ("The system gives no random bytes: %s", g_strerror (errno));
      out += got;
      len -= (gsize) got;
    }
}

static guint64
rotate_left (guint64 value, int bits)
{
  return value << bits | value >> (64 - bits);
}

static void
sip_round (guint64 v[4])
{
  v[0] += v[1];
  v[1] = rotate_left (v[1], 13) ^ v[0];
  v[0] = rotate_left (v[0], 32);
  v[2] += v[3];
  v[3] = rotate_left (v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = rotate_left (v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = rotate_left (v[1], 17) ^ v[2];
  v[2] = rotate_left (v[2], 32);
}

static gpointer
make_key_once (gpointer data)
{
  guint64 *key = g_new (guint64, 2);

  ccbt_random_fill ((guint8 *) key, 2 * sizeof *key);
  return key;
}

/* SipHash-1-3: the variant hash tables use. */
guint
ccbt_random_keyed_hash (const guint8 *bytes, gsize len)
{
  static GOnce once = G_ONCE_INIT;
  const guint64 *key = g_once (&once, make_key_once, NULL);
  guint64 v[4] = { key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                   key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u };
  guint64 word;
  gsize left = len;

  for (; left >= 8; bytes += 8, left -= 8)
    {
      memcpy (&word, bytes, 8);
      v[3] ^= word;
      sip_round (v);
      v[0] ^= word;
    }
  word = (guint64) len << 56;
  for (gsize i = 0; i < left; i++)
    word |= (guint64) bytes[i] << (8 * i);
  v[3] ^= word;
  sip_round (v);
  v[0] ^= word;
  v[2] ^= 0xff;
  for (int i = 0; i < 3; i++)
    sip_round (v);
  return (guint) (v[0] ^ v[1] ^ v[2] ^ v[3]);
}
