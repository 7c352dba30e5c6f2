/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-metainfo-writer.h"

#include "wire/ccbt-metainfo.h"

static const CcbtSha1 pieces[5] = { { "aaaaaaaaaaaaaaaaaaa" },
                                    { "bbbbbbbbbbbbbbbbbbb" },
                                    { "ccccccccccccccccccc" },
                                    { "ddddddddddddddddddd" },
                                    { "eeeeeeeeeeeeeeeeeee" } };

static const CcbtDraftFile files[] = {
  { "a/b/deep", 20000 },
  { "a/empty", 0 },
  { "Größe", 40000 },
};

static const CcbtMetainfoDraft folder = {
  .name = "folder",
  .is_multi_file = TRUE,
  .files = files,
  .n_files = G_N_ELEMENTS (files),
  .piece_length = 16384,
  .pieces = pieces,
};

static const CcbtDraftFile one_file[] = { { NULL, 16384 * 2 } };

static const CcbtMetainfoDraft single = {
  .name = "one",
  .files = one_file,
  .n_files = 1,
  .piece_length = 16384,
  .pieces = pieces,
};

static GBytes *
write_good (const CcbtMetainfoDraft *draft)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = ccbt_metainfo_draft_write (draft, &error);

  g_assert_no_error (error);
  g_assert_nonnull (bytes);
  return bytes;
}

static CcbtMetainfo *
read_back (const CcbtMetainfoDraft *draft)
{
  g_autoptr (GBytes) bytes = write_good (draft);
  g_autoptr (GError) error = NULL;
  CcbtMetainfo *metainfo = ccbt_metainfo_parse (bytes, &error);

  g_assert_no_error (error);
  return metainfo;
}

static void
assert_refused (const CcbtMetainfoDraft *draft, CcbtError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ccbt_metainfo_draft_write (draft, &error));
  g_assert_error (error, CCBT_ERROR, (int) code);
  g_assert_true (g_str_has_suffix (error->message, "."));
}

static void
test_folder_is_read_back (void)
{
  g_autoptr (CcbtMetainfo) metainfo = read_back (&folder);

  g_assert_cmpstr (ccbt_metainfo_get_name (metainfo), ==, "folder");
  g_assert_true (ccbt_metainfo_is_multi_file (metainfo));
  g_assert_false (ccbt_metainfo_is_private (metainfo));
  g_assert_cmpuint (ccbt_metainfo_get_n_files (metainfo), ==, 3);
  g_assert_cmpuint (ccbt_metainfo_get_n_pieces (metainfo), ==, 4);
  g_assert_cmpuint (ccbt_metainfo_get_total_size (metainfo), ==, 60000);
  for (guint i = 0; i < 3; i++)
    {
      const CcbtMetainfoFile *file = ccbt_metainfo_get_file (metainfo, i);
      g_autofree char *path = g_build_filename ("folder", files[i].path, NULL);

      g_assert_cmpstr (file->path, ==, path);
      g_assert_cmpuint (file->length, ==, files[i].length);
    }
  for (guint i = 0; i < 4; i++)
    g_assert_cmpmem (ccbt_metainfo_get_piece_hash (metainfo, i), 20, &pieces[i], 20);
  g_assert_cmpint (ccbt_metainfo_get_creation_date (metainfo), ==, 0);
  g_assert_null (ccbt_metainfo_get_comment (metainfo));
}

static void
test_folder_with_one_file_is_a_folder (void)
{
  CcbtMetainfoDraft draft = folder;
  g_autoptr (CcbtMetainfo) metainfo = NULL;

  draft.n_files = 1;
  metainfo = read_back (&draft);
  g_assert_true (ccbt_metainfo_is_multi_file (metainfo));
  g_assert_cmpstr (ccbt_metainfo_get_file (metainfo, 0)->path, ==, "folder/a/b/deep");
}

static void
test_single_file_to_the_byte (void)
{
  static const char expected[]
      = "d4:infod6:lengthi32768e4:name3:one12:piece lengthi16384e6:pieces40:"
        "aaaaaaaaaaaaaaaaaaa\0bbbbbbbbbbbbbbbbbbb\0ee";
  g_autoptr (GBytes) bytes = write_good (&single);
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  g_assert_cmpmem (text, length, expected, sizeof expected - 1);
}

static void
test_everything_around (void)
{
  static const char *const first[] = { "http://a.example/announce", "udp://b.example:80", NULL };
  static const char *const second[] = { "https://c.example/announce", NULL };
  static const char *const *const tiers[] = { first, second, NULL };
  static const char *const seeds[] = { "http://w.example/one", NULL };
  CcbtMetainfoDraft draft = single;
  g_autoptr (CcbtMetainfo) metainfo = NULL, plain = read_back (&single);
  g_autoptr (CcbtMetainfo) same = NULL;
  guint tier;

  draft.trackers = tiers;
  draft.web_seeds = seeds;
  draft.comment = "Für alle";
  draft.created_by = "us";
  draft.creation_date = 1700000000;
  metainfo = read_back (&draft);
  g_assert_cmpuint (ccbt_metainfo_get_n_trackers (metainfo), ==, 3);
  g_assert_cmpstr (ccbt_metainfo_get_tracker (metainfo, 1, &tier), ==, first[1]);
  g_assert_cmpuint (tier, ==, 0);
  g_assert_cmpstr (ccbt_metainfo_get_tracker (metainfo, 2, &tier), ==, second[0]);
  g_assert_cmpuint (tier, ==, 1);
  g_assert_cmpstr (ccbt_metainfo_get_web_seeds (metainfo)[0], ==, seeds[0]);
  g_assert_cmpstr (ccbt_metainfo_get_comment (metainfo), ==, draft.comment);
  g_assert_cmpstr (ccbt_metainfo_get_created_by (metainfo), ==, "us");
  g_assert_cmpint (ccbt_metainfo_get_creation_date (metainfo), ==, 1700000000);
  /* None of it makes another torrent; what is private, or of another source, is another. */
  g_assert_true (g_bytes_equal (ccbt_metainfo_get_info (metainfo), ccbt_metainfo_get_info (plain)));
  draft.is_private = TRUE;
  same = read_back (&draft);
  g_assert_true (ccbt_metainfo_is_private (same));
  g_assert_false (g_bytes_equal (ccbt_metainfo_get_info (same), ccbt_metainfo_get_info (plain)));
}

static void
test_source_is_in_the_info (void)
{
  CcbtMetainfoDraft draft = single;
  g_autoptr (CcbtMetainfo) metainfo = NULL;
  gsize length;
  const char *info;

  draft.source = "TRACKER";
  draft.is_private = TRUE;
  metainfo = read_back (&draft);
  info = g_bytes_get_data (ccbt_metainfo_get_info (metainfo), &length);
  g_assert_nonnull (memmem (info, length, "7:privatei1e6:source7:TRACKERe", 30));
}

static void
test_one_tracker_needs_no_list (void)
{
  static const char *const only[] = { "http://a.example/announce", NULL };
  static const char *const *const tiers[] = { only, NULL };
  CcbtMetainfoDraft draft = single;
  g_autoptr (GBytes) bytes = NULL;
  gsize length;
  const char *text;

  draft.trackers = tiers;
  bytes = write_good (&draft);
  text = g_bytes_get_data (bytes, &length);
  g_assert_null (memmem (text, length, "announce-list", 13));
  g_assert_cmpmem (text, 39, "d8:announce25:http://a.example/announce", 39);
}

static void
test_hosts_are_written_in_ascii (void)
{
  static const char *const only[] = { " http://b\303\274cher.example/announce", NULL };
  static const char *const *const tiers[] = { only, NULL };
  CcbtMetainfoDraft draft = single;
  g_autoptr (CcbtMetainfo) metainfo = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize length;
  const char *text;

  draft.trackers = tiers;
  metainfo = read_back (&draft);
  g_assert_cmpstr (ccbt_metainfo_get_tracker (metainfo, 0, NULL), ==,
                   "http://xn--bcher-kva.example/announce");
  bytes = write_good (&draft);
  text = g_bytes_get_data (bytes, &length);
  g_assert_nonnull (memmem (text, length, "37:http://xn--bcher-kva.example/announce", 40));
}

static void
test_piece_length_follows_the_size (void)
{
  const struct
  {
    guint64 size;
    guint32 length;
  } cases[] = {
    { 0, 16384 },
    { 1, 16384 },
    { 2000u * 16384u - 1, 16384 },
    { 2000u * 16384u, 32768 },
    { G_GUINT64_CONSTANT (700) << 20, 512 << 10 },
    { G_GUINT64_CONSTANT (4) << 30, 4 << 20 },
    { G_GUINT64_CONSTANT (100) << 30, 16 << 20 },
    { G_MAXINT64, 16 << 20 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (ccbt_metainfo_choose_piece_length (cases[i].size), ==, cases[i].length);
}

static void
test_piece_lengths_are_powers_of_two (void)
{
  CcbtMetainfoDraft draft = single;
  const guint32 wrong[] = { 1, 8192, 16385, 3 * 16384, 128 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      draft.piece_length = wrong[i];
      assert_refused (&draft, CCBT_ERROR_INVALID);
    }
}

static void
test_nothing_to_share (void)
{
  static const CcbtDraftFile nothing[] = { { "a", 0 }, { "b", 0 } };
  CcbtMetainfoDraft draft = folder;

  draft.files = nothing;
  draft.n_files = 2;
  assert_refused (&draft, CCBT_ERROR_INVALID);
}

static void
test_names_that_are_none (void)
{
  static const char *const wrong[] = { "", ".", "..", "a/../b", "a//b", "/a", "a/", "\xff\xfe" };
  CcbtDraftFile file = { NULL, 16384 };
  CcbtMetainfoDraft draft = folder;
  g_autoptr (GString) deep = g_string_new ("d");

  draft.files = &file;
  draft.n_files = 1;
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      file.path = wrong[i];
      assert_refused (&draft, CCBT_ERROR_INVALID);
    }
  for (guint i = 1; i < CCBT_METAINFO_MAX_DEPTH; i++)
    g_string_append (deep, "/d");
  file.path = deep->str;
  g_assert_true (ccbt_metainfo_draft_check_files (&draft, NULL));
  g_string_append (deep, "/d");
  file.path = deep->str;
  assert_refused (&draft, CCBT_ERROR_INVALID);
  file.path = "a";
  draft.name = "a/b";
  assert_refused (&draft, CCBT_ERROR_INVALID);
}

static void
test_too_large (void)
{
  const CcbtDraftFile large[] = { { "a", G_GUINT64_CONSTANT (1) << 40 } };
  const CcbtDraftFile impossible[] = { { "a", G_MAXINT64 }, { "b", 1 } };
  CcbtMetainfoDraft draft = folder;

  draft.files = large;
  draft.n_files = 1;
  assert_refused (&draft, CCBT_ERROR_TOO_LARGE); /* of pieces as small as that */
  draft.piece_length = 16 << 20;
  g_assert_true (ccbt_metainfo_draft_check_files (&draft, NULL));
  draft.files = impossible;
  draft.n_files = 2;
  assert_refused (&draft, CCBT_ERROR_TOO_LARGE);
  draft.n_files = CCBT_METAINFO_MAX_FILES + 1;
  assert_refused (&draft, CCBT_ERROR_TOO_LARGE);
}

static void
test_addresses_and_texts_are_checked (void)
{
  const char *tier[] = { "http://a.example/announce", NULL };
  const char *const *const tiers[] = { tier, NULL };
  const char *seeds[] = { "udp://a.example:1", NULL };
  CcbtMetainfoDraft draft = single;
  g_autofree char *long_text = g_strnfill (CCBT_DRAFT_MAX_COMMENT + 1, 'x');

  draft.trackers = tiers;
  g_assert_true (ccbt_metainfo_draft_check_texts (&draft, NULL));
  tier[0] = "ftp://a.example/announce";
  assert_refused (&draft, CCBT_ERROR_INVALID);
  draft.trackers = NULL;
  draft.web_seeds = seeds;
  assert_refused (&draft, CCBT_ERROR_INVALID);
  draft.web_seeds = NULL;
  draft.comment = long_text;
  assert_refused (&draft, CCBT_ERROR_INVALID);
  draft.comment = "\xff";
  assert_refused (&draft, CCBT_ERROR_INVALID);
}

static void
test_trackers_are_bounded (void)
{
  g_autoptr (GPtrArray) tier = g_ptr_array_new ();
  const char *const *tiers[] = { NULL, NULL };
  CcbtMetainfoDraft draft = single;

  for (guint i = 0; i <= CCBT_DRAFT_MAX_TRACKERS; i++)
    g_ptr_array_add (tier, (gpointer) "http://a.example/");
  g_ptr_array_add (tier, NULL);
  tiers[0] = (const char *const *) tier->pdata;
  draft.trackers = tiers;
  assert_refused (&draft, CCBT_ERROR_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metainfo-writer/folder-is-read-back", test_folder_is_read_back);
  g_test_add_func ("/metainfo-writer/folder-with-one-file-is-a-folder",
                   test_folder_with_one_file_is_a_folder);
  g_test_add_func ("/metainfo-writer/single-file-to-the-byte", test_single_file_to_the_byte);
  g_test_add_func ("/metainfo-writer/everything-around", test_everything_around);
  g_test_add_func ("/metainfo-writer/source-is-in-the-info", test_source_is_in_the_info);
  g_test_add_func ("/metainfo-writer/one-tracker-needs-no-list", test_one_tracker_needs_no_list);
  g_test_add_func ("/metainfo-writer/hosts-are-written-in-ascii", test_hosts_are_written_in_ascii);
  g_test_add_func ("/metainfo-writer/piece-length-follows-the-size",
                   test_piece_length_follows_the_size);
  g_test_add_func ("/metainfo-writer/piece-lengths-are-powers-of-two",
                   test_piece_lengths_are_powers_of_two);
  g_test_add_func ("/metainfo-writer/nothing-to-share", test_nothing_to_share);
  g_test_add_func ("/metainfo-writer/names-that-are-none", test_names_that_are_none);
  g_test_add_func ("/metainfo-writer/too-large", test_too_large);
  g_test_add_func ("/metainfo-writer/addresses-and-texts-are-checked",
                   test_addresses_and_texts_are_checked);
  g_test_add_func ("/metainfo-writer/trackers-are-bounded", test_trackers_are_bounded);
  return g_test_run ();
}
