/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-extent-pool.h"

#include <stdlib.h>

#define SMALLEST_SHIFT 14u /* 16 KiB */
#define N_CLASSES 5u       /* 16, 32, 64, 128, 256 KiB */
#define ALIGNMENT 4096u

struct _CcbtExtentPool
{
  GPtrArray *idle[N_CLASSES]; /* stacks */
  gsize in_use;               /* bytes */
};

G_STATIC_ASSERT (CCBT_EXTENT_MAX == 1u << (SMALLEST_SHIFT + N_CLASSES - 1));

static gsize
get_class_size (guint size_class)
{
  return (gsize) 1 << (SMALLEST_SHIFT + size_class);
}

static guint
find_class (guint32 size)
{
  guint size_class = 0;

  while (get_class_size (size_class) < size)
    size_class++;
  return size_class;
}

CcbtExtentPool *
ccbt_extent_pool_new (void)
{
  CcbtExtentPool *self = g_new0 (CcbtExtentPool, 1);

  for (guint i = 0; i < N_CLASSES; i++)
    self->idle[i] = g_ptr_array_new_with_free_func (free);
  return self;
}

void
ccbt_extent_pool_free (CcbtExtentPool *self)
{
  g_return_if_fail (self->in_use == 0);

  for (guint i = 0; i < N_CLASSES; i++)
    g_ptr_array_unref (self->idle[i]);
  g_free (self);
}

guint8 *
ccbt_extent_pool_take (CcbtExtentPool *self, guint32 size)
{
  GPtrArray *idle;
  guint size_class;
  gpointer extent = NULL;

  g_return_val_if_fail (size > 0 && size <= CCBT_EXTENT_MAX, NULL);

  size_class = find_class (size);
  idle = self->idle[size_class];
  self->in_use += get_class_size (size_class);
  if (idle->len > 0)
    {
      extent = g_ptr_array_index (idle, idle->len - 1);
      idle->pdata[idle->len - 1] = NULL; /* the array must not free what it gives away */
      g_ptr_array_set_size (idle, (int) idle->len - 1);
      return extent;
    }
  if (posix_memalign (&extent, ALIGNMENT, get_class_size (size_class)) != 0)
    g_error ("no memory for a buffer of %" G_GSIZE_FORMAT " bytes", get_class_size (size_class));
  return extent;
}

void
ccbt_extent_pool_give (CcbtExtentPool *self, guint8 *extent, guint32 size)
{
  guint size_class;

  g_return_if_fail (extent != NULL && size > 0 && size <= CCBT_EXTENT_MAX);

  size_class = find_class (size);
  g_return_if_fail (self->in_use >= get_class_size (size_class));
  self->in_use -= get_class_size (size_class);
  g_ptr_array_add (self->idle[size_class], extent);
}

gsize
ccbt_extent_pool_get_in_use (CcbtExtentPool *self)
{
  return self->in_use;
}

void
ccbt_extent_pool_trim (CcbtExtentPool *self, gsize keep)
{
  gsize idle_bytes = 0;

  for (guint i = 0; i < N_CLASSES; i++)
    idle_bytes += self->idle[i]->len * get_class_size (i);
  for (guint i = N_CLASSES; i-- > 0;)
    while (self->idle[i]->len > 0 && idle_bytes > keep)
      {
        g_ptr_array_set_size (self->idle[i], (int) self->idle[i]->len - 1);
        idle_bytes -= get_class_size (i);
      }
}
