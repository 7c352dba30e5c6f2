/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-magnet.h"

#include "base/ccbt-error.h"

#define HASH "c1a41cc3521a282f3e9a04e37efbffca64b94206"
#define HASH2 "d34b8737f334c52d2c92d050331cd113c50a174bb0d5232c709edf3cb24cbfef"
#define LINK "magnet:?xt=urn:btih:" HASH
#define KEY "8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e" /* of BEP 46 */
#define KEY_LINK "magnet:?xs=urn:btpk:" KEY

static CcbtMagnet *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  CcbtMagnet *magnet = ccbt_magnet_parse (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (magnet);
  return magnet;
}

static void
assert_refused (const char *text, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ccbt_magnet_parse (text, &error));
  g_assert_error (error, CCBT_ERROR, code);
}

static void
assert_hash (const CcbtMagnet *magnet, const char *hex)
{
  g_autofree char *text = ccbt_info_hash_to_string (&magnet->info_hash);

  g_assert_cmpstr (text, ==, hex);
}

static void
test_links_are_known_in_every_spelling (void)
{
  g_assert_true (ccbt_magnet_looks_like ("magnet:?x"));
  g_assert_true (ccbt_magnet_looks_like ("MAGNET:?x"));
  g_assert_true (ccbt_magnet_looks_like ("magnet:/?x"));
  g_assert_true (ccbt_magnet_looks_like ("magnet:///?x"));
  g_assert_false (ccbt_magnet_looks_like ("magnet:////?x"));
  g_assert_false (ccbt_magnet_looks_like ("magnet"));
  g_assert_false (ccbt_magnet_looks_like (""));
  g_assert_false (ccbt_magnet_looks_like ("http://magnet:?"));
}

static void
test_all_parameters_are_read (void)
{
  g_autoptr (CcbtMagnet) magnet
      = parse (LINK "&dn=A+name%20%26%20more&tr=http%3A%2F%2Ft.example%2Fannounce%3Fkey%3Da+b"
                    "&tr.1=udp://u.example:80&ws=https://seed.example/f&x.pe=192.0.2.1:6881"
                    "&x.pe=[2001:db8::1]:7000&so=0,2,4,6-8&unknown=1&flag");
  const CcbtAddress *peer = &g_array_index (magnet->peers, CcbtAddress, 0);

  assert_hash (magnet, HASH);
  g_assert_cmpstr (magnet->name, ==, "A name & more");
  g_assert_cmpuint (magnet->trackers->len, ==, 2);
  g_assert_cmpstr (magnet->trackers->pdata[0], ==, "http://t.example/announce?key=a+b");
  g_assert_cmpstr (magnet->trackers->pdata[1], ==, "udp://u.example:80");
  g_assert_cmpstr (magnet->web_seeds->pdata[0], ==, "https://seed.example/f");
  g_assert_cmpuint (magnet->peers->len, ==, 2);
  g_assert_cmpuint (peer->port, ==, 6881);
  g_assert_cmpuint (magnet->selected->len, ==, 6);
  g_assert_cmpuint (g_array_index (magnet->selected, guint32, 4), ==, 7);
}

/* The base32 form was computed with Python's base64.b32encode. */
static void
test_hashes_are_read_in_every_form (void)
{
  g_autoptr (CcbtMagnet) base32 = parse ("magnet:?xt=urn:btih:YGSBZQ2SDIUC6PU2ATRX5677ZJSLSQQG");
  g_autoptr (CcbtMagnet) lower = parse ("magnet:?xt=urn:btih:ygsbzq2sdiuc6pu2atrx5677zjslsqqg");
  g_autoptr (CcbtMagnet) v2 = parse ("magnet:?xt=urn:btmh:1220" HASH2);
  g_autoptr (CcbtMagnet) both
      = parse ("magnet:?xt.1=urn:btmh:1220" HASH2 "&amp;xt.2=urn:btih:" HASH);
  g_autoptr (CcbtMagnet) other = parse ("magnet:?xt=urn:ed2k:123&xt=URN:BTIH:" HASH "#fragment");

  assert_hash (base32, HASH);
  assert_hash (lower, HASH);
  assert_hash (v2, HASH2);
  g_assert_false (v2->info_hash.has_v1);
  g_assert_true (both->info_hash.has_v1 && both->info_hash.has_v2);
  assert_hash (other, HASH);
}

/* B25 */
static void
test_bad_links_are_refused (void)
{
  static const char *const bad[] = { "",
                                     "http://example",
                                     "magnet:",
                                     "magnet:?",
                                     "magnet:?dn=x",
                                     "magnet:?xt=urn:btih:",
                                     "magnet:?xt=urn:btih:" HASH "0",
                                     "magnet:?xt=urn:btih:c1a41c",
                                     "magnet:?xt=urn:btih:z1a41cc3521a282f3e9a04e37efbffca64b94206",
                                     "magnet:?xt=urn:btih:1GSBZQ2SDIUC6PU2ATRX5677ZJSLSQQG",
                                     "magnet:?xt=urn:btmh:" HASH2,
                                     "magnet:?xt=urn:btmh:1120" HASH2,
                                     "magnet:?xt=urn:btmh:1220" HASH2 "00",
                                     "magnet:?xt=urn:sha1:abc",
                                     LINK "&xt=urn:btih:0000000000000000000000000000000000000000" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i], CCBT_ERROR_MALFORMED);
}

static void
test_long_links_are_refused (void)
{
  g_autofree char *filler = g_strnfill (1024 * 1024, 'a');
  g_autofree char *link = g_strconcat (LINK "&dn=", filler, NULL);

  assert_refused (link, CCBT_ERROR_TOO_LARGE);
}

static void
test_names_are_printable_and_bounded (void)
{
  g_autofree char *filler = g_strnfill (5000, 'a');
  g_autofree char *link = g_strconcat (LINK "&dn=%1b%00", filler, NULL);
  g_autoptr (CcbtMagnet) magnet = parse (link);

  g_assert_true (g_str_has_prefix (magnet->name, "\357\277\275\357\277\275"
                                                 "aaa"));
  g_assert_cmpint (g_utf8_strlen (magnet->name, -1), <=, 256);
}

/* B25, B28, B29 */
static void
test_urls_are_filtered_and_bounded (void)
{
  g_autoptr (GString) link
      = g_string_new (LINK "&tr=javascript:alert(1)&tr=file:///etc/passwd&tr=http://"
                           "&tr=http://b%C3%BCcher.example/a&tr=http://xn--bcher-kva.example/a"
                           "&tr=http://ok.example/&tr=http://ok.example/&tr=wss://w.example/"
                           "&ws=udp://seed.example&ws=ftp://seed.example/&tr=%00&tr=http://a%0ab/"
                           "&ws=http://s;%C3%BC");
  g_autoptr (CcbtMagnet) few = parse (link->str);
  g_autoptr (CcbtMagnet) many = NULL;

  g_assert_cmpuint (few->trackers->len, ==, 1);
  g_assert_cmpstr (few->trackers->pdata[0], ==, "http://ok.example/");
  g_assert_cmpuint (few->web_seeds->len, ==, 0);

  for (guint i = 0; i < 500; i++)
    g_string_append_printf (link, "&tr=http://%u.example/&ws=http://%u.example/&x.pe=192.0.2.1:%u",
                            i, i, i + 1);
  many = parse (link->str);
  g_assert_cmpuint (many->trackers->len, ==, 100);
  g_assert_cmpuint (many->web_seeds->len, ==, 100);
  g_assert_cmpuint (many->peers->len, ==, 100);
}

static void
test_peers_are_numeric_with_a_port (void)
{
  g_autoptr (CcbtMagnet) magnet = parse (
      LINK "&x.pe=localhost:80&x.pe=192.0.2.1&x.pe=192.0.2.1:0&x.pe=192.0.2.1:65536&x.pe=:1&x.pe=");

  g_assert_cmpuint (magnet->peers->len, ==, 0);
}

static void
assert_selected (const char *so, guint count, guint32 first, guint32 last)
{
  g_autofree char *link = g_strconcat (LINK "&so=", so, NULL);
  g_autoptr (CcbtMagnet) magnet = parse (link);

  g_assert_cmpuint (magnet->selected->len, ==, count);
  if (count > 0)
    {
      g_assert_cmpuint (g_array_index (magnet->selected, guint32, 0), ==, first);
      g_assert_cmpuint (g_array_index (magnet->selected, guint32, count - 1), ==, last);
    }
}

/* B25 */
static void
test_selections_are_sorted_and_bounded (void)
{
  g_autoptr (GString) floods = g_string_new ("5");

  assert_selected ("8,6-7,6-8,0", 4, 0, 8);
  assert_selected ("1-10,2-3,5-20", 20, 1, 20);
  assert_selected ("3-1", 0, 0, 0);
  assert_selected ("-1", 0, 0, 0);
  assert_selected ("1-", 0, 0, 0);
  assert_selected ("x,4,99999999999999999999,,1-2-3", 1, 4, 4);
  assert_selected ("4294967295,200000", 0, 0, 0);
  assert_selected ("0-199999", 100000, 0, 99999);
  for (guint i = 0; i < 6000; i++)
    g_string_append (floods, ",0-199999");
  assert_selected (floods->str, 100000, 0, 99999);
}

static void
test_built_links_are_read_again (void)
{
  static const char *const trackers[]
      = { "http://t.example/announce?a=1&b=2", "udp://u.example:1337", NULL };
  g_autoptr (CcbtMagnet) source = parse (LINK "&xt=urn:btmh:1220" HASH2);
  g_autofree char *link = ccbt_magnet_build (&source->info_hash, "A & B = 100% ünï", trackers);
  g_autoptr (CcbtMagnet) magnet = parse (link);

  g_assert_true (g_str_has_prefix (link, LINK "&xt=urn:btmh:1220" HASH2 "&dn=A%20%26%20B"));
  g_assert_cmpmem (&magnet->info_hash, sizeof magnet->info_hash, &source->info_hash,
                   sizeof source->info_hash);
  g_assert_cmpstr (magnet->name, ==, "A & B = 100% ünï");
  g_assert_cmpuint (magnet->trackers->len, ==, 2);
  g_assert_cmpstr (magnet->trackers->pdata[0], ==, trackers[0]);
  g_assert_cmpstr (magnet->trackers->pdata[1], ==, trackers[1]);
}

static void
assert_publisher (const CcbtMagnet *magnet, const char *salt)
{
  g_autofree char *key = ccbt_hex_encode (magnet->public_key, sizeof magnet->public_key);
  g_autofree char *text = ccbt_hex_encode (magnet->salt, magnet->salt_len);

  g_assert_true (magnet->has_public_key);
  g_assert_cmpstr (key, ==, KEY);
  g_assert_cmpstr (text, ==, salt);
}

static void
test_mutable_torrents_are_read (void)
{
  g_autofree char *longest = g_strnfill (128, 'a');
  g_autofree char *long_link = g_strconcat (KEY_LINK "&s=", longest, NULL);
  g_autoptr (CcbtMagnet) plain = parse (KEY_LINK "&dn=Updates");
  g_autoptr (CcbtMagnet) salted = parse ("magnet:?s=6E&xs=URN:BTPK:" KEY);
  g_autoptr (CcbtMagnet) twice = parse (KEY_LINK "&s=&xs.1=urn:btpk:" KEY);
  g_autoptr (CcbtMagnet) longer = parse (long_link);
  g_autoptr (CcbtMagnet) both = parse (KEY_LINK "&xt=urn:btih:" HASH "&s=00ff");

  assert_publisher (plain, "");
  g_assert_false (ccbt_magnet_has_info_hash (plain));
  g_assert_cmpstr (plain->name, ==, "Updates");
  assert_publisher (salted, "6e");
  assert_publisher (twice, "");
  assert_publisher (longer, longest);
  assert_publisher (both, "00ff");
  g_assert_true (ccbt_magnet_has_info_hash (both));
  assert_hash (both, HASH);
}

/* Without a key, "xs" and "s" are other people's. */
static void
test_other_sources_are_left_alone (void)
{
  g_autoptr (CcbtMagnet) magnet = parse (LINK "&xs=http://cache.example/x&s=not+hex");

  g_assert_false (magnet->has_public_key);
  g_assert_cmpuint (magnet->salt_len, ==, 0);
  assert_refused ("magnet:?xs=http://cache.example/x", CCBT_ERROR_MALFORMED);
}

static void
test_bad_publishers_are_refused (void)
{
  g_autofree char *long_salt = g_strnfill (130, 'a');
  g_autofree char *long_link = g_strconcat (KEY_LINK "&s=", long_salt, NULL);
  static const char *const bad[] = { "magnet:?xs=urn:btpk:",
                                     "magnet:?xs=urn:btpk:" HASH,
                                     KEY_LINK "00",
                                     "magnet:?xs=urn:btpk:z" HASH2,
                                     KEY_LINK "&s=6",
                                     KEY_LINK "&s=6g",
                                     KEY_LINK "&s=6e6",
                                     KEY_LINK "&xs=urn:btpk:" HASH2,
                                     LINK "&xs=urn:btpk:" HASH,
                                     "magnet:?xt=urn:btpk:" KEY,
                                     "magnet:?s=6e",
                                     "magnet:?s=6e&dn=x" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i], CCBT_ERROR_MALFORMED);
  assert_refused (long_link, CCBT_ERROR_MALFORMED);
}

static void
test_built_links_to_publishers_are_read_again (void)
{
  static const char *const trackers[] = { "udp://u.example:1337", NULL };
  g_autoptr (CcbtMagnet) source = parse (KEY_LINK "&s=00ff");
  g_autofree char *link = ccbt_magnet_build_mutable (
      source->public_key, (CcbtSpan){ source->salt, source->salt_len }, "a b", trackers);
  g_autofree char *bare
      = ccbt_magnet_build_mutable (source->public_key, (CcbtSpan){ NULL, 0 }, NULL, NULL);
  g_autoptr (CcbtMagnet) magnet = parse (link);

  g_assert_cmpstr (link, ==, KEY_LINK "&s=00ff&dn=a%20b&tr=udp%3A%2F%2Fu.example%3A1337");
  g_assert_cmpstr (bare, ==, KEY_LINK);
  assert_publisher (magnet, "00ff");
  g_assert_cmpuint (magnet->trackers->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/magnet/links-are-known-in-every-spelling",
                   test_links_are_known_in_every_spelling);
  g_test_add_func ("/magnet/all-parameters-are-read", test_all_parameters_are_read);
  g_test_add_func ("/magnet/hashes-are-read-in-every-form", test_hashes_are_read_in_every_form);
  g_test_add_func ("/magnet/bad-links-are-refused", test_bad_links_are_refused);
  g_test_add_func ("/magnet/long-links-are-refused", test_long_links_are_refused);
  g_test_add_func ("/magnet/names-are-printable-and-bounded", test_names_are_printable_and_bounded);
  g_test_add_func ("/magnet/urls-are-filtered-and-bounded", test_urls_are_filtered_and_bounded);
  g_test_add_func ("/magnet/peers-are-numeric-with-a-port", test_peers_are_numeric_with_a_port);
  g_test_add_func ("/magnet/selections-are-sorted-and-bounded",
                   test_selections_are_sorted_and_bounded);
  g_test_add_func ("/magnet/built-links-are-read-again", test_built_links_are_read_again);
  g_test_add_func ("/magnet/mutable-torrents-are-read", test_mutable_torrents_are_read);
  g_test_add_func ("/magnet/other-sources-are-left-alone", test_other_sources_are_left_alone);
  g_test_add_func ("/magnet/bad-publishers-are-refused", test_bad_publishers_are_refused);
  g_test_add_func ("/magnet/built-links-to-publishers-are-read-again",
                   test_built_links_to_publishers_are_read_again);
  return g_test_run ();
}
