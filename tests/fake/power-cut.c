/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "power-cut-private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static GMutex lock; /* guards all of it */
static char *root;
static guint64 device;
static guint64 root_inode;
static gboolean is_recording;
GPtrArray *power_cut_changes;    /* PowerCutChange */
static GHashTable *nodes;        /* inode -> node + 1 */
GPtrArray *power_cut_originals;  /* by node: GBytes at the beginning, or NULL */
GHashTable *power_cut_old_names; /* name -> node + 1, at the beginning */

/* --- Writing down --- */

static void
free_change (gpointer data)
{
  PowerCutChange *change = data;

  g_clear_pointer (&change->data, g_bytes_unref);
  g_free (change->name);
  g_free (change->target);
  g_free (change->text);
  g_free (change);
}

static PowerCutChange *
note (PowerCutChangeKind kind, guint node)
{
  PowerCutChange *change = g_new0 (PowerCutChange, 1);

  change->kind = kind;
  change->node = node;
  g_ptr_array_add (power_cut_changes, change);
  return change;
}

static guint
add_node (guint64 inode, GBytes *content)
{
  g_ptr_array_add (power_cut_originals, content);
  g_hash_table_replace (nodes, g_memdup2 (&inode, sizeof inode),
                        GUINT_TO_POINTER (power_cut_originals->len));
  return power_cut_originals->len - 1;
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
      PowerCutChange *change = note (WRITE, node - 1);

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
      PowerCutChange *change = note (RENAME, 0);

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
  power_cut_changes = g_ptr_array_new_with_free_func (free_change);
  nodes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  power_cut_originals = g_ptr_array_new ();
  power_cut_old_names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
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
      g_hash_table_insert (power_cut_old_names, g_strdup (name),
                           GUINT_TO_POINTER (power_cut_originals->len));
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
  g_clear_pointer (&power_cut_changes, g_ptr_array_unref);
  g_clear_pointer (&nodes, g_hash_table_unref);
  for (guint i = 0; power_cut_originals != NULL && i < power_cut_originals->len; i++)
    if (power_cut_originals->pdata[i] != NULL)
      g_bytes_unref (power_cut_originals->pdata[i]);
  g_clear_pointer (&power_cut_originals, g_ptr_array_unref);
  g_clear_pointer (&power_cut_old_names, g_hash_table_unref);
  g_clear_pointer (&root, g_free);
}

guint
power_cut_count (void)
{
  guint n;

  g_mutex_lock (&lock);
  n = power_cut_changes->len;
  g_mutex_unlock (&lock);
  return n;
}

const char *
power_cut_describe (guint number)
{
  static const char *const words[]
      = { "make", "write", "cut", "sync", "sync folder", "rename", "remove" };
  PowerCutChange *change = g_ptr_array_index (power_cut_changes, number);

  g_free (change->text);
  change->text = g_strdup_printf ("%s file %u %s at %" G_GUINT64_FORMAT " (%" G_GSIZE_FORMAT ")",
                                  words[change->kind], change->node,
                                  change->name != NULL ? change->name : "", change->offset,
                                  change->data != NULL ? g_bytes_get_size (change->data) : 0);
  return change->text;
}
