/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* The open files of all torrents: one bounded set for the process, the one least recently used is
 * closed first. Any thread; the lock is never held while a file is opened, closed or used.
 *
 * A slot is where an owner remembers its open file: a pointer that starts as NULL, that only this
 * cache reads and writes, and that goes back to NULL when the file is closed to make room. */
typedef struct _CcbtOpenFile CcbtOpenFile;

/* Opens what the slot stands for; no lock is held. Returns: a descriptor, or -errno */
typedef int (*CcbtFileOpener) (gpointer data, gboolean is_writable);

/* Opens the file unless it is open already, and keeps it open until released. A file that is open
 * for reading only is opened anew for writing; who uses the old descriptor meanwhile goes on with
 * it.
 * @was_opened: (out) (optional): whether @opener ran. Returns: 0 or errno */
int ccbt_file_cache_acquire (CcbtOpenFile **slot, gboolean is_writable, CcbtFileOpener opener,
                             gpointer data, CcbtOpenFile **out, gboolean *was_opened);
int ccbt_open_file_get_descriptor (const CcbtOpenFile *self);
void ccbt_file_cache_release (CcbtOpenFile *file);

/* Empties @slot: closes its file now, or when the last user releases it. */
void ccbt_file_cache_forget (CcbtOpenFile **slot);

/* A quarter of what the process may open, 512 at most. */
guint ccbt_file_cache_get_limit (void);
guint ccbt_file_cache_get_n_open (void);
