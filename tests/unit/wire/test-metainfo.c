/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "metainfo-fixture.h"

/* --- v1 --- */

/* The hash was computed with Python's hashlib. */
static void
test_single_file_is_read (void)
{
  g_autoptr (CcbtMetainfo) metainfo = parse_text (
      "", "d6:lengthi20000e4:name5:x.bin12:piece lengthi16384e6:pieces40:" HASH HASH "e");

  assert_hashes (metainfo, "820b9b19e819bdb46f36340286679eb07ef7081a", NULL);
  g_assert_cmpstr (ccbt_metainfo_get_name (metainfo), ==, "x.bin");
  g_assert_false (ccbt_metainfo_is_multi_file (metainfo));
  g_assert_false (ccbt_metainfo_is_private (metainfo));
  g_assert_cmpuint (ccbt_metainfo_get_n_files (metainfo), ==, 1);
  assert_file (metainfo, 0, "x.bin", 20000, 0);
  g_assert_cmpuint (ccbt_metainfo_get_n_pieces (metainfo), ==, 2);
  g_assert_cmpuint (ccbt_metainfo_get_total_size (metainfo), ==, 20000);
  g_assert_cmpmem (ccbt_metainfo_get_piece_hash (metainfo, 1), 20, HASH, 20);
  g_assert_null (ccbt_metainfo_get_tracker (metainfo, 0, NULL));
  g_assert_null (ccbt_metainfo_get_web_seeds (metainfo)[0]);
  g_assert_null (ccbt_metainfo_get_comment (metainfo));
}

/* B05: sorting the keys would give another hash. */
static void
test_info_hash_is_that_of_the_raw_bytes (void)
{
  g_autoptr (CcbtMetainfo) metainfo = parse_text (
      "", "d12:piece lengthi16384e4:name5:x.bin6:lengthi20000e6:pieces40:" HASH HASH "e");

  assert_hashes (metainfo, "3c9e927aac9ad98a33399bb586e3ff874ef39e7b", NULL);
}

static void
test_torrent_of_another_program_v1 (void)
{
  g_autoptr (GBytes) bytes = load ("v1-multi.torrent");
  g_autoptr (CcbtMetainfo) metainfo = parse_good (bytes);

  assert_hashes (metainfo, "c1a41cc3521a282f3e9a04e37efbffca64b94206", NULL);
  g_assert_cmpstr (ccbt_metainfo_get_name (metainfo), ==, "multi");
  g_assert_true (ccbt_metainfo_is_multi_file (metainfo));
  g_assert_cmpuint (ccbt_metainfo_get_n_files (metainfo), ==, 4);
  assert_file (metainfo, 0, "multi/z.dat", 16384, 0);
  assert_file (metainfo, 1, "multi/sub/b.bin", 40000, 16384);
  assert_file (metainfo, 2, "multi/sub/empty", 0, 56384);
  assert_file (metainfo, 3, "multi/a.txt", 100000, 56384);
  g_assert_cmpuint (ccbt_metainfo_get_n_pieces (metainfo), ==, 5);
  g_assert_cmpuint (ccbt_metainfo_get_piece_length (metainfo), ==, 32768);
  g_assert_cmpuint (ccbt_metainfo_get_total_size (metainfo), ==, 156384);
  g_assert_cmpstr (ccbt_metainfo_get_comment (metainfo), ==, "made for a test");
  g_assert_cmpstr (ccbt_metainfo_get_created_by (metainfo), ==, "test");
  g_assert_cmpint (ccbt_metainfo_get_creation_date (metainfo), ==, 1700000000);
  g_assert_cmpuint (ccbt_metainfo_get_n_trackers (metainfo), ==, 2);
  g_assert_cmpstr (ccbt_metainfo_get_web_seeds (metainfo)[0], ==, "http://seed.example/files/");
}

static void
test_odd_piece_lengths_are_legal_in_v1 (void)
{
  g_autoptr (CcbtMetainfo) metainfo
      = parse_text ("", "d6:lengthi10e4:name1:x12:piece lengthi7e6:pieces40:" HASH HASH "e");

  g_assert_cmpuint (ccbt_metainfo_get_piece_length (metainfo), ==, 7);
}

static void
test_a_folder_of_one_file_is_a_folder (void)
{
  g_autoptr (CcbtMetainfo) metainfo
      = parse_text ("", "d5:filesld6:lengthi1e4:pathl1:aeee4:name1:t" ONE_PIECE "7:privatei1ee");

  g_assert_true (ccbt_metainfo_is_multi_file (metainfo));
  g_assert_true (ccbt_metainfo_is_private (metainfo));
  assert_file (metainfo, 0, "t/a", 1, 0);
}

static void
test_utf8_names_are_preferred (void)
{
  g_autoptr (CcbtMetainfo) metainfo = parse_text ("", "d5:filesld6:lengthi1e4:pathl1:\xe9"
                                                      "e10:path.utf-8l2:\xc3\xa9"
                                                      "eee4:name1:"
                                                      "\xe8"
                                                      "10:name.utf-82:\xc3\xa8" ONE_PIECE "e");

  g_assert_cmpstr (ccbt_metainfo_get_name (metainfo), ==, "\xc3\xa8");
  assert_file (metainfo, 0, "\xc3\xa8/\xc3\xa9", 1, 0);
}

/* B21 */
static void
test_missing_parts_are_named (void)
{
  g_autoptr (GBytes) list = g_bytes_new_static ("le", 2);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) no_info = g_bytes_new_static ("de", 2);

  assert_bytes_refused (list, CCBT_ERROR_MALFORMED, "no “info” dictionary");
  assert_bytes_refused (empty, CCBT_ERROR_MALFORMED, "cannot be read");
  assert_bytes_refused (no_info, CCBT_ERROR_MALFORMED, "no “info” dictionary");
  assert_malformed ("i1e", "no “info” dictionary");
  assert_malformed ("de", "“name”");
  assert_malformed ("d6:lengthi1e" ONE_PIECE "e", "“name”");
  assert_malformed ("d6:lengthi1e4:namei7e" ONE_PIECE "e", "“name”");
  assert_malformed ("d6:lengthi1e4:namel1:xe" ONE_PIECE "e", "“name”");
  assert_malformed ("d6:lengthi1e4:name1:x6:pieces20:" HASH "e", "“piece length”");
  assert_malformed ("d6:lengthi1e4:name1:x12:piece lengthi16384ee", "“pieces”");
  assert_malformed ("d4:name1:x" ONE_PIECE "e", "no “files” and no “length”");
  assert_malformed ("d5:filesle6:lengthi1e4:name1:x" ONE_PIECE "e", "both “files” and “length”");
}

/* B06 */
static void
test_bad_piece_lengths_are_refused (void)
{
  static const char rest[] = "6:pieces20:" HASH "e";
  static const char *const bad[] = { "0", "-1", "-16384" };
  static const char *const large[] = { "536870912", "2147483648", "4611686018427387904" };

  for (guint i = 0; i < G_N_ELEMENTS (bad) + G_N_ELEMENTS (large); i++)
    {
      gboolean is_large = i >= G_N_ELEMENTS (bad);
      g_autofree char *info
          = g_strdup_printf ("d6:lengthi1e4:name1:x12:piece lengthi%se%s",
                             is_large ? large[i - G_N_ELEMENTS (bad)] : bad[i], rest);

      assert_refused (info, is_large ? CCBT_ERROR_TOO_LARGE : CCBT_ERROR_MALFORMED,
                      "“piece length”");
    }
}

/* B07 */
static void
test_bad_lengths_are_refused (void)
{
  assert_malformed ("d6:lengthi-1e4:name1:x" ONE_PIECE "e", "“length”");
  assert_malformed ("d6:length1:14:name1:x" ONE_PIECE "e", "“length”");
  assert_malformed ("d5:filesld4:pathl1:aeee4:name1:t" ONE_PIECE "e", "“length”");
  assert_malformed ("d5:filesld6:lengthi-5e4:pathl1:aeee4:name1:t" ONE_PIECE "e", "“length”");
  assert_refused ("d5:filesld6:lengthi9223372036854775807e4:pathl1:aeed6:lengthi1e4:pathl1:beee4:"
                  "name1:t" ONE_PIECE "e",
                  CCBT_ERROR_TOO_LARGE, "“length”");
}

/* B08 */
static void
test_pieces_must_fit_the_size (void)
{
  assert_malformed ("d6:lengthi16385e4:name1:x" ONE_PIECE "e", "“pieces”");
  assert_malformed ("d6:lengthi1e4:name1:x12:piece lengthi16384e6:pieces40:" HASH HASH "e",
                    "“pieces”");
  assert_malformed ("d6:lengthi1e4:name1:x12:piece lengthi16384e6:pieces19:aaaaaaaaaaaaaaaaaaae",
                    "“pieces”");
  assert_malformed ("d6:lengthi1e4:name1:x12:piece lengthi16384e6:pieces0:e", "“pieces”");
  assert_malformed ("d6:lengthi1e4:name1:x12:piece lengthi16384e6:piecesi1ee", "“pieces”");
}

/* B09 */
static void
test_too_many_pieces_are_refused (void)
{
  assert_refused ("d6:lengthi2097153e4:name1:x12:piece lengthi1e6:pieces20:" HASH "e",
                  CCBT_ERROR_TOO_LARGE, "pieces");
  assert_refused ("d6:lengthi9223372036854775807e4:name1:x" ONE_PIECE "e", CCBT_ERROR_TOO_LARGE,
                  "pieces");
}

static void
test_nothing_to_download_is_refused (void)
{
  assert_malformed ("d6:lengthi0e4:name1:x12:piece lengthi16384e6:pieces0:e",
                    "nothing to download");
  assert_malformed ("d5:filesle4:name1:x12:piece lengthi16384e6:pieces0:e", "nothing to download");
  assert_malformed ("d5:filesld4:attr1:p6:lengthi5eee4:name1:x" ONE_PIECE "e",
                    "nothing to download");
}

/* B10 */
static void
test_paths_stay_in_the_torrents_folder (void)
{
  g_autoptr (CcbtMetainfo) metainfo
      = parse_text ("", "d5:filesld6:lengthi1e4:pathl2:..2:..10:/etc/"
                        "shadoeed6:lengthi1e4:pathl0:1:beee4:name2:.." ONE_PIECE "e");

  assert_file (metainfo, 0, "_/_/_/_etc_shado", 1, 0);
  assert_file (metainfo, 1, "_/_/b", 1, 1);
}

static void
test_bad_paths_are_refused (void)
{
  g_autoptr (GString) deep = g_string_new ("d5:filesld6:lengthi1e4:pathl");

  for (guint i = 0; i < 101; i++)
    g_string_append (deep, "1:a");
  g_string_append (deep, "eee4:name1:t" ONE_PIECE "e");
  assert_malformed (deep->str, "“path”");
  assert_malformed ("d5:filesld6:lengthi1eee4:name1:t" ONE_PIECE "e", "“path”");
  assert_malformed ("d5:filesld6:lengthi1e4:pathleee4:name1:t" ONE_PIECE "e", "“path”");
  assert_malformed ("d5:filesld6:lengthi1e4:path1:aee4:name1:t" ONE_PIECE "e", "“path”");
  assert_malformed ("d5:filesld6:lengthi1e4:pathli1eeee4:name1:t" ONE_PIECE "e", "“path”");
  assert_malformed ("d5:filesli1ee4:name1:t" ONE_PIECE "e", "“files”");
  assert_malformed ("d5:filesi1e4:name1:t" ONE_PIECE "e", "“files”");
}

/* B16 */
static void
test_equal_paths_are_told_apart (void)
{
  g_autoptr (CcbtMetainfo) metainfo
      = parse_text ("", "d5:filesld6:lengthi1e4:pathl1:aeed6:lengthi1e4:pathl1:Aeed6:lengthi1e4:"
                        "pathl1:a1:beee4:name1:t" ONE_PIECE "e");

  assert_file (metainfo, 0, "t/a", 1, 0);
  assert_file (metainfo, 1, "t/A (1)", 1, 1);
  assert_file (metainfo, 2, "t/a (2)/b", 1, 2);
}

/* B19: a pad needs no path, and takes none from a file. */
static void
test_pads_are_marked (void)
{
  g_autoptr (CcbtMetainfo) metainfo = parse_text (
      "", "d5:filesld6:lengthi1e4:pathl1:aeed4:attr2:ph6:lengthi9eed4:attr1:p6:lengthi9"
          "e4:pathl1:bee"
          "d6:lengthi1e4:pathl4:.pad1:9eee4:name1:t" ONE_PIECE "e");

  g_assert_cmpuint (ccbt_metainfo_get_n_files (metainfo), ==, 4);
  assert_file (metainfo, 1, "t/.pad/9 (1)", 9, 1);
  assert_file (metainfo, 2, "t/.pad/9 (2)", 9, 10);
  assert_file (metainfo, 3, "t/.pad/9", 1, 19);
  g_assert_cmpuint (ccbt_metainfo_get_file (metainfo, 1)->attributes, ==,
                    CCBT_FILE_ATTRIBUTE_PAD | CCBT_FILE_ATTRIBUTE_HIDDEN);
  g_assert_cmpuint (ccbt_metainfo_get_total_size (metainfo), ==, 20);
  g_assert_cmpuint (ccbt_metainfo_get_payload_size (metainfo), ==, 2);
}

#define LINK_TO(target, name) "d4:attr1:l4:pathl1:s" name "e12:symlink pathl" target "ee"

/* B17 */
static void
test_links_name_files_of_the_torrent_only (void)
{
  static const char *const targets[] = { "../a/file", NULL, NULL, NULL, NULL, NULL, "link (1)" };
  g_autoptr (CcbtMetainfo) metainfo = parse_text (
      "", "d5:filesl" LINK_TO ("1:a4:file", "4:link") LINK_TO ("2:..2:..6:passwd", "2:l2")
              LINK_TO ("1:s2:l3", "2:l3") /* itself */
      LINK_TO ("1:s4:link", "2:l4")       /* another link */
      LINK_TO ("1:a", "2:l5")             /* a folder */
      LINK_TO ("1:a4:gone", "2:l6")
          LINK_TO ("1:s8:link (1)", "2:l7") "d6:lengthi1e4:pathl1:s4:linkee"
                                            "d6:lengthi1e4:pathl1:a4:fileeee4:name1:t" ONE_PIECE
                                            "e");

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (metainfo, i);

      g_assert_cmpuint (file->attributes, ==, CCBT_FILE_ATTRIBUTE_SYMLINK);
      g_assert_cmpuint (file->length, ==, 0);
      g_assert_cmpstr (file->symlink_target, ==, targets[i]);
    }
  assert_malformed ("d5:filesld4:attr1:l6:lengthi1e4:pathl1:aeee4:name1:t" ONE_PIECE "e", "link");
}

/* --- Around the info dictionary --- */

#define SMALL_INFO "d6:lengthi1e4:name1:x" ONE_PIECE "e"

static void
test_tiers_win_over_announce (void)
{
  g_autoptr (CcbtMetainfo) metainfo = parse_text (
      "8:announce16:http://a.example13:announce-listll16:http://b.example7:file://eli1ee16:http://"
      "c.examplel16:http://b.example15:udp://d.exampleee",
      SMALL_INFO);
  guint tier = 99;

  g_assert_cmpuint (ccbt_metainfo_get_n_trackers (metainfo), ==, 3);
  g_assert_cmpstr (ccbt_metainfo_get_tracker (metainfo, 0, &tier), ==, "http://b.example");
  g_assert_cmpuint (tier, ==, 0);
  g_assert_cmpstr (ccbt_metainfo_get_tracker (metainfo, 1, &tier), ==, "http://c.example");
  g_assert_cmpuint (tier, ==, 1);
  g_assert_cmpstr (ccbt_metainfo_get_tracker (metainfo, 2, &tier), ==, "udp://d.example");
  g_assert_cmpuint (tier, ==, 2);
}

static void
test_announce_counts_without_usable_tiers (void)
{
  g_autoptr (CcbtMetainfo) metainfo = parse_text (
      "8:announce17: http://a.example13:announce-listll7:file://eli1ee0:i5ee", SMALL_INFO);

  g_assert_cmpuint (ccbt_metainfo_get_n_trackers (metainfo), ==, 1);
  g_assert_cmpstr (ccbt_metainfo_get_tracker (metainfo, 0, NULL), ==, "http://a.example");
}

/* B28 */
static void
test_foreign_hosts_are_shown_as_punycode (void)
{
  g_autoptr (CcbtMetainfo) metainfo = parse_text ("8:announce24:http://b\xc3\xbc"
                                                  "cher.example/a",
                                                  SMALL_INFO);

  g_assert_cmpstr (ccbt_metainfo_get_tracker (metainfo, 0, NULL), ==,
                   "http://xn--bcher-kva.example/a");
}

/* B29 */
static void
test_tracker_floods_are_cut (void)
{
  g_autoptr (GString) extras = g_string_new ("13:announce-listl");
  g_autofree char *filler = g_strnfill (65536, 'a');
  g_autoptr (CcbtMetainfo) metainfo = NULL;

  g_string_append_printf (extras, "l65553:http://a.example/%se", filler);
  for (guint i = 0; i < 10000; i++)
    g_string_append (extras, "l16:http://a.examplee");
  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (extras, "l18:http://%05u.exampe", i);
  g_string_append (extras, "e8:url-listl");
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (extras, "18:http://%05u.examp", i);
  g_string_append_c (extras, 'e');
  metainfo = parse_text (extras->str, SMALL_INFO);
  g_assert_cmpuint (ccbt_metainfo_get_n_trackers (metainfo), ==, 200);
  g_assert_cmpuint (g_strv_length ((char **) ccbt_metainfo_get_web_seeds (metainfo)), ==, 100);
}

/* Names and addresses with a port; what is neither is left out. */
static void
test_dht_nodes_are_read (void)
{
  g_autoptr (CcbtMetainfo) metainfo = parse_text ("5:nodesl"
                                                  "l9:127.0.0.1i6881ee"
                                                  "l11:router.testi1ee"
                                                  "l3:::1i65535ee"
                                                  "l1:ai0ee"
                                                  "l1:ai65536ee"
                                                  "l3:a bi1ee"
                                                  "l3:a\nbi1ee"
                                                  "l1:ae"
                                                  "1:x"
                                                  "le"
                                                  "i7e"
                                                  "e",
                                                  SMALL_INFO);
  const char *const *nodes = ccbt_metainfo_get_nodes (metainfo);

  g_assert_cmpuint (g_strv_length ((char **) nodes), ==, 3);
  g_assert_cmpstr (nodes[0], ==, "127.0.0.1:6881");
  g_assert_cmpstr (nodes[1], ==, "router.test:1");
  g_assert_cmpstr (nodes[2], ==, "[::1]:65535");
}

static void
test_web_seeds_of_both_kinds_are_read (void)
{
  g_autoptr (CcbtMetainfo) metainfo = parse_text (
      "9:httpseedsl16:http://h.examplei1ee8:url-list22:http://s.example/a b/f", SMALL_INFO);
  g_autoptr (CcbtMetainfo) wrong = parse_text ("9:httpseedsi1e8:url-listd1:a1:be", SMALL_INFO);

  g_assert_cmpstr (ccbt_metainfo_get_http_seeds (metainfo)[0], ==, "http://h.example");
  g_assert_null (ccbt_metainfo_get_http_seeds (metainfo)[1]);
  g_assert_cmpstr (ccbt_metainfo_get_web_seeds (metainfo)[0], ==, "http://s.example/a%20b/f");
  g_assert_null (ccbt_metainfo_get_web_seeds (wrong)[0]);
  g_assert_null (ccbt_metainfo_get_http_seeds (wrong)[0]);
}

/* B11, B14 */
static void
test_texts_are_printable (void)
{
  g_autoptr (CcbtMetainfo) metainfo = parse_text ("7:comment4:a\x1b[b10:created by2:\xff"
                                                  "c13:creation datei-5e",
                                                  SMALL_INFO);

  g_assert_cmpstr (ccbt_metainfo_get_comment (metainfo), ==, "a\357\277\275[b");
  g_assert_cmpstr (ccbt_metainfo_get_created_by (metainfo), ==,
                   "\357\277\275"
                   "c");
  g_assert_cmpint (ccbt_metainfo_get_creation_date (metainfo), ==, 0);
}

/* B24 */
static void
test_large_files_are_refused (void)
{
  g_autoptr (GBytes) bytes
      = g_bytes_new_take (g_malloc0 (CCBT_METAINFO_MAX_SIZE + 1), CCBT_METAINFO_MAX_SIZE + 1);

  assert_bytes_refused (bytes, CCBT_ERROR_TOO_LARGE, "cannot be read");
}

/* --- Writing --- */

static void
test_built_torrents_are_read_again (void)
{
  static const char *const first[] = { "http://a.example/announce", "udp://b.example:80", NULL };
  static const char *const second[] = { "http://c.example/announce", NULL };
  const char *const *const tiers[] = { first, second, NULL };
  g_autoptr (GBytes) bytes = load ("v1-multi.torrent");
  g_autoptr (CcbtMetainfo) source = parse_good (bytes);
  g_autoptr (GBytes) built = ccbt_metainfo_build (ccbt_metainfo_get_info (source), tiers);
  g_autoptr (GBytes) plain = ccbt_metainfo_build (ccbt_metainfo_get_info (source), NULL);
  g_autoptr (CcbtMetainfo) metainfo = parse_good (built);
  g_autoptr (CcbtMetainfo) without = parse_good (plain);
  guint tier;

  assert_hashes (metainfo, "c1a41cc3521a282f3e9a04e37efbffca64b94206", NULL);
  g_assert_cmpuint (ccbt_metainfo_get_n_trackers (metainfo), ==, 3);
  g_assert_cmpstr (ccbt_metainfo_get_tracker (metainfo, 2, &tier), ==, second[0]);
  g_assert_cmpuint (tier, ==, 1);
  g_assert_cmpuint (ccbt_metainfo_get_n_trackers (without), ==, 0);
}

static void
test_references_keep_it_alive (void)
{
  g_autoptr (GBytes) bytes = load ("hybrid.torrent");
  g_autoptr (CcbtMetainfo) kept = NULL;
  CcbtMetainfo *metainfo = parse_good (bytes);

  g_clear_pointer (&bytes, g_bytes_unref);
  kept = ccbt_metainfo_ref (metainfo);
  ccbt_metainfo_unref (metainfo);
  g_assert_cmpstr (ccbt_metainfo_get_name (kept), ==, "multi");
  g_assert_cmpuint (ccbt_metainfo_get_piece_hash (kept, 0)[0], <=, 255);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metainfo/single-file-is-read", test_single_file_is_read);
  g_test_add_func ("/metainfo/info-hash-is-that-of-the-raw-bytes",
                   test_info_hash_is_that_of_the_raw_bytes);
  g_test_add_func ("/metainfo/torrent-of-another-program-v1", test_torrent_of_another_program_v1);
  g_test_add_func ("/metainfo/odd-piece-lengths-are-legal-in-v1",
                   test_odd_piece_lengths_are_legal_in_v1);
  g_test_add_func ("/metainfo/a-folder-of-one-file-is-a-folder",
                   test_a_folder_of_one_file_is_a_folder);
  g_test_add_func ("/metainfo/utf8-names-are-preferred", test_utf8_names_are_preferred);
  g_test_add_func ("/metainfo/missing-parts-are-named", test_missing_parts_are_named);
  g_test_add_func ("/metainfo/bad-piece-lengths-are-refused", test_bad_piece_lengths_are_refused);
  g_test_add_func ("/metainfo/bad-lengths-are-refused", test_bad_lengths_are_refused);
  g_test_add_func ("/metainfo/pieces-must-fit-the-size", test_pieces_must_fit_the_size);
  g_test_add_func ("/metainfo/too-many-pieces-are-refused", test_too_many_pieces_are_refused);
  g_test_add_func ("/metainfo/nothing-to-download-is-refused", test_nothing_to_download_is_refused);
  g_test_add_func ("/metainfo/paths-stay-in-the-torrents-folder",
                   test_paths_stay_in_the_torrents_folder);
  g_test_add_func ("/metainfo/bad-paths-are-refused", test_bad_paths_are_refused);
  g_test_add_func ("/metainfo/equal-paths-are-told-apart", test_equal_paths_are_told_apart);
  g_test_add_func ("/metainfo/pads-are-marked", test_pads_are_marked);
  g_test_add_func ("/metainfo/links-name-files-of-the-torrent-only",
                   test_links_name_files_of_the_torrent_only);
  g_test_add_func ("/metainfo/tiers-win-over-announce", test_tiers_win_over_announce);
  g_test_add_func ("/metainfo/announce-counts-without-usable-tiers",
                   test_announce_counts_without_usable_tiers);
  g_test_add_func ("/metainfo/foreign-hosts-are-shown-as-punycode",
                   test_foreign_hosts_are_shown_as_punycode);
  g_test_add_func ("/metainfo/tracker-floods-are-cut", test_tracker_floods_are_cut);
  g_test_add_func ("/wire/metainfo/dht-nodes", test_dht_nodes_are_read);
  g_test_add_func ("/metainfo/web-seeds-of-both-kinds-are-read",
                   test_web_seeds_of_both_kinds_are_read);
  g_test_add_func ("/metainfo/texts-are-printable", test_texts_are_printable);
  g_test_add_func ("/metainfo/large-files-are-refused", test_large_files_are_refused);
  g_test_add_func ("/metainfo/built-torrents-are-read-again", test_built_torrents_are_read_again);
  g_test_add_func ("/metainfo/references-keep-it-alive", test_references_keep_it_alive);
  return g_test_run ();
}
