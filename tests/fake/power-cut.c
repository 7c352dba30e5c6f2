/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "power-cut.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTOR 512

typedef enum
{
  MAKE,
  WRITE,
  CUT,
  SYNC,
  SYNC_FOLDER,
  RENAME,
  REMOVE,
} Kind;

typedef struct
{
  Kind kind;
  guint node;     /* MAKE, WRITE, CUT, SYNC */
  guint64 offset; /* WRITE; CUT: the new size */
  GBytes *data;   /* WRITE */
  char *name;     /* MAKE, RENAME, REMOVE */
  char *target;   /* RENAME */
  char *text;
} Change;

static GMutex lock; /* guards all of it */
static char *root;
static guint64 device;
static guint64 root_inode;
static gboolean is_recording;
static GPtrArray *changes;    /* Change */
static GHashTable *nodes;     /* inode -> node + 1 */
static GPtrArray *originals;  /* by node: GBytes at the beginning, or NULL */
static GHashTable *old_names; /* name -> node + 1, at the beginning */

/* --- Writing down --- */

static void
free_change (gpointer data)
{
  Change *change = data;

  g_clear_pointer (&change->data, g_bytes_unref);
  g_free (change->name);
  g_free (change->target);
  g_free (change->text);
  g_free (change);
}

static Change *
note (Kind kind, guint node)
{
  Change *change = g_new0 (Change, 1);

  change->kind = kind;
  change->node = node;
  g_ptr_array_add (changes, change);
  return change;
}

static guint
add_node (guint64 inode, GBytes *content)
{
  g_ptr_array_add (originals, content);
  g_hash_table_replace (nodes, g_memdup2 (&inode, sizeof inode), GUINT_TO_POINTER (originals->len));
  return originals->len - 1;
}

/* Returns: the name below the folder; NULL when it is elsewhere */
static const char *
get_name (const char *path)
{
  const gsize len = root != NULL ? strlen (root) : 0;

  if (!is_recording || strncmp (path, root, len) != 0 || path[len] != '/'
      || strchr (path + len + 1, '/') != NULL)
    return NULL;
  return path + len + 1;
}

/* Returns: node + 1; 0 = none of ours */
static guint
find_node (int descriptor)
{
  struct stat info;
  guint64 inode;

  if (!is_recording || fstat (descriptor, &info) != 0 || (guint64) info.st_dev != device
      || !S_ISREG (info.st_mode))
    return 0;
  inode = info.st_ino;
  return GPOINTER_TO_UINT (g_hash_table_lookup (nodes, &inode));
}

static gboolean
is_root (int descriptor)
{
  struct stat info;

  return is_recording && fstat (descriptor, &info) == 0 && (guint64) info.st_dev == device
         && info.st_ino == root_inode;
}

/* --- In the place of the C library --- */

static int
open_file (int folder, const char *path, int flags, mode_t mode)
{
  const char *name;
  struct stat info;
  gboolean was_there;
  int descriptor, code;

  g_mutex_lock (&lock);
  name = get_name (path);
  was_there = name != NULL && lstat (path, &info) == 0;
  descriptor = (int) syscall (SYS_openat, folder, path, flags, mode);
  code = errno;
  if (name != NULL && descriptor >= 0 && fstat (descriptor, &info) == 0 && S_ISREG (info.st_mode))
    {
      if (!was_there)
        note (MAKE, add_node (info.st_ino, NULL))->name = g_strdup (name);
      else if (flags & O_TRUNC)
        note (CUT, find_node (descriptor) - 1);
    }
  g_mutex_unlock (&lock);
  errno = code;
  return descriptor;
}

/* The C library has each of them under two names; which one headers mean depends on macros. */
#define DEFINE_OPEN(function, symbol)                                                              \
  int function (const char *path, int flags, ...) __asm__(symbol);                                 \
  int function (const char *path, int flags, ...)                                                  \
  {                                                                                                \
    va_list arguments;                                                                             \
    mode_t mode;                                                                                   \
                                                                                                   \
    va_start (arguments, flags);                                                                   \
    mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg (arguments, mode_t) : 0;                       \
    va_end (arguments);                                                                            \
    return open_file (AT_FDCWD, path, flags, mode);                                                \
  }

DEFINE_OPEN (power_cut_open, "open")
DEFINE_OPEN (power_cut_open64, "open64")

static gssize
write_at (int descriptor, const void *data, gsize size, guint64 offset)
{
  gssize n;
  guint node;

  g_mutex_lock (&lock);
  n = syscall (SYS_pwrite64, descriptor, data, size, offset);
  node = n > 0 ? find_node (descriptor) : 0;
  if (node != 0)
    {
      Change *change = note (WRITE, node - 1);

      change->offset = offset;
      change->data = g_bytes_new (data, (gsize) n);
    }
  g_mutex_unlock (&lock);
  return n;
}

ssize_t power_cut_pwrite (int descriptor, const void *data, size_t size,
                          off_t offset) __asm__("pwrite");
ssize_t
power_cut_pwrite (int descriptor, const void *data, size_t size, off_t offset)
{
  return write_at (descriptor, data, size, (guint64) offset);
}

ssize_t power_cut_pwrite64 (int descriptor, const void *data, size_t size,
                            off_t offset) __asm__("pwrite64");
ssize_t
power_cut_pwrite64 (int descriptor, const void *data, size_t size, off_t offset)
{
  return write_at (descriptor, data, size, (guint64) offset);
}

static int
cut_file (int descriptor, off_t size)
{
  int result;
  guint node;

  g_mutex_lock (&lock);
  result = (int) syscall (SYS_ftruncate, descriptor, size);
  node = result == 0 ? find_node (descriptor) : 0;
  if (node != 0)
    note (CUT, node - 1)->offset = (guint64) size;
  g_mutex_unlock (&lock);
  return result;
}

int power_cut_ftruncate (int descriptor, off_t size) __asm__("ftruncate");
int
power_cut_ftruncate (int descriptor, off_t size)
{
  return cut_file (descriptor, size);
}

int power_cut_ftruncate64 (int descriptor, off_t size) __asm__("ftruncate64");
int
power_cut_ftruncate64 (int descriptor, off_t size)
{
  return cut_file (descriptor, size);
}

static int
sync_file (int descriptor)
{
  guint node;

  g_mutex_lock (&lock);
  node = find_node (descriptor);
  if (node != 0)
    note (SYNC, node - 1);
  else if (is_root (descriptor))
    note (SYNC_FOLDER, 0);
  g_mutex_unlock (&lock);
  return 0;
}

int
fsync (int descriptor)
{
  return sync_file (descriptor);
}

int
fdatasync (int descriptor)
{
  return sync_file (descriptor);
}

int
rename (const char *from, const char *to)
{
  const char *name, *target;
  int result;

  g_mutex_lock (&lock);
  name = get_name (from);
  target = get_name (to);
  result = (int) syscall (SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
  if (result == 0 && name != NULL && target != NULL)
    {
      Change *change = note (RENAME, 0);

      change->name = g_strdup (name);
      change->target = g_strdup (target);
    }
  g_mutex_unlock (&lock);
  return result;
}

int
unlink (const char *path)
{
  const char *name;
  int result;

  g_mutex_lock (&lock);
  name = get_name (path);
  result = (int) syscall (SYS_unlinkat, AT_FDCWD, path, 0);
  if (result == 0 && name != NULL)
    note (REMOVE, 0)->name = g_strdup (name);
  g_mutex_unlock (&lock);
  return result;
}

/* --- Beginning and end --- */

void
power_cut_begin (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  struct stat info;
  const char *name;

  power_cut_forget ();
  g_assert_cmpint (stat (folder, &info), ==, 0);
  changes = g_ptr_array_new_with_free_func (free_change);
  nodes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  originals = g_ptr_array_new ();
  old_names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  root = g_strdup (folder);
  device = info.st_dev;
  root_inode = info.st_ino;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      char *content;
      gsize len;

      if (stat (path, &info) != 0 || !S_ISREG (info.st_mode))
        continue;
      g_assert_true (g_file_get_contents (path, &content, &len, NULL));
      add_node (info.st_ino, g_bytes_new_take (content, len));
      g_hash_table_insert (old_names, g_strdup (name), GUINT_TO_POINTER (originals->len));
    }
  is_recording = TRUE;
}

void
power_cut_end (void)
{
  g_mutex_lock (&lock);
  is_recording = FALSE;
  g_mutex_unlock (&lock);
}

void
power_cut_forget (void)
{
  power_cut_end ();
  g_clear_pointer (&changes, g_ptr_array_unref);
  g_clear_pointer (&nodes, g_hash_table_unref);
  for (guint i = 0; originals != NULL && i < originals->len; i++)
    if (originals->pdata[i] != NULL)
      g_bytes_unref (originals->pdata[i]);
  g_clear_pointer (&originals, g_ptr_array_unref);
  g_clear_pointer (&old_names, g_hash_table_unref);
  g_clear_pointer (&root, g_free);
}

guint
power_cut_count (void)
{
  guint n;

  g_mutex_lock (&lock);
  n = changes->len;
  g_mutex_unlock (&lock);
  return n;
}

const char *
power_cut_describe (guint number)
{
  static const char *const words[]
      = { "make", "write", "cut", "sync", "sync folder", "rename", "remove" };
  Change *change = g_ptr_array_index (changes, number);

  g_free (change->text);
  change->text = g_strdup_printf ("%s file %u %s at %" G_GUINT64_FORMAT " (%" G_GSIZE_FORMAT ")",
                                  words[change->kind], change->node,
                                  change->name != NULL ? change->name : "", change->offset,
                                  change->data != NULL ? g_bytes_get_size (change->data) : 0);
  return change->text;
}

/* --- After the cut --- */

/* What is on the disk while the changes are gone through. */
typedef struct
{
  GHashTable *names;        /* name -> node + 1, kept */
  GPtrArray *waiting_names; /* Change: MAKE, RENAME, REMOVE, not kept yet */
  GPtrArray *contents;      /* by node: GByteArray, kept */
  GPtrArray *waiting;       /* by node: GPtrArray of Change: WRITE, CUT */
} Disk;

static void
write_bytes (GByteArray *content, guint64 offset, const guint8 *data, gsize size)
{
  const guint old = content->len;

  if (offset + size > old)
    {
      g_byte_array_set_size (content, (guint) (offset + size));
      memset (content->data + old, 0, content->len - old);
    }
  memcpy (content->data + offset, data, size);
}

static void
cut_bytes (GByteArray *content, guint64 size)
{
  const guint old = content->len;

  g_byte_array_set_size (content, (guint) size);
  if (size > old)
    memset (content->data + old, 0, (gsize) size - old);
}

static void
write_some_sectors (GByteArray *content, const Change *change, CcbtRandom *random)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (change->data, &size);

  for (gsize at = 0; at < size; at += SECTOR)
    if (ccbt_random_below (random, 2) == 0)
      write_bytes (content, change->offset + at, data + at, MIN (SECTOR, size - at));
}

static void
apply (GByteArray *content, const Change *change, PowerCutKind kind, CcbtRandom *random)
{
  gsize size;
  const guint8 *data;

  if (kind == POWER_CUT_KEEPS_NOTHING
      || (kind != POWER_CUT_KEEPS_ALL
          && !(kind == POWER_CUT_KEEPS_SOME_SECTORS && change->kind == WRITE)
          && ccbt_random_below (random, 2) == 0))
    return;
  if (change->kind == CUT)
    cut_bytes (content, change->offset);
  else if (kind == POWER_CUT_KEEPS_SOME_SECTORS)
    write_some_sectors (content, change, random);
  else
    {
      data = g_bytes_get_data (change->data, &size);
      write_bytes (content, change->offset, data, size);
    }
}

static void
apply_waiting (Disk *disk, guint node, PowerCutKind kind, CcbtRandom *random)
{
  GPtrArray *waiting = disk->waiting->pdata[node];

  for (guint i = 0; i < waiting->len; i++)
    apply (disk->contents->pdata[node], waiting->pdata[i], kind, random);
  g_ptr_array_set_size (waiting, 0);
}

static void
apply_names (Disk *disk, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      const Change *change = disk->waiting_names->pdata[i];
      gpointer node = g_hash_table_lookup (disk->names, change->name);

      if (change->kind == MAKE)
        g_hash_table_replace (disk->names, g_strdup (change->name),
                              GUINT_TO_POINTER (change->node + 1));
      else
        g_hash_table_remove (disk->names, change->name);
      if (change->kind == RENAME)
        g_hash_table_replace (disk->names, g_strdup (change->target), node);
    }
  g_ptr_array_set_size (disk->waiting_names, 0);
}

static void
go_through (Disk *disk, guint n_changes)
{
  for (guint i = 0; i < n_changes; i++)
    {
      Change *change = changes->pdata[i];

      switch (change->kind)
        {
        case WRITE:
        case CUT:
          g_ptr_array_add (disk->waiting->pdata[change->node], change);
          break;
        case SYNC:
          apply_waiting (disk, change->node, POWER_CUT_KEEPS_ALL, NULL);
          break;
        case SYNC_FOLDER:
          apply_names (disk, disk->waiting_names->len);
          break;
        default:
          g_ptr_array_add (disk->waiting_names, change);
        }
    }
}

static void
begin_disk (Disk *disk)
{
  GHashTableIter iter;
  gpointer name, node;

  disk->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  disk->waiting_names = g_ptr_array_new ();
  disk->contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  disk->waiting = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < originals->len; i++)
    {
      GByteArray *content = g_byte_array_new ();
      GBytes *original = originals->pdata[i];

      if (original != NULL)
        write_bytes (content, 0, g_bytes_get_data (original, NULL), g_bytes_get_size (original));
      g_ptr_array_add (disk->contents, content);
      g_ptr_array_add (disk->waiting, g_ptr_array_new ());
    }
  g_hash_table_iter_init (&iter, old_names);
  while (g_hash_table_iter_next (&iter, &name, &node))
    g_hash_table_insert (disk->names, g_strdup (name), node);
}

static void
clear_disk (Disk *disk)
{
  g_hash_table_unref (disk->names);
  g_ptr_array_unref (disk->waiting_names);
  g_ptr_array_unref (disk->contents);
  g_ptr_array_unref (disk->waiting);
}

void
power_cut_lay_out (guint n_changes, PowerCutKind kind, CcbtRandom *random, const char *target)
{
  Disk disk;
  GHashTableIter iter;
  gpointer name, node;
  guint n_names;

  begin_disk (&disk);
  go_through (&disk, n_changes);
  n_names = kind == POWER_CUT_KEEPS_NOTHING ? 0
            : kind == POWER_CUT_KEEPS_ALL
                ? disk.waiting_names->len
                : (guint) ccbt_random_below (random, disk.waiting_names->len + 1);
  apply_names (&disk, n_names);
  g_hash_table_iter_init (&iter, disk.names);
  while (g_hash_table_iter_next (&iter, &name, &node))
    {
      g_autofree char *path = g_build_filename (target, name, NULL);
      const guint index = GPOINTER_TO_UINT (node) - 1;
      GByteArray *content = disk.contents->pdata[index];

      apply_waiting (&disk, index, kind, random);
      g_assert_true (g_file_set_contents_full (path, content->len > 0 ? (char *) content->data : "",
                                               content->len, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
  clear_disk (&disk);
}
