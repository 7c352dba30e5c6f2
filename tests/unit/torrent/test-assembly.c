/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-assembly.h"

#include "base/ccbt-clock.h"
#include "wire/ccbt-bencode.h"

#include <glib/gstdio.h>

/* Two pieces of 640 KiB, 40 blocks each: two full extents of 256 KiB and a half one. */
#define PIECE_LENGTH (40 * CCBT_BLOCK_SIZE)
#define N_PIECES 2
#define TOTAL (N_PIECES * PIECE_LENGTH)
#define ALICE 7
#define BOB 9

typedef struct
{
  guint8 *payload;
  char *folder;
  CcbtMetainfo *metainfo;
  CcbtStorage *storage;
  CcbtDiskPool *disk;
  CcbtExtentPool *extents;
  CcbtPieceMap map;
  CcbtAssembly *assembly;
  guint n_passed;
  guint n_failed;
  guint n_errors;
} Fixture;

static void
verdict_cb (gpointer owner, guint32 piece, gboolean passed)
{
  Fixture *self = owner;

  if (passed)
    self->n_passed++;
  else
    self->n_failed++;
}

static void
written_cb (gpointer owner)
{
}

static void
failed_cb (gpointer owner, guint32 piece, const GError *error)
{
  ((Fixture *) owner)->n_errors++;
}

static const CcbtAssemblyOwner owner_class = { verdict_cb, written_cb, failed_cb };

static CcbtMetainfo *
make_metainfo (const guint8 *payload)
{
  g_autoptr (GByteArray) info = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  guint8 hashes[N_PIECES * 20];
  CcbtMetainfo *metainfo;

  for (guint i = 0; i < N_PIECES; i++)
    {
      g_autoptr (GChecksum) sha1 = g_checksum_new (G_CHECKSUM_SHA1);
      gsize len = 20;

      g_checksum_update (sha1, payload + i * PIECE_LENGTH, PIECE_LENGTH);
      g_checksum_get_digest (sha1, hashes + 20 * i, &len);
    }
  ccbt_bencode_begin_dict (info);
  ccbt_bencode_write_key (info, "length");
  ccbt_bencode_write_integer (info, TOTAL);
  ccbt_bencode_write_key (info, "name");
  ccbt_bencode_write_string (info, ccbt_span_from_string ("file"));
  ccbt_bencode_write_key (info, "piece length");
  ccbt_bencode_write_integer (info, PIECE_LENGTH);
  ccbt_bencode_write_key (info, "pieces");
  ccbt_bencode_write_string (info, (CcbtSpan){ hashes, sizeof hashes });
  ccbt_bencode_end (info);
  bytes = g_bytes_new (info->data, info->len);
  metainfo = ccbt_metainfo_parse_info (bytes, &error);
  g_assert_no_error (error);
  return metainfo;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *parts = NULL;

  self->payload = g_malloc (TOTAL);
  for (gsize i = 0; i < TOTAL; i++)
    self->payload[i] = (guint8) (i * 2654435761u >> 16);
  self->folder = g_dir_make_tmp ("ccbt-assembly-XXXXXX", NULL);
  parts = g_build_filename (self->folder, "parts", NULL);
  self->metainfo = make_metainfo (self->payload);
  self->storage = ccbt_storage_new (self->metainfo, self->folder, parts, CCBT_ALLOCATION_SPARSE);
  self->disk = ccbt_disk_pool_new (2);
  self->extents = ccbt_extent_pool_new ();
  self->map = (CcbtPieceMap){ TOTAL, PIECE_LENGTH, N_PIECES };
  self->assembly = ccbt_assembly_new (&owner_class, self, &self->map, self->storage, self->disk,
                                      self->extents);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "file", NULL);

  ccbt_assembly_free (self->assembly);
  ccbt_disk_pool_free (self->disk);
  g_assert_cmpuint (ccbt_extent_pool_get_in_use (self->extents), ==, 0);
  ccbt_extent_pool_free (self->extents);
  ccbt_storage_unref (self->storage);
  ccbt_metainfo_unref (self->metainfo);
  g_unlink (path);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->payload);
}

static const guint8 *
get_block (Fixture *self, guint32 piece, guint32 block)
{
  return self->payload + piece * PIECE_LENGTH + block * CCBT_BLOCK_SIZE;
}

/* The block arrives in its place. */
static gboolean
deliver (Fixture *self, CcbtPeerHandle peer, guint32 piece, guint32 block)
{
  CcbtBlock which = { piece, block };
  guint8 *place = ccbt_assembly_land (self->assembly, peer, which);

  if (place == NULL)
    return FALSE;
  memcpy (place, get_block (self, piece, block), CCBT_BLOCK_SIZE);
  return ccbt_assembly_complete (self->assembly, peer, which, NULL, 1);
}

static void
deliver_range (Fixture *self, CcbtPeerHandle peer, guint32 piece, guint32 first, guint32 end)
{
  for (guint32 block = first; block < end; block++)
    g_assert_true (deliver (self, peer, piece, block));
}

static void
run_until_idle (Fixture *self)
{
  do
    {
      ccbt_disk_pool_flush (self->disk);
      g_main_context_iteration (NULL, !ccbt_assembly_is_idle (self->assembly));
    }
  while (!ccbt_assembly_is_idle (self->assembly));
}

static void
assert_stored (Fixture *self, guint32 piece)
{
  g_autofree char *path = g_build_filename (self->folder, "file", NULL);
  g_autofree char *contents = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  g_assert_cmpuint (length, >=, (piece + 1) * PIECE_LENGTH);
  g_assert_cmpmem (contents + piece * PIECE_LENGTH, PIECE_LENGTH,
                   self->payload + piece * PIECE_LENGTH, PIECE_LENGTH);
}

static void
test_whole_piece_passes_and_is_stored (Fixture *self, gconstpointer data)
{
  deliver_range (self, ALICE, 0, 0, 40);
  run_until_idle (self);
  g_assert_cmpuint (self->n_passed, ==, 1);
  g_assert_cmpuint (ccbt_assembly_get_buffered (self->assembly), ==, 0);
  assert_stored (self, 0);
}

static void
test_blocks_in_any_order_pass (Fixture *self, gconstpointer data)
{
  for (guint32 i = 0; i < 40; i++)
    g_assert_true (deliver (self, ALICE, 1, (i * 17) % 40));
  run_until_idle (self);
  g_assert_cmpuint (self->n_passed, ==, 1);
  assert_stored (self, 1);
}

static void
test_lease_keeps_others_out (Fixture *self, gconstpointer data)
{
  const CcbtBlock block = { 0, 3 };

  g_assert_nonnull (ccbt_assembly_land (self->assembly, ALICE, block));
  g_assert_null (ccbt_assembly_land (self->assembly, BOB, block));
  ccbt_assembly_release (self->assembly, ALICE, block);
  g_assert_nonnull (ccbt_assembly_land (self->assembly, BOB, block));
  g_assert_null (ccbt_assembly_land (self->assembly, ALICE, block));
}

/* The same block from a second peer, complete first: taken from its copy; the first one's rest has
 * no place left. */
static void
test_copy_overtakes_the_lease (Fixture *self, gconstpointer data)
{
  const CcbtBlock block = { 0, 0 };
  guint8 *place = ccbt_assembly_land (self->assembly, ALICE, block);

  memset (place, 0xee, 100); /* the beginning of a corrupt block */
  ccbt_assembly_pin (self->assembly, ALICE, block, TRUE);
  g_assert_true (ccbt_assembly_continue (self->assembly, ALICE, block) == place);
  g_assert_true (ccbt_assembly_complete (self->assembly, BOB, block, get_block (self, 0, 0), 1));
  g_assert_null (ccbt_assembly_continue (self->assembly, ALICE, block));
  g_assert_null (ccbt_assembly_land (self->assembly, ALICE, block));
  ccbt_assembly_pin (self->assembly, ALICE, block, FALSE);
  g_assert_false (ccbt_assembly_complete (self->assembly, ALICE, block, NULL, 2));
  deliver_range (self, BOB, 0, 1, 40);
  run_until_idle (self);
  g_assert_cmpuint (self->n_passed, ==, 1);
  assert_stored (self, 0);
}

/* A late twin with other bytes, after the hash has passed over the first: refused, whatever way it
 * comes. */
static void
test_hostile_twin_after_the_hash_changes_nothing (Fixture *self, gconstpointer data)
{
  g_autofree guint8 *evil = g_malloc0 (CCBT_BLOCK_SIZE);

  deliver_range (self, ALICE, 0, 0, 16); /* a whole extent: hashed and written */
  run_until_idle (self);
  for (guint32 block = 0; block < 16; block++)
    {
      const CcbtBlock which = { 0, block };

      g_assert_null (ccbt_assembly_land (self->assembly, BOB, which));
      g_assert_null (ccbt_assembly_land (self->assembly, ALICE, which));
      g_assert_false (ccbt_assembly_complete (self->assembly, BOB, which, evil, 2));
    }
  deliver_range (self, ALICE, 0, 16, 40);
  run_until_idle (self);
  g_assert_cmpuint (self->n_passed, ==, 1);
  assert_stored (self, 0);
}

/* The same while the job that hashes and writes it is under way. */
static void
test_hostile_twin_during_the_hash_changes_nothing (Fixture *self, gconstpointer data)
{
  g_autofree guint8 *evil = g_malloc0 (CCBT_BLOCK_SIZE);

  deliver_range (self, ALICE, 0, 0, 40);
  ccbt_disk_pool_flush (self->disk);
  for (guint32 block = 0; block < 40; block++)
    {
      g_assert_null (ccbt_assembly_land (self->assembly, BOB, (CcbtBlock){ 0, block }));
      g_assert_false (
          ccbt_assembly_complete (self->assembly, BOB, (CcbtBlock){ 0, block }, evil, 2));
    }
  run_until_idle (self);
  g_assert_cmpuint (self->n_passed, ==, 1);
  assert_stored (self, 0);
}

static void
test_wrong_bytes_fail (Fixture *self, gconstpointer data)
{
  g_autofree guint8 *evil = g_malloc0 (CCBT_BLOCK_SIZE);

  deliver_range (self, ALICE, 0, 0, 39);
  g_assert_true (ccbt_assembly_complete (self->assembly, BOB, (CcbtBlock){ 0, 39 }, evil, 1));
  run_until_idle (self);
  g_assert_cmpuint (self->n_failed, ==, 1);
  g_assert_cmpuint (self->n_passed, ==, 0);
  g_assert_false (ccbt_assembly_has_piece (self->assembly, 0));
  deliver_range (self, ALICE, 0, 0, 40);
  run_until_idle (self);
  g_assert_cmpuint (self->n_passed, ==, 1);
  assert_stored (self, 0);
}

static void
test_spilled_blocks_are_read_back (Fixture *self, gconstpointer data)
{
  deliver_range (self, ALICE, 0, 3, 12);
  deliver_range (self, ALICE, 0, 20, 30);
  ccbt_assembly_spill (self->assembly, 2, G_MAXSIZE);
  run_until_idle (self);
  g_assert_cmpuint (ccbt_assembly_get_buffered (self->assembly), ==, 0);
  deliver_range (self, BOB, 0, 0, 3);
  deliver_range (self, BOB, 0, 12, 20);
  deliver_range (self, BOB, 0, 30, 40);
  run_until_idle (self);
  g_assert_cmpuint (self->n_passed, ==, 1);
  assert_stored (self, 0);
}

/* A block whose beginning is in its place keeps its buffer. */
static void
test_spilling_leaves_pinned_places_alone (Fixture *self, gconstpointer data)
{
  const CcbtBlock block = { 0, 5 };
  guint8 *place = ccbt_assembly_land (self->assembly, ALICE, block);

  memcpy (place, get_block (self, 0, 5), 9000);
  ccbt_assembly_pin (self->assembly, ALICE, block, TRUE);
  deliver_range (self, BOB, 0, 6, 10);
  ccbt_assembly_spill (self->assembly, 2, 0);
  run_until_idle (self);
  g_assert_true (ccbt_assembly_continue (self->assembly, ALICE, block) == place);
  memcpy (place + 9000, get_block (self, 0, 5) + 9000, CCBT_BLOCK_SIZE - 9000);
  ccbt_assembly_pin (self->assembly, ALICE, block, FALSE);
  g_assert_true (ccbt_assembly_complete (self->assembly, ALICE, block, NULL, 3));
  deliver_range (self, BOB, 0, 0, 5);
  deliver_range (self, BOB, 0, 10, 40);
  run_until_idle (self);
  g_assert_cmpuint (self->n_passed, ==, 1);
  assert_stored (self, 0);
}

static void
test_nothing_lands_while_a_forgotten_piece_is_still_written (Fixture *self, gconstpointer data)
{
  deliver_range (self, ALICE, 0, 0, 16);
  ccbt_disk_pool_flush (self->disk);
  ccbt_assembly_forget (self->assembly, 0);
  g_assert_null (ccbt_assembly_land (self->assembly, ALICE, (CcbtBlock){ 0, 20 }));
  run_until_idle (self);
  g_assert_false (ccbt_assembly_has_piece (self->assembly, 0));
  deliver_range (self, BOB, 0, 0, 40);
  run_until_idle (self);
  g_assert_cmpuint (self->n_passed, ==, 1);
  assert_stored (self, 0);
}

static void
test_begun_anew_a_pinned_part_counts_no_more (Fixture *self, gconstpointer data)
{
  const CcbtBlock block = { 0, 5 };

  g_assert_nonnull (ccbt_assembly_land (self->assembly, ALICE, block));
  ccbt_assembly_pin (self->assembly, ALICE, block, TRUE);
  ccbt_assembly_forget (self->assembly, 0);
  g_assert_nonnull (
      ccbt_assembly_land (self->assembly, ALICE, block)); /* asked for again: from its first byte */
  g_assert_null (ccbt_assembly_continue (self->assembly, ALICE, block));
}

static void
test_a_write_that_fails_is_told_once (Fixture *self, gconstpointer data)
{
  g_autofree char *in_the_way = g_build_filename (self->folder, "file", NULL);

  g_assert_cmpint (g_mkdir (in_the_way, 0700), ==, 0);
  deliver_range (self, ALICE, 0, 0, 40);
  run_until_idle (self);
  g_assert_cmpuint (self->n_errors, ==, 1);
  g_assert_cmpuint (self->n_passed + self->n_failed, ==, 0);
  g_assert_false (ccbt_assembly_has_piece (self->assembly, 0));
  g_rmdir (in_the_way);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/assembly/whole-piece-passes-and-is-stored", test_whole_piece_passes_and_is_stored);
  ADD ("/assembly/blocks-in-any-order-pass", test_blocks_in_any_order_pass);
  ADD ("/assembly/lease-keeps-others-out", test_lease_keeps_others_out);
  ADD ("/assembly/copy-overtakes-the-lease", test_copy_overtakes_the_lease);
  ADD ("/assembly/hostile-twin-after-the-hash-changes-nothing",
       test_hostile_twin_after_the_hash_changes_nothing);
  ADD ("/assembly/hostile-twin-during-the-hash-changes-nothing",
       test_hostile_twin_during_the_hash_changes_nothing);
  ADD ("/assembly/wrong-bytes-fail", test_wrong_bytes_fail);
  ADD ("/assembly/spilled-blocks-are-read-back", test_spilled_blocks_are_read_back);
  ADD ("/assembly/spilling-leaves-pinned-places-alone", test_spilling_leaves_pinned_places_alone);
  ADD ("/assembly/nothing-lands-while-a-forgotten-piece-is-still-written",
       test_nothing_lands_while_a_forgotten_piece_is_still_written);
  ADD ("/assembly/begun-anew-a-pinned-part-counts-no-more",
       test_begun_anew_a_pinned_part_counts_no_more);
  ADD ("/assembly/a-write-that-fails-is-told-once", test_a_write_that_fails_is_told_once);
  return g_test_run ();
}
