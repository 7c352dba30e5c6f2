/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-state-store.h"

/* The changes that wait for the state writer, oldest first. A change that makes a waiting one
 * pointless takes it out, so at most three wait for a torrent and one for a value, however long the
 * disk is full. Not thread-safe. */

typedef enum
{
  CCBT_STATE_REMOVE,
  CCBT_STATE_PUT,
  CCBT_STATE_PROGRESS,
  CCBT_STATE_VALUE,
} CcbtStateChangeKind;

typedef struct
{
  CcbtStateChangeKind kind;
  gboolean must_sync;        /* a power cut must not undo it */
  CcbtInfoHash info_hash;    /* REMOVE */
  CcbtTorrentRecord *record; /* PUT, PROGRESS; owned */
  char *name;                /* VALUE */
  GBytes *value;             /* VALUE; NULL removes */
} CcbtStateChange;

CcbtStateChange *ccbt_state_change_new_remove (const CcbtInfoHash *info_hash);
/* @kind: PUT or PROGRESS; progress need not be synced unless must_sync is set afterwards */
CcbtStateChange *ccbt_state_change_new_record (CcbtStateChangeKind kind, CcbtTorrentRecord *record);
CcbtStateChange *ccbt_state_change_new_value (const char *name, GBytes *value);
void ccbt_state_change_free (CcbtStateChange *self);

typedef struct _CcbtStateMailbox CcbtStateMailbox;

CcbtStateMailbox *ccbt_state_mailbox_new (void);
void ccbt_state_mailbox_free (CcbtStateMailbox *self);

/* @change: (transfer full) */
void ccbt_state_mailbox_append (CcbtStateMailbox *self, CcbtStateChange *change);
/* Does something other than progress wait? */
gboolean ccbt_state_mailbox_is_urgent (CcbtStateMailbox *self);
guint ccbt_state_mailbox_get_length (CcbtStateMailbox *self);

/* Empties it. Returns: (transfer full): array of CcbtStateChange, oldest first */
GPtrArray *ccbt_state_mailbox_take (CcbtStateMailbox *self);

/* Puts back, before what came meanwhile, what was taken but could not be written.
 * @changes: (transfer full) */
void ccbt_state_mailbox_put_back (CcbtStateMailbox *self, GPtrArray *changes);
