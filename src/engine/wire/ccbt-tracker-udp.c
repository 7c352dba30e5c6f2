/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-tracker-udp.h"
#include "base/ccbt-text.h"

#define PROTOCOL_ID G_GUINT64_CONSTANT (0x41727101980)
#define HEAD_BYTES 8u
#define CONNECT_BYTES 16u
#define ANNOUNCE_BYTES 20u
#define MAX_TEXT_CHARS 200
#define OPTION_URL_DATA 2
#define MAX_OPTION_BYTES 255u

/* --- Requests --- */

static void
append_u64 (GByteArray *out, guint64 value)
{
  ccbt_append_u32 (out, (guint32) (value >> 32));
  ccbt_append_u32 (out, (guint32) value);
}

static void
append_head (GByteArray *out, guint64 connection, CcbtTrackerUdpAction action, guint32 transaction)
{
  append_u64 (out, connection);
  ccbt_append_u32 (out, action);
  ccbt_append_u32 (out, transaction);
}

void
ccbt_tracker_udp_write_connect (GByteArray *out, guint32 transaction)
{
  append_head (out, PROTOCOL_ID, CCBT_TRACKER_UDP_CONNECT, transaction);
}

static guint32
get_event_number (CcbtAnnounceEvent event)
{
  switch (event)
    {
    case CCBT_ANNOUNCE_COMPLETED:
      return 1;
    case CCBT_ANNOUNCE_STARTED:
      return 2;
    case CCBT_ANNOUNCE_STOPPED:
      return 3;
    case CCBT_ANNOUNCE_NONE:
    default:
      return 0;
    }
}

/* Cut into as many options as it needs (BEP 41). */
static void
append_url_data (GByteArray *out, const char *path_and_query)
{
  CcbtSpan rest = ccbt_span_from_string (path_and_query);

  while (rest.len > 0)
    {
      const guint8 length = (guint8) MIN (rest.len, MAX_OPTION_BYTES);
      const guint8 head[] = { OPTION_URL_DATA, length };

      g_byte_array_append (out, head, sizeof head);
      g_byte_array_append (out, rest.data, length);
      rest = (CcbtSpan){ rest.data + length, rest.len - length };
    }
}

void
ccbt_tracker_udp_write_announce (GByteArray *out, guint64 connection, guint32 transaction,
                                 const CcbtAnnounceRequest *request, const char *path_and_query)
{
  append_head (out, connection, CCBT_TRACKER_UDP_ANNOUNCE, transaction);
  g_byte_array_append (out, request->info_hash.bytes, sizeof request->info_hash.bytes);
  g_byte_array_append (out, request->peer_id, sizeof request->peer_id);
  append_u64 (out, request->downloaded);
  append_u64 (out, request->left);
  append_u64 (out, request->uploaded);
  ccbt_append_u32 (out, get_event_number (request->event));
  ccbt_append_u32 (out, 0); /* our address is the one the datagram comes from */
  ccbt_append_u32 (out, request->key);
  ccbt_append_u32 (out,
                   request->number_wanted >= 0 ? (guint32) request->number_wanted : G_MAXUINT32);
  ccbt_append_u16 (out, request->port);
  append_url_data (out, path_and_query);
}

void
ccbt_tracker_udp_write_scrape (GByteArray *out, guint64 connection, guint32 transaction,
                               const CcbtSha1 *info_hashes, guint n_info_hashes)
{
  g_return_if_fail (n_info_hashes <= CCBT_TRACKER_UDP_MAX_SCRAPE);

  append_head (out, connection, CCBT_TRACKER_UDP_SCRAPE, transaction);
  for (guint i = 0; i < n_info_hashes; i++)
    g_byte_array_append (out, info_hashes[i].bytes, sizeof info_hashes[i].bytes);
}

/* --- Replies --- */

gboolean
ccbt_tracker_udp_read_head (CcbtSpan datagram, CcbtTrackerUdpAction *action, guint32 *transaction)
{
  guint32 number;

  if (datagram.len < HEAD_BYTES)
    return FALSE;
  number = ccbt_read_u32 (datagram.data);
  if (number > CCBT_TRACKER_UDP_ERROR)
    return FALSE;
  *action = (CcbtTrackerUdpAction) number;
  *transaction = ccbt_read_u32 (datagram.data + 4);
  return TRUE;
}

static gboolean
is_action (CcbtSpan datagram, CcbtTrackerUdpAction wanted)
{
  CcbtTrackerUdpAction action;
  guint32 transaction;

  return ccbt_tracker_udp_read_head (datagram, &action, &transaction) && action == wanted;
}

gboolean
ccbt_tracker_udp_read_connect (CcbtSpan datagram, guint64 *connection)
{
  if (datagram.len < CONNECT_BYTES || !is_action (datagram, CCBT_TRACKER_UDP_CONNECT))
    return FALSE;
  *connection
      = (guint64) ccbt_read_u32 (datagram.data + 8) << 32 | ccbt_read_u32 (datagram.data + 12);
  return TRUE;
}

char *
ccbt_tracker_udp_dup_failure (CcbtSpan datagram)
{
  CcbtSpan text;

  if (!is_action (datagram, CCBT_TRACKER_UDP_ERROR))
    return NULL;
  text = (CcbtSpan){ datagram.data + HEAD_BYTES, datagram.len - HEAD_BYTES };
  while (text.len > 0 && text.data[text.len - 1] == '\0') /* some send the end of a C string too */
    text.len--;
  return text.len > 0 ? ccbt_text_make_printable (text, MAX_TEXT_CHARS)
                      : g_strdup ("no reason given");
}

static CcbtAnnounceReply *
refuse (GError **error, gsize len)
{
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
               "the tracker's answer of %" G_GSIZE_FORMAT " bytes is no announce reply", len);
  return NULL;
}

CcbtAnnounceReply *
ccbt_tracker_udp_read_announce (CcbtSpan datagram, gboolean is_ipv6, GError **error)
{
  char *failure = ccbt_tracker_udp_dup_failure (datagram);
  CcbtAnnounceReply *self;

  if (failure == NULL
      && (datagram.len < ANNOUNCE_BYTES || !is_action (datagram, CCBT_TRACKER_UDP_ANNOUNCE)))
    return refuse (error, datagram.len);
  self = ccbt_announce_reply_new ();
  self->failure = failure;
  if (failure != NULL)
    return self;
  self->interval = ccbt_announce_clamp_interval ((gint32) ccbt_read_u32 (datagram.data + 8));
  self->leechers = ccbt_announce_clamp_count ((gint32) ccbt_read_u32 (datagram.data + 12));
  self->seeds = ccbt_announce_clamp_count ((gint32) ccbt_read_u32 (datagram.data + 16));
  ccbt_announce_reply_add_compact (
      self, (CcbtSpan){ datagram.data + ANNOUNCE_BYTES, datagram.len - ANNOUNCE_BYTES }, is_ipv6);
  return self;
}
