/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "storage/ccbt-disk-pool.h"

/* What a worker has of its own, made when first needed. */
typedef struct
{
  guint8 *buffer; /* CCBT_DISK_BUFFER_SIZE, page-aligned */
  CcbtPieceHash *hash;
  /* Asked between the pieces of a background check: does anything wait that goes first? */
  gboolean (*should_yield) (gpointer data);
  gpointer data;
} CcbtDiskWorkspace;

#define CCBT_DISK_BUFFER_SIZE ((gsize) 1024 * 1024)

/* Does the job, on a worker. Returns: FALSE when a check stopped between two pieces to let others
 * go first; run it again to go on */
gboolean ccbt_disk_job_run (CcbtDiskJob *job, CcbtDiskWorkspace *workspace);
void ccbt_disk_workspace_clear (CcbtDiskWorkspace *self);
