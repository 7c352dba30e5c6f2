/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-merkle.h"
#include "metainfo-fixture.h"

/* --- v2 and hybrid: the expectations are what another program says of its own files. --- */

static void
assert_v2_files (CcbtMetainfo *metainfo, guint a, guint b, guint empty, guint z)
{
  assert_file (metainfo, a, "multi/a.txt", 100000, 0);
  assert_file (metainfo, b, "multi/sub/b.bin", 40000, 131072);
  g_assert_cmpstr (ccbt_metainfo_get_file (metainfo, empty)->path, ==, "multi/sub/empty");
  g_assert_cmpuint (ccbt_metainfo_get_file (metainfo, empty)->length, ==, 0);
  assert_file (metainfo, z, "multi/z.dat", 16384, 196608);
  g_assert_nonnull (ccbt_metainfo_get_file (metainfo, a)->pieces_root);
  g_assert_null (ccbt_metainfo_get_file (metainfo, empty)->pieces_root);
}

static void
test_torrent_of_another_program_v2 (void)
{
  g_autoptr (GBytes) bytes = load ("v2-multi.torrent");
  g_autoptr (CcbtMetainfo) metainfo = parse_good (bytes);
  guint32 n_hashes;

  assert_hashes (metainfo, NULL,
                 "d34b8737f334c52d2c92d050331cd113c50a174bb0d5232c709edf3cb24cbfef");
  g_assert_cmpuint (ccbt_metainfo_get_n_files (metainfo), ==, 4);
  assert_v2_files (metainfo, 0, 1, 2, 3);
  g_assert_cmpuint (ccbt_metainfo_get_n_pieces (metainfo), ==, 7);
  g_assert_cmpuint (ccbt_metainfo_get_total_size (metainfo), ==, 196608 + 16384);
  g_assert_cmpuint (ccbt_metainfo_get_payload_size (metainfo), ==, 156384);
  g_assert_null (ccbt_metainfo_get_piece_hash (metainfo, 0));
  g_assert_nonnull (ccbt_metainfo_get_piece_layer (metainfo, 0, &n_hashes));
  g_assert_cmpuint (n_hashes, ==, 4);
  g_assert_null (ccbt_metainfo_get_piece_layer (metainfo, 3, &n_hashes));
  g_assert_cmpuint (n_hashes, ==, 0);
}

static void
test_single_file_of_another_program_v2 (void)
{
  g_autoptr (GBytes) bytes = load ("v2-single.torrent");
  g_autoptr (CcbtMetainfo) metainfo = parse_good (bytes);
  guint32 n_hashes;

  assert_hashes (metainfo, NULL,
                 "fe965239e7fee0226e74e120fb549baa8c061ab26de80c8cb4a683a44e16d3ee");
  g_assert_false (ccbt_metainfo_is_multi_file (metainfo));
  g_assert_cmpuint (ccbt_metainfo_get_n_files (metainfo), ==, 1);
  assert_file (metainfo, 0, "single.bin", 150000, 0);
  g_assert_cmpuint (ccbt_metainfo_get_n_pieces (metainfo), ==, 10);
  g_assert_nonnull (ccbt_metainfo_get_piece_layer (metainfo, 0, &n_hashes));
  g_assert_cmpuint (n_hashes, ==, 10);
}

static void
test_hybrid_of_another_program (void)
{
  g_autoptr (GBytes) bytes = load ("hybrid.torrent");
  g_autoptr (CcbtMetainfo) metainfo = parse_good (bytes);

  assert_hashes (metainfo, "9683390d5ff698687bd684b694a2ad8231d82ecd",
                 "ff0e2d11c4eb2bbe419c3eace1ee5a381896f9315e36040878f80f38d0d4b6f1");
  g_assert_cmpuint (ccbt_metainfo_get_n_files (metainfo), ==, 7);
  assert_v2_files (metainfo, 0, 2, 4, 5);
  assert_file (metainfo, 1, "multi/.pad/31072", 31072, 100000);
  g_assert_cmpuint (ccbt_metainfo_get_file (metainfo, 1)->attributes, ==, CCBT_FILE_ATTRIBUTE_PAD);
  g_assert_cmpuint (ccbt_metainfo_get_n_pieces (metainfo), ==, 7);
  g_assert_cmpuint (ccbt_metainfo_get_total_size (metainfo), ==, 229376);
  g_assert_nonnull (ccbt_metainfo_get_piece_hash (metainfo, 6));
}

static void
test_single_hybrid_of_another_program (void)
{
  g_autoptr (GBytes) bytes = load ("hybrid-single.torrent");
  g_autoptr (CcbtMetainfo) metainfo = parse_good (bytes);

  assert_hashes (metainfo, "1fdfc00fbbee41d5cb8a22f2f919825cc883bf68",
                 "64ad9ee67bb4e7351b5cc3a8fc2a0e6b7be1c47b87fe6406df3757d30a739b24");
  g_assert_false (ccbt_metainfo_is_multi_file (metainfo));
  assert_file (metainfo, 0, "single.bin", 150000, 0);
  g_assert_nonnull (ccbt_metainfo_get_file (metainfo, 0)->pieces_root);
}

/* BEP 9 brings no layers. */
static void
test_info_alone_gives_the_same_torrent (void)
{
  g_autoptr (GBytes) bytes = load ("hybrid.torrent");
  g_autoptr (CcbtMetainfo) whole = parse_good (bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtMetainfo) bare = ccbt_metainfo_parse_info (ccbt_metainfo_get_info (whole), &error);
  guint32 n_hashes;

  g_assert_no_error (error);
  g_assert_cmpmem (ccbt_metainfo_get_info_hash (bare), sizeof (CcbtInfoHash),
                   ccbt_metainfo_get_info_hash (whole), sizeof (CcbtInfoHash));
  assert_v2_files (bare, 0, 2, 4, 5);
  g_assert_null (ccbt_metainfo_get_piece_layer (bare, 0, &n_hashes));
  g_assert_cmpuint (ccbt_metainfo_get_n_trackers (bare), ==, 0);
  g_assert_null (ccbt_metainfo_get_comment (bare));
}

/* B23 */
static void
test_hybrids_that_disagree_are_refused (void)
{
  static const char *const changes[][2] = { { "5:a.txt", "5:b.txt" },
                                            { "6:lengthi100000e", "6:lengthi100001e" },
                                            { "6:lengthi31072e", "6:lengthi31071e" } };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    for (guint nth = 0; nth < (i == 0 ? 2 : 1); nth++)
      {
        g_autoptr (GBytes) bytes
            = load_changed ("hybrid.torrent", changes[i][0], changes[i][1], nth);

        assert_bytes_refused (bytes, CCBT_ERROR_MALFORMED, "The v1 and v2 parts");
      }
}

/* B22 */
static void
test_bad_piece_layers_are_refused (void)
{
  g_autoptr (GBytes) bytes = load ("v2-single.torrent");
  gsize length;
  guint8 *data = g_bytes_unref_to_data (g_steal_pointer (&bytes), &length);
  guint8 *layers = memmem (data, length, "12:piece layersd32:", 19);
  g_autoptr (GBytes) bad_hash = NULL;
  g_autoptr (GBytes) bad_key = NULL;
  g_autoptr (GBytes) bad_length = load_changed ("v2-single.torrent", "320:", "319:", 0);

  g_assert_nonnull (layers);
  layers[19 + 32 + 4 + 100] ^= 1;
  bad_hash = g_bytes_new (data, length);
  assert_bytes_refused (bad_hash, CCBT_ERROR_MALFORMED, "does not match the “pieces root”");
  layers[19 + 32 + 4 + 100] ^= 1;
  layers[19] ^= 1;
  bad_key = g_bytes_new_take (data, length);
  assert_bytes_refused (bad_key, CCBT_ERROR_MALFORMED, "file that it does not have");
  assert_bytes_refused (bad_length, CCBT_ERROR_MALFORMED, "cannot be read");
}

#define V2_INFO(tree) "d9:file tree" tree "12:meta versioni2e4:name1:t12:piece lengthi16384ee"
#define V2_FILE "d0:d6:lengthi5e11:pieces root32:" ROOT "ee"

static void
test_layers_must_fit_their_files (void)
{
  g_autofree char *text
      = g_strdup ("d4:info" V2_INFO ("d1:ad0:d6:lengthi20000e11:pieces root32:" ROOT
                                     "eee") "12:piece layersd32:" ROOT "32:" ROOT "ee");
  g_autoptr (GBytes) short_layer = g_bytes_new (text, strlen (text));
  g_autoptr (CcbtMetainfo) absent
      = parse_text ("", V2_INFO ("d1:ad0:d6:lengthi20000e11:pieces root32:" ROOT "eee"));

  assert_bytes_refused (short_layer, CCBT_ERROR_MALFORMED, "does not fit the length");
  g_assert_cmpuint (ccbt_metainfo_get_n_pieces (absent), ==, 2);
}

static void
test_bad_file_trees_are_refused (void)
{
  assert_malformed (V2_INFO ("de"), "nothing to download");
  assert_malformed (V2_INFO ("le"), "“file tree”");
  assert_malformed (V2_INFO (V2_FILE), "“file tree”");
  assert_malformed (V2_INFO ("d1:ai1ee"), "“file tree”");
  assert_malformed (V2_INFO ("d1:ad0:i1eee"), "“file tree”");
  assert_malformed (V2_INFO ("d1:ad0:d6:lengthi5e11:pieces root32:" ROOT "e1:b" V2_FILE "ee"),
                    "file and folder");
  assert_malformed (V2_INFO ("d1:ad0:d6:lengthi5eeee"), "“pieces root”");
  assert_malformed (V2_INFO ("d1:ad0:d6:lengthi5e11:pieces root4:rrrreee"), "“pieces root”");
  assert_malformed (V2_INFO ("d1:ad0:d4:attr1:p6:lengthi5e11:pieces root32:" ROOT "eee"), "pad");
  assert_malformed (V2_INFO ("d1:ad0:d6:lengthi-5e11:pieces root32:" ROOT "eee"), "“length”");
  assert_malformed ("d12:meta versioni2e4:name1:t12:piece lengthi16384ee", "“file tree”");
  assert_refused (
      V2_INFO ("d1:ad0:d6:lengthi9223372036854775807e11:pieces root32:" ROOT "ee1:b" V2_FILE "e"),
      CCBT_ERROR_TOO_LARGE, "“length”");
}

static void
test_zero_roots_are_refused (void)
{
  static const char head[] = "d4:infod9:file treed1:ad0:d6:lengthi5e11:pieces root32:";
  static const char tail[] = "eee12:meta versioni2e4:name1:t12:piece lengthi16384eee";
  static const guint8 zeros[32];
  GByteArray *text = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;

  g_byte_array_append (text, (const guint8 *) head, sizeof head - 1);
  g_byte_array_append (text, zeros, sizeof zeros);
  g_byte_array_append (text, (const guint8 *) tail, sizeof tail - 1);
  bytes = g_byte_array_free_to_bytes (text);
  assert_bytes_refused (bytes, CCBT_ERROR_MALFORMED, "“pieces root”");
}

static void
test_v2_piece_lengths_are_powers_of_two (void)
{
  assert_malformed ("d9:file treed1:a" V2_FILE "e12:meta versioni2e4:name1:t12:piece lengthi8192ee",
                    "power of two");
  assert_malformed ("d9:file treed1:a" V2_FILE
                    "e12:meta versioni2e4:name1:t12:piece lengthi49152ee",
                    "power of two");
}

static void
test_newer_versions_are_called_newer (void)
{
  assert_refused ("d12:meta versioni3ee", CCBT_ERROR_UNSUPPORTED, "newer");
  assert_malformed ("d12:meta version1:2e", "“meta version”");
}

static void
test_v2_names_are_made_safe (void)
{
  g_autoptr (CcbtMetainfo) metainfo
      = parse_text ("", V2_INFO ("d2:..d2:.." V2_FILE "e1:A" V2_FILE "1:a" V2_FILE "e"));

  assert_file (metainfo, 0, "t/_/_", 5, 0);
  assert_file (metainfo, 1, "t/A", 5, 16384);
  assert_file (metainfo, 2, "t/a (1)", 5, 32768);
}

/* Both roots were computed with Python's hashlib: leaves 1, 2, 3 of 32 equal bytes each, the fourth
 * beyond the end. */
static void
test_merkle_roots_are_padded_by_height (void)
{
  guint8 hashes[3 * 32];
  CcbtSha256 root;
  g_autofree char *leaves = NULL;
  g_autofree char *nodes = NULL;

  for (guint i = 0; i < sizeof hashes; i++)
    hashes[i] = (guint8) (i / 32 + 1);
  root = ccbt_merkle_get_root (hashes, 3, 0);
  leaves = ccbt_hex_encode (root.bytes, sizeof root);
  root = ccbt_merkle_get_root (hashes, 3, 2);
  nodes = ccbt_hex_encode (root.bytes, sizeof root);
  g_assert_cmpstr (leaves, ==, "d6cfa0d1046a0f4c1f9a6dc57afb0f4577680c106a48cf04125e7ba8606da219");
  g_assert_cmpstr (nodes, ==, "5da5da5319bdb389459094ec221596f8027a9a9a359d696b9e6ddfdae30da69b");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metainfo/torrent-of-another-program-v2", test_torrent_of_another_program_v2);
  g_test_add_func ("/metainfo/single-file-of-another-program-v2",
                   test_single_file_of_another_program_v2);
  g_test_add_func ("/metainfo/hybrid-of-another-program", test_hybrid_of_another_program);
  g_test_add_func ("/metainfo/single-hybrid-of-another-program",
                   test_single_hybrid_of_another_program);
  g_test_add_func ("/metainfo/info-alone-gives-the-same-torrent",
                   test_info_alone_gives_the_same_torrent);
  g_test_add_func ("/metainfo/hybrids-that-disagree-are-refused",
                   test_hybrids_that_disagree_are_refused);
  g_test_add_func ("/metainfo/bad-piece-layers-are-refused", test_bad_piece_layers_are_refused);
  g_test_add_func ("/metainfo/layers-must-fit-their-files", test_layers_must_fit_their_files);
  g_test_add_func ("/metainfo/bad-file-trees-are-refused", test_bad_file_trees_are_refused);
  g_test_add_func ("/metainfo/zero-roots-are-refused", test_zero_roots_are_refused);
  g_test_add_func ("/metainfo/v2-piece-lengths-are-powers-of-two",
                   test_v2_piece_lengths_are_powers_of_two);
  g_test_add_func ("/metainfo/newer-versions-are-called-newer",
                   test_newer_versions_are_called_newer);
  g_test_add_func ("/metainfo/v2-names-are-made-safe", test_v2_names_are_made_safe);
  g_test_add_func ("/metainfo/merkle-roots-are-padded-by-height",
                   test_merkle_roots_are_padded_by_height);
  return g_test_run ();
}
