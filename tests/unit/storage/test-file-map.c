/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "storage/ccbt-file-map.h"

/* Segments of @length bytes at @offset as "file:file_offset+length@offset ...", '-' for no file. */
static char *
describe (const CcbtFileMap *map, guint64 offset, guint64 length)
{
  GString *text = g_string_new (NULL);
  CcbtFileMapIter iter;
  CcbtFileSegment segment;

  ccbt_file_map_iter_init (&iter, map, offset, length);
  while (ccbt_file_map_iter_next (&iter, &segment))
    {
      if (segment.file == CCBT_FILE_MAP_NONE)
        g_string_append (text, "-");
      else
        g_string_append_printf (text, "%u:", segment.file);
      g_string_append_printf (text, "%d+%d@%d ", (int) segment.file_offset, (int) segment.length,
                              (int) segment.offset);
    }
  g_string_truncate (text, text->len > 0 ? text->len - 1 : 0);
  return g_string_free (text, FALSE);
}

#define assert_segments(map, offset, length, expected)                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *text = describe (map, offset, length);                                        \
    g_assert_cmpstr (text, ==, expected);                                                          \
  }                                                                                                \
  G_STMT_END

static const CcbtFileSpan spans[] = { { 0, 10, 0 }, { 10, 1, 2 }, { 11, 5, 3 }, { 20, 30, 5 } };

static void
test_a_range_is_cut_at_the_borders_of_files (void)
{
  CcbtFileMap *map = ccbt_file_map_new (spans, G_N_ELEMENTS (spans));

  assert_segments (map, 0, 10, "0:0+10@0");
  assert_segments (map, 3, 4, "0:3+4@3");
  assert_segments (map, 9, 3, "0:9+1@9 2:0+1@10 3:0+1@11");
  assert_segments (map, 10, 1, "2:0+1@10");
  ccbt_file_map_free (map);
}

static void
test_gaps_belong_to_no_file (void)
{
  CcbtFileMap *map = ccbt_file_map_new (spans, G_N_ELEMENTS (spans));

  assert_segments (map, 15, 6, "3:4+1@15 -0+4@16 5:0+1@20");
  assert_segments (map, 17, 2, "-0+2@17");
  assert_segments (map, 49, 11, "5:29+1@49 -0+10@50");
  assert_segments (map, 90, 5, "-0+5@90");
  ccbt_file_map_free (map);
}

static void
test_an_empty_range_has_no_segments (void)
{
  CcbtFileMap *map = ccbt_file_map_new (spans, G_N_ELEMENTS (spans));

  assert_segments (map, 0, 0, "");
  assert_segments (map, 10, 0, "");
  ccbt_file_map_free (map);
}

static void
test_a_torrent_without_stored_files_is_one_gap (void)
{
  CcbtFileMap *map = ccbt_file_map_new (NULL, 0);

  assert_segments (map, 5, 7, "-0+7@5");
  ccbt_file_map_free (map);
}

/* Against a table with the owner of every byte. */
static void
test_every_byte_of_every_range_is_where_the_table_says (void)
{
  enum
  {
    SIZE = 300
  };
  guint owner[SIZE], place[SIZE];
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (CcbtFileSpan));
  CcbtFileMap *map;

  for (guint at = 0; at < SIZE;)
    {
      const CcbtFileSpan span
          = { .offset = at, .length = (guint64) g_test_rand_int_range (1, 20), .file = (guint) at };
      gboolean is_gap = g_test_rand_bit ();
      guint end = (guint) MIN (SIZE, span.offset + span.length);

      if (!is_gap && span.offset + span.length <= SIZE)
        g_array_append_val (made, span);
      else
        is_gap = TRUE;
      for (guint i = at; i < end; i++)
        {
          owner[i] = is_gap ? CCBT_FILE_MAP_NONE : span.file;
          place[i] = i - at;
        }
      at = end;
    }
  map = ccbt_file_map_new ((const CcbtFileSpan *) made->data, made->len);
  for (guint offset = 0; offset < SIZE; offset++)
    for (guint length = 0; offset + length <= SIZE; length += 7)
      {
        CcbtFileMapIter iter;
        CcbtFileSegment segment;
        guint at = offset;

        ccbt_file_map_iter_init (&iter, map, offset, length);
        while (ccbt_file_map_iter_next (&iter, &segment))
          {
            g_assert_cmpuint (segment.offset, ==, at);
            for (guint i = 0; i < segment.length; i++, at++)
              {
                g_assert_cmpuint (segment.file, ==, owner[at]);
                if (segment.file != CCBT_FILE_MAP_NONE)
                  g_assert_cmpuint (segment.file_offset + i, ==, place[at]);
              }
          }
        g_assert_cmpuint (at, ==, offset + length);
      }
  ccbt_file_map_free (map);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/storage/file-map/" #name, test_##name)
  ADD (a_range_is_cut_at_the_borders_of_files);
  ADD (gaps_belong_to_no_file);
  ADD (an_empty_range_has_no_segments);
  ADD (a_torrent_without_stored_files_is_one_gap);
  ADD (every_byte_of_every_range_is_where_the_table_says);
#undef ADD
  return g_test_run ();
}
