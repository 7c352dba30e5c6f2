/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-checksum-private.h"
#include <string.h>

/* Every step is a bijection of the state for a given word and of the word for a given state, so a
 * change within one aligned word of 8 bytes is always noticed; others but for one in 2^64. */
static inline guint64
mix (guint64 state, guint64 word)
{
  state = (state ^ word) * 0x9e3779b97f4a7c15u;
  return state ^ (state >> 29);
}

void
ccbt_state_checksum_add_integer (CcbtStateChecksum *self, guint64 value)
{
  self->state = mix (self->state, value);
}

void
ccbt_state_checksum_add_data (CcbtStateChecksum *self, const void *data, gsize len)
{
  const guint8 *at = data;
  guint64 state = mix (self->state, len);
  guint64 word;

  for (; len >= sizeof word; at += sizeof word, len -= sizeof word)
    {
      memcpy (&word, at, sizeof word);
      state = mix (state, GUINT64_FROM_LE (word));
    }
  if (len > 0)
    {
      word = 0;
      memcpy (&word, at, len);
      state = mix (state, GUINT64_FROM_LE (word));
    }
  self->state = state;
}

static void
add_nothing (CcbtStateChecksum *self)
{
  ccbt_state_checksum_add_integer (self, G_MAXUINT64);
}

void
ccbt_state_checksum_add_text (CcbtStateChecksum *self, const char *text)
{
  if (text == NULL)
    add_nothing (self);
  else
    ccbt_state_checksum_add_data (self, text, strlen (text));
}

void
ccbt_state_checksum_add_bytes (CcbtStateChecksum *self, GBytes *bytes)
{
  gsize len;
  gconstpointer data;

  if (bytes == NULL)
    {
      add_nothing (self);
      return;
    }
  data = g_bytes_get_data (bytes, &len);
  ccbt_state_checksum_add_data (self, data, len);
}
