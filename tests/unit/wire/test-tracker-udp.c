/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-tracker-udp.h"

/* Byte by byte from the tables of BEP 15 and the examples of BEP 41. */

#define REPLY_HEAD(action) 0, 0, 0, action, 0xca, 0xfe, 0xba, 0xbe
#define SPAN(bytes) ((CcbtSpan){ bytes, sizeof (bytes) })

static CcbtAnnounceRequest
make_request (void)
{
  CcbtAnnounceRequest request = { .port = 0x1ae1,
                                  .uploaded = 3,
                                  .downloaded = 0x0102030405060708,
                                  .left = 2,
                                  .key = 0x11223344,
                                  .number_wanted = -1,
                                  .event = CCBT_ANNOUNCE_STARTED };

  memset (request.info_hash.bytes, 'h', 20);
  memset (request.peer_id, 'p', 20);
  return request;
}

static void
assert_bytes (const GByteArray *got, const guint8 *expected, gsize len)
{
  g_assert_cmpmem (got->data, got->len, expected, len);
}

static void
test_connect_request (void)
{
  const guint8 expected[]
      = { 0, 0, 0x04, 0x17, 0x27, 0x10, 0x19, 0x80, 0, 0, 0, 0, 0xca, 0xfe, 0xba, 0xbe };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  ccbt_tracker_udp_write_connect (out, 0xcafebabe);
  assert_bytes (out, expected, sizeof expected);
}

static void
test_announce_request (void)
{
  const guint8 numbers[]
      = { 1, 2, 3, 4, 5,    6,    7,    8,    0,    0,    0,    0,    0,    0,
          0, 2, 0, 0, 0,    0,    0,    0,    0,    3,    0,    0,    0,    2,
          0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0xff, 0xff, 0xff, 0xff, 0x1a, 0xe1 };
  const guint8 head[] = { 0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 1, 0xca, 0xfe, 0xba, 0xbe };
  const CcbtAnnounceRequest request = make_request ();
  g_autoptr (GByteArray) out = g_byte_array_new ();

  ccbt_tracker_udp_write_announce (out, 0x0001020304050607, 0xcafebabe, &request, "");
  g_assert_cmpuint (out->len, ==, 98);
  g_assert_cmpmem (out->data, 16, head, sizeof head);
  g_assert_cmpmem (out->data + 16, 20, request.info_hash.bytes, 20);
  g_assert_cmpmem (out->data + 36, 20, request.peer_id, 20);
  g_assert_cmpmem (out->data + 56, 42, numbers, sizeof numbers);
}

static void
test_event_numbers (void)
{
  const guint8 numbers[] = { [CCBT_ANNOUNCE_NONE] = 0,
                             [CCBT_ANNOUNCE_COMPLETED] = 1,
                             [CCBT_ANNOUNCE_STARTED] = 2,
                             [CCBT_ANNOUNCE_STOPPED] = 3 };
  CcbtAnnounceRequest request = make_request ();

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();

      request.event = i;
      request.number_wanted = 50;
      ccbt_tracker_udp_write_announce (out, 0, 0, &request, "");
      g_assert_cmpuint (ccbt_read_u32 (out->data + 80), ==, numbers[i]);
      g_assert_cmpuint (ccbt_read_u32 (out->data + 92), ==, 50);
    }
}

static void
test_url_data (void)
{
  const guint8 option[] = { 2, 12, '/', 'd', 'i', 'r', '?', 'a', '=', 'b', '&', 'c', '=', 'd' };
  const CcbtAnnounceRequest request = make_request ();
  g_autoptr (GByteArray) out = g_byte_array_new ();

  ccbt_tracker_udp_write_announce (out, 0, 0, &request, "/dir?a=b&c=d");
  g_assert_cmpmem (out->data + 98, out->len - 98, option, sizeof option);
}

static void
test_long_url_data_is_cut_into_options (void)
{
  const CcbtAnnounceRequest request = make_request ();
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *path = g_strnfill (300, 'x');

  ccbt_tracker_udp_write_announce (out, 0, 0, &request, path);
  g_assert_cmpuint (out->len, ==, 98 + 2 + 255 + 2 + 45);
  g_assert_cmpuint (out->data[98], ==, 2);
  g_assert_cmpuint (out->data[99], ==, 255);
  g_assert_cmpuint (out->data[98 + 257], ==, 2);
  g_assert_cmpuint (out->data[98 + 258], ==, 45);
}

static void
test_scrape_request (void)
{
  const CcbtSha1 hashes[2] = { { { 1 } }, { { 2 } } };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  ccbt_tracker_udp_write_scrape (out, 5, 6, hashes, 2);
  g_assert_cmpuint (out->len, ==, 16 + 40);
  g_assert_cmpuint (ccbt_read_u32 (out->data + 8), ==, CCBT_TRACKER_UDP_SCRAPE);
  g_assert_cmpmem (out->data + 16, 40, hashes, 40);
}

/* --- Replies --- */

static void
test_head (void)
{
  const guint8 good[] = { REPLY_HEAD (3) };
  const guint8 unknown[] = { REPLY_HEAD (4) };
  CcbtTrackerUdpAction action;
  guint32 transaction;

  g_assert_true (ccbt_tracker_udp_read_head (SPAN (good), &action, &transaction));
  g_assert_cmpint (action, ==, CCBT_TRACKER_UDP_ERROR);
  g_assert_cmpuint (transaction, ==, 0xcafebabe);
  g_assert_false (ccbt_tracker_udp_read_head (SPAN (unknown), &action, &transaction));
  g_assert_false (ccbt_tracker_udp_read_head ((CcbtSpan){ good, 7 }, &action, &transaction));
}

static void
test_connect_reply (void)
{
  const guint8 reply[] = { REPLY_HEAD (0), 1, 2, 3, 4, 5, 6, 7, 8, 99 };
  guint64 connection = 0;

  g_assert_true (ccbt_tracker_udp_read_connect (SPAN (reply), &connection));
  g_assert_cmphex (connection, ==, 0x0102030405060708);
  g_assert_false (ccbt_tracker_udp_read_connect ((CcbtSpan){ reply, 15 }, &connection));
}

static char *
dup_peer (const CcbtAnnounceReply *reply, guint index)
{
  return ccbt_address_to_string (&g_array_index (reply->peers, CcbtAddress, index));
}

static void
test_announce_reply (void)
{
  const guint8 bytes[]
      = { REPLY_HEAD (1), 0,   0, 7, 8, 0, 0, 0, 9, 0, 0, 0, 5, 1, 2, 3, 4, 0, 80, 127, 0, 0, 1,
          0xff,           0xff };
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtAnnounceReply) reply
      = ccbt_tracker_udp_read_announce (SPAN (bytes), FALSE, &error);
  g_autofree char *first = NULL;

  g_assert_no_error (error);
  g_assert_null (reply->failure);
  g_assert_cmpuint (reply->interval, ==, 1800);
  g_assert_cmpint (reply->leechers, ==, 9);
  g_assert_cmpint (reply->seeds, ==, 5);
  g_assert_cmpuint (reply->peers->len, ==, 2);
  first = dup_peer (reply, 0);
  g_assert_cmpstr (first, ==, "1.2.3.4:80");
}

static void
test_ipv6_peers (void)
{
  guint8 bytes[20 + 18] = { REPLY_HEAD (1), 0, 0, 7, 8 };
  g_autoptr (CcbtAnnounceReply) reply = NULL;
  g_autofree char *first = NULL;

  bytes[20] = 0x20;
  bytes[21] = 1;
  bytes[35] = 1;
  bytes[37] = 80;
  reply = ccbt_tracker_udp_read_announce (SPAN (bytes), TRUE, NULL);
  g_assert_cmpuint (reply->peers->len, ==, 1);
  first = dup_peer (reply, 0);
  g_assert_cmpstr (first, ==, "[2001::1]:80");
}

/* Threats B67, B70, B71, B72: what is cut short, absurd or too much. */
static void
test_rest_of_a_peer_is_left_out (void)
{
  guint8 bytes[20 + 35] = { REPLY_HEAD (1), 0, 0, 7, 8 };

  memset (bytes + 20, 1, 35);
  for (gsize n = 0; n <= sizeof bytes; n++)
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++)
      {
        g_autofree guint8 *exact = g_memdup2 (bytes, n); /* an over-read is seen by the sanitizer */
        g_autoptr (GError) error = NULL;
        g_autoptr (CcbtAnnounceReply) reply
            = ccbt_tracker_udp_read_announce ((CcbtSpan){ exact, n }, is_ipv6, &error);

        if (n < 20)
          g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
        else
          g_assert_cmpuint (reply->peers->len, ==, (n - 20) / (is_ipv6 ? 18 : 6));
      }
}

static void
test_absurd_numbers (void)
{
  guint8 bytes[20] = { REPLY_HEAD (1) };
  const guint32 given[] = { 0, 1, 59, 60, 86401, 0x7fffffff, 0x80000000, 0xffffffff };
  const guint32 taken[] = { 1800, 60, 60, 60, 86400, 86400, 1800, 1800 };

  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    {
      g_autoptr (CcbtAnnounceReply) reply = NULL;

      ccbt_write_u32 (bytes + 8, given[i]);
      ccbt_write_u32 (bytes + 12, 0xffffffff);
      ccbt_write_u32 (bytes + 16, 0x7fffffff);
      reply = ccbt_tracker_udp_read_announce (SPAN (bytes), FALSE, NULL);
      g_assert_cmpuint (reply->interval, ==, taken[i]);
      g_assert_cmpint (reply->leechers, ==, -1);
      g_assert_cmpint (reply->seeds, ==, 100000000);
    }
}

static void
test_no_more_than_3000_peers (void)
{
  gsize size = 20 + 6 * 10000;
  g_autofree guint8 *bytes = g_malloc (size);
  g_autoptr (CcbtAnnounceReply) reply = NULL;

  memset (bytes, 1, size);
  ccbt_write_u32 (bytes, CCBT_TRACKER_UDP_ANNOUNCE);
  reply = ccbt_tracker_udp_read_announce ((CcbtSpan){ bytes, size }, FALSE, NULL);
  g_assert_cmpuint (reply->peers->len, ==, 3000);
}

static void
test_error (void)
{
  const guint8 bytes[] = { REPLY_HEAD (3), 'n', 'o', 033, '[', 0xff, 0 };
  const guint8 empty[] = { REPLY_HEAD (3) };
  g_autoptr (CcbtAnnounceReply) reply = ccbt_tracker_udp_read_announce (SPAN (bytes), FALSE, NULL);
  g_autoptr (CcbtAnnounceReply) silent = ccbt_tracker_udp_read_announce (SPAN (empty), FALSE, NULL);

  g_assert_cmpstr (reply->failure, ==, "no\357\277\275[\357\277\275");
  g_assert_cmpint (reply->retry_in, ==, 0);
  g_assert_cmpstr (silent->failure, ==, "no reason given");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tracker-udp/connect-request", test_connect_request);
  g_test_add_func ("/tracker-udp/announce-request", test_announce_request);
  g_test_add_func ("/tracker-udp/event-numbers", test_event_numbers);
  g_test_add_func ("/tracker-udp/url-data", test_url_data);
  g_test_add_func ("/tracker-udp/long-url-data", test_long_url_data_is_cut_into_options);
  g_test_add_func ("/tracker-udp/scrape-request", test_scrape_request);
  g_test_add_func ("/tracker-udp/head", test_head);
  g_test_add_func ("/tracker-udp/connect-reply", test_connect_reply);
  g_test_add_func ("/tracker-udp/announce-reply", test_announce_reply);
  g_test_add_func ("/tracker-udp/ipv6-peers", test_ipv6_peers);
  g_test_add_func ("/tracker-udp/rest-of-a-peer", test_rest_of_a_peer_is_left_out);
  g_test_add_func ("/tracker-udp/absurd-numbers", test_absurd_numbers);
  g_test_add_func ("/tracker-udp/too-many-peers", test_no_more_than_3000_peers);
  g_test_add_func ("/tracker-udp/error", test_error);
  return g_test_run ();
}
