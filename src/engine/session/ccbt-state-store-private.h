/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-state-database-private.h"
#include "session/ccbt-state-mailbox-private.h"
#include "base/ccbt-clock.h"

/* What the store's two halves share: ccbt-state-store.c, which the engine calls, and
 * ccbt-state-writer.c, the thread that writes. */

/* Progress that arrives within this time goes into one transaction. */
#define CCBT_STATE_BATCH_TIME (2 * CCBT_SECOND)
/* Between backups. */
#define CCBT_STATE_BACKUP_TIME (30 * 60 * CCBT_SECOND)

struct _CcbtStateStore
{
  /* Set by open. */
  char *path; /* of the database */
  char *parts_dir;
  int lock_descriptor;
  gboolean is_read_only;
  GThread *writer; /* NULL when read-only */

  /* What is read before the loop runs is read on the caller's thread: the lock hands the connection
   * over, nobody contends for it. */
  GMutex connection_lock;
  CcbtStateDatabase *database;
  GString *warning;

  GMutex lock; /* guards what follows */
  GCond has_work;
  CcbtStateMailbox *mailbox;
  GPtrArray *flushes; /* GTask, not answered yet */
  gint64 batch_due;   /* monotonic: when the oldest waiting progress is to be written */
  gboolean is_closing;
  char *trouble; /* why nothing can be saved, until somebody takes it; NULL */

  /* The writer's own. */
  gint64 retry_due; /* monotonic; 0 = the last try worked */
  gint64 backup_due;
  gboolean list_changed; /* since the last backup */
};

/* What somebody wants done on the writer's thread; the data of a task among the flushes. */
typedef struct
{
  CcbtStateJob run;
  char *argument;
} CcbtStateTask;

/* The thread: until the store closes. @store: CcbtStateStore */
gpointer ccbt_state_writer_run (gpointer store);
