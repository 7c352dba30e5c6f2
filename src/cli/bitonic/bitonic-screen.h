/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "bitonic-canvas.h"

/* The terminal, over ncurses: takes what is on a canvas, gives keys and clicks. There is one. */

typedef struct
{
  gunichar key;   /* a character, or of bitonic-keys.h; 0: the mouse */
  guint x, y;     /* of the mouse */
  int wheel;      /* -1 up, 1 down, 0: a click */
  gboolean twice; /* a double click */
} BitonicInput;

/* Errors: INVALID: there is no terminal, or an unknown one. */
gboolean bitonic_screen_begin (gboolean wants_mouse, GError **error);
/* The terminal as it was. Any number of times. */
void bitonic_screen_end (void);

/* Does it show ASCII only? */
gboolean bitonic_screen_is_plain (void);
/* As the terminal is now. */
void bitonic_screen_get_size (guint *width, guint *height);
/* It has another size. */
void bitonic_screen_resize (void);

/* FALSE: nothing more for now. */
gboolean bitonic_screen_read (BitonicInput *input);
void bitonic_screen_show (BitonicCanvas *canvas);
