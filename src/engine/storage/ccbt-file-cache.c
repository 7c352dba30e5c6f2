/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-file-cache.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MOST_OPEN 512u
#define FEWEST_OPEN 4u

struct _CcbtOpenFile
{
  int descriptor;       /* immutable */
  gboolean is_writable; /* immutable */
  gboolean is_mappable; /* immutable */
  guint n_users;        /* not closed while there are any */
  CcbtOpenFile **slot;  /* NULL: forgotten, closed by its last user */
  GList link;           /* in by_use while it has a slot */
};

/* Guards all that follows and what slots hold. */
static GMutex lock;
static GQueue by_use = G_QUEUE_INIT; /* used last first */
static guint n_opening;              /* places taken by those on their way */

int
ccbt_open_file_get_descriptor (const CcbtOpenFile *self)
{
  return self->descriptor;
}

gboolean
ccbt_open_file_is_mappable (const CcbtOpenFile *self)
{
  return self->is_mappable;
}

gboolean
ccbt_open_file_is_forgotten (const CcbtOpenFile *self)
{
  gboolean is_forgotten;

  g_mutex_lock (&lock);
  is_forgotten = self->slot == NULL;
  g_mutex_unlock (&lock);
  return is_forgotten;
}

guint
ccbt_file_cache_get_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return MOST_OPEN;
  return (guint) CLAMP (limit.rlim_cur / 4, FEWEST_OPEN, MOST_OPEN);
}

guint
ccbt_file_cache_get_n_open (void)
{
  guint n_open;

  g_mutex_lock (&lock);
  n_open = by_use.length;
  g_mutex_unlock (&lock);
  return n_open;
}

/* Without the lock, since closing can wait for a network. */
static void
close_file (CcbtOpenFile *file)
{
  if (file == NULL)
    return;
  close (file->descriptor);
  g_free (file);
}

/* With the lock. Returns: (transfer full) (nullable): the file if nobody uses it, to be closed */
static CcbtOpenFile *
detach (CcbtOpenFile *file)
{
  *file->slot = NULL;
  file->slot = NULL;
  g_queue_unlink (&by_use, &file->link);
  return file->n_users == 0 ? file : NULL;
}

/* With the lock. Returns: (transfer full) (nullable): NULL when all are in use */
static CcbtOpenFile *
detach_oldest (void)
{
  for (GList *link = by_use.tail; link != NULL; link = link->prev)
    {
      CcbtOpenFile *file = link->data;

      if (file->n_users == 0)
        return detach (file);
    }
  return NULL;
}

/* With the lock. Returns: (transfer none) (nullable): the slot's file, if it will do */
static CcbtOpenFile *
use_slot (CcbtOpenFile **slot, gboolean is_writable)
{
  CcbtOpenFile *file = *slot;

  if (file == NULL || (is_writable && !file->is_writable))
    return NULL;
  file->n_users++;
  if (by_use.head != &file->link)
    {
      g_queue_unlink (&by_use, &file->link);
      g_queue_push_head_link (&by_use, &file->link);
    }
  return file;
}

/* Others may keep a copy of their own of what is mapped, or ask a server for every look. */
static gboolean
is_local (int descriptor)
{
  static const guint32 kinds[] = { EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,  BTRFS_SUPER_MAGIC,
                                   TMPFS_MAGIC,      F2FS_SUPER_MAGIC, RAMFS_MAGIC };
  struct statfs status;

  if (fstatfs (descriptor, &status) != 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if ((guint32) status.f_type == kinds[i])
      return TRUE;
  return FALSE;
}

/* Of other people's files, mincore() says that all is there. */
static gboolean
find_mappable (int descriptor, gboolean is_writable)
{
  struct stat status;

  if (descriptor < 0 || !is_local (descriptor) || fstat (descriptor, &status) != 0)
    return FALSE;
  return S_ISREG (status.st_mode) && (is_writable || status.st_uid == geteuid ());
}

/* With the lock. */
static CcbtOpenFile *
fill_slot (CcbtOpenFile **slot, const CcbtOpenFile *opened)
{
  CcbtOpenFile *file = g_new0 (CcbtOpenFile, 1);

  *file = *opened;
  file->n_users = 1;
  file->slot = slot;
  file->link.data = file;
  g_queue_push_head_link (&by_use, &file->link);
  *slot = file;
  return file;
}

/* Closes one idle file more than there is room. Returns: FALSE when none is idle */
static gboolean
close_one (guint limit)
{
  CcbtOpenFile *oldest = NULL;

  g_mutex_lock (&lock);
  if (by_use.length + n_opening > limit)
    oldest = detach_oldest ();
  g_mutex_unlock (&lock);
  close_file (oldest);
  return oldest != NULL;
}

/* Other parts of the program may have used up the descriptors: then we give back some of ours. */
static int
open_in_room (CcbtFileOpener opener, gpointer data, gboolean is_writable)
{
  int descriptor;

  while (close_one (ccbt_file_cache_get_limit ()))
    ;
  do
    descriptor = opener (data, is_writable);
  while ((descriptor == -EMFILE || descriptor == -ENFILE) && close_one (0));
  return descriptor;
}

/* Returns: (transfer full) (nullable): what is left over, to be closed */
static CcbtOpenFile *
take_opened (CcbtOpenFile **slot, const CcbtOpenFile *opened, CcbtOpenFile **out, int *spare)
{
  CcbtOpenFile *replaced = NULL;

  *out = use_slot (slot, opened->is_writable);
  if (*out != NULL)
    *spare = opened->descriptor; /* another thread was faster */
  else
    {
      if (*slot != NULL)
        replaced = detach (*slot);
      *out = fill_slot (slot, opened);
    }
  return replaced;
}

int
ccbt_file_cache_acquire (CcbtOpenFile **slot, gboolean is_writable, CcbtFileOpener opener,
                         gpointer data, CcbtOpenFile **out, gboolean *was_opened)
{
  CcbtOpenFile opened = { .is_writable = is_writable };
  CcbtOpenFile *replaced = NULL;
  int spare = -1;

  g_mutex_lock (&lock);
  *out = use_slot (slot, is_writable);
  if (*out == NULL)
    n_opening++;
  g_mutex_unlock (&lock);
  if (was_opened != NULL)
    *was_opened = *out == NULL;
  if (*out != NULL)
    return 0;

  opened.descriptor = open_in_room (opener, data, is_writable);
  opened.is_mappable = find_mappable (opened.descriptor, is_writable);
  g_mutex_lock (&lock);
  n_opening--;
  if (opened.descriptor >= 0)
    replaced = take_opened (slot, &opened, out, &spare);
  g_mutex_unlock (&lock);
  close_file (replaced);
  if (spare >= 0)
    close (spare);
  return opened.descriptor >= 0 ? 0 : -opened.descriptor;
}

gboolean
ccbt_file_cache_acquire_open (CcbtOpenFile **slot, CcbtOpenFile **out)
{
  g_mutex_lock (&lock);
  *out = use_slot (slot, FALSE);
  g_mutex_unlock (&lock);
  return *out != NULL;
}

void
ccbt_file_cache_release (CcbtOpenFile *file)
{
  gboolean is_last;

  g_mutex_lock (&lock);
  file->n_users--;
  is_last = file->n_users == 0 && file->slot == NULL;
  g_mutex_unlock (&lock);
  if (is_last)
    close_file (file);
}

void
ccbt_file_cache_forget (CcbtOpenFile **slot)
{
  CcbtOpenFile *idle = NULL;

  g_mutex_lock (&lock);
  if (*slot != NULL)
    idle = detach (*slot);
  g_mutex_unlock (&lock);
  close_file (idle);
}

void
ccbt_open_file_forget (CcbtOpenFile *self)
{
  g_mutex_lock (&lock);
  if (self->slot != NULL)
    detach (self); /* the caller's use keeps it open */
  g_mutex_unlock (&lock);
}
