/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-rates.h"

#define MAX_SAMPLES 2000u /* columns a terminal may have */

struct _BitonicRates
{
  GArray *samples; /* double */
};

BitonicRates *
bitonic_rates_new (void)
{
  BitonicRates *self = g_new0 (BitonicRates, 1);

  self->samples = g_array_new (FALSE, FALSE, sizeof (double));
  return self;
}

void
bitonic_rates_free (BitonicRates *self)
{
  g_array_unref (self->samples);
  g_free (self);
}

void
bitonic_rates_add (BitonicRates *self, double rate)
{
  rate = rate >= 0 ? rate : 0; /* NaN too */
  if (self->samples->len >= 2 * MAX_SAMPLES)
    g_array_remove_range (self->samples, 0, MAX_SAMPLES);
  g_array_append_val (self->samples, rate);
}

const double *
bitonic_rates_get (BitonicRates *self, guint *n_samples)
{
  *n_samples = self->samples->len;
  return (const double *) (gpointer) self->samples->data;
}

double
bitonic_rates_get_top (BitonicRates *self, guint n)
{
  guint first = self->samples->len > n ? self->samples->len - n : 0;
  double top = 0;

  for (guint i = first; i < self->samples->len; i++)
    top = MAX (top, g_array_index (self->samples, double, i));
  return top;
}
