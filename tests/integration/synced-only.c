/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into a program: keeps a copy of every file as of its last fsync or fdatasync, in
 * CCBT_SYNCED_ONLY/DEVICE-INODE. Putting the copies in the files' places, and zeros where there is
 * none, is a power cut that took everything the disk had not been asked to keep. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int fsync (int descriptor);
int fdatasync (int descriptor);

static int
copy_content (int from, const char *path)
{
  char own[64], buffer[65536];
  int source, target = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ssize_t n = 0;

  /* Opened anew: @from may be for writing only. */
  snprintf (own, sizeof own, "/proc/self/fd/%d", from);
  source = open (own, O_RDONLY | O_CLOEXEC);
  while (source >= 0 && target >= 0 && (n = read (source, buffer, sizeof buffer)) > 0)
    if (write (target, buffer, (size_t) n) != n)
      break;
  if (source >= 0)
    close (source);
  if (target >= 0)
    close (target);
  return source >= 0 && target >= 0 && n == 0;
}

/* Copied before the sync, which says nothing of what is written meanwhile, and put in place after
 * it. */
static int
sync_and_keep (int descriptor, long number)
{
  const char *folder = getenv ("CCBT_SYNCED_ONLY");
  char path[4096], fresh[4200];
  struct stat info;
  int is_kept = 0, result, code;
  static int n_copies;

  if (folder != NULL && fstat (descriptor, &info) == 0 && S_ISREG (info.st_mode))
    {
      snprintf (path, sizeof path, "%s/%lu-%lu", folder, (unsigned long) info.st_dev,
                (unsigned long) info.st_ino);
      snprintf (fresh, sizeof fresh, "%s.%d-%d", path, (int) getpid (),
                __atomic_fetch_add (&n_copies, 1, __ATOMIC_RELAXED));
      is_kept = copy_content (descriptor, fresh);
    }
  result = (int) syscall (number, descriptor);
  code = errno;
  if (is_kept && (result != 0 || rename (fresh, path) != 0))
    unlink (fresh);
  errno = code;
  return result;
}

int
fsync (int descriptor)
{
  return sync_and_keep (descriptor, SYS_fsync);
}

int
fdatasync (int descriptor)
{
  return sync_and_keep (descriptor, SYS_fdatasync);
}
