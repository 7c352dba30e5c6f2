/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-torrent-options.h"
#include "session/ccbt-import.h"
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Two files in 20 pieces of 16 KiB. Returns: (transfer full) */
static GBytes *
make_torrent (void)
{
  GString *text
      = g_string_new ("d4:infod5:filesld6:lengthi100000e4:pathl1:aeed6:lengthi220000e4:pathl1:"
                      "beee4:name1:t12:piece lengthi16384e6:pieces400:");

  for (guint i = 0; i < 400; i++)
    g_string_append_c (text, (char) i);
  g_string_append (text, "ee");
  return g_string_free_to_bytes (text);
}

static void
assert_bounded (CcbtImportItem *item)
{
  g_autoptr (CcbtTorrentOptions) options = ccbt_torrent_options_from_bytes (item->record->options);

  g_assert (item->record->verified == NULL || g_bytes_get_size (item->record->verified) == 3);
  g_assert (item->record->priorities == NULL || g_bytes_get_size (item->record->priorities) == 2);
  g_assert (item->record->folder == NULL || g_path_is_absolute (item->record->folder));
  g_assert (item->record->folder != NULL || item->record->is_paused);
  g_assert (item->notes->len < 100);
  g_assert (g_strv_length (options->tags) <= CCBT_MAX_TAGS);
  for (guint i = 0; i < item->notes->len; i++)
    g_assert (g_utf8_validate (g_ptr_array_index (item->notes, i), -1, NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (CcbtBencode) document
      = ccbt_bencode_parse ((CcbtSpan){ data, size }, &ccbt_bencode_limits_message, NULL, NULL);
  g_autoptr (GBytes) torrent = make_torrent ();
  CcbtBencodeValue root;

  if (document == NULL)
    return 0;
  root = ccbt_bencode_get_root (document);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (CcbtImportItem) item = ccbt_import_item_new (torrent, NULL);

      g_assert (item != NULL);
      if (i == 0)
        ccbt_import_take_libtorrent (item, root);
      else if (i == 1)
        ccbt_import_take_transmission (item, root);
      else
        ccbt_import_take_rtorrent (item, root, root);
      assert_bounded (item);
    }
  return 0;
}
