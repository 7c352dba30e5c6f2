/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-span.h"

/* Datagrams that look like HTTP (local discovery, SSDP): lines, and "Name: value" in them. All borrow the input. */

/* Cuts the next line off @rest, without its line end. Returns: FALSE when nothing is left */
gboolean ccbt_header_take_line (CcbtSpan *rest, CcbtSpan *line);
/* Both without spaces around. Returns: FALSE without a colon */
gboolean ccbt_header_split (CcbtSpan line, CcbtSpan *name, CcbtSpan *value);
/* Names have no case. */
gboolean ccbt_header_is_named (CcbtSpan name, const char *expected);
/* @value as a string. Returns: FALSE when it does not fit or holds anything but visible ASCII */
gboolean ccbt_header_copy_value (CcbtSpan value, char *out, gsize size);
