/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-window-cache.h"
#include "storage/ccbt-storage-private.h"

#include <sys/mman.h>
#include <unistd.h>

#define WINDOW_SIZE ((guint64) 2 * 1024 * 1024)
/* A block that begins in a window ends in it. */
#define MAPPED_SIZE (WINDOW_SIZE + CCBT_WINDOW_BLOCK_MAX)
#define MOST_WINDOWS 32u
/* What is asked about at once. What was in memory is believed to be there until the next sweep: a
 * page that was just sent is the last one the system takes away, and if it does, one send waits for
 * one read. */
#define RUN_SIZE CCBT_WINDOW_BLOCK_MAX
#define N_RUNS (MAPPED_SIZE / RUN_SIZE)
#define SMALLEST_PAGE 4096u
#define IDLE_SWEEPS 2u

struct _CcbtWindow
{
  CcbtOpenFile *file; /* NULL: a free place; otherwise kept open */
  guint64 index;      /* which one of the file */
  guint8 *data;       /* MAPPED_SIZE bytes */
  guint64 used;       /* the last round */
  guint64 file_size;  /* as of that round */
  guint used_sweep;
  guint seen[N_RUNS]; /* the sweep before which the run was in memory; 0: never */
};

struct _CcbtWindowCache
{
  CcbtWindow windows[MOST_WINDOWS];
  guint most; /* windows, for they keep files open */
  guint page_size;
  guint n;
  guint64 round;
  guint sweep; /* from 1 */
  GSource *timer;
};

G_STATIC_ASSERT (WINDOW_SIZE % RUN_SIZE == 0);

static void
drop (CcbtWindowCache *self, CcbtWindow *window)
{
  if (window->file == NULL)
    return;
  munmap (window->data, MAPPED_SIZE);
  ccbt_file_cache_release (window->file);
  *window = (CcbtWindow){ 0 };
  self->n--;
}

/* --- The timer --- */

void
ccbt_window_cache_sweep (CcbtWindowCache *self)
{
  self->sweep++;
  for (guint i = 0; i < MOST_WINDOWS; i++)
    {
      CcbtWindow *window = &self->windows[i];

      if (window->file != NULL
          && (self->sweep - window->used_sweep > IDLE_SWEEPS
              || ccbt_open_file_is_forgotten (window->file)))
        drop (self, window);
    }
}

static gboolean
sweep_cb (gpointer data)
{
  CcbtWindowCache *self = data;

  ccbt_window_cache_sweep (self);
  if (self->n > 0)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->timer, g_source_unref);
  return G_SOURCE_REMOVE;
}

static void
start_timer (CcbtWindowCache *self)
{
  if (self->timer != NULL)
    return;
  self->timer = g_timeout_source_new_seconds (1);
  g_source_set_static_name (self->timer, "ccbt-windows");
  g_source_set_callback (self->timer, sweep_cb, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

/* --- Finding --- */

static CcbtWindow *
look_up (CcbtWindowCache *self, const CcbtOpenFile *file, guint64 index)
{
  for (guint i = 0; i < MOST_WINDOWS; i++)
    if (self->windows[i].file == file && self->windows[i].index == index)
      return &self->windows[i];
  return NULL;
}

/* Returns: (nullable): a place for one more; NULL when all are in use */
static CcbtWindow *
make_room (CcbtWindowCache *self)
{
  CcbtWindow *oldest = NULL, *place = NULL;

  for (guint i = 0; i < MOST_WINDOWS; i++)
    {
      CcbtWindow *window = &self->windows[i];

      if (window->file == NULL)
        place = window;
      else if (window->used != self->round && (oldest == NULL || window->used < oldest->used))
        oldest = window;
    }
  if (self->n < self->most)
    return place;
  if (oldest != NULL)
    drop (self, oldest);
  return oldest;
}

/* @file: (transfer full) when it succeeds */
static gboolean
open_window (CcbtWindowCache *self, CcbtWindow *window, CcbtOpenFile *file, guint64 index)
{
  gpointer data = mmap (NULL, MAPPED_SIZE, PROT_READ, MAP_SHARED,
                        ccbt_open_file_get_descriptor (file), (off_t) (index * WINDOW_SIZE));

  if (data == MAP_FAILED)
    return FALSE;
  *window = (CcbtWindow){ .file = file, .index = index, .data = data };
  self->n++;
  start_timer (self);
  return TRUE;
}

/* Is the run in memory? */
static gboolean
look_at_run (CcbtWindowCache *self, CcbtWindow *window, guint64 run)
{
  guint8 pages[RUN_SIZE / SMALLEST_PAGE] = { 0 };

  if (window->seen[run] == self->sweep)
    return TRUE;
  if (mincore (window->data + run * RUN_SIZE, RUN_SIZE, pages) != 0)
    return FALSE;
  for (guint i = 0; i < RUN_SIZE / self->page_size; i++)
    if (!(pages[i] & 1))
      return FALSE;
  window->seen[run] = self->sweep;
  return TRUE;
}

/* The pages of @from to @to alone: at the end of a file, and where less than a run was read. */
static gboolean
look_at_pages (CcbtWindowCache *self, const CcbtWindow *window, guint64 from, guint64 to)
{
  guint64 page = self->page_size, first = from / page * page;
  guint8 pages[2 * RUN_SIZE / SMALLEST_PAGE] = { 0 };
  guint64 n = (to - first + page - 1) / page;

  if (mincore (window->data + first, to - first, pages) != 0)
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    if (!(pages[i] & 1))
      return FALSE;
  return TRUE;
}

/* @from, @to: the bytes of the window asked for; widened to all that is known to be in memory.
 * @limit: where the file's part in it ends */
static gboolean
find_resident (CcbtWindowCache *self, CcbtWindow *window, guint64 *from, guint64 *to, guint64 limit)
{
  guint64 first = *from / RUN_SIZE, last = (*to - 1) / RUN_SIZE;
  gboolean is_whole = (last + 1) * RUN_SIZE <= limit;

  for (guint64 run = first; is_whole && run <= last; run++)
    is_whole = look_at_run (self, window, run);
  if (!is_whole)
    return look_at_pages (self, window, *from, *to);
  *from = first * RUN_SIZE;
  *to = (last + 1) * RUN_SIZE;
  return TRUE;
}

/* How long the file is, asked once a round: system calls do not look further than that, but pages
 * of what was cut off may still be in memory. Returns: FALSE when it was deleted */
static gboolean
look_at_size (CcbtWindowCache *self, CcbtWindow *window)
{
  struct stat status;

  if (window->used == self->round)
    return TRUE;
  if (fstat (ccbt_open_file_get_descriptor (window->file), &status) != 0 || status.st_nlink == 0)
    {
      ccbt_open_file_forget (window->file); /* perhaps something else has its name by now */
      return FALSE;
    }
  window->file_size = (guint64) status.st_size;
  window->used = self->round;
  return TRUE;
}

/* The window on the file in @slot that has @index. Returns: ABSENT, BUSY, or READY for a look */
static CcbtWindowAnswer
get_window (CcbtWindowCache *self, CcbtOpenFile **slot, guint64 index, CcbtWindow **out)
{
  CcbtOpenFile *file;
  CcbtWindowAnswer answer;

  if (!ccbt_file_cache_acquire_open (slot, &file))
    return CCBT_WINDOW_ABSENT;
  *out = look_up (self, file, index);
  if (*out != NULL)
    answer = CCBT_WINDOW_READY;
  else if (!ccbt_open_file_is_mappable (file))
    answer = CCBT_WINDOW_ABSENT;
  else if ((*out = make_room (self)) == NULL)
    answer = CCBT_WINDOW_BUSY;
  else if (open_window (self, *out, file, index))
    return CCBT_WINDOW_READY; /* it keeps the file */
  else
    answer = CCBT_WINDOW_ABSENT;
  ccbt_file_cache_release (file);
  return answer;
}

/* Where does it lie as a whole, if in one file of its own? */
static gboolean
find_segment (CcbtStorage *storage, guint64 offset, guint32 length, CcbtFileSegment *out)
{
  CcbtFileMapIter iter;

  ccbt_file_map_iter_init (&iter, storage->map, offset, length);
  return ccbt_file_map_iter_next (&iter, out) && out->length == length
         && out->file != CCBT_FILE_MAP_NONE
         && g_atomic_int_get (&storage->files[out->file].place) == CCBT_PLACE_FILE;
}

CcbtWindowAnswer
ccbt_window_cache_find (CcbtWindowCache *self, CcbtStorage *storage, guint64 offset, guint32 length,
                        CcbtWindowRange *out)
{
  CcbtFileSegment segment;
  CcbtWindow *window;
  CcbtWindowAnswer answer;
  guint64 start, from, to, file_left;

  g_return_val_if_fail (length > 0 && length <= CCBT_WINDOW_BLOCK_MAX, CCBT_WINDOW_ABSENT);

  if (!find_segment (storage, offset, length, &segment))
    return CCBT_WINDOW_ABSENT;
  start = segment.file_offset / WINDOW_SIZE * WINDOW_SIZE;
  answer = get_window (self, &storage->files[segment.file].open, start / WINDOW_SIZE, &window);
  if (answer != CCBT_WINDOW_READY)
    return answer;
  window->used_sweep = self->sweep;
  from = segment.file_offset - start;
  to = from + length;
  if (!look_at_size (self, window) || window->file_size < start + to)
    return CCBT_WINDOW_ABSENT;
  file_left = MIN (ccbt_storage_get_length (storage, segment.file), window->file_size) - start;
  if (!find_resident (self, window, &from, &to, file_left))
    return CCBT_WINDOW_ABSENT;
  *out = (CcbtWindowRange){ .window = window,
                            .offset = offset - (segment.file_offset - start) + from,
                            .end = offset - (segment.file_offset - start) + to,
                            .data = window->data + from };
  return CCBT_WINDOW_READY;
}

/* --- After sending --- */

void
ccbt_window_cache_distrust (CcbtWindowCache *self, const CcbtWindowRange *range)
{
  /* Never found again; goes with the next sweep, or sooner. */
  ccbt_open_file_forget (range->window->file);
}

gboolean
ccbt_window_cache_check (CcbtWindowCache *self, const CcbtWindowRange *range, guint64 end)
{
  const CcbtWindow *window = range->window;
  guint64 position = window->index * WINDOW_SIZE + (guint64) (range->data - window->data);
  struct stat status;

  if (fstat (ccbt_open_file_get_descriptor (window->file), &status) != 0)
    return FALSE;
  if (status.st_nlink == 0)
    ccbt_window_cache_distrust (self, range);
  return (guint64) status.st_size >= position + (end - range->offset);
}

/* --- */

void
ccbt_window_cache_begin (CcbtWindowCache *self)
{
  self->round++;
}

guint
ccbt_window_cache_get_n (CcbtWindowCache *self)
{
  return self->n;
}

CcbtWindowCache *
ccbt_window_cache_new (void)
{
  CcbtWindowCache *self = g_new0 (CcbtWindowCache, 1);

  self->most = MIN (MOST_WINDOWS, ccbt_file_cache_get_limit () / 2);
  self->page_size = (guint) getpagesize ();
  self->round = 1;
  self->sweep = 1;
  return self;
}

void
ccbt_window_cache_free (CcbtWindowCache *self)
{
  for (guint i = 0; i < MOST_WINDOWS; i++)
    drop (self, &self->windows[i]);
  if (self->timer != NULL)
    {
      g_source_destroy (self->timer);
      g_source_unref (self->timer);
    }
  g_free (self);
}
