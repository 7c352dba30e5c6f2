/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-error.h"

G_DEFINE_QUARK (ccbt - error - quark, ccbt_error)
