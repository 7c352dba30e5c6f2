/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "bitonic-canvas.h"

/* Tables: columns that fit a width, and rows of which only those that are seen are made. */
typedef struct
{
  const char *title; /* N_ () */
  guint width;       /* of one that gives way: at least so much */
  gboolean gives_way;
  gboolean is_number; /* flush right */
  guint rank;         /* 0: always there; the highest goes first where it is narrow */
} BitonicColumn;

#define BITONIC_MAX_COLUMNS 16

/* @widths: (out): of each column; 0 = left out. Between two is one empty column. */
void bitonic_columns_fit (const BitonicColumn *columns, guint n_columns, guint width,
                          guint *widths);

/* What is selected, and what is at the top. */
typedef struct
{
  guint cursor;
  guint top;
} BitonicScroll;

/* Both within @n_rows rows of which @height are seen, and the cursor among those. */
void bitonic_scroll_fit (BitonicScroll *self, guint n_rows, guint height);
/* Moves the cursor by so many rows, as far as it goes. */
void bitonic_scroll_move (BitonicScroll *self, guint n_rows, int by);

typedef struct
{
  const BitonicColumn *columns;
  guint n_columns;
  guint n_rows;
  int sort_column; /* marked in the headings; -1 = none */
  gboolean is_reversed;
  /* Returns: (transfer full): the cell; @style: (inout): of it */
  char *(*format) (gpointer data, guint row, guint column, guint width, guint *style);
  gpointer data;
} BitonicTable;

/* Headings and rows into an area, with hits for both. */
void bitonic_table_draw (const BitonicTable *self, BitonicCanvas *canvas, guint x, guint y,
                         guint width, guint height, BitonicScroll *scroll);
