/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-holepunch.h"

#define HEAD_LEN 2u
#define PORT_LEN 2u
#define CODE_LEN 4u

static gboolean
fail (const char *what, gsize seen, GError **error)
{
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "ut_holepunch: %s %" G_GSIZE_FORMAT, what,
               seen);
  return FALSE;
}

gboolean
ccbt_holepunch_parse (CcbtSpan payload, CcbtHolepunchMessage *out, GError **error)
{
  gsize without_code;
  gboolean has_code;

  memset (out, 0, sizeof *out);
  if (payload.len < HEAD_LEN)
    return fail ("length", payload.len, error);
  if (payload.data[0] > CCBT_HOLEPUNCH_ERROR)
    return fail ("kind", payload.data[0], error);
  if (payload.data[1] > 1)
    return fail ("family", payload.data[1], error);
  without_code = HEAD_LEN + (payload.data[1] == 1 ? 16 : 4) + PORT_LEN;
  has_code = payload.len == without_code + CODE_LEN;
  /* libtorrent leaves the code away where it would be 0. */
  if (!has_code && (payload.len != without_code || payload.data[0] == CCBT_HOLEPUNCH_ERROR))
    return fail ("length", payload.len, error);
  out->kind = (CcbtHolepunchKind) payload.data[0];
  out->address = ccbt_address_from_compact (payload.data + HEAD_LEN, payload.data[1] == 1);
  if (has_code && out->kind == CCBT_HOLEPUNCH_ERROR)
    out->code = (CcbtHolepunchError) ccbt_read_u32 (payload.data + without_code);
  return TRUE;
}

void
ccbt_holepunch_write (GByteArray *out, const CcbtHolepunchMessage *message)
{
  const guint8 head[HEAD_LEN] = { (guint8) message->kind, message->address.is_ipv6 };
  guint8 port[PORT_LEN], code[CODE_LEN];

  ccbt_write_u16 (port, message->address.port);
  ccbt_write_u32 (code, message->kind == CCBT_HOLEPUNCH_ERROR ? (guint32) message->code : 0);
  g_byte_array_append (out, head, sizeof head);
  g_byte_array_append (out, message->address.ip, message->address.is_ipv6 ? 16 : 4);
  g_byte_array_append (out, port, sizeof port);
  g_byte_array_append (out, code, sizeof code);
}
