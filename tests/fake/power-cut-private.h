/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "power-cut.h"

/* What power-cut.c writes down and power-cut-disk.c goes through. */

typedef enum
{
  MAKE,
  WRITE,
  CUT,
  SYNC,
  SYNC_FOLDER,
  RENAME,
  REMOVE,
} PowerCutChangeKind;

typedef struct
{
  PowerCutChangeKind kind;
  guint node;     /* MAKE, WRITE, CUT, SYNC */
  guint64 offset; /* WRITE; CUT: the new size */
  GBytes *data;   /* WRITE */
  char *name;     /* MAKE, RENAME, REMOVE */
  char *target;   /* RENAME */
  char *text;
} PowerCutChange;

extern GPtrArray *power_cut_changes;    /* PowerCutChange */
extern GPtrArray *power_cut_originals;  /* by node: GBytes at the beginning, or NULL */
extern GHashTable *power_cut_old_names; /* name -> node + 1, at the beginning */
