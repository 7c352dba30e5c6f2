/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-address.h"

#include <sys/socket.h>

static CcbtAddress
make (const char *text)
{
  CcbtAddress address;

  g_assert_true (ccbt_address_parse (text, &address));
  return address;
}

static void
test_addresses_survive_the_way_to_text_and_back (void)
{
  const char *const texts[] = { "192.0.2.1:6881",     "0.0.0.0:0", "255.255.255.255:65535",
                                "[2001:db8::1]:6881", "[::]:0",    "[fe80::1]:1" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      CcbtAddress address = make (texts[i]);
      g_autofree char *text = ccbt_address_to_string (&address);

      g_assert_cmpstr (text, ==, texts[i]);
      g_assert_cmpint (address.is_ipv6, ==, texts[i][0] == '[');
    }
}

static void
test_what_is_no_address_with_port_is_refused (void)
{
  const char *const texts[] = {
    "",
    ":",
    ":6881",
    "192.0.2.1",
    "192.0.2.1:",
    "192.0.2.1:65536",
    "192.0.2.1:-1",
    "192.0.2.1:+1",
    "192.0.2.1: 1",
    "192.0.2.1:1 ",
    "192.0.2.1:0x50",
    "192.0.2:80",
    "192.0.2.256:80",
    "127.1:80",
    "3221225985:80",
    " 192.0.2.1:80",
    "tracker.example:80",
    "localhost:80",
    "2001:db8::1:6881", /* where does the port begin? */
    "[2001:db8::1]",
    "[2001:db8::1]6881",
    "[2001:db8::1:6881",
    "[]:80",
    "[:]:80",
    "[192.0.2.1]:80",
    "[2001:db8::g]:80",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      CcbtAddress address;

      g_assert_false (ccbt_address_parse (texts[i], &address));
    }
}

static void
test_an_address_alone_takes_its_port_from_the_caller (void)
{
  CcbtAddress address;
  g_autofree char *ip = NULL;

  g_assert_true (ccbt_address_parse_ip ("2001:db8::2", 80, &address));
  ip = ccbt_address_ip_to_string (&address);
  g_assert_cmpstr (ip, ==, "2001:db8::2");
  g_assert_cmpuint (address.port, ==, 80);
  g_assert_false (ccbt_address_parse_ip ("[2001:db8::2]", 80, &address));
  g_assert_false (ccbt_address_parse_ip ("192.0.2.1:80", 80, &address));
  g_assert_false (ccbt_address_parse_ip ("example.org", 80, &address));
}

static void
test_compact_forms_are_in_network_order (void)
{
  CcbtAddress ipv4 = ccbt_address_from_compact ((const guint8 *) "\300\0\2\1\032\341", FALSE);
  CcbtAddress ipv6 = ccbt_address_from_compact (
      (const guint8 *) "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\310\325", TRUE);
  CcbtAddress expected_ipv4 = make ("192.0.2.1:6881");
  CcbtAddress expected_ipv6 = make ("[2001:db8::1]:51413");

  g_assert_true (ccbt_address_equal (&ipv4, &expected_ipv4));
  g_assert_true (ccbt_address_equal (&ipv6, &expected_ipv6));
}

static void
test_bare_bytes_are_an_address_of_4_or_16 (void)
{
  static const guint8 bytes[20] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

  for (gsize len = 0; len <= sizeof bytes; len++)
    {
      CcbtAddress address;
      gboolean taken = ccbt_address_from_ip_bytes ((CcbtSpan){ bytes, len }, &address);

      g_assert_cmpint (taken, ==, len == 4 || len == 16);
      if (!taken)
        continue;
      g_assert_cmpint (address.is_ipv6, ==, len == 16);
      g_assert_cmpmem (address.ip, len, bytes, len);
      g_assert_cmpuint (address.port, ==, 0);
    }
}

static void
test_mapped_addresses_become_ipv4 (void)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string ("::ffff:192.0.2.1");
  g_autoptr (GSocketAddress) socket_address = g_inet_socket_address_new (inet, 80);
  CcbtAddress from_socket, from_text, from_bytes;
  CcbtAddress expected = make ("192.0.2.1:80");

  g_assert_true (ccbt_address_from_socket_address (socket_address, &from_socket));
  g_assert_true (ccbt_address_equal (&from_socket, &expected));
  g_assert_true (ccbt_address_parse ("[::ffff:192.0.2.1]:80", &from_text));
  g_assert_true (ccbt_address_equal (&from_text, &expected));
  g_assert_true (
      ccbt_address_from_ip_bytes ((CcbtSpan){ g_inet_address_to_bytes (inet), 16 }, &from_bytes));
  g_assert_true (ccbt_address_same_ip (&from_bytes, &expected));
}

static void
test_socket_addresses_survive_the_way_there_and_back (void)
{
  const char *const texts[] = { "192.0.2.1:6881", "[2001:db8::1]:6881" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      CcbtAddress address = make (texts[i]), back;
      g_autoptr (GSocketAddress) socket_address = ccbt_address_to_socket_address (&address);

      g_assert_true (ccbt_address_from_socket_address (socket_address, &back));
      g_assert_true (ccbt_address_equal (&address, &back));
    }
}

static void
test_other_families_are_refused (void)
{
  struct sockaddr local = { .sa_family = AF_UNIX };
  g_autoptr (GSocketAddress) other = g_socket_address_new_from_native (&local, sizeof local);
  CcbtAddress address;

  g_assert_nonnull (other);
  g_assert_false (ccbt_address_from_socket_address (other, &address));
  g_assert_false (ccbt_address_from_socket_address (NULL, &address));
}

static void
test_equality_minds_port_and_family (void)
{
  CcbtAddress a = make ("32.1.13.184:80"), other_port = make ("32.1.13.184:81");
  CcbtAddress same_bytes = make ("[2001:db8::]:80"), same = make ("32.1.13.184:80");

  g_assert_true (ccbt_address_equal (&a, &same));
  g_assert_true (ccbt_address_equal_func (&a, &same));
  g_assert_cmpuint (ccbt_address_hash (&a), ==, ccbt_address_hash (&same));
  g_assert_false (ccbt_address_equal (&a, &other_port));
  g_assert_true (ccbt_address_same_ip (&a, &other_port));
  g_assert_false (ccbt_address_equal (&a, &same_bytes));
  g_assert_false (ccbt_address_same_ip (&a, &same_bytes));
}

static void
test_hashes_spread (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  CcbtAddress address = make ("192.0.2.1:0");

  for (guint i = 0; i < 1000; i++)
    {
      address.port = (guint16) i;
      g_hash_table_add (seen, GUINT_TO_POINTER (ccbt_address_hash (&address)));
    }
  g_assert_cmpuint (g_hash_table_size (seen), >, 990);
}

/* Threats B52, B53: both ends of each range, and their neighbours. */
static void
test_each_address_has_its_scope (void)
{
  const struct
  {
    const char *ip;
    CcbtAddressScope scope;
  } cases[] = {
    { "0.0.0.0", CCBT_ADDRESS_UNUSABLE },
    { "0.255.255.255", CCBT_ADDRESS_UNUSABLE },
    { "1.0.0.0", CCBT_ADDRESS_GLOBAL },
    { "9.255.255.255", CCBT_ADDRESS_GLOBAL },
    { "10.0.0.0", CCBT_ADDRESS_PRIVATE },
    { "10.255.255.255", CCBT_ADDRESS_PRIVATE },
    { "11.0.0.0", CCBT_ADDRESS_GLOBAL },
    { "100.63.255.255", CCBT_ADDRESS_GLOBAL },
    { "100.64.0.0", CCBT_ADDRESS_PRIVATE },
    { "100.127.255.255", CCBT_ADDRESS_PRIVATE },
    { "100.128.0.0", CCBT_ADDRESS_GLOBAL },
    { "126.255.255.255", CCBT_ADDRESS_GLOBAL },
    { "127.0.0.0", CCBT_ADDRESS_LOOPBACK },
    { "127.255.255.255", CCBT_ADDRESS_LOOPBACK },
    { "128.0.0.0", CCBT_ADDRESS_GLOBAL },
    { "169.253.255.255", CCBT_ADDRESS_GLOBAL },
    { "169.254.0.0", CCBT_ADDRESS_LINK_LOCAL },
    { "169.254.255.255", CCBT_ADDRESS_LINK_LOCAL },
    { "169.255.0.0", CCBT_ADDRESS_GLOBAL },
    { "172.15.255.255", CCBT_ADDRESS_GLOBAL },
    { "172.16.0.0", CCBT_ADDRESS_PRIVATE },
    { "172.31.255.255", CCBT_ADDRESS_PRIVATE },
    { "172.32.0.0", CCBT_ADDRESS_GLOBAL },
    { "192.167.255.255", CCBT_ADDRESS_GLOBAL },
    { "192.168.0.0", CCBT_ADDRESS_PRIVATE },
    { "192.168.255.255", CCBT_ADDRESS_PRIVATE },
    { "192.169.0.0", CCBT_ADDRESS_GLOBAL },
    { "223.255.255.255", CCBT_ADDRESS_GLOBAL },
    { "224.0.0.0", CCBT_ADDRESS_UNUSABLE },
    { "239.255.255.255", CCBT_ADDRESS_UNUSABLE },
    { "240.0.0.0", CCBT_ADDRESS_UNUSABLE },
    { "255.255.255.255", CCBT_ADDRESS_UNUSABLE },
    { "::", CCBT_ADDRESS_UNUSABLE },
    { "::1", CCBT_ADDRESS_LOOPBACK },
    { "::2", CCBT_ADDRESS_UNUSABLE },
    { "::192.0.2.1", CCBT_ADDRESS_UNUSABLE },
    { "::ffff:127.0.0.1", CCBT_ADDRESS_LOOPBACK }, /* is IPv4 once parsed */
    { "2001:db8::1", CCBT_ADDRESS_GLOBAL },
    { "fbff::1", CCBT_ADDRESS_GLOBAL },
    { "fc00::1", CCBT_ADDRESS_PRIVATE },
    { "fdff::1", CCBT_ADDRESS_PRIVATE },
    { "fe80::1", CCBT_ADDRESS_LINK_LOCAL },
    { "febf::1", CCBT_ADDRESS_LINK_LOCAL },
    { "fec0::1", CCBT_ADDRESS_PRIVATE },
    { "ff02::1", CCBT_ADDRESS_UNUSABLE },
    { "ffff::1", CCBT_ADDRESS_UNUSABLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CcbtAddress address;

      g_assert_true (ccbt_address_parse_ip (cases[i].ip, 80, &address));
      if (ccbt_address_get_scope (&address) != cases[i].scope)
        g_error ("%s has scope %d", cases[i].ip, (int) ccbt_address_get_scope (&address));
    }
}

static void
test_a_mapped_address_from_the_wire_is_unusable (void)
{
  CcbtAddress address = ccbt_address_from_compact (
      (const guint8 *) "\0\0\0\0\0\0\0\0\0\0\377\377\177\0\0\1\0\120", TRUE);

  g_assert_cmpint (ccbt_address_get_scope (&address), ==, CCBT_ADDRESS_UNUSABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/base/address/" #name, test_##name)
  ADD (addresses_survive_the_way_to_text_and_back);
  ADD (what_is_no_address_with_port_is_refused);
  ADD (an_address_alone_takes_its_port_from_the_caller);
  ADD (compact_forms_are_in_network_order);
  ADD (bare_bytes_are_an_address_of_4_or_16);
  ADD (mapped_addresses_become_ipv4);
  ADD (socket_addresses_survive_the_way_there_and_back);
  ADD (other_families_are_refused);
  ADD (equality_minds_port_and_family);
  ADD (hashes_spread);
  ADD (each_address_has_its_scope);
  ADD (a_mapped_address_from_the_wire_is_unusable);
#undef ADD
  return g_test_run ();
}
