/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-tracker-http.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_text (const char *text)
{
  if (text == NULL)
    return;
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (text, -1), <=, 200);
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
}

static void
check_reply (const CcbtAnnounceReply *reply)
{
  check_text (reply->failure);
  check_text (reply->warning);
  g_assert_cmpint (reply->retry_in, >=, -1);
  g_assert_cmpint (reply->retry_in, <=, 86400);
  g_assert_cmpuint (reply->interval, >=, 60);
  g_assert_cmpuint (reply->interval, <=, 86400);
  g_assert_cmpuint (reply->min_interval, <=, 86400);
  g_assert_cmpint (reply->seeds, >=, -1);
  g_assert_cmpint (reply->leechers, >=, -1);
  g_assert_cmpuint (reply->peers->len, <=, 3000);
  for (guint i = 0; i < reply->peers->len; i++)
    g_assert_cmpuint (g_array_index (reply->peers, CcbtAddress, i).port, !=, 0);
}

/* Whatever a tracker calls us, the next URL stays an URL and gives it back unharmed. */
static void
check_url (const char *tracker_id)
{
  const CcbtAnnounceRequest request = { .number_wanted = -1, .tracker_id = tracker_id };
  g_autofree char *url = ccbt_announce_build_url ("http://t.example/announce?a=b", &request);
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  const char *escaped = strstr (url, "&trackerid=");
  g_autoptr (GBytes) back = NULL;

  g_assert_nonnull (uri);
  g_assert_cmpstr (g_uri_get_host (uri), ==, "t.example");
  g_assert_nonnull (escaped);
  back = g_uri_unescape_bytes (escaped + strlen ("&trackerid="), -1, NULL, NULL);
  g_assert_nonnull (back);
  g_assert_cmpmem (g_bytes_get_data (back, NULL), g_bytes_get_size (back), tracker_id,
                   strlen (tracker_id));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtAnnounceReply) reply
      = ccbt_announce_reply_parse ((CcbtSpan){ data, size }, &error);

  g_assert_true ((reply == NULL) == (error != NULL));
  if (reply == NULL)
    return 0;
  check_reply (reply);
  if (reply->tracker_id != NULL)
    check_url (reply->tracker_id);
  return 0;
}
