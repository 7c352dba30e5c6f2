/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-handshake.h"

/* Byte offsets in the handshake. */
#define RESERVED 20u
#define INFO_HASH 28u
#define PEER_ID 48u

/* Bits of the reserved bytes. */
#define EXTENSIONS_BIT 0x10 /* byte 5, BEP 10 */
#define DHT_BIT 0x01        /* byte 7, BEP 5 */
#define FAST_BIT 0x04       /* byte 7, BEP 6 */
#define V2_BIT 0x10         /* byte 7, BEP 52 */

static const guint8 protocol[RESERVED + 1] = "\x13"
                                             "BitTorrent protocol";

void
ccbt_handshake_write (const CcbtHandshake *handshake, guint8 out[CCBT_HANDSHAKE_SIZE])
{
  memset (out, 0, CCBT_HANDSHAKE_SIZE);
  memcpy (out, protocol, RESERVED);
  if (handshake->has_extensions)
    out[RESERVED + 5] |= EXTENSIONS_BIT;
  if (handshake->has_dht)
    out[RESERVED + 7] |= DHT_BIT;
  if (handshake->has_fast)
    out[RESERVED + 7] |= FAST_BIT;
  if (handshake->has_v2)
    out[RESERVED + 7] |= V2_BIT;
  memcpy (out + INFO_HASH, handshake->info_hash.bytes, sizeof handshake->info_hash.bytes);
  memcpy (out + PEER_ID, handshake->peer_id, sizeof handshake->peer_id);
}

CcbtParse
ccbt_handshake_parse_info_hash (CcbtSpan in, CcbtSha1 *out, GError **error)
{
  gsize compared = MIN (in.len, RESERVED);

  if (compared > 0 && memcmp (in.data, protocol, compared) != 0)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "no BitTorrent handshake");
      return CCBT_PARSE_FAILED;
    }
  if (in.len < PEER_ID)
    return CCBT_PARSE_NEED_MORE;
  memcpy (out->bytes, in.data + INFO_HASH, sizeof out->bytes);
  return CCBT_PARSE_DONE;
}

CcbtParse
ccbt_handshake_parse (CcbtSpan in, CcbtHandshake *out, GError **error)
{
  CcbtSha1 info_hash;
  CcbtParse parse = ccbt_handshake_parse_info_hash (in, &info_hash, error);

  if (parse == CCBT_PARSE_DONE && in.len < CCBT_HANDSHAKE_SIZE)
    parse = CCBT_PARSE_NEED_MORE;
  if (parse != CCBT_PARSE_DONE)
    return parse;
  *out = (CcbtHandshake){
    .info_hash = info_hash,
    .has_extensions = (in.data[RESERVED + 5] & EXTENSIONS_BIT) != 0,
    .has_dht = (in.data[RESERVED + 7] & DHT_BIT) != 0,
    .has_fast = (in.data[RESERVED + 7] & FAST_BIT) != 0,
    .has_v2 = (in.data[RESERVED + 7] & V2_BIT) != 0,
  };
  memcpy (out->peer_id, in.data + PEER_ID, sizeof out->peer_id);
  return CCBT_PARSE_DONE;
}

/* --- Client names (BEP 20, and what the programs really send) --- */

typedef enum
{
  VERSION_PARTS,        /* 4500: 4.5.0, and a fourth part when it is not 0 */
  VERSION_TRANSMISSION, /* 2940: 2.94; 4060: 4.0.6 */
  VERSION_PAIRS,        /* 0171: 1.71 */
  VERSION_SHORT_PAIRS,  /* 0204: 2.4 */
} VersionStyle;

typedef struct
{
  char code[3];
  VersionStyle style;
  const char *name;
} ClientCode;

static const ClientCode client_codes[] = {
  { "7T", VERSION_PARTS, "aTorrent" },
  { "AG", VERSION_PARTS, "Ares" },
  { "AR", VERSION_PARTS, "Arctic" },
  { "AZ", VERSION_PARTS, "Vuze" },
  { "BC", VERSION_PAIRS, "BitComet" },
  { "BG", VERSION_PARTS, "BTG" },
  { "BI", VERSION_PARTS, "BiglyBT" },
  { "BL", VERSION_PARTS, "BitLord" },
  { "BT", VERSION_PARTS, "BitTorrent" },
  { "CD", VERSION_PARTS, "Enhanced CTorrent" },
  { "CT", VERSION_PARTS, "CTorrent" },
  { "DE", VERSION_PARTS, "Deluge" },
  { "FW", VERSION_PARTS, "FrostWire" },
  { "HL", VERSION_PARTS, "Halite" },
  { "KG", VERSION_PARTS, "KGet" },
  { "KT", VERSION_PARTS, "KTorrent" },
  { "LT", VERSION_PARTS, "libtorrent" },
  { "lt", VERSION_PARTS, "rTorrent" },
  { "LW", VERSION_PARTS, "LimeWire" },
  { "MO", VERSION_PARTS, "MonoTorrent" },
  { "PI", VERSION_PARTS, "PicoTorrent" },
  { "qB", VERSION_PARTS, "qBittorrent" },
  { "QD", VERSION_PARTS, "QQDownload" },
  { "SD", VERSION_PARTS, "Xunlei" },
  { "SP", VERSION_PARTS, "BitSpirit" },
  { "ST", VERSION_PARTS, "SymTorrent" },
  { "SZ", VERSION_PARTS, "Shareaza" },
  { "TL", VERSION_PARTS, "Tribler" },
  { "TR", VERSION_TRANSMISSION, "Transmission" },
  { "TT", VERSION_PARTS, "TuoTu" },
  { "UM", VERSION_PARTS, "\302\265Torrent for Mac" },
  { "UT", VERSION_PARTS, "\302\265Torrent" },
  { "UW", VERSION_PARTS, "\302\265Torrent Web" },
  { "WD", VERSION_SHORT_PAIRS, "WebTorrent Desktop" },
  { "WW", VERSION_SHORT_PAIRS, "WebTorrent" },
  { "XL", VERSION_PARTS, "Xunlei" },
};

static const ClientCode *
find_client_code (const guint8 code[2])
{
  for (guint i = 0; i < G_N_ELEMENTS (client_codes); i++)
    if (memcmp (client_codes[i].code, code, 2) == 0)
      return &client_codes[i];
  return NULL;
}

/* Versions past 9 go on with letters: 'A' is 10. */
static guint
read_version_part (guint8 c)
{
  return g_ascii_isdigit (c) ? (guint) (c - '0') : (guint) (g_ascii_toupper ((char) c) - 'A') + 10;
}

static char *
describe_version (VersionStyle style, const guint8 *text)
{
  guint part[4];

  for (guint i = 0; i < 4; i++)
    part[i] = read_version_part (text[i]);
  /* Up to 3.00 Transmission had a release as two digits. */
  if (style == VERSION_TRANSMISSION && part[0] < 4)
    return g_strdup_printf ("%u.%u%u", part[0], part[1], part[2]);
  if (style == VERSION_PAIRS)
    return g_strdup_printf ("%u.%u%u", 10 * part[0] + part[1], part[2], part[3]);
  if (style == VERSION_SHORT_PAIRS)
    return g_strdup_printf ("%u.%u", 10 * part[0] + part[1], 10 * part[2] + part[3]);
  /* The fourth place often says "beta" or "stable" with a letter. */
  if (style == VERSION_PARTS && part[3] > 0 && part[3] < 10)
    return g_strdup_printf ("%u.%u.%u.%u", part[0], part[1], part[2], part[3]);
  return g_strdup_printf ("%u.%u.%u", part[0], part[1], part[2]);
}

/* "-TR3000-", as most send it. Returns: NULL when it is something else */
static char *
describe_dashed (const guint8 *id)
{
  const ClientCode *client;
  g_autofree char *version = NULL;

  if (id[0] != '-')
    return NULL;
  for (guint i = 1; i < 7; i++)
    if (!g_ascii_isalnum (id[i]))
      return NULL;
  client = find_client_code (id + 1);
  version = describe_version (client != NULL ? client->style : VERSION_PARTS, id + 3);
  if (client != NULL)
    return g_strdup_printf ("%s %s", client->name, version);
  /* Nobody we know: its code is better than nothing, where the shape is right to the last dash. */
  return id[7] == '-' ? g_strdup_printf ("%c%c %s", id[1], id[2], version) : NULL;
}

/* Three numbers, a dash behind each: "4-20-8-". Returns: "4.20.8", or NULL */
static char *
read_dashed_numbers (const guint8 *text, guint max_len)
{
  GString *version = g_string_new (NULL);
  guint i = 0;

  for (guint part = 0; part < 3; part++)
    {
      guint start = i;

      while (i < max_len && i - start < 3 && g_ascii_isdigit (text[i]))
        i++;
      if (i == start || i == max_len || text[i] != '-')
        {
          g_string_free (version, TRUE);
          return NULL;
        }
      if (part > 0)
        g_string_append_c (version, '.');
      g_string_append_len (version, (const char *) text + start, i - start);
      i++;
    }
  return g_string_free (version, FALSE);
}

/* "M4-20-8-" of the first client and those that took after it. */
static char *
describe_numbered (const guint8 *id)
{
  static const struct
  {
    const char *code;
    const char *name;
  } clients[] = { { "A2-", "aria2" }, { "M", "BitTorrent" }, { "Q", "Queen Bee" } };

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      guint len = (guint) strlen (clients[i].code);
      g_autofree char *version = NULL;

      if (memcmp (id, clients[i].code, len) != 0)
        continue;
      version = read_dashed_numbers (id + len, 20 - len);
      if (version != NULL)
        return g_strdup_printf ("%s %s", clients[i].name, version);
    }
  return NULL;
}

/* "S58B-----": a letter, up to five places of version, dashes up to the ninth byte. */
static char *
describe_shadow (const guint8 *id)
{
  static const struct
  {
    char code;
    const char *name;
  } clients[] = { { 'A', "ABC" },    { 'O', "Osprey" },     { 'Q', "BTQueue" }, { 'R', "Tribler" },
                  { 'S', "Shadow" }, { 'T', "BitTornado" }, { 'U', "UPnP NAT" } };
  g_autoptr (GString) version = g_string_new (NULL);
  guint i = 1;

  if (memcmp (id + 6, "---", 3) != 0)
    return NULL;
  for (; i < 6 && g_ascii_isalnum (id[i]); i++)
    g_string_append_printf (version, i > 1 ? ".%u" : "%u", read_version_part (id[i]));
  for (guint rest = i; rest < 6; rest++)
    if (id[rest] != '-')
      return NULL;
  for (guint n = 0; i > 1 && n < G_N_ELEMENTS (clients); n++)
    if ((char) id[0] == clients[n].code)
      return g_strdup_printf ("%s %s", clients[n].name, version->str);
  return NULL;
}

char *
ccbt_handshake_describe_client (const guint8 peer_id[20])
{
  char *name = describe_dashed (peer_id);

  if (name == NULL)
    name = describe_numbered (peer_id);
  if (name == NULL)
    name = describe_shadow (peer_id);
  return name != NULL ? name : g_strdup ("");
}
