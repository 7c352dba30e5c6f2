/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-lsd-message.h"
#include "wire/ccbt-header-lines.h"

#define FIRST_LINE "BT-SEARCH * HTTP/1.1"

/* Returns: 0 when it is no port */
static guint16
read_port (CcbtSpan value)
{
  guint32 port = 0;

  if (value.len == 0 || value.len > 5)
    return 0;
  for (gsize i = 0; i < value.len; i++)
    {
      if (!g_ascii_isdigit (value.data[i]))
        return 0;
      port = port * 10 + (guint32) (value.data[i] - '0');
    }
  return port <= G_MAXUINT16 ? (guint16) port : 0;
}

static gboolean
read_info_hash (CcbtSpan value, CcbtSha1 *out)
{
  CcbtSha1 hash; /* what is cut short leaves nothing behind */

  if (!ccbt_hex_decode ((const char *) value.data, value.len, hash.bytes, sizeof hash.bytes))
    return FALSE;
  *out = hash;
  return TRUE;
}

static void
read_header (CcbtSpan line, CcbtLsdMessage *out)
{
  CcbtSpan name, value;

  if (!ccbt_header_split (line, &name, &value))
    return;
  if (ccbt_header_is_named (name, "Port"))
    out->port = read_port (value);
  else if (ccbt_header_is_named (name, "Infohash") && out->n_info_hashes < CCBT_LSD_MAX_HASHES)
    out->n_info_hashes += read_info_hash (value, &out->info_hashes[out->n_info_hashes]);
  else if (ccbt_header_is_named (name, "cookie"))
    {
      char cookie[CCBT_LSD_MAX_COOKIE + 1];

      if (ccbt_header_copy_value (value, cookie, sizeof cookie))
        g_strlcpy (out->cookie, cookie, sizeof out->cookie);
    }
}

static gboolean
fail (const char *what, GError **error)
{
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "local announce: %s", what);
  return FALSE;
}

gboolean
ccbt_lsd_message_parse (CcbtSpan datagram, CcbtLsdMessage *out, GError **error)
{
  CcbtSpan line;

  memset (out, 0, sizeof *out);
  if (!ccbt_header_take_line (&datagram, &line)
      || !ccbt_span_equal (line, CCBT_SPAN_LITERAL (FIRST_LINE)))
    return fail ("no BT-SEARCH", error);
  while (ccbt_header_take_line (&datagram, &line) && line.len > 0)
    read_header (line, out);
  if (out->port == 0)
    return fail ("no usable port", error);
  if (out->n_info_hashes == 0)
    return fail ("no info-hash", error);
  return TRUE;
}

void
ccbt_lsd_message_write (GByteArray *out, const CcbtLsdMessage *message, const char *host)
{
  g_autoptr (GString) text = g_string_new (FIRST_LINE "\r\n");

  g_string_append_printf (text, "Host: %s\r\nPort: %u\r\n", host, message->port);
  for (guint i = 0; i < message->n_info_hashes; i++)
    {
      g_autofree char *hex = ccbt_hex_encode (message->info_hashes[i].bytes, 20);

      g_string_append_printf (text, "Infohash: %s\r\n", hex);
    }
  if (*message->cookie != '\0')
    g_string_append_printf (text, "cookie: %s\r\n", message->cookie);
  g_string_append (text, "\r\n\r\n");
  g_byte_array_append (out, (const guint8 *) text->str, (guint) text->len);
}
