/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-session-private.h"
#include "base/ccbt-error.h"

/* Places in the queue. */

static void
queue_list (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  g_autoptr (GPtrArray) order = ccbt_session_list_queue (session);
  GVariantBuilder hashes;

  g_variant_builder_init (&hashes, G_VARIANT_TYPE ("as"));
  for (guint i = 0; i < order->len; i++)
    {
      g_autofree char *hex
          = ccbt_info_hash_to_string (ccbt_torrent_get_info_hash (g_ptr_array_index (order, i)));

      g_variant_builder_add (&hashes, "s", hex);
    }
  ccbt_call_reply (call, g_variant_new ("(as)", &hashes));
}

static void
queue_set_place (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  guint32 place;

  if (torrent == NULL)
    return;
  g_variant_get_child (arguments, 1, "u", &place);
  ccbt_session_move_in_queue (session, torrent, place);
  ccbt_call_reply (call, NULL);
}

static gboolean
find_place (CcbtSession *session, CcbtTorrent *torrent, const char *where, guint *place)
{
  g_autoptr (GPtrArray) order = ccbt_session_list_queue (session);
  guint now = 0;

  g_ptr_array_find (order, torrent, &now);
  if (g_str_equal (where, "top"))
    *place = 0;
  else if (g_str_equal (where, "bottom"))
    *place = order->len;
  else if (g_str_equal (where, "up"))
    *place = now > 0 ? now - 1 : 0;
  else if (g_str_equal (where, "down"))
    *place = now + 1;
  else
    return FALSE;
  return TRUE;
}

static void
queue_move (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtTorrent *torrent = ccbt_call_find_first (session, call, arguments);
  const char *where;
  guint place;

  if (torrent == NULL)
    return;
  g_variant_get_child (arguments, 1, "&s", &where);
  if (!find_place (session, torrent, where, &place))
    {
      ccbt_call_reply_error (call, g_error_new (CCBT_ERROR, CCBT_ERROR_INVALID,
                                                "Allowed are top, up, down and bottom."));
      return;
    }
  ccbt_session_move_in_queue (session, torrent, place);
  ccbt_call_reply (call, NULL);
}

static const CcbtCommandEntry entries[] = {
  { { "queue.list", "()", "(as)", "Name all torrents in the order of the queue" }, queue_list },
  { { "queue.move", "(ss)", "()", "Move a torrent in the queue: top, up, down or bottom" },
    queue_move },
  { { "queue.set-place", "(su)", "()", "Put a torrent at a place in the queue; 0 is the first" },
    queue_set_place },
};

const CcbtCommandGroup ccbt_queue_commands = { entries, G_N_ELEMENTS (entries) };
