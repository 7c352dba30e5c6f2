/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Whole transfers between memory and one descriptor: short ones, EINTR and EAGAIN are retried
 * exactly (C15). */

#define CCBT_FILE_IO_END (-1) /* the file ends before the bytes asked for */

/* @vectors are used up. @offset: in the file. Returns: 0, errno, or (reading only) CCBT_FILE_IO_END
 */
int ccbt_file_io_read (int descriptor, struct iovec *vectors, guint n_vectors, guint64 offset);
int ccbt_file_io_write (int descriptor, struct iovec *vectors, guint n_vectors, guint64 offset);

/* Copies @length bytes between files, at the given places. Returns: as above */
int ccbt_file_io_copy (int from, guint64 from_offset, int to, guint64 to_offset, guint64 length);

/* What failed and why, as one sentence for a person. @name: what people call the file, @deed:
 * "read", "written". Codes: NO_SPACE, READ_ONLY, FILES_MISSING, DISK. Returns: FALSE */
gboolean ccbt_file_io_set_error (GError **error, int code, const char *name, const char *deed);
