/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Torrent files of other programs and made-up ones, and what is to be said of them. */

#include "wire/ccbt-metainfo.h"

#include "base/ccbt-error.h"
#include "wire/ccbt-bencode.h"

#define HASH "aaaaaaaaaaaaaaaaaaaa" /* stands for the SHA-1 of a piece */
#define ROOT "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
#define ONE_PIECE "12:piece lengthi16384e6:pieces20:" HASH

static inline GBytes *
load (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("CCBT_TEST_DATA"), name, NULL);
  g_autoptr (GError) error = NULL;
  char *contents;
  gsize length;

  g_file_get_contents (path, &contents, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (contents, length);
}

/* The file with the @nth (0 = first) @from replaced by @to, which is as long. */
static inline GBytes *
load_changed (const char *name, const char *from, const char *to, guint nth)
{
  g_autoptr (GBytes) bytes = load (name);
  gsize length;
  guint8 *data = g_bytes_unref_to_data (g_steal_pointer (&bytes), &length);
  guint8 *place = data;

  g_assert_cmpuint (strlen (from), ==, strlen (to));
  for (guint i = 0; i <= nth; i++)
    {
      place = memmem (place, length - (gsize) (place - data), from, strlen (from));
      g_assert_nonnull (place);
      place += i < nth;
    }
  memcpy (place, to, strlen (to));
  return g_bytes_new_take (data, length);
}

static inline CcbtMetainfo *
parse_good (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  CcbtMetainfo *metainfo = ccbt_metainfo_parse (bytes, &error);

  g_assert_no_error (error);
  g_assert_nonnull (metainfo);
  return metainfo;
}

/* A torrent of the bencoded dictionary @info, and @extras: keys and values around it. */
static inline CcbtMetainfo *
parse_text (const char *extras, const char *info)
{
  g_autofree char *text = g_strconcat ("d", extras, "4:info", info, "e", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return parse_good (bytes);
}

static inline void
assert_bytes_refused (GBytes *bytes, int code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ccbt_metainfo_parse (bytes, &error));
  g_assert_error (error, CCBT_ERROR, code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in: %s", words, error->message);
}

static inline void
assert_refused (const char *info, int code, const char *words)
{
  g_autofree char *text = g_strconcat ("d4:info", info, "e", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  assert_bytes_refused (bytes, code, words);
}

static inline void
assert_malformed (const char *info, const char *words)
{
  assert_refused (info, CCBT_ERROR_MALFORMED, words);
}

static inline void
assert_file (CcbtMetainfo *metainfo, guint index, const char *path, guint64 length, guint64 offset)
{
  const CcbtMetainfoFile *file = ccbt_metainfo_get_file (metainfo, index);

  g_assert_cmpstr (file->path, ==, path);
  g_assert_cmpuint (file->length, ==, length);
  g_assert_cmpuint (file->offset, ==, offset);
}

static inline void
assert_hashes (CcbtMetainfo *metainfo, const char *v1, const char *v2)
{
  const CcbtInfoHash *hash = ccbt_metainfo_get_info_hash (metainfo);
  g_autofree char *v1_text = ccbt_hex_encode (hash->v1.bytes, sizeof hash->v1);
  g_autofree char *v2_text = ccbt_hex_encode (hash->v2.bytes, sizeof hash->v2);

  g_assert_cmpint (hash->has_v1, ==, v1 != NULL);
  g_assert_cmpint (hash->has_v2, ==, v2 != NULL);
  if (v1 != NULL)
    g_assert_cmpstr (v1_text, ==, v1);
  if (v2 != NULL)
    g_assert_cmpstr (v2_text, ==, v2);
}
