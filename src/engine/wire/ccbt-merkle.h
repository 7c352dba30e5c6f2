/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-info-hash.h"
#include "base/ccbt-types.h"

/* Hash trees of BEP 52: SHA-256 over pairs, leaves of CCBT_BLOCK_SIZE bytes, zero hashes beyond the
 * end of a file. */

/* The root of a tree whose nodes at @height above the leaves are the @n_hashes (> 0) of 32 bytes
 * each at @hashes; what is missing to a power of two covers bytes beyond the file's end. */
CcbtSha256 ccbt_merkle_get_root (const guint8 *hashes, gsize n_hashes, guint height);
