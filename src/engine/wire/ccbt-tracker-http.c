/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-tracker-http.h"
#include "base/ccbt-text.h"
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-url.h"

#define SHORTEST_INTERVAL 60 /* seconds */
#define LONGEST_INTERVAL 86400
#define DEFAULT_INTERVAL 1800
#define MAX_TEXT_CHARS 200
#define MAX_TRACKER_ID_BYTES 512u
#define MAX_PEERS 3000u
#define MAX_COUNT 100000000 /* no swarm is larger; sums of these stay in an int */

/* A peer as a dictionary is seven values: enough for what fits the body, and 3 MiB of tokens. */
static const CcbtBencodeLimits reply_limits
    = { .max_depth = 16, .max_tokens = 200000, .max_size = CCBT_TRACKER_REPLY_MAX };

/* --- Announce URL --- */

static void
append_bytes (GString *url, const char *name, CcbtSpan value)
{
  g_string_append_printf (url, "&%s=", name);
  ccbt_url_append_escaped (url, value);
}

static void
append_number (GString *url, const char *name, guint64 value)
{
  g_string_append_printf (url, "&%s=%" G_GUINT64_FORMAT, name, value);
}

static const char *
get_event_name (CcbtAnnounceEvent event)
{
  switch (event)
    {
    case CCBT_ANNOUNCE_STARTED:
      return "started";
    case CCBT_ANNOUNCE_COMPLETED:
      return "completed";
    case CCBT_ANNOUNCE_STOPPED:
      return "stopped";
    case CCBT_ANNOUNCE_NONE:
    default:
      return NULL;
    }
}

static void
append_optional (GString *url, const CcbtAnnounceRequest *request)
{
  const char *event = get_event_name (request->event);

  if (request->number_wanted >= 0)
    append_number (url, "numwant", (guint64) request->number_wanted);
  if (event != NULL)
    append_bytes (url, "event", ccbt_span_from_string (event));
  if (request->tracker_id != NULL)
    append_bytes (url, "trackerid", ccbt_span_from_string (request->tracker_id));
  if (request->ipv6 != NULL)
    append_bytes (url, "ipv6", ccbt_span_from_string (request->ipv6));
}

char *
ccbt_announce_build_url (const char *announce_url, const CcbtAnnounceRequest *request)
{
  gsize base_len = strcspn (announce_url, "#"); /* a fragment never goes to a server */
  GString *url = g_string_new_len (announce_url, (gssize) base_len);
  const char *query = strchr (url->str, '?');

  if (query == NULL)
    g_string_append_c (url, '?');
  else if (query[1] != '\0' && url->str[url->len - 1] != '&')
    g_string_append_c (url, '&');
  g_string_append (url, "info_hash=");
  ccbt_url_append_escaped (url,
                           (CcbtSpan){ request->info_hash.bytes, sizeof request->info_hash.bytes });
  append_bytes (url, "peer_id", (CcbtSpan){ request->peer_id, sizeof request->peer_id });
  append_number (url, "port", request->port);
  append_number (url, "uploaded", request->uploaded);
  append_number (url, "downloaded", request->downloaded);
  append_number (url, "left", request->left);
  append_number (url, "compact", 1);
  append_number (url, "no_peer_id", 1);
  g_string_append_printf (url, "&key=%08X", request->key);
  append_optional (url, request);
  return g_string_free (url, FALSE);
}

/* --- Reply --- */

guint32
ccbt_announce_clamp_interval (gint64 seconds)
{
  return seconds <= 0 ? DEFAULT_INTERVAL
                      : (guint32) CLAMP (seconds, SHORTEST_INTERVAL, LONGEST_INTERVAL);
}

int
ccbt_announce_clamp_count (gint64 count)
{
  return count < 0 ? -1 : (int) MIN (count, MAX_COUNT);
}

/* Returns: (transfer full) (nullable): NULL when there is none */
static char *
dup_text (CcbtBencodeValue value)
{
  CcbtSpan text;

  if (!ccbt_bencode_value_get_string (value, &text) || text.len == 0)
    return NULL;
  return ccbt_text_make_printable (text, MAX_TEXT_CHARS);
}

/* The key alone says that it failed, whatever its value. Returns: (transfer full) (nullable) */
static char *
dup_failure (CcbtBencodeValue root)
{
  CcbtBencodeValue value = ccbt_bencode_value_lookup (root, "failure reason");
  char *text = dup_text (value);

  if (text == NULL && ccbt_bencode_value_get_kind (value) != CCBT_BENCODE_NONE)
    text = g_strdup ("no reason given");
  return text;
}

/* It goes back percent-encoded and is shown to nobody, so its bytes may be any but the one that
 * ends a string. Cut off it would be another id: too long is as good as none. */
static char *
dup_tracker_id (CcbtBencodeValue root)
{
  CcbtSpan id;

  if (!ccbt_bencode_value_lookup_string (root, "tracker id", &id) || id.len == 0
      || id.len > MAX_TRACKER_ID_BYTES || memchr (id.data, '\0', id.len) != NULL)
    return NULL;
  return g_strndup ((const char *) id.data, id.len);
}

/* BEP 31: minutes, which its own example writes as a string, or "never". */
static gint64
lookup_retry_in (CcbtBencodeValue root)
{
  CcbtSpan text;
  gint64 minutes = 0;

  if (ccbt_bencode_value_lookup_string (root, "retry in", &text))
    {
      g_autofree char *copy = g_strndup ((const char *) text.data, MIN (text.len, 20));

      if (ccbt_span_equal (text, CCBT_SPAN_LITERAL ("never")))
        return -1;
      minutes = g_ascii_strtoll (copy, NULL, 10);
    }
  else
    ccbt_bencode_value_lookup_integer (root, "retry in", &minutes);
  return 60 * CLAMP (minutes, 0, LONGEST_INTERVAL / 60);
}

static guint32
lookup_interval (CcbtBencodeValue root)
{
  gint64 value = 0;

  ccbt_bencode_value_lookup_integer (root, "interval", &value);
  return ccbt_announce_clamp_interval (value);
}

static guint32
lookup_min_interval (CcbtBencodeValue root)
{
  gint64 value = 0;

  ccbt_bencode_value_lookup_integer (root, "min interval", &value);
  return (guint32) CLAMP (value, 0, LONGEST_INTERVAL);
}

static int
lookup_count (CcbtBencodeValue root, const char *key)
{
  gint64 value = -1;

  ccbt_bencode_value_lookup_integer (root, key, &value);
  return ccbt_announce_clamp_count (value);
}

static void
add_peer (GArray *peers, CcbtAddress peer)
{
  if (peer.port != 0 && peers->len < MAX_PEERS)
    g_array_append_val (peers, peer);
}

void
ccbt_announce_reply_add_compact (CcbtAnnounceReply *self, CcbtSpan peers, gboolean is_ipv6)
{
  gsize size = is_ipv6 ? 18 : 6;

  for (gsize i = 0; i + size <= peers.len && self->peers->len < MAX_PEERS; i += size)
    add_peer (self->peers, ccbt_address_from_compact (peers.data + i, is_ipv6));
}

static void
add_compact_value (CcbtAnnounceReply *self, CcbtBencodeValue value, gboolean is_ipv6)
{
  CcbtSpan bytes;

  if (ccbt_bencode_value_get_string (value, &bytes))
    ccbt_announce_reply_add_compact (self, bytes, is_ipv6);
}

static gboolean
read_peer_dict (CcbtBencodeValue dict, CcbtAddress *out)
{
  char ip[64]; /* an IPv6 address in text has 45 characters at most */
  CcbtSpan text;
  gint64 port;

  if (!ccbt_bencode_value_lookup_string (dict, "ip", &text)
      || !ccbt_bencode_value_lookup_integer (dict, "port", &port))
    return FALSE;
  if (text.len >= sizeof ip || memchr (text.data, '\0', text.len) != NULL || port < 1
      || port > G_MAXUINT16)
    return FALSE;
  memcpy (ip, text.data, text.len);
  ip[text.len] = '\0';
  return ccbt_address_parse_ip (ip, (guint16) port, out);
}

static void
add_peer_dicts (GArray *peers, CcbtBencodeValue list)
{
  CcbtBencodeIter iter;
  CcbtBencodeValue item;
  CcbtAddress peer;

  if (ccbt_bencode_value_get_kind (list) != CCBT_BENCODE_LIST)
    return;
  ccbt_bencode_iter_init (&iter, list);
  while (peers->len < MAX_PEERS && ccbt_bencode_iter_next (&iter, NULL, &item))
    if (read_peer_dict (item, &peer))
      add_peer (peers, peer);
}

static void
read_reply (CcbtAnnounceReply *self, CcbtBencodeValue root)
{
  CcbtBencodeValue peers = ccbt_bencode_value_lookup (root, "peers");
  CcbtSpan external_ip;

  self->failure = dup_failure (root);
  if (self->failure != NULL)
    self->retry_in = lookup_retry_in (root);
  self->warning = dup_text (ccbt_bencode_value_lookup (root, "warning message"));
  self->interval = lookup_interval (root);
  self->min_interval = lookup_min_interval (root);
  self->tracker_id = dup_tracker_id (root);
  self->seeds = lookup_count (root, "complete");
  self->leechers = lookup_count (root, "incomplete");
  add_compact_value (self, peers, FALSE);
  add_peer_dicts (self->peers, peers);
  add_compact_value (self, ccbt_bencode_value_lookup (root, "peers6"), TRUE);
  self->has_external_ip = ccbt_bencode_value_lookup_string (root, "external ip", &external_ip)
                          && ccbt_address_from_ip_bytes (external_ip, &self->external_ip);
}

CcbtAnnounceReply *
ccbt_announce_reply_new (void)
{
  CcbtAnnounceReply *self = g_new0 (CcbtAnnounceReply, 1);

  self->interval = DEFAULT_INTERVAL;
  self->seeds = self->leechers = -1;
  self->peers = g_array_new (FALSE, FALSE, sizeof (CcbtAddress));
  return self;
}

CcbtAnnounceReply *
ccbt_announce_reply_parse (CcbtSpan body, GError **error)
{
  gsize consumed; /* what comes after is ignored: some trackers end with a line break */
  g_autoptr (CcbtBencode) document = ccbt_bencode_parse (body, &reply_limits, &consumed, error);
  CcbtAnnounceReply *self;

  if (document == NULL)
    return NULL;
  if (ccbt_bencode_value_get_kind (ccbt_bencode_get_root (document)) != CCBT_BENCODE_DICT)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                           "the tracker's answer is no dictionary");
      return NULL;
    }
  self = ccbt_announce_reply_new ();
  read_reply (self, ccbt_bencode_get_root (document));
  return self;
}

void
ccbt_announce_reply_free (CcbtAnnounceReply *self)
{
  if (self == NULL)
    return;
  g_free (self->failure);
  g_free (self->warning);
  g_free (self->tracker_id);
  g_array_unref (self->peers);
  g_free (self);
}
