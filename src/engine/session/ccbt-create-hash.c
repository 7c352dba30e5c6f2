/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-create-hash.h"
#include "base/ccbt-text.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define BUFFER_SIZE                                                                                \
  ((gsize) 256 * 1024) /* stays in the processor's cache between reading and hashing */

void
ccbt_source_hasher_init (CcbtSourceHasher *self, const CcbtSourceFiles *files, guint32 piece_length,
                         CcbtSha1 *pieces)
{
  *self = (CcbtSourceHasher){
    .files = files, .piece_length = piece_length, .pieces = pieces, .descriptor = -1
  };
  self->hash = ccbt_piece_hash_new ();
  self->buffer = g_malloc (BUFFER_SIZE);
}

static void
close_file (CcbtSourceHasher *self)
{
  if (self->descriptor >= 0)
    close (self->descriptor);
  self->descriptor = -1;
}

void
ccbt_source_hasher_clear (CcbtSourceHasher *self)
{
  close_file (self);
  if (self->has_walk)
    ccbt_folder_walk_end (&self->walk);
  self->has_walk = FALSE;
  g_clear_pointer (&self->hash, ccbt_piece_hash_free);
  g_clear_pointer (&self->buffer, g_free);
}

void
ccbt_source_hasher_set_stretch (CcbtSourceHasher *self, guint64 position, guint64 end)
{
  self->position = position;
  self->end = end;
  ccbt_piece_hash_reset (self->hash);
}

void
ccbt_source_set_changed (GError **error, const CcbtSourceFile *file)
{
  g_autofree char *shown = ccbt_text_make_printable (ccbt_span_from_string (file->path), 300);

  g_set_error (error, CCBT_ERROR, CCBT_ERROR_BUSY,
               "“%s” was changed while it was being read; try again when nothing writes to it.",
               shown);
}

static gboolean
note_changed (CcbtSourceHasher *self, const CcbtSourceFile *file, GError **error)
{
  self->changed = file;
  ccbt_source_set_changed (error, file);
  return FALSE;
}

static gboolean
fail_with (const CcbtSourceFile *file, int code, GError **error)
{
  g_autofree char *shown = ccbt_text_make_printable (ccbt_span_from_string (file->path), 300);

  g_set_error (error, CCBT_ERROR, CCBT_ERROR_DISK, "“%s” cannot be read: %s.", shown,
               g_strerror (code));
  return FALSE;
}

static gboolean
open_file (CcbtSourceHasher *self, guint index, GError **error)
{
  const CcbtSourceFile *file = &g_array_index (self->files->files, CcbtSourceFile, index);
  int code;

  close_file (self);
  if (!self->has_walk)
    {
      code = ccbt_folder_walk_begin (&self->walk, self->files->parent);
      if (code != 0)
        return fail_with (file, code, error);
      self->has_walk = TRUE;
    }
  self->descriptor = ccbt_folder_walk_open (&self->walk, file->path, O_RDONLY);
  /* Gone, or something else now: changed. */
  if (self->descriptor == -ENOENT || self->descriptor == -ELOOP || self->descriptor == -EISDIR
      || self->descriptor == -ENOTDIR)
    return note_changed (self, file, error);
  if (self->descriptor < 0)
    return fail_with (file, -self->descriptor, error);
  if (!ccbt_source_file_is_same (file, self->descriptor))
    return note_changed (self, file, error);
  self->file = index;
  return TRUE;
}

/* Hashes what the buffer takes of one file, and not past @limit. */
static gboolean
hash_some (CcbtSourceHasher *self, guint64 limit, GError **error)
{
  const CcbtSourceFile *file;
  guint64 in_file, left;
  gssize got;

  if (self->descriptor < 0 || self->file != ccbt_source_files_find (self->files, self->position))
    if (!open_file (self, ccbt_source_files_find (self->files, self->position), error))
      return FALSE;
  file = &g_array_index (self->files->files, CcbtSourceFile, self->file);
  in_file = self->position - file->offset;
  left = MIN ((guint64) file->stamp.size - in_file, limit - self->position);
  do
    got = pread (self->descriptor, self->buffer, MIN (left, BUFFER_SIZE), (off_t) in_file);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return fail_with (file, errno, error);
  if (got == 0)
    return note_changed (self, file, error); /* it is shorter than it was */
  ccbt_piece_hash_update (self->hash, self->buffer, (gsize) got);
  self->position += (guint64) got;
  return TRUE;
}

gboolean
ccbt_source_hasher_run (CcbtSourceHasher *self, guint64 most, GError **error)
{
  guint64 until = MIN (self->end, self->position + most);

  while (self->position < until)
    {
      guint64 piece = self->position / self->piece_length;
      guint64 piece_end = MIN ((piece + 1) * self->piece_length, self->end);

      if (!hash_some (self, MIN (piece_end, until), error))
        return FALSE;
      if (self->position == piece_end)
        self->pieces[piece] = ccbt_piece_hash_finish (self->hash);
    }
  return TRUE;
}
