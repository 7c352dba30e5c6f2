/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-file-io.h"
#include "base/ccbt-error.h"

#include <errno.h>
#include <limits.h>

#define COPY_SIZE ((gsize) 256 * 1024)

/* Plain files do not say EAGAIN; file systems in user space have. 1 ms each, then it is an error.
 */
#define AGAIN_MAX 5000u

typedef ssize_t (*Transfer) (int descriptor, const struct iovec *vectors, int n_vectors,
                             off_t offset);

/* Drops @n_bytes from the front. Returns: how many vectors are used up */
static guint
advance (struct iovec *vectors, guint n_vectors, gsize n_bytes)
{
  guint i = 0;

  while (i < n_vectors && n_bytes >= vectors[i].iov_len)
    n_bytes -= vectors[i++].iov_len;
  if (i < n_vectors)
    {
      vectors[i].iov_base = (guint8 *) vectors[i].iov_base + n_bytes;
      vectors[i].iov_len -= n_bytes;
    }
  return i;
}

static int
transfer_all (Transfer transfer, int descriptor, struct iovec *vectors, guint n_vectors,
              guint64 offset)
{
  guint n_again = 0;

  n_vectors -= advance (vectors, n_vectors, 0); /* leading empty ones would look like the end */
  while (n_vectors > 0)
    {
      ssize_t n = transfer (descriptor, vectors, (int) MIN (n_vectors, IOV_MAX), (off_t) offset);
      guint n_done;

      if (n == 0)
        return CCBT_FILE_IO_END;
      if (n < 0 && errno == EAGAIN && n_again++ < AGAIN_MAX)
        g_usleep (1000);
      else if (n < 0 && errno != EINTR)
        return errno;
      if (n < 0)
        continue;
      offset += (guint64) n;
      n_done = advance (vectors, n_vectors, (gsize) n);
      vectors += n_done;
      n_vectors -= n_done;
    }
  return 0;
}

int
ccbt_file_io_read (int descriptor, struct iovec *vectors, guint n_vectors, guint64 offset)
{
  return transfer_all (preadv, descriptor, vectors, n_vectors, offset);
}

int
ccbt_file_io_write (int descriptor, struct iovec *vectors, guint n_vectors, guint64 offset)
{
  int code = transfer_all (pwritev, descriptor, vectors, n_vectors, offset);

  return code == CCBT_FILE_IO_END ? EIO : code; /* took nothing and said nothing */
}

int
ccbt_file_io_copy (int from, guint64 from_offset, int to, guint64 to_offset, guint64 length)
{
  g_autofree guint8 *buffer = g_malloc (COPY_SIZE);
  int code = 0;

  while (length > 0 && code == 0)
    {
      gsize n = (gsize) MIN (length, COPY_SIZE);
      struct iovec in = { buffer, n }, out = { buffer, n };

      code = ccbt_file_io_read (from, &in, 1, from_offset);
      if (code == 0)
        code = ccbt_file_io_write (to, &out, 1, to_offset);
      from_offset += n;
      to_offset += n;
      length -= n;
    }
  return code;
}

static CcbtError
get_error_code (int code)
{
  switch (code)
    {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return CCBT_ERROR_NO_SPACE;
    case EROFS:
    case EACCES:
    case EPERM:
      return CCBT_ERROR_READ_ONLY;
    case CCBT_FILE_IO_END:
    case ENOENT:
    case ENODEV:   /* the drive went away under us ... */
    case ENOTCONN: /* ... or the file system in user space ... */
    case ESTALE:   /* ... or the server */
      return CCBT_ERROR_FILES_MISSING;
    default:
      return CCBT_ERROR_DISK;
    }
}

static const char *
get_reason (int code)
{
  switch (code)
    {
    case CCBT_FILE_IO_END:
      return "it is shorter than it should be";
    case ELOOP:
    case ENOTDIR:
    case EISDIR:
      return "a link, a folder or a special file is in its way";
    default:
      return g_strerror (code);
    }
}

gboolean
ccbt_file_io_set_error (GError **error, int code, const char *name, const char *deed)
{
  g_set_error (error, CCBT_ERROR, (int) get_error_code (code), "“%s” cannot be %s: %s", name, deed,
               get_reason (code));
  return FALSE;
}
