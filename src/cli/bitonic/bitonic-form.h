/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "bitonic-line.h"

/* Several values that are filled in together: lines, switches, choices. */
#define BITONIC_FORM_MAX 10u

typedef struct
{
  const char *label;          /* N_ () */
  const char *const *choices; /* NULL-terminated words; (nullable): a line */
  BitonicLine line;
  guint choice;
  gboolean is_changed; /* by the user */
} BitonicField;

typedef struct
{
  const char *title; /* N_ () */
  BitonicField fields[BITONIC_FORM_MAX];
  guint n_fields;
  guint cursor;
} BitonicForm;

typedef enum
{
  BITONIC_FORM_OPEN,
  BITONIC_FORM_DONE, /* Enter */
} BitonicFormResult;

/* @self: zeroed or used before */
void bitonic_form_init (BitonicForm *self, const char *title);
void bitonic_form_clear (BitonicForm *self);
/* In the order in which they are numbered. */
void bitonic_form_add_line (BitonicForm *self, const char *label, const char *text);
void bitonic_form_add_choice (BitonicForm *self, const char *label, const char *const *choices,
                              guint choice);
void bitonic_form_add_switch (BitonicForm *self, const char *label, gboolean is_on);

/* Of line @i, without spaces around. Returns: (transfer full) */
char *bitonic_form_get_text (const BitonicForm *self, guint i);
const char *bitonic_form_get_choice (const BitonicForm *self, guint i);
gboolean bitonic_form_is_on (const BitonicForm *self, guint i);
gboolean bitonic_form_is_changed (const BitonicForm *self, guint i);

BitonicFormResult bitonic_form_feed (BitonicForm *self, gunichar key);
/* In the middle of @canvas. */
void bitonic_form_draw (const BitonicForm *self, BitonicCanvas *canvas);
