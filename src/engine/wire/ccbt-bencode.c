/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-bencode-private.h"

typedef CcbtBencodeToken Token;

void
ccbt_bencode_free (CcbtBencode *self)
{
  if (self == NULL)
    return;
  g_free (self->tokens);
  g_free (self);
}

static const Token *
get_token (CcbtBencodeValue value)
{
  return value.document != NULL ? &value.document->tokens[value.token] : NULL;
}

CcbtBencodeValue
ccbt_bencode_get_root (const CcbtBencode *self)
{
  return (CcbtBencodeValue){ self, 0 };
}

CcbtBencodeKind
ccbt_bencode_value_get_kind (CcbtBencodeValue value)
{
  const Token *token = get_token (value);

  return token != NULL ? (CcbtBencodeKind) token->kind : CCBT_BENCODE_NONE;
}

CcbtSpan
ccbt_bencode_value_get_raw (CcbtBencodeValue value)
{
  const Token *token = get_token (value);

  if (token == NULL)
    return (CcbtSpan){ NULL, 0 };
  return (CcbtSpan){ value.document->bytes + token->start, token->end - token->start };
}

gboolean
ccbt_bencode_value_get_integer (CcbtBencodeValue value, gint64 *out)
{
  const Token *token = get_token (value);
  const guint8 *p;
  gboolean is_negative;
  guint64 magnitude = 0;

  if (token == NULL || token->kind != CCBT_BENCODE_INTEGER)
    return FALSE;
  p = value.document->bytes + token->start + 1;
  is_negative = *p == '-';
  for (p += is_negative; *p != 'e'; p++)
    magnitude = magnitude * 10 + (guint64) (*p - '0');
  /* The parser has checked the range; unsigned negation is defined for the lowest value too. */
  *out = (gint64) (is_negative ? -magnitude : magnitude);
  return TRUE;
}

gboolean
ccbt_bencode_value_get_string (CcbtBencodeValue value, CcbtSpan *out)
{
  const Token *token = get_token (value);

  if (token == NULL || token->kind != CCBT_BENCODE_STRING)
    return FALSE;
  *out = ccbt_bencode_token_get_text (value.document, token);
  return TRUE;
}

CcbtBencodeValue
ccbt_bencode_value_lookup (CcbtBencodeValue dict, const char *key)
{
  CcbtSpan wanted = ccbt_span_from_string (key);
  CcbtBencodeIter iter;
  CcbtBencodeValue value;
  CcbtSpan name;

  if (ccbt_bencode_value_get_kind (dict) == CCBT_BENCODE_DICT)
    {
      ccbt_bencode_iter_init (&iter, dict);
      while (ccbt_bencode_iter_next (&iter, &name, &value))
        if (ccbt_span_equal (name, wanted))
          return value;
    }
  return (CcbtBencodeValue){ NULL, 0 };
}

gboolean
ccbt_bencode_value_lookup_integer (CcbtBencodeValue dict, const char *key, gint64 *out)
{
  return ccbt_bencode_value_get_integer (ccbt_bencode_value_lookup (dict, key), out);
}

gboolean
ccbt_bencode_value_lookup_string (CcbtBencodeValue dict, const char *key, CcbtSpan *out)
{
  return ccbt_bencode_value_get_string (ccbt_bencode_value_lookup (dict, key), out);
}

void
ccbt_bencode_iter_init (CcbtBencodeIter *iter, CcbtBencodeValue container)
{
  const Token *token = get_token (container);
  gboolean is_container
      = token != NULL && (token->kind == CCBT_BENCODE_LIST || token->kind == CCBT_BENCODE_DICT);

  *iter = (CcbtBencodeIter){ .container = container };
  if (is_container)
    {
      iter->next = container.token + 1;
      iter->end = token->next;
    }
}

gboolean
ccbt_bencode_iter_next (CcbtBencodeIter *iter, CcbtSpan *key, CcbtBencodeValue *value)
{
  const CcbtBencode *document = iter->container.document;
  CcbtSpan name = { NULL, 0 };

  if (iter->next >= iter->end)
    return FALSE;
  if (document->tokens[iter->container.token].kind == CCBT_BENCODE_DICT)
    name = ccbt_bencode_token_get_text (document, &document->tokens[iter->next++]);
  if (key != NULL)
    *key = name;
  *value = (CcbtBencodeValue){ document, iter->next };
  iter->next = document->tokens[iter->next].next;
  return TRUE;
}

guint
ccbt_bencode_value_get_length (CcbtBencodeValue value)
{
  const Token *token = get_token (value);

  if (token == NULL || token->kind == CCBT_BENCODE_STRING || token->kind == CCBT_BENCODE_INTEGER)
    return 0;
  return token->detail;
}

/* --- Writing --- */

void
ccbt_bencode_write_integer (GByteArray *out, gint64 value)
{
  char text[32];
  int len = g_snprintf (text, sizeof text, "i%" G_GINT64_FORMAT "e", value);

  g_byte_array_append (out, (const guint8 *) text, (guint) len);
}

void
ccbt_bencode_write_string (GByteArray *out, CcbtSpan text)
{
  char head[32];
  int len = g_snprintf (head, sizeof head, "%" G_GSIZE_FORMAT ":", text.len);

  g_return_if_fail (text.len <= G_MAXUINT - sizeof head - out->len);

  g_byte_array_append (out, (const guint8 *) head, (guint) len);
  if (text.len > 0)
    g_byte_array_append (out, text.data, (guint) text.len);
}

void
ccbt_bencode_write_key (GByteArray *out, const char *key)
{
  ccbt_bencode_write_string (out, ccbt_span_from_string (key));
}

void
ccbt_bencode_begin_list (GByteArray *out)
{
  g_byte_array_append (out, (const guint8 *) "l", 1);
}

void
ccbt_bencode_begin_dict (GByteArray *out)
{
  g_byte_array_append (out, (const guint8 *) "d", 1);
}

void
ccbt_bencode_end (GByteArray *out)
{
  g_byte_array_append (out, (const guint8 *) "e", 1);
}
