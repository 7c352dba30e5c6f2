/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-torrent-item.h"

/* One value of a torrent as a table shows it and sorts by it. */
typedef struct
{
  const char *id;    /* for what is remembered; never translated */
  const char *title; /* to be translated */
  guint fields;      /* CcbtTorrentFields it is made from */
  int width;         /* pixels at first */
  gboolean is_shown; /* at first */
  /* What is sorted by: a number, or text where that is NULL. Text is shown where there is no
   * make_text; a number always has one. */
  double (*get_number) (CcbtTorrentItem *item);
  const char *(*get_text) (CcbtTorrentItem *item);
  char *(*make_text) (CcbtTorrentItem *item);
} CcbtTorrentValue;

/* The first is the name. */
const CcbtTorrentValue *ccbt_torrent_values_get (guint *n_values);

/* Returns: (transfer full) */
char *ccbt_torrent_value_make_text (const CcbtTorrentValue *self, CcbtTorrentItem *item);

/* As strcmp(). */
int ccbt_torrent_value_compare (const CcbtTorrentValue *self, CcbtTorrentItem *a,
                                CcbtTorrentItem *b);
