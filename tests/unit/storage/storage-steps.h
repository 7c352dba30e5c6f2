/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the tests of the storage have in common: three torrents, and steps that write, read and
 * expect. */

#include "torrent-fixture.h"

#define PIECE 16384u

/* Tiny files, empty files, a pad and borders everywhere but between pieces. */
static const FixtureFile MANY[] = {
  { "first.bin", 10000 },  { "empty.bin", 0 },       { "one.bin", 1 },
  { "two.bin", 2 },        { "sub/big.bin", 50000 }, { ".pad/5533", 5533, "p" },
  { "sub/last.bin", 100 }, { "sub/deep/empty", 0 },
};
enum
{
  FIRST,
  EMPTY,
  ONE,
  TWO,
  BIG,
  PAD,
  LAST,
  DEEP_EMPTY
};

static const FixtureFile SINGLE[] = { { NULL, 200000 } };

/* Three files that share pieces, and pages. */
static const FixtureFile ROW[] = { { "a", 20000 }, { "b", 3000 }, { "c", 40000 } };

static inline gboolean
write_range (CcbtStorage *storage, const Fixture *fixture, guint64 offset, guint length,
             GError **error)
{
  guint third = length / 3;
  guint8 *data = fixture->content->data + offset;
  const CcbtBuffer buffers[]
      = { { data, third }, { data + third, 0 }, { data + third, length - third } };

  return ccbt_storage_write (storage, offset, buffers, G_N_ELEMENTS (buffers), error);
}

static inline void
write_all (CcbtStorage *storage, const Fixture *fixture, guint step)
{
  g_autoptr (GError) error = NULL;

  for (guint at = 0; at < fixture->content->len; at += step)
    {
      write_range (storage, fixture, at, MIN (step, fixture->content->len - at), &error);
      g_assert_no_error (error);
    }
}

static inline gboolean
read_range (CcbtStorage *storage, guint64 offset, guint8 *data, guint length, GError **error)
{
  guint half = length / 2;
  const CcbtBuffer buffers[] = { { data, half }, { data + half, length - half } };

  return ccbt_storage_read (storage, offset, buffers, G_N_ELEMENTS (buffers), error);
}

static inline void
assert_range (CcbtStorage *storage, const Fixture *fixture, guint64 offset, guint length)
{
  g_autofree guint8 *data = g_malloc (length);
  g_autoptr (GError) error = NULL;

  memset (data, 0xee, length);
  read_range (storage, offset, data, length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (data, length, fixture->content->data + offset, length);
}

static inline void
assert_all (CcbtStorage *storage, const Fixture *fixture, guint step)
{
  for (guint at = 0; at < fixture->content->len; at += step)
    assert_range (storage, fixture, at, MIN (step, fixture->content->len - at));
}

static inline void
assert_prepare (CcbtStorage *storage, gboolean must_exist)
{
  g_autoptr (GError) error = NULL;

  ccbt_storage_prepare (storage, must_exist, &error);
  g_assert_no_error (error);
}

/* One sentence that names the file. */
static inline void
assert_write_fails (CcbtStorage *storage, const Fixture *fixture, guint64 offset, guint length,
                    int code, const char *named)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (write_range (storage, fixture, offset, length, &error));
  g_assert_error (error, CCBT_ERROR, code);
  g_assert_nonnull (strstr (error->message, named));
  g_assert_null (strchr (error->message, '\n'));
}

static inline void
assert_read_fails (CcbtStorage *storage, guint64 offset, guint length, int code)
{
  g_autofree guint8 *data = g_malloc (length);
  g_autoptr (GError) error = NULL;

  g_assert_false (read_range (storage, offset, data, length, &error));
  g_assert_error (error, CCBT_ERROR, code);
}

static inline goffset
get_size (const char *path)
{
  GStatBuf status;

  return g_stat (path, &status) == 0 ? status.st_size : -1;
}

static inline void
skip_only (CcbtStorage *storage, const Fixture *fixture, guint file)
{
  g_autofree gboolean *skipped = g_new0 (gboolean, ccbt_metainfo_get_n_files (fixture->metainfo));

  if (file != G_MAXUINT)
    skipped[file] = TRUE;
  ccbt_storage_set_skipped (storage, skipped);
}
