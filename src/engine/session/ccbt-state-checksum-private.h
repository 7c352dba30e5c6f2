/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* A 64-bit sum over the fields of a stored record: SQLite notices a damaged tree, not a damaged
 * value. Against bit rot, not against an attacker, and several GB/s fast, since it runs over every
 * metainfo at every start. The numbers are stored: never change how it is computed. */
typedef struct
{
  guint64 state;
} CcbtStateChecksum;

#define CCBT_STATE_CHECKSUM_INIT ((CcbtStateChecksum){ 0x636362742d737461u })

/* NULL, empty and the borders between fields all count. */
void ccbt_state_checksum_add_integer (CcbtStateChecksum *self, guint64 value);
void ccbt_state_checksum_add_data (CcbtStateChecksum *self, const void *data, gsize len);
void ccbt_state_checksum_add_text (CcbtStateChecksum *self, const char *text); /* (nullable) */
void ccbt_state_checksum_add_bytes (CcbtStateChecksum *self, GBytes *bytes);   /* (nullable) */
