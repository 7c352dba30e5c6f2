/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A torrent of made-up content in a temporary folder, for the tests of this folder. */

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include "storage/ccbt-storage.h"

typedef struct
{
  const char *path; /* below the torrent's folder; NULL: a torrent that is one file */
  guint64 length;
  const char *attributes; /* "p" for a pad; NULL for none */
} FixtureFile;

typedef struct
{
  CcbtMetainfo *metainfo;
  GByteArray *content; /* the whole torrent */
  char *base;          /* temporary, removed at the end */
  char *folder;        /* the user's */
  char *parts_path;
  guint32 piece_length;
} Fixture;

static inline void
append_text (GByteArray *bytes, const char *text)
{
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
}

static inline void
append_string (GByteArray *bytes, const char *text)
{
  g_autofree char *head = g_strdup_printf ("%zu:", strlen (text));

  append_text (bytes, head);
  append_text (bytes, text);
}

static inline void
append_number (GByteArray *bytes, const char *key, guint64 number)
{
  g_autofree char *text
      = g_strdup_printf ("%zu:%si%" G_GUINT64_FORMAT "e", strlen (key), key, number);

  append_text (bytes, text);
}

static inline void
append_file (GByteArray *bytes, const FixtureFile *file)
{
  g_auto (GStrv) components = g_strsplit (file->path, "/", -1);

  append_text (bytes, "d");
  if (file->attributes != NULL)
    {
      append_string (bytes, "attr");
      append_string (bytes, file->attributes);
    }
  append_number (bytes, "length", file->length);
  append_text (bytes, "4:pathl");
  for (guint i = 0; components[i] != NULL; i++)
    append_string (bytes, components[i]);
  append_text (bytes, "ee");
}

static inline void
append_hashes (GByteArray *bytes, const GByteArray *content, guint32 piece_length)
{
  g_autofree char *head
      = g_strdup_printf ("6:pieces%u:", (content->len + piece_length - 1) / piece_length * 20);

  append_text (bytes, head);
  for (guint at = 0; at < content->len; at += piece_length)
    {
      g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
      guint8 digest[20];
      gsize size = sizeof digest;

      g_checksum_update (sum, content->data + at, MIN (piece_length, content->len - at));
      g_checksum_get_digest (sum, digest, &size);
      g_byte_array_append (bytes, digest, sizeof digest);
    }
}

/* Content that repeats nowhere near, so that a byte in a wrong place shows; zeros in pads. */
static inline GByteArray *
make_content (const FixtureFile *files, guint n_files)
{
  GByteArray *content = g_byte_array_new ();
  guint32 state = 2463534242u;

  for (guint i = 0; i < n_files; i++)
    for (guint64 j = 0; j < files[i].length; j++)
      {
        guint8 byte;

        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        byte = files[i].attributes != NULL ? 0 : (guint8) (state >> 8);
        g_byte_array_append (content, &byte, 1);
      }
  return content;
}

static inline void
fixture_init (Fixture *self, guint32 piece_length, const FixtureFile *files, guint n_files)
{
  g_autoptr (GByteArray) torrent = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  self->piece_length = piece_length;
  self->content = make_content (files, n_files);
  append_text (torrent, "d4:infod");
  if (files[0].path != NULL)
    {
      append_text (torrent, "5:filesl");
      for (guint i = 0; i < n_files; i++)
        append_file (torrent, &files[i]);
      append_text (torrent, "e");
    }
  else
    append_number (torrent, "length", files[0].length);
  append_text (torrent, "4:name4:data");
  append_number (torrent, "piece length", piece_length);
  append_hashes (torrent, self->content, piece_length);
  append_text (torrent, "ee");
  bytes = g_bytes_new (torrent->data, torrent->len);
  self->metainfo = ccbt_metainfo_parse (bytes, &error);
  g_assert_no_error (error);
  self->base = g_dir_make_tmp ("ccbt-storage-XXXXXX", &error);
  g_assert_no_error (error);
  self->folder = g_build_filename (self->base, "downloads", NULL);
  self->parts_path = g_build_filename (self->base, "state", "torrent.parts", NULL);
}

static inline int
remove_cb (const char *path, const struct stat *status, int kind, struct FTW *place)
{
  return remove (path);
}

static inline void
fixture_clear (Fixture *self)
{
  nftw (self->base, remove_cb, 16, FTW_DEPTH | FTW_PHYS);
  ccbt_metainfo_unref (self->metainfo);
  g_byte_array_unref (self->content);
  g_free (self->parts_path);
  g_free (self->folder);
  g_free (self->base);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static inline CcbtStorage *
fixture_open (const Fixture *self, CcbtAllocation allocation)
{
  return ccbt_storage_new (self->metainfo, self->folder, self->parts_path, allocation);
}

/* Opened and prepared, nothing skipped. */
static inline CcbtStorage *
fixture_prepare (const Fixture *self, CcbtAllocation allocation)
{
  CcbtStorage *storage = fixture_open (self, allocation);
  g_autoptr (GError) error = NULL;

  ccbt_storage_prepare (storage, FALSE, &error);
  g_assert_no_error (error);
  return storage;
}

/* Absolute path of a file of the torrent. Returns: (transfer full) */
static inline char *
fixture_path (const Fixture *self, guint file)
{
  return g_build_filename (self->folder, ccbt_metainfo_get_file (self->metainfo, file)->path, NULL);
}

static inline gboolean
fixture_file_exists (const Fixture *self, guint file)
{
  g_autofree char *path = fixture_path (self, file);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* The file on disk holds exactly what the torrent says. */
static inline void
fixture_assert_file (const Fixture *self, guint file)
{
  const CcbtMetainfoFile *info = ccbt_metainfo_get_file (self->metainfo, file);
  g_autofree char *path = fixture_path (self, file), *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (data, length, self->content->data + info->offset, info->length);
}
