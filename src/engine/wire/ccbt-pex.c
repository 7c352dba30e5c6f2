/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-pex.h"
#include "wire/ccbt-bencode.h"

#define COMPACT_IPV4 6u
#define COMPACT_IPV6 18u

CcbtPexMessage *
ccbt_pex_message_new (void)
{
  CcbtPexMessage *self = g_new0 (CcbtPexMessage, 1);

  self->added = g_array_new (FALSE, FALSE, sizeof (CcbtPexPeer));
  self->dropped = g_array_new (FALSE, FALSE, sizeof (CcbtAddress));
  return self;
}

void
ccbt_pex_message_free (CcbtPexMessage *self)
{
  g_array_unref (self->added);
  g_array_unref (self->dropped);
  g_free (self);
}

/* --- Reading --- */

/* Is @address among those of @array? Each element begins with its address. */
static gboolean
contains (GArray *array, const CcbtAddress *address)
{
  gsize size = g_array_get_element_size (array);

  for (guint i = 0; i < array->len; i++)
    if (ccbt_address_equal ((const CcbtAddress *) (gpointer) (array->data + i * size), address))
      return TRUE;
  return FALSE;
}

static gboolean
is_worth_reading (GArray *array, const CcbtAddress *address)
{
  return address->port != 0 && ccbt_address_get_scope (address) != CCBT_ADDRESS_UNUSABLE
         && !contains (array, address);
}

/* Contacts under @key, which may be absent. Returns: FALSE when they are cut off */
static gboolean
get_contacts (CcbtBencodeValue root, const char *key, guint size, CcbtSpan *out, GError **error)
{
  *out = (CcbtSpan){ 0 };
  ccbt_bencode_value_lookup_string (root, key, out);
  if (out->len % size == 0)
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "ut_pex: %s of %" G_GSIZE_FORMAT " bytes",
               key, out->len);
  return FALSE;
}

static gboolean
read_added (CcbtBencodeValue root, gboolean is_ipv6, GArray *added, GError **error)
{
  const guint size = is_ipv6 ? COMPACT_IPV6 : COMPACT_IPV4;
  CcbtSpan contacts, flags = { 0 };

  if (!get_contacts (root, is_ipv6 ? "added6" : "added", size, &contacts, error))
    return FALSE;
  /* Too short a list of flags is no crime: who has none there has none. */
  ccbt_bencode_value_lookup_string (root, is_ipv6 ? "added6.f" : "added.f", &flags);
  for (gsize i = 0; i < contacts.len / size && added->len < CCBT_PEX_MAX_PEERS; i++)
    {
      CcbtPexPeer peer = { .address = ccbt_address_from_compact (contacts.data + i * size, is_ipv6),
                           .flags = i < flags.len ? flags.data[i] : 0 };

      if (is_worth_reading (added, &peer.address))
        g_array_append_val (added, peer);
    }
  return TRUE;
}

static gboolean
read_dropped (CcbtBencodeValue root, gboolean is_ipv6, GArray *dropped, GError **error)
{
  const guint size = is_ipv6 ? COMPACT_IPV6 : COMPACT_IPV4;
  CcbtSpan contacts;

  if (!get_contacts (root, is_ipv6 ? "dropped6" : "dropped", size, &contacts, error))
    return FALSE;
  for (gsize i = 0; i < contacts.len / size && dropped->len < CCBT_PEX_MAX_PEERS; i++)
    {
      CcbtAddress address = ccbt_address_from_compact (contacts.data + i * size, is_ipv6);

      if (is_worth_reading (dropped, &address))
        g_array_append_val (dropped, address);
    }
  return TRUE;
}

CcbtPexMessage *
ccbt_pex_parse (CcbtSpan payload, GError **error)
{
  g_autoptr (CcbtBencode) document
      = ccbt_bencode_parse (payload, &ccbt_bencode_limits_message, NULL, error);
  g_autoptr (CcbtPexMessage) message = NULL;
  CcbtBencodeValue root;

  if (document == NULL)
    return NULL;
  root = ccbt_bencode_get_root (document);
  if (ccbt_bencode_value_get_kind (root) != CCBT_BENCODE_DICT)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "ut_pex: no dictionary");
      return NULL;
    }
  message = ccbt_pex_message_new ();
  for (gint is_ipv6 = 0; is_ipv6 <= 1; is_ipv6++)
    if (!read_added (root, is_ipv6, message->added, error)
        || !read_dropped (root, is_ipv6, message->dropped, error))
      return NULL;
  return g_steal_pointer (&message);
}

/* --- Writing --- */

static void
append_compact (GByteArray *out, const CcbtAddress *address)
{
  guint8 port[2];

  ccbt_write_u16 (port, address->port);
  g_byte_array_append (out, address->ip, address->is_ipv6 ? 16 : 4);
  g_byte_array_append (out, port, sizeof port);
}

static void
write_bytes (GByteArray *out, const char *key, const GByteArray *bytes)
{
  if (bytes->len == 0)
    return;
  ccbt_bencode_write_key (out, key);
  ccbt_bencode_write_string (out, (CcbtSpan){ bytes->data, bytes->len });
}

static void
write_added (GByteArray *out, const GArray *added, gboolean is_ipv6)
{
  g_autoptr (GByteArray) contacts = g_byte_array_new ();
  g_autoptr (GByteArray) flags = g_byte_array_new ();

  for (guint i = 0; i < added->len; i++)
    {
      const CcbtPexPeer *peer = &g_array_index (added, CcbtPexPeer, i);

      if (peer->address.is_ipv6 != is_ipv6)
        continue;
      append_compact (contacts, &peer->address);
      g_byte_array_append (flags, &peer->flags, 1);
    }
  write_bytes (out, is_ipv6 ? "added6" : "added", contacts);
  write_bytes (out, is_ipv6 ? "added6.f" : "added.f", flags);
}

static void
write_dropped (GByteArray *out, const GArray *dropped, gboolean is_ipv6)
{
  g_autoptr (GByteArray) contacts = g_byte_array_new ();

  for (guint i = 0; i < dropped->len; i++)
    {
      const CcbtAddress *address = &g_array_index (dropped, CcbtAddress, i);

      if (address->is_ipv6 == is_ipv6)
        append_compact (contacts, address);
    }
  write_bytes (out, is_ipv6 ? "dropped6" : "dropped", contacts);
}

void
ccbt_pex_write (GByteArray *out, const CcbtPexMessage *message)
{
  ccbt_bencode_begin_dict (out);
  write_added (out, message->added, FALSE);
  write_added (out, message->added, TRUE);
  write_dropped (out, message->dropped, FALSE);
  write_dropped (out, message->dropped, TRUE);
  ccbt_bencode_end (out);
}
