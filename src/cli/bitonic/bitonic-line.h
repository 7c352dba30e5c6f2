/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "bitonic-canvas.h"

/* One line of text that is being typed. */
typedef struct
{
  GString *text; /* UTF-8 */
  gsize at;      /* bytes before the cursor */
} BitonicLine;

void bitonic_line_init (BitonicLine *self, const char *text);
void bitonic_line_clear (BitonicLine *self);

/* @key: a character, or of bitonic-keys.h. Returns: FALSE when it is none that edits */
gboolean bitonic_line_feed (BitonicLine *self, gunichar key);

/* With the cursor, scrolled so that it is seen. */
void bitonic_line_draw (const BitonicLine *self, BitonicCanvas *canvas, guint x, guint y,
                        guint width);
