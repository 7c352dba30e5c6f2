/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies one file to another file system, holes as holes, and compares the copy with the original. */
#include "storage/ccbt-file-io.h"
#include "storage/ccbt-storage-move-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BYTES_PER_STEP ((guint64) 8 * 1024 * 1024)
#define BYTES_PER_CALL ((guint64) 1024 * 1024) /* then: was it cancelled? */

void
ccbt_storage_move_copy_end (CcbtStorageMove *self)
{
  if (self->copy.from >= 0)
    close (self->copy.from);
  if (self->copy.to >= 0)
    close (self->copy.to);
  g_clear_pointer (&self->copy.buffers, g_free);
  self->copy = (CcbtMoveCopy){ .from = -1, .to = -1 };
}

/* Returns: a descriptor or -errno */
static int
make_copy (CcbtStorageMove *self, CcbtFolderWalk *to, guint file)
{
  g_autofree char *copy_name = ccbt_storage_move_make_name (self, file);
  const char *name;
  int parent
      = ccbt_folder_walk_enter (to, ccbt_storage_get_name (self->storage, file), TRUE, &name);
  int descriptor;

  if (parent < 0)
    return parent;
  descriptor = openat (parent, copy_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  return descriptor >= 0 ? descriptor : -errno;
}

int
ccbt_storage_move_copy_begin (CcbtStorageMove *self, CcbtFolderWalk *from, CcbtFolderWalk *to,
                              guint file)
{
  CcbtMoveCopy *copy = &self->copy;
  int code;

  copy->from = ccbt_folder_walk_open (from, ccbt_storage_get_name (self->storage, file), O_RDONLY);
  if (copy->from < 0)
    return -copy->from;
  copy->to = make_copy (self, to, file);
  if (copy->to < 0)
    return -copy->to;
  if (fstat (copy->from, &copy->status) != 0)
    return errno;
  if (ioctl (copy->to, FICLONE, copy->from) == 0) /* the same blocks: what is left is to compare */
    {
      copy->at = (guint64) copy->status.st_size;
      ccbt_storage_move_add_done (self, copy->at);
      return 0;
    }
  do
    code = ftruncate (copy->to, copy->status.st_size) == 0 ? 0 : errno;
  while (code == EINTR);
  return code;
}

/* Returns: 0, errno or CCBT_FILE_IO_END */
static int
copy_range (CcbtMoveCopy *copy, guint64 at, guint64 length)
{
  while (length > 0)
    {
      off_t in = (off_t) at, out = (off_t) at;
      ssize_t n = copy_file_range (copy->from, &in, copy->to, &out, length, 0);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO))
        return errno;
      if (n <= 0) /* cannot between these two; whatever it is, plain reads and writes will say */
        return ccbt_file_io_copy (copy->from, at, copy->to, at, length);
      at += (guint64) n;
      length -= (guint64) n;
    }
  return 0;
}

#define DIFFERS (-2) /* beside errno and CCBT_FILE_IO_END */

static int
compare_range (CcbtMoveCopy *copy, guint64 at, guint64 length)
{
  if (copy->buffers == NULL)
    copy->buffers = g_malloc (2 * CCBT_MOVE_BUFFER_SIZE);
  while (length > 0)
    {
      gsize n = (gsize) MIN (length, CCBT_MOVE_BUFFER_SIZE);
      guint8 *second = copy->buffers + CCBT_MOVE_BUFFER_SIZE;
      struct iovec from = { copy->buffers, n }, to = { second, n };
      int code = ccbt_file_io_read (copy->from, &from, 1, at);

      if (code == 0)
        code = ccbt_file_io_read (copy->to, &to, 1, at);
      if (code == 0 && memcmp (copy->buffers, second, n) != 0)
        code = DIFFERS;
      if (code != 0)
        return code;
      at += n;
      length -= n;
    }
  return 0;
}

/* All bytes are there: makes them safe, and gets ready to read them back from the disk. */
static int
begin_to_verify (CcbtMoveCopy *copy)
{
  const struct timespec times[2] = { copy->status.st_atim, copy->status.st_mtim };
  int code;

  if (fchmod (copy->to, copy->status.st_mode & 0777) != 0)
    g_debug ("a copy keeps its own mode: %s", g_strerror (errno)); /* VFAT has none */
  if (futimens (copy->to, times) != 0)
    g_debug ("a copy keeps its own time: %s", g_strerror (errno));
  do
    code = fsync (copy->to) == 0 ? 0 : errno;
  while (code == EINTR);
  posix_fadvise (copy->to, 0, 0, POSIX_FADV_DONTNEED); /* not from memory */
  copy->is_verifying = TRUE;
  copy->at = 0;
  return code == EINVAL ? 0 : code;
}

static gboolean
is_unchanged (const CcbtMoveCopy *copy)
{
  struct stat now;

  return fstat (copy->from, &now) == 0 && now.st_size == copy->status.st_size
         && now.st_mtim.tv_sec == copy->status.st_mtim.tv_sec
         && now.st_mtim.tv_nsec == copy->status.st_mtim.tv_nsec;
}

/* Goes over the next bytes, and over holes at no cost. Returns: 0 or what copy and compare say */
static int
go_over (CcbtStorageMove *self, guint64 *budget)
{
  CcbtMoveCopy *copy = &self->copy;
  guint64 size = (guint64) copy->status.st_size, from, end;
  int code = 0;

  if (!ccbt_storage_find_parts (copy->from, copy->at, size, &from, &end))
    from = end = size;
  end = MIN (end, from + BYTES_PER_CALL);
  if (end > from)
    code = copy->is_verifying ? compare_range (copy, from, end - from)
                              : copy_range (copy, from, end - from);
  *budget -= MIN (*budget, end - from);
  ccbt_storage_move_add_done (self, end - copy->at);
  copy->at = end;
  return code;
}

static CcbtMoveStep
fail (CcbtStorageMove *self, guint file, int code, GError **error)
{
  const char *name = ccbt_storage_get_name (self->storage, file);

  if (code == DIFFERS)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_DISK,
                 "“%s” was copied, but the copy is not the same: the disk or the memory fails",
                 name);
  else
    ccbt_file_io_set_error (error, code, name, "copied");
  return CCBT_MOVE_FAILED;
}

CcbtMoveStep
ccbt_storage_move_copy_step (CcbtStorageMove *self, guint file, GError **error)
{
  CcbtMoveCopy *copy = &self->copy;
  guint64 size = (guint64) copy->status.st_size, budget = BYTES_PER_STEP;
  int code = 0;

  while (code == 0 && budget > 0 && copy->at < size)
    {
      if (ccbt_storage_move_is_cancelled (self, error))
        return CCBT_MOVE_FAILED;
      code = go_over (self, &budget);
    }
  if (code != 0)
    return fail (self, file, code, error);
  if (copy->at < size)
    return CCBT_MOVE_MORE;
  if (!copy->is_verifying)
    {
      code = begin_to_verify (copy);
      return code == 0 ? CCBT_MOVE_MORE : fail (self, file, code, error);
    }
  if (is_unchanged (copy))
    return CCBT_MOVE_COMPLETE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_DISK, "“%s” was changed while it was copied",
               ccbt_storage_get_name (self->storage, file));
  return CCBT_MOVE_FAILED;
}
