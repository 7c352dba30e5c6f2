/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* A screenful in memory: cells with characters and a style, and what a click on them means. Whatever is
 * put there is safe to show: control characters and direction overrides become U+FFFD, and on a
 * plain canvas everything becomes ASCII. What does not fit is cut. */
typedef struct _BitonicCanvas BitonicCanvas;

typedef enum
{
  BITONIC_STYLE_NORMAL,
  BITONIC_STYLE_DIM,
  BITONIC_STYLE_BOLD,
  BITONIC_STYLE_TITLE, /* the lines at the top and the bottom */
  BITONIC_STYLE_HEADING,
  BITONIC_STYLE_DOWN,
  BITONIC_STYLE_UP,
  BITONIC_STYLE_GOOD,
  BITONIC_STYLE_WARNING,
  BITONIC_STYLE_BAD,
  BITONIC_N_STYLES,
} BitonicStyle;

#define BITONIC_STYLE_SELECTED 0x80 /* beside one of them */

#define BITONIC_CELL_CHARS 3

typedef struct
{
  gunichar chars[BITONIC_CELL_CHARS]; /* one, and its marks; 0 = none */
  guint8 style;
  guint8 width; /* 1; 2: this and the next cell; 0: the right half of such a one */
} BitonicCell;

/* What can be clicked at. */
typedef enum
{
  BITONIC_HIT_NONE,
  BITONIC_HIT_VIEW,   /* value: BitonicView */
  BITONIC_HIT_COLUMN, /* value: number of the column */
  BITONIC_HIT_ROW,    /* value: number of the row */
  BITONIC_HIT_KEY,    /* value: the key it stands for */
} BitonicHit;

/* @plain: for terminals that show ASCII only. */
BitonicCanvas *bitonic_canvas_new (guint width, guint height, gboolean plain);
void bitonic_canvas_free (BitonicCanvas *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BitonicCanvas, bitonic_canvas_free)

/* Empties it too. */
void bitonic_canvas_resize (BitonicCanvas *self, guint width, guint height);
void bitonic_canvas_clear (BitonicCanvas *self);
guint bitonic_canvas_get_width (BitonicCanvas *self);
guint bitonic_canvas_get_height (BitonicCanvas *self);
gboolean bitonic_canvas_is_plain (BitonicCanvas *self);

/* Puts @text within @width columns from @x on, cut with an ellipsis. Returns: the columns it takes */
guint bitonic_canvas_put (BitonicCanvas *self, guint x, guint y, guint width, guint style,
                          const char *text);
/* The same, flush right. */
void bitonic_canvas_put_right (BitonicCanvas *self, guint x, guint y, guint width, guint style,
                               const char *text);
/* Empty cells in a style. */
void bitonic_canvas_fill (BitonicCanvas *self, guint x, guint y, guint width, guint style);
/* Empty cells with a frame around them. */
void bitonic_canvas_box (BitonicCanvas *self, guint x, guint y, guint width, guint height,
                         const char *title);

void bitonic_canvas_add_hit (BitonicCanvas *self, guint x, guint y, guint width, BitonicHit hit,
                             guint value);
/* The last one added there. */
BitonicHit bitonic_canvas_find_hit (BitonicCanvas *self, guint x, guint y, guint *value);

/* Where the cursor blinks; -1 = nowhere. */
void bitonic_canvas_set_cursor (BitonicCanvas *self, int x, int y);
void bitonic_canvas_get_cursor (BitonicCanvas *self, int *x, int *y);

/* Borrowed: width cells. */
const BitonicCell *bitonic_canvas_get_row (BitonicCanvas *self, guint y);
/* Its text, without spaces at the end. Returns: (transfer full) */
char *bitonic_canvas_dup_row (BitonicCanvas *self, guint y);
