/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-handshake.h"

/* As BEP 3 lays it out: extension, fast and DHT bits, hash of letters, id of a real client. */
static const guint8 example[CCBT_HANDSHAKE_SIZE + 1] = "\x13"
                                                       "BitTorrent protocol"
                                                       "\0\0\0\0\0\x10\0\x05"
                                                       "abcdefghijklmnopqrst"
                                                       "-TR3000-0123456789ab";

static CcbtSpan
prefix (gsize len)
{
  return (CcbtSpan){ example, len };
}

static void
test_the_example_reads_as_bep_3_lays_it_out (void)
{
  CcbtHandshake handshake;

  g_assert_cmpint (ccbt_handshake_parse (prefix (CCBT_HANDSHAKE_SIZE), &handshake, NULL), ==,
                   CCBT_PARSE_DONE);
  g_assert_cmpmem (handshake.info_hash.bytes, 20, "abcdefghijklmnopqrst", 20);
  g_assert_cmpmem (handshake.peer_id, 20, "-TR3000-0123456789ab", 20);
  g_assert_true (handshake.has_extensions);
  g_assert_true (handshake.has_fast);
  g_assert_true (handshake.has_dht);
  g_assert_false (handshake.has_v2);
}

static void
test_the_example_is_written_as_bep_3_lays_it_out (void)
{
  CcbtHandshake handshake = { .has_extensions = TRUE, .has_fast = TRUE, .has_dht = TRUE };
  guint8 out[CCBT_HANDSHAKE_SIZE];

  memcpy (handshake.info_hash.bytes, "abcdefghijklmnopqrst", 20);
  memcpy (handshake.peer_id, "-TR3000-0123456789ab", 20);
  memset (out, 0xff, sizeof out);
  ccbt_handshake_write (&handshake, out);
  g_assert_cmpmem (out, sizeof out, example, CCBT_HANDSHAKE_SIZE);
}

static void
test_every_split_waits (void)
{
  for (gsize len = 0; len < CCBT_HANDSHAKE_SIZE; len++)
    {
      g_autofree guint8 *copy = g_memdup2 (example, len);
      CcbtHandshake handshake;
      CcbtSha1 info_hash;

      g_assert_cmpint (ccbt_handshake_parse ((CcbtSpan){ copy, len }, &handshake, NULL), ==,
                       CCBT_PARSE_NEED_MORE);
      g_assert_cmpint (ccbt_handshake_parse_info_hash ((CcbtSpan){ copy, len }, &info_hash, NULL),
                       ==, len < 48 ? CCBT_PARSE_NEED_MORE : CCBT_PARSE_DONE);
    }
}

static void
test_bytes_behind_it_are_left_alone (void)
{
  guint8 bytes[CCBT_HANDSHAKE_SIZE + 4] = { 0 };
  CcbtHandshake handshake;

  memcpy (bytes, example, CCBT_HANDSHAKE_SIZE);
  g_assert_cmpint (ccbt_handshake_parse ((CcbtSpan){ bytes, sizeof bytes }, &handshake, NULL), ==,
                   CCBT_PARSE_DONE);
}

static void
test_48_bytes_name_the_torrent (void)
{
  CcbtSha1 info_hash;

  g_assert_cmpint (ccbt_handshake_parse_info_hash (prefix (48), &info_hash, NULL), ==,
                   CCBT_PARSE_DONE);
  g_assert_cmpmem (info_hash.bytes, 20, "abcdefghijklmnopqrst", 20);
}

/* Threat B46. */
static void
test_the_first_wrong_byte_fails (void)
{
  for (gsize wrong = 0; wrong < 20; wrong++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *bytes = g_memdup2 (example, wrong + 1);
      CcbtSpan span = { bytes, wrong + 1 };
      CcbtHandshake handshake;
      CcbtSha1 info_hash;

      bytes[wrong] ^= 0x20;
      g_assert_cmpint (ccbt_handshake_parse_info_hash (span, &info_hash, &error), ==,
                       CCBT_PARSE_FAILED);
      g_assert_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED);
      g_assert_cmpint (ccbt_handshake_parse (span, &handshake, NULL), ==, CCBT_PARSE_FAILED);
    }
}

static void
test_another_protocol_fails_at_once (void)
{
  const CcbtSpan others[] = { CCBT_SPAN_LITERAL ("GET / HTTP/1.1\r\n"), CCBT_SPAN_LITERAL ("\x16"),
                              CCBT_SPAN_LITERAL ("SSH-2.0"),
                              CCBT_SPAN_LITERAL ("\x13"
                                                 "Bittorrent") };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      CcbtSha1 info_hash;

      g_assert_cmpint (ccbt_handshake_parse_info_hash (others[i], &info_hash, NULL), ==,
                       CCBT_PARSE_FAILED);
    }
}

static void
test_each_reserved_bit_means_one_thing (void)
{
  for (guint bit = 0; bit < 64; bit++)
    {
      guint8 bytes[CCBT_HANDSHAKE_SIZE];
      CcbtHandshake handshake;

      memcpy (bytes, example, sizeof bytes);
      memset (bytes + 20, 0, 8);
      bytes[20 + bit / 8] = (guint8) (0x80 >> bit % 8);
      g_assert_cmpint (ccbt_handshake_parse ((CcbtSpan){ bytes, sizeof bytes }, &handshake, NULL),
                       ==, CCBT_PARSE_DONE);
      g_assert_cmpint (handshake.has_extensions, ==, bit == 43); /* 20 from the right */
      g_assert_cmpint (handshake.has_dht, ==, bit == 63);
      g_assert_cmpint (handshake.has_fast, ==, bit == 61);
      g_assert_cmpint (handshake.has_v2, ==, bit == 59);
    }
}

static void
test_each_flag_survives_the_way_there_and_back (void)
{
  for (guint flags = 0; flags < 16; flags++)
    {
      CcbtHandshake sent = { .has_extensions = (flags & 1) != 0,
                             .has_fast = (flags & 2) != 0,
                             .has_dht = (flags & 4) != 0,
                             .has_v2 = (flags & 8) != 0 };
      guint8 bytes[CCBT_HANDSHAKE_SIZE];
      CcbtHandshake got;

      ccbt_handshake_write (&sent, bytes);
      g_assert_cmpint (ccbt_handshake_parse ((CcbtSpan){ bytes, sizeof bytes }, &got, NULL), ==,
                       CCBT_PARSE_DONE);
      g_assert_cmpmem (&got, sizeof got, &sent, sizeof sent);
    }
}

static void
test_clients_are_named_by_their_conventions (void)
{
  const struct
  {
    const char *peer_id;
    const char *name;
  } clients[] = {
    { "-TR2940-abcdefghijkl", "Transmission 2.94" },
    { "-TR3000-abcdefghijkl", "Transmission 3.00" },
    { "-TR4060-abcdefghijkl", "Transmission 4.0.6" },
    { "-qB4500-abcdefghijkl", "qBittorrent 4.5.0" },
    { "-qB4301-abcdefghijkl", "qBittorrent 4.3.0.1" },
    { "-LT20B0-abcdefghijkl", "libtorrent 2.0.11" },
    { "-lt0D80-abcdefghijkl", "rTorrent 0.13.8" },
    { "-DE211s-abcdefghijkl", "Deluge 2.1.1" },
    { "-UT355W-abcdefghijkl", "\302\265Torrent 3.5.5" },
    { "-BC0171-abcdefghijkl", "BitComet 1.71" },
    { "-WW0204-abcdefghijkl", "WebTorrent 2.4" },
    { "-AZ5760-abcdefghijkl", "Vuze 5.7.6" },
    { "-BD0300-abcdefghijkl", "BD 0.3.0" },
    { "A2-1-36-0-abcdefghij", "aria2 1.36.0" },
    { "M4-3-6--abcdefghijkl", "BitTorrent 4.3.6" },
    { "M4-20-8-abcdefghijkl", "BitTorrent 4.20.8" },
    { "Q1-10-0-abcdefghijkl", "Queen Bee 1.10.0" },
    { "S58B-----abcdefghijk", "Shadow 5.8.11" },
    { "T03I-----abcdefghijk", "BitTornado 0.3.18" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autofree char *name = ccbt_handshake_describe_client ((const guint8 *) clients[i].peer_id);

      g_assert_cmpuint (strlen (clients[i].peer_id), ==, 20);
      g_assert_cmpstr (name, ==, clients[i].name);
    }
}

static void
test_unknown_ids_have_no_name (void)
{
  const char *const ids[] = {
    "abcdefghijklmnopqrst",
    "-XY1234abcdefghijklm",
    "-TR30\033[-abcdefghijkl",
    "M--------abcdefghijk",
    "A2-1-36-abcdefghijkl",
    "M1-2-3456789abcdefgh",
    "--------------------",
    "S---------abcdefghij",
    "SA-B-----abcdefghijk",
    "M1111-2-3-abcdefghij",
    "\377\377\377\377\377\377\377\377abcdefghijkl",
  };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autofree char *name = ccbt_handshake_describe_client ((const guint8 *) ids[i]);

      g_assert_cmpuint (strlen (ids[i]), ==, 20);
      g_assert_cmpstr (name, ==, "");
    }
}

/* Every byte in every place of what decides: what comes out is for people to read. */
static void
test_names_are_printable_whatever_the_id (void)
{
  const char *const ids[] = { "-TR3000-abcdefghijkl", "A2-1-36-0-abcdefghij",
                              "S58B-----abcdefghijk", "M4-20-8-abcdefghijkl" };

  for (guint i = 0; i < G_N_ELEMENTS (ids) * 20 * 256; i++)
    {
      g_autofree guint8 *id = g_memdup2 (ids[i / 256 / 20], 20);
      g_autofree char *name = NULL;

      id[i / 256 % 20] = (guint8) i;
      name = ccbt_handshake_describe_client (id);
      g_assert_true (g_utf8_validate (name, -1, NULL));
      g_assert_cmpuint (strlen (name), <, 40);
      for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
        g_assert_true (g_unichar_isprint (g_utf8_get_char (p)));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/wire/handshake/" #name, test_##name)
  ADD (the_example_reads_as_bep_3_lays_it_out);
  ADD (the_example_is_written_as_bep_3_lays_it_out);
  ADD (every_split_waits);
  ADD (bytes_behind_it_are_left_alone);
  ADD (48_bytes_name_the_torrent);
  ADD (the_first_wrong_byte_fails);
  ADD (another_protocol_fails_at_once);
  ADD (each_reserved_bit_means_one_thing);
  ADD (each_flag_survives_the_way_there_and_back);
  ADD (clients_are_named_by_their_conventions);
  ADD (unknown_ids_have_no_name);
  ADD (names_are_printable_whatever_the_id);
#undef ADD
  return g_test_run ();
}
