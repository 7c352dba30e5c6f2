/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-state-store.h"
#include "base/ccbt-random.h"
#include <glib/gstdio.h>
#include <string.h>

/* What the tests of the state store share: a folder that goes away, records made from a number, and
 * calls that wait. */

static inline char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("ccbt-state-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static inline void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_remove (path) != 0)
        remove_folder (path);
    }
  g_rmdir (folder);
}

static inline GBytes *
make_bytes (guint seed, gsize len)
{
  guint8 *data = g_malloc (len + 1);
  CcbtRandom random;

  ccbt_random_init (&random, seed);
  for (gsize i = 0; i < len; i++)
    data[i] = (guint8) ccbt_random_next (&random);
  return g_bytes_new_take (data, len);
}

static inline CcbtInfoHash
make_hash (guint n)
{
  CcbtInfoHash hash = { .has_v1 = n % 3 != 1, .has_v2 = n % 3 != 0 };

  if (hash.has_v1)
    memset (hash.v1.bytes, 0x40, sizeof hash.v1.bytes);
  if (hash.has_v2)
    memset (hash.v2.bytes, 0x80, sizeof hash.v2.bytes);
  for (guint i = 0; i < 4; i++)
    {
      if (hash.has_v1)
        hash.v1.bytes[i] = (guint8) (n >> i * 8);
      if (hash.has_v2)
        hash.v2.bytes[i] = (guint8) (n >> i * 8);
    }
  return hash;
}

/* Every field of it says something about @n. */
static inline CcbtTorrentRecord *
make_record (guint n)
{
  CcbtTorrentRecord *record = ccbt_torrent_record_new ();

  record->info_hash = make_hash (n);
  record->metainfo = make_bytes (n, 200 + n % 7 * 3000);
  record->magnet = g_strdup_printf ("magnet:?xt=urn:btih:%u&dn=a%%20b", n);
  record->name = g_strdup_printf ("Torrent %u, größer", n);
  record->folder = g_strdup_printf ("/srv/not \xff utf-8/%u", n);
  record->is_paused = n % 2 == 0;
  record->is_sequential = n % 3 == 0;
  record->seeds = n % 5 != 0;
  record->added_at = G_GINT64_CONSTANT (1700000000000000) + n;
  record->completed_at = n % 4 == 0 ? G_GINT64_CONSTANT (1700000001000000) + n : 0;
  record->priorities = make_bytes (n + 1, n % 50 + 1);
  record->trackers = make_bytes (n + 2, n % 90);
  if (n % 3 == 1) /* the others look as in version 1 of the database */
    {
      record->options = make_bytes (n + 7, n % 60);
      record->active_seconds = G_MAXUINT64 - 2 * n;
      record->seeding_seconds = n;
    }
  record->downloaded = G_MAXUINT64 - n;
  record->uploaded = n * G_GUINT64_CONSTANT (10000000000);
  record->wasted = n;
  record->verified = make_bytes (n + 3, 100 + n % 30);
  record->durable = make_bytes (n + 4, 100 + n % 30);
  record->boot_id = g_strdup_printf ("boot-%u", n);
  record->stamps = make_bytes (n + 5, 24 * (n % 20));
  record->peers = make_bytes (n + 6, 18 * (n % 10));
  return record;
}

static inline void
assert_same_bytes (GBytes *a, GBytes *b)
{
  g_assert_true ((a == NULL) == (b == NULL));
  if (a != NULL)
    g_assert_true (g_bytes_equal (a, b));
}

static inline void
assert_same_list (const CcbtTorrentRecord *a, const CcbtTorrentRecord *b)
{
  g_assert_cmpmem (&a->info_hash, sizeof a->info_hash, &b->info_hash, sizeof b->info_hash);
  g_assert_cmpstr (a->magnet, ==, b->magnet);
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpstr (a->folder, ==, b->folder);
  g_assert_cmpint (a->is_paused, ==, b->is_paused);
  g_assert_cmpint (a->is_sequential, ==, b->is_sequential);
  g_assert_cmpint (a->seeds, ==, b->seeds);
  g_assert_cmpint (a->added_at, ==, b->added_at);
  g_assert_cmpint (a->completed_at, ==, b->completed_at);
  assert_same_bytes (a->priorities, b->priorities);
  assert_same_bytes (a->options, b->options);
  assert_same_bytes (a->trackers, b->trackers);
}

static inline void
assert_same_progress (const CcbtTorrentRecord *a, const CcbtTorrentRecord *b)
{
  g_assert_cmpuint (a->downloaded, ==, b->downloaded);
  g_assert_cmpuint (a->uploaded, ==, b->uploaded);
  g_assert_cmpuint (a->active_seconds, ==, b->active_seconds);
  g_assert_cmpuint (a->seeding_seconds, ==, b->seeding_seconds);
  g_assert_cmpuint (a->wasted, ==, b->wasted);
  assert_same_bytes (a->verified, b->verified);
  assert_same_bytes (a->durable, b->durable);
  g_assert_cmpstr (a->boot_id, ==, b->boot_id);
  assert_same_bytes (a->stamps, b->stamps);
  assert_same_bytes (a->peers, b->peers);
}

static inline void
assert_same_record (const CcbtTorrentRecord *a, const CcbtTorrentRecord *b)
{
  assert_same_list (a, b);
  assert_same_bytes (a->metainfo, b->metainfo);
  assert_same_progress (a, b);
}

static inline CcbtStateStore *
open_store (const char *folder)
{
  g_autoptr (GError) error = NULL;
  CcbtStateStore *store = ccbt_state_store_open (folder, &error);

  g_assert_no_error (error);
  g_assert_nonnull (store);
  return store;
}

static inline GPtrArray *
load_records (CcbtStateStore *store)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *records = ccbt_state_store_load (store, &error);

  g_assert_no_error (error);
  return records;
}

static inline void
put_number (CcbtStateStore *store, guint n)
{
  g_autoptr (CcbtTorrentRecord) record = make_record (n);

  ccbt_state_store_put (store, record);
}

static inline void
keep_result_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static inline gboolean
flush_store (CcbtStateStore *store, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ccbt_state_store_flush_async (store, keep_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return ccbt_state_store_flush_finish (result, error);
}

static inline void
flush_well (CcbtStateStore *store)
{
  g_autoptr (GError) error = NULL;

  flush_store (store, &error);
  g_assert_no_error (error);
}

/* Copies the files of one folder, not those of folders in it. */
static inline void
copy_folder (const char *from, const char *to)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  remove_folder (to);
  g_assert_cmpint (g_mkdir_with_parents (to, 0700), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);
      g_autofree char *content = NULL;
      gsize len;

      if (g_file_test (source, G_FILE_TEST_IS_REGULAR)
          && g_file_get_contents (source, &content, &len, NULL))
        g_assert_true (
            g_file_set_contents_full (target, content, len, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
}
