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
/* The file, when it is open already: never waits for a disk. Returns: FALSE when it is not */
gboolean ccbt_file_cache_acquire_open (CcbtOpenFile **slot, CcbtOpenFile **out);
int ccbt_open_file_get_descriptor (const CcbtOpenFile *self);
/* Does mincore() tell the truth about it, and does fstat() not wait? Then it may be mapped and sent
 * by a thread that must not wait: files of a local file system that are ours. */
gboolean ccbt_open_file_is_mappable (const CcbtOpenFile *self);
/* Empties the slot it is in, if any: as ccbt_file_cache_forget, by who uses the file. */
void ccbt_open_file_forget (CcbtOpenFile *self);
/* Has its slot forgotten it? Then only its users keep it open. */
gboolean ccbt_open_file_is_forgotten (const CcbtOpenFile *self);
void ccbt_file_cache_release (CcbtOpenFile *file);

/* Empties @slot: closes its file now, or when the last user releases it. */
void ccbt_file_cache_forget (CcbtOpenFile **slot);

/* A quarter of what the process may open, 512 at most. */
guint ccbt_file_cache_get_limit (void);
guint ccbt_file_cache_get_n_open (void);
