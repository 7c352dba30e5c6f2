/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "control/ccbt-control-client.h"

/* An instance with three torrents that answers at once and writes down what it was asked. */
typedef struct
{
  gboolean is_absent; /* nothing runs */
  guint n_connections;
  GString *calls; /* "VERB ARGUMENTS\n" for each call */
} FakeControl;

extern FakeControl fake_control;
void fake_control_reset (void);
