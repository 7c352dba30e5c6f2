/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* base: what every layer needs and what knows nothing of BitTorrent's moving parts: errors, byte spans, ids,
 * addresses, the clock, counters and the bus that carries events out. It includes no other folder. */

#include <glib.h>

/* One domain for the engine. A code exists only where some caller acts differently on it; the message says what
 * was seen and what is allowed, in English; the window translates by code. */
#define CCBT_ERROR (ccbt_error_quark ())
GQuark ccbt_error_quark (void);

typedef enum
{
  CCBT_ERROR_MALFORMED, /* remote bytes or a file break their format: drop the sender, refuse the file */
  CCBT_ERROR_TOO_LARGE,     /* a length passes our limit */
  CCBT_ERROR_HASH_MISMATCH, /* data does not match its hash */
  CCBT_ERROR_UNSUPPORTED,   /* well formed, but something this version cannot do */
  CCBT_ERROR_INVALID,       /* a caller's argument (command line, D-Bus) makes no sense */
  CCBT_ERROR_EXISTS,        /* the torrent is already in the session */
  CCBT_ERROR_NOT_FOUND,     /* no such torrent, file, verb */
  CCBT_ERROR_NO_SPACE,      /* the disk or the quota is full */
  CCBT_ERROR_READ_ONLY,     /* the folder cannot be written */
  CCBT_ERROR_FILES_MISSING, /* the folder or the drive a torrent lives in is gone */
  CCBT_ERROR_DISK,          /* any other disk error */
  CCBT_ERROR_NETWORK,       /* the other end cannot be reached, or broke off */
  CCBT_ERROR_REFUSED,       /* a tracker or a peer said no */
  CCBT_ERROR_BUSY,          /* a bound was reached; trying later can work */
} CcbtError;
