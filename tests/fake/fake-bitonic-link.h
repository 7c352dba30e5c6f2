/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "bitonic/bitonic-link.h"

/* An instance that answers nothing and writes down what it was asked. */
extern GString *fake_bitonic_calls; /* "VERB ARGUMENTS\n" for each call */
extern char *fake_bitonic_asked;    /* the last "INFO-HASH PART" */

/* Returns: (transfer full) */
BitonicLink *fake_bitonic_link_new (void);
