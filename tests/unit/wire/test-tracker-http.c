/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-tracker-http.h"

static CcbtAnnounceRequest
make_request (void)
{
  CcbtAnnounceRequest request = { .port = 6881,
                                  .uploaded = 1,
                                  .downloaded = 2,
                                  .left = G_MAXUINT64,
                                  .key = 0xabc,
                                  .number_wanted = -1 };

  for (guint i = 0; i < 20; i++)
    request.info_hash.bytes[i] = (guint8) (i * 13);
  memcpy (request.peer_id, "-CC0100-~._/ %&=#+?\377", 20);
  return request;
}

#define HASH "info_hash=%00%0D%1A%274AN%5Bhu%82%8F%9C%A9%B6%C3%D0%DD%EA%F7"
#define MIDDLE                                                                                     \
  "&peer_id=-CC0100-~._%2F%20%25%26%3D%23%2B%3F%FF&port=6881&uploaded=1&downloaded=2"              \
  "&left=18446744073709551615&compact=1&no_peer_id=1&key=00000ABC"

static void
test_the_url_has_what_bep_3_asks_for (void)
{
  CcbtAnnounceRequest request = make_request ();
  g_autofree char *url = ccbt_announce_build_url ("http://tracker.example/announce", &request);

  g_assert_cmpstr (url, ==, "http://tracker.example/announce?" HASH MIDDLE);
}

static void
test_optional_parameters_come_when_they_are_set (void)
{
  CcbtAnnounceRequest request = make_request ();
  g_autofree char *url = NULL;

  request.number_wanted = 0;
  request.event = CCBT_ANNOUNCE_STOPPED;
  request.tracker_id = "a b&c=d\r\nX: y\377";
  request.ipv6 = "2001:db8::1";
  url = ccbt_announce_build_url ("http://tracker.example/announce", &request);
  g_assert_cmpstr (url, ==,
                   "http://tracker.example/announce?" HASH MIDDLE
                   "&numwant=0&event=stopped&trackerid=a%20b%26c%3Dd%0D%0AX%3A%20y%FF"
                   "&ipv6=2001%3Adb8%3A%3A1");
}

static void
test_each_event_has_its_name (void)
{
  const char *const names[] = { [CCBT_ANNOUNCE_NONE] = NULL,
                                [CCBT_ANNOUNCE_STARTED] = "&event=started",
                                [CCBT_ANNOUNCE_COMPLETED] = "&event=completed",
                                [CCBT_ANNOUNCE_STOPPED] = "&event=stopped" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      CcbtAnnounceRequest request = make_request ();
      g_autofree char *url = NULL;

      request.event = (CcbtAnnounceEvent) i;
      url = ccbt_announce_build_url ("http://tracker.example/a", &request);
      if (names[i] == NULL)
        g_assert_null (strstr (url, "event="));
      else
        g_assert_true (g_str_has_suffix (url, names[i]));
    }
}

static void
test_a_query_is_kept_and_a_fragment_is_not (void)
{
  const char *const urls[][2] = {
    { "http://t.example/announce", "http://t.example/announce?info_hash=" },
    { "http://t.example/announce?", "http://t.example/announce?info_hash=" },
    { "http://t.example/announce?passkey=%41b",
      "http://t.example/announce?passkey=%41b&info_hash=" },
    { "http://t.example/announce?a=b&", "http://t.example/announce?a=b&info_hash=" },
    { "http://t.example/a.php?x=?", "http://t.example/a.php?x=?&info_hash=" },
    { "http://t.example/announce#top", "http://t.example/announce?info_hash=" },
    { "http://t.example/announce?a=b#?c", "http://t.example/announce?a=b&info_hash=" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      CcbtAnnounceRequest request = make_request ();
      g_autofree char *url = ccbt_announce_build_url (urls[i][0], &request);

      g_assert_true (g_str_has_prefix (url, urls[i][1]));
    }
}

/* What a tracker decodes must be the hash: all byte values in every place. */
static void
test_every_byte_of_the_hash_survives (void)
{
  for (guint start = 0; start < 256; start++)
    {
      CcbtAnnounceRequest request = make_request ();
      g_autofree char *url = NULL;
      g_autoptr (GUri) uri = NULL;
      g_autoptr (GBytes) hash = NULL;
      g_auto (GStrv) parameters = NULL;

      for (guint i = 0; i < 20; i++)
        request.info_hash.bytes[i] = (guint8) (start + i * 37);
      url = ccbt_announce_build_url ("http://t.example/a", &request);
      uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
      g_assert_nonnull (uri);
      parameters = g_strsplit (g_uri_get_query (uri), "&", 2);
      hash = g_uri_unescape_bytes (parameters[0] + strlen ("info_hash="), -1, NULL, NULL);
      g_assert_nonnull (hash);
      g_assert_cmpmem (g_bytes_get_data (hash, NULL), g_bytes_get_size (hash),
                       request.info_hash.bytes, 20);
    }
}

/* --- Reply --- */

static CcbtAnnounceReply *
parse (CcbtSpan body)
{
  g_autoptr (GError) error = NULL;
  CcbtAnnounceReply *reply = ccbt_announce_reply_parse (body, &error);

  g_assert_no_error (error);
  g_assert_nonnull (reply);
  return reply;
}

static CcbtAnnounceReply *
parse_text (const char *body)
{
  return parse (ccbt_span_from_string (body));
}

static void
assert_peer (CcbtAnnounceReply *reply, guint index, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_cmpuint (index, <, reply->peers->len);
  text = ccbt_address_to_string (&g_array_index (reply->peers, CcbtAddress, index));
  g_assert_cmpstr (text, ==, expected);
}

/* As another encoder writes it. */
static void
test_a_full_reply_is_understood (void)
{
  g_autoptr (CcbtAnnounceReply) reply = parse (CCBT_SPAN_LITERAL (
      "d8:completei12e11:external ip4:\xcb\x00\x71\x05"
      "10:incompletei3e8:intervali1800e"
      "12:min intervali900e5:peers12:\xc0\x00\x02\x01\x1a\xe1\xc0\x00\x02\x02\x00\x50"
      "6:peers618:\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\xc8\xd5"
      "10:tracker id5:abcde"
      "15:warning message4:softe"));

  g_assert_null (reply->failure);
  g_assert_cmpint (reply->seeds, ==, 12);
  g_assert_cmpint (reply->leechers, ==, 3);
  g_assert_cmpuint (reply->interval, ==, 1800);
  g_assert_cmpuint (reply->min_interval, ==, 900);
  g_assert_cmpstr (reply->tracker_id, ==, "abcde");
  g_assert_cmpstr (reply->warning, ==, "soft");
  g_assert_cmpuint (reply->peers->len, ==, 3);
  assert_peer (reply, 0, "192.0.2.1:6881");
  assert_peer (reply, 1, "192.0.2.2:80");
  assert_peer (reply, 2, "[2001:db8::1]:51413");
  g_assert_true (reply->has_external_ip);
  g_assert_cmpuint (reply->external_ip.ip[0], ==, 203);
  g_assert_cmpuint (reply->external_ip.port, ==, 0);
}

static void
test_what_is_not_said_has_its_default (void)
{
  g_autoptr (CcbtAnnounceReply) reply = parse_text ("de\r\n");

  g_assert_null (reply->failure);
  g_assert_null (reply->warning);
  g_assert_null (reply->tracker_id);
  g_assert_cmpuint (reply->interval, ==, 1800);
  g_assert_cmpuint (reply->min_interval, ==, 0);
  g_assert_cmpint (reply->seeds, ==, -1);
  g_assert_cmpint (reply->leechers, ==, -1);
  g_assert_cmpuint (reply->peers->len, ==, 0);
  g_assert_false (reply->has_external_ip);
}

/* Threat B70: numbers only, nothing is looked up. */
static void
test_peers_as_dictionaries_are_numeric (void)
{
  g_autoptr (CcbtAnnounceReply) reply
      = parse (CCBT_SPAN_LITERAL ("d5:peersl"
                                  "d2:ip9:192.0.2.17:peer id20:aaaaaaaaaaaaaaaaaaaa4:porti6881ee"
                                  "d2:ip11:2001:db8::24:porti6882ee"
                                  "d2:ip12:evil.example4:porti6881ee"
                                  "d2:ip9:localhost4:porti6881ee"
                                  "d2:ip9:192.0.2.24:porti0ee"
                                  "d2:ip9:192.0.2.34:porti65536ee"
                                  "d2:ip9:192.0.2.44:porti-1ee"
                                  "d2:ip9:192.0.2.54:port4:6881e"
                                  "d2:ip11:192.0.2.6\0x4:porti6881ee"
                                  "d2:ip0:4:porti6881ee"
                                  "d2:ipi3221225985e4:porti6881ee"
                                  "d4:porti6881ee"
                                  "d2:ip9:192.0.2.7e"
                                  "i1e4:spamle"
                                  "d2:ip9:192.0.2.84:porti65535ee"
                                  "ee"));

  g_assert_cmpuint (reply->peers->len, ==, 3);
  assert_peer (reply, 0, "192.0.2.1:6881");
  assert_peer (reply, 1, "[2001:db8::2]:6882");
  assert_peer (reply, 2, "192.0.2.8:65535");
}

static void
test_an_endless_host_name_is_no_peer (void)
{
  g_autoptr (GString) body = g_string_new ("d5:peersld2:ip100:");
  g_autoptr (CcbtAnnounceReply) reply = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append_c (body, '1');
  g_string_append (body, "4:porti1eeee");
  reply = parse_text (body->str);
  g_assert_cmpuint (reply->peers->len, ==, 0);
}

static void
test_incomplete_compact_entries_and_port_0_are_left_out (void)
{
  g_autoptr (CcbtAnnounceReply) ipv4
      = parse (CCBT_SPAN_LITERAL ("d5:peers17:\1\1\1\1\0\1\2\2\2\2\0\0\3\3\3\3\3e"));
  g_autoptr (CcbtAnnounceReply) ipv6 = parse (CCBT_SPAN_LITERAL ("d6:peers617:xxxxxxxxxxxxxxxxxe"));
  g_autoptr (CcbtAnnounceReply) wrong = parse_text ("d5:peersi5e6:peers6lee");

  g_assert_cmpuint (ipv4->peers->len, ==, 1);
  assert_peer (ipv4, 0, "1.1.1.1:1");
  g_assert_cmpuint (ipv6->peers->len, ==, 0);
  g_assert_cmpuint (wrong->peers->len, ==, 0);
}

static void
test_no_more_than_3000_peers_are_taken (void)
{
  g_autoptr (GString) compact = g_string_new ("d5:peers60000:");
  g_autoptr (GString) dicts = g_string_new ("d5:peersl");
  g_autoptr (CcbtAnnounceReply) from_compact = NULL;
  g_autoptr (CcbtAnnounceReply) from_dicts = NULL;

  for (guint i = 0; i < 10000; i++)
    {
      g_string_append (compact, "peer!!");
      g_string_append (dicts, "d2:ip7:1.2.3.44:porti9ee");
    }
  g_string_append (compact, "6:peers618:0123456789abcdefghe");
  g_string_append (dicts, "ee");
  from_compact = parse_text (compact->str);
  from_dicts = parse_text (dicts->str);
  g_assert_cmpuint (from_compact->peers->len, ==, 3000);
  g_assert_cmpuint (from_dicts->peers->len, ==, 3000);
}

/* Threats B67, B71. */
static void
test_numbers_are_clamped (void)
{
  const struct
  {
    const char *body;
    guint32 interval;
    guint32 min_interval;
    int seeds;
  } cases[] = {
    { "d8:intervali-1ee", 1800, 0, -1 },
    { "d8:intervali0ee", 1800, 0, -1 },
    { "d8:intervali1ee", 60, 0, -1 },
    { "d8:intervali59ee", 60, 0, -1 },
    { "d8:intervali61ee", 61, 0, -1 },
    { "d8:intervali86400ee", 86400, 0, -1 },
    { "d8:intervali86401ee", 86400, 0, -1 },
    { "d8:intervali4294967296ee", 86400, 0, -1 },
    { "d8:intervali9223372036854775807ee", 86400, 0, -1 },
    { "d8:interval4:1800e", 1800, 0, -1 },
    { "d8:intervallee", 1800, 0, -1 },
    { "d12:min intervali-1ee", 1800, 0, -1 },
    { "d12:min intervali30ee", 1800, 30, -1 },
    { "d12:min intervali86401ee", 1800, 86400, -1 },
    { "d12:min interval2:30e", 1800, 0, -1 },
    { "d8:completei-5ee", 1800, 0, -1 },
    { "d8:completei0ee", 1800, 0, 0 },
    { "d8:completei2147483648ee", 1800, 0, 100000000 },
    { "d8:completei9223372036854775807ee", 1800, 0, 100000000 },
    { "d8:complete1:5e", 1800, 0, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CcbtAnnounceReply) reply = parse_text (cases[i].body);

      g_assert_cmpuint (reply->interval, ==, cases[i].interval);
      g_assert_cmpuint (reply->min_interval, ==, cases[i].min_interval);
      g_assert_cmpint (reply->seeds, ==, cases[i].seeds);
    }
}

/* Threat B68. */
static void
test_failures_are_printable_and_short (void)
{
  g_autoptr (CcbtAnnounceReply) plain = parse_text ("d14:failure reason9:not found8:intervali90ee");
  g_autoptr (CcbtAnnounceReply) nasty
      = parse (CCBT_SPAN_LITERAL ("d14:failure reason8:\033]0;\007\377\0<e"));
  g_autoptr (CcbtAnnounceReply) empty = parse_text ("d14:failure reason0:e");
  g_autoptr (CcbtAnnounceReply) number = parse_text ("d14:failure reasoni404ee");
  g_autoptr (CcbtAnnounceReply) endless = NULL;
  GString *body = g_string_new ("d14:failure reason1000000:");

  g_assert_cmpstr (plain->failure, ==, "not found");
  g_assert_cmpuint (plain->interval, ==, 90);
  g_assert_cmpstr (nasty->failure, ==, "\357\277\275]0;\357\277\275\357\277\275\357\277\275<");
  g_assert_cmpstr (empty->failure, ==, "no reason given");
  g_assert_cmpstr (number->failure, ==, "no reason given");
  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (body, 'x');
  g_string_append_c (body, 'e');
  endless = parse_text (body->str);
  g_assert_cmpint (g_utf8_strlen (endless->failure, -1), ==, 200);
  g_string_free (body, TRUE);
}

static void
test_warnings_are_printable_and_short (void)
{
  g_autoptr (CcbtAnnounceReply) nasty = parse_text ("d15:warning message3:a\nbe");
  g_autoptr (CcbtAnnounceReply) empty = parse_text ("d15:warning message0:e");
  g_autofree char *spaces = g_strnfill (900, ' ');
  g_autofree char *body = g_strdup_printf ("d15:warning message900:%se", spaces);
  g_autoptr (CcbtAnnounceReply) endless = parse_text (body);

  g_assert_cmpstr (nasty->warning, ==, "a\357\277\275b");
  g_assert_null (nasty->failure);
  g_assert_null (empty->warning);
  g_assert_cmpint (g_utf8_strlen (endless->warning, -1), ==, 200);
}

/* BEP 31. */
static void
test_retry_in_is_minutes_or_never (void)
{
  const struct
  {
    const char *body;
    gint64 retry_in;
  } cases[] = {
    { "d14:failure reason1:x8:retry in1:5e", 300 },
    { "d14:failure reason1:x8:retry ini5ee", 300 },
    { "d14:failure reason1:x8:retry in5:nevere", -1 },
    { "d14:failure reason1:x8:retry in6:neverse", 0 },
    { "d14:failure reason1:x8:retry in5:NEVERe", 0 },
    { "d14:failure reason1:x8:retry in0:e", 0 },
    { "d14:failure reason1:x8:retry ini0ee", 0 },
    { "d14:failure reason1:x8:retry ini-1ee", 0 },
    { "d14:failure reason1:x8:retry in2:-5e", 0 },
    { "d14:failure reason1:x8:retry ini1440ee", 86400 },
    { "d14:failure reason1:x8:retry ini9223372036854775807ee", 86400 },
    { "d14:failure reason1:x8:retry in25:9999999999999999999999999e", 86400 },
    { "d14:failure reason1:x8:retry inlee", 0 },
    { "d14:failure reason1:xe", 0 },
    { "d8:retry in5:nevere", 0 }, /* it did not fail */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CcbtAnnounceReply) reply = parse_text (cases[i].body);

      g_assert_cmpint (reply->retry_in, ==, cases[i].retry_in);
    }
}

/* Threat B69. */
static void
test_tracker_ids_are_short_and_whole (void)
{
  g_autofree char *letters = g_strnfill (513, 'x');
  g_autofree char *longest = g_strdup_printf ("d10:tracker id512:%se", letters + 1);
  g_autofree char *longer = g_strdup_printf ("d10:tracker id513:%se", letters);
  g_autoptr (CcbtAnnounceReply) taken = parse_text (longest);
  g_autoptr (CcbtAnnounceReply) dropped = parse_text (longer);
  g_autoptr (CcbtAnnounceReply) empty = parse_text ("d10:tracker id0:e");
  g_autoptr (CcbtAnnounceReply) number = parse_text ("d10:tracker idi5ee");
  g_autoptr (CcbtAnnounceReply) zero = parse (CCBT_SPAN_LITERAL ("d10:tracker id3:a\0be"));

  g_assert_cmpuint (strlen (taken->tracker_id), ==, 512);
  g_assert_null (dropped->tracker_id);
  g_assert_null (empty->tracker_id);
  g_assert_null (number->tracker_id);
  g_assert_null (zero->tracker_id);
}

static void
test_an_external_address_has_4_or_16_bytes (void)
{
  g_autoptr (CcbtAnnounceReply) ipv6
      = parse (CCBT_SPAN_LITERAL ("d11:external ip16:\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1e"));
  g_autoptr (CcbtAnnounceReply) text = parse_text ("d11:external ip9:192.0.2.1e");

  g_assert_true (ipv6->has_external_ip);
  g_assert_true (ipv6->external_ip.is_ipv6);
  g_assert_false (text->has_external_ip);
}

/* Threats B63, B66. */
static void
test_what_is_no_dictionary_fails (void)
{
  const char *const bodies[] = { "",
                                 "le",
                                 "i5e",
                                 "4:spam",
                                 "<html><body>502</body></html>",
                                 "d8:interval",
                                 "d8:intervali9223372036854775808ee",
                                 "not bencode" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ccbt_announce_reply_parse (ccbt_span_from_string (bodies[i]), &error));
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
    }
}

static void
test_a_body_past_the_limit_fails (void)
{
  g_autofree char *body = g_malloc0 (CCBT_TRACKER_REPLY_MAX + 1);
  g_autoptr (GError) error = NULL;

  memcpy (body, "de", 2);
  g_assert_null (ccbt_announce_reply_parse (
      (CcbtSpan){ (guint8 *) body, CCBT_TRACKER_REPLY_MAX + 1 }, &error));
  g_assert_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/wire/tracker-http/" #name, test_##name)
  ADD (the_url_has_what_bep_3_asks_for);
  ADD (optional_parameters_come_when_they_are_set);
  ADD (each_event_has_its_name);
  ADD (a_query_is_kept_and_a_fragment_is_not);
  ADD (every_byte_of_the_hash_survives);
  ADD (a_full_reply_is_understood);
  ADD (what_is_not_said_has_its_default);
  ADD (peers_as_dictionaries_are_numeric);
  ADD (an_endless_host_name_is_no_peer);
  ADD (incomplete_compact_entries_and_port_0_are_left_out);
  ADD (no_more_than_3000_peers_are_taken);
  ADD (numbers_are_clamped);
  ADD (failures_are_printable_and_short);
  ADD (warnings_are_printable_and_short);
  ADD (retry_in_is_minutes_or_never);
  ADD (tracker_ids_are_short_and_whole);
  ADD (an_external_address_has_4_or_16_bytes);
  ADD (what_is_no_dictionary_fails);
  ADD (a_body_past_the_limit_fails);
#undef ADD
  return g_test_run ();
}
