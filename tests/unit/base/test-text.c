/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-text.h"

#define X "\357\277\275"        /* U+FFFD */
#define ELLIPSIS "\342\200\246" /* U+2026 */

static void
test_good_text_stays_as_it_is (void)
{
  const char *const texts[] = { "",
                                "plain",
                                "\302\265Torrent 1.2",
                                "\346\227\245\346\234\254",
                                "\360\237\220\247 <b>&amp;</b>",
                                "a  b" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = ccbt_text_make_printable (ccbt_span_from_string (texts[i]), 0);

      g_assert_cmpstr (text, ==, texts[i]);
    }
}

static void
test_no_bytes_are_the_empty_text (void)
{
  g_autofree char *text = ccbt_text_make_printable ((CcbtSpan){ NULL, 0 }, 10);

  g_assert_cmpstr (text, ==, "");
}

/* Threats B14, B49, B68. */
static void
test_control_characters_are_replaced (void)
{
  for (guint c = 0; c < 0xa0; c++)
    {
      gboolean is_control = c < 0x20 || (c >= 0x7f && c < 0xa0);
      char utf8[6];
      int len = g_unichar_to_utf8 (c, utf8);
      g_autofree char *text
          = ccbt_text_make_printable ((CcbtSpan){ (const guint8 *) utf8, (gsize) len }, 0);

      if (is_control)
        g_assert_cmpstr (text, ==, X);
      else
        g_assert_cmpmem (text, strlen (text), utf8, (gsize) len);
    }
}

/* Threats B11-B13. */
static void
test_what_misleads_the_eye_is_replaced (void)
{
  const gunichar deceptive[]
      = { 0x00ad, 0x061c, 0x180e, 0x200b, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029,  0x202a, 0x202e,
          0x2060, 0x2064, 0x2066, 0x2069, 0x206f, 0xfeff, 0xfff9, 0xfffb, 0xe0001, 0xe007f };

  for (guint i = 0; i < G_N_ELEMENTS (deceptive); i++)
    {
      char utf8[8] = "a";
      int len = 1 + g_unichar_to_utf8 (deceptive[i], utf8 + 1);
      g_autofree char *text = NULL;

      utf8[len] = 'b';
      text = ccbt_text_make_printable ((CcbtSpan){ (const guint8 *) utf8, (gsize) len + 1 }, 0);
      g_assert_cmpstr (text, ==, "a" X "b");
    }
}

static void
test_broken_utf8_is_replaced_byte_by_byte (void)
{
  const struct
  {
    CcbtSpan raw;
    const char *text;
  } cases[] = {
    { CCBT_SPAN_LITERAL ("a\377b"), "a" X "b" },
    { CCBT_SPAN_LITERAL ("\200"), X },
    { CCBT_SPAN_LITERAL ("\342\202"), X X }, /* cut off */
    { CCBT_SPAN_LITERAL ("\342\202x"), X X "x" },
    { CCBT_SPAN_LITERAL ("\300\257"), X X },             /* an overlong slash */
    { CCBT_SPAN_LITERAL ("\355\240\200"), X X X },       /* a surrogate */
    { CCBT_SPAN_LITERAL ("\364\220\200\200"), X X X X }, /* past U+10FFFF */
    { CCBT_SPAN_LITERAL ("a\0b"), "a" X "b" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree guint8 *copy = g_memdup2 (cases[i].raw.data, cases[i].raw.len);
      g_autofree char *text = ccbt_text_make_printable ((CcbtSpan){ copy, cases[i].raw.len }, 0);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_any_two_bytes_give_valid_text (void)
{
  for (guint i = 0; i < 65536; i++)
    {
      const guint8 bytes[] = { 'a', (guint8) (i >> 8), (guint8) i };
      g_autofree char *text = ccbt_text_make_printable ((CcbtSpan){ bytes, sizeof bytes }, 2);

      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_cmpint (g_utf8_strlen (text, -1), ==, 2);
    }
}

static void
test_the_limit_counts_characters_and_the_ellipsis (void)
{
  const struct
  {
    const char *raw;
    gsize max_chars;
    const char *text;
  } cases[] = {
    { "abcde", 0, "abcde" },
    { "abcde", 6, "abcde" },
    { "abcde", 5, "abcde" },
    { "abcde", 4, "abc" ELLIPSIS },
    { "abcde", 1, ELLIPSIS },
    { "\302\265\302\265\302\265", 3, "\302\265\302\265\302\265" },
    { "\302\265\302\265\302\265", 2, "\302\265" ELLIPSIS },
    { "\033\033\033", 2, X ELLIPSIS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text
          = ccbt_text_make_printable (ccbt_span_from_string (cases[i].raw), cases[i].max_chars);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* Threat B78. */
static void
test_urls_lose_what_may_be_secret (void)
{
  const char *const urls[][2] = {
    { "https://tracker.example/announce?passkey=secret", "https://tracker.example/" ELLIPSIS },
    { "http://tracker.example:6969/secret/announce", "http://tracker.example:6969/" ELLIPSIS },
    { "https://user:secret@tracker.example/a", "https://tracker.example/" ELLIPSIS },
    { "udp://tracker.example:80", "udp://tracker.example:80/" ELLIPSIS },
    { "http://[2001:db8::1]:80/secret", "http://[2001:db8::1]:80/" ELLIPSIS },
    { "http://[2001:db8::1]/secret", "http://[2001:db8::1]/" ELLIPSIS },
    { "http://tracker.example#secret", "http://tracker.example/" ELLIPSIS },
    { "HTTP://tracker.example/secret", "http://tracker.example/" ELLIPSIS },
    { "magnet:?xt=urn:btih:secret", "(URL)" },
    { "secret", "(URL)" },
    { "", "(URL)" },
    { "http://bad\033host/secret", "http://bad" X "host/" ELLIPSIS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autofree char *text = ccbt_text_redact_url (urls[i][0]);

      g_assert_null (strstr (text, "secret"));
      g_assert_cmpstr (text, ==, urls[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/base/text/" #name, test_##name)
  ADD (good_text_stays_as_it_is);
  ADD (no_bytes_are_the_empty_text);
  ADD (control_characters_are_replaced);
  ADD (what_misleads_the_eye_is_replaced);
  ADD (broken_utf8_is_replaced_byte_by_byte);
  ADD (any_two_bytes_give_valid_text);
  ADD (the_limit_counts_characters_and_the_ellipsis);
  ADD (urls_lose_what_may_be_secret);
#undef ADD
  return g_test_run ();
}
