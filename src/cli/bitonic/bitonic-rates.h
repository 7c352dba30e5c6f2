/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* The last samples of a rate, for graphs. */
typedef struct _BitonicRates BitonicRates;

BitonicRates *bitonic_rates_new (void);
void bitonic_rates_free (BitonicRates *self);
void bitonic_rates_add (BitonicRates *self, double rate);
/* Oldest first. Borrowed. */
const double *bitonic_rates_get (BitonicRates *self, guint *n_samples);
/* The highest of the last @n. */
double bitonic_rates_get_top (BitonicRates *self, guint n);
