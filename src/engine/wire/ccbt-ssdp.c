/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-ssdp.h"
#include "base/ccbt-error.h"
#include "wire/ccbt-header-lines.h"

void
ccbt_ssdp_write_search (GByteArray *out, const char *host, const char *target, guint max_seconds)
{
  g_autofree char *text = g_strdup_printf ("M-SEARCH * HTTP/1.1\r\n"
                                           "HOST: %s\r\n"
                                           "MAN: \"ssdp:discover\"\r\n"
                                           "MX: %u\r\n"
                                           "ST: %s\r\n"
                                           "\r\n",
                                           host, max_seconds, target);

  g_byte_array_append (out, (const guint8 *) text, (guint) strlen (text));
}

static gboolean
read_number (CcbtSpan value, guint32 *out)
{
  char digits[12];
  guint64 number;

  if (!ccbt_header_copy_value (value, digits, sizeof digits)
      || !g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT32, &number, NULL))
    return FALSE;
  *out = (guint32) number;
  return TRUE;
}

static void
read_header (CcbtSpan line, CcbtSsdpMessage *out)
{
  CcbtSpan name, value;

  if (!ccbt_header_split (line, &name, &value))
    return;
  if (ccbt_header_is_named (name, "LOCATION"))
    ccbt_header_copy_value (value, out->location, sizeof out->location);
  else if (ccbt_header_is_named (name, out->is_notice ? "NT" : "ST"))
    ccbt_header_copy_value (value, out->target, sizeof out->target);
  else if (ccbt_header_is_named (name, "NTS"))
    out->is_leaving = ccbt_header_is_named (value, "ssdp:byebye");
  else if (ccbt_header_is_named (name, "BOOTID.UPNP.ORG"))
    out->has_boot_id = read_number (value, &out->boot_id);
}

static gboolean
starts_with (CcbtSpan line, const char *text)
{
  gsize len = strlen (text);

  return line.len >= len && g_ascii_strncasecmp ((const char *) line.data, text, len) == 0;
}

gboolean
ccbt_ssdp_parse (CcbtSpan datagram, CcbtSsdpMessage *out, GError **error)
{
  CcbtSpan line;

  memset (out, 0, sizeof *out);
  if (datagram.len > CCBT_SSDP_MAX_SIZE)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE, "SSDP: more than %u bytes",
                   CCBT_SSDP_MAX_SIZE);
      return FALSE;
    }
  if (!ccbt_header_take_line (&datagram, &line))
    line = (CcbtSpan){ NULL, 0 };
  out->is_notice = starts_with (line, "NOTIFY * HTTP/1.");
  if (!out->is_notice && !starts_with (line, "HTTP/1.1 200") && !starts_with (line, "HTTP/1.0 200"))
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                           "SSDP: neither an answer nor a notice");
      return FALSE;
    }
  while (ccbt_header_take_line (&datagram, &line) && line.len > 0)
    read_header (line, out);
  return TRUE;
}
