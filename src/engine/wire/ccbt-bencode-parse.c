/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-bencode-private.h"

#include "base/ccbt-random.h"

typedef CcbtBencodeToken Token;

const CcbtBencodeLimits ccbt_bencode_limits_file
    = { .max_depth = 100, .max_tokens = 3000000, .max_size = 10 * 1024 * 1024 };
const CcbtBencodeLimits ccbt_bencode_limits_message
    = { .max_depth = 16, .max_tokens = 20000, .max_size = 1024 * 1024 };

#define MAX_TOKENS ((1u << 29) - 1) /* what CcbtBencodeToken.detail can count */

/* An open list or dictionary. */
typedef struct
{
  guint32 token;
  guint32 last_key;      /* token of the key read last; 0 = none, since token 0 is never a key */
  gboolean awaits_value; /* a key was read, its value was not */
  gboolean is_unsorted;
} Frame;

typedef struct
{
  CcbtSpan bytes;
  gsize position;
  guint max_depth;
  guint32 max_tokens;
  guint32 capacity;
  CcbtBencode *document;
  GArray *frames; /* Frame, the innermost last */
} Parser;

static gboolean
fail_at (gsize position, const char *what, GError **error)
{
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "%s (byte %" G_GSIZE_FORMAT ")", what,
               position);
  return FALSE;
}

static gboolean
add_token (Parser *self, const Token *token, GError **error)
{
  CcbtBencode *document = self->document;

  if (document->n_tokens >= self->max_tokens)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE, "more than %u values",
                   self->max_tokens);
      return FALSE;
    }
  if (document->n_tokens == self->capacity)
    {
      self->capacity *= 2;
      document->tokens = g_renew (Token, document->tokens, self->capacity);
    }
  document->tokens[document->n_tokens] = *token;
  document->tokens[document->n_tokens].next = document->n_tokens + 1;
  document->n_tokens++;
  return TRUE;
}

/* Reads @digits at the position as a number of at most @limit, without leading zeros, and moves
 * past them. */
static gboolean
read_digits (Parser *self, guint64 limit, guint64 *out, GError **error)
{
  const guint8 *data = self->bytes.data;
  gsize first = self->position;
  guint64 value = 0;

  for (; self->position < self->bytes.len && g_ascii_isdigit (data[self->position]);
       self->position++)
    {
      guint64 digit = (guint64) (data[self->position] - '0');

      if (self->position > first && data[first] == '0')
        return fail_at (first, "a number with leading zeros", error);
      if (value > (limit - digit) / 10 || digit > limit)
        return fail_at (first, "a number out of range", error);
      value = value * 10 + digit;
    }
  if (self->position == self->bytes.len)
    return fail_at (self->position, "the data is cut off", error);
  if (self->position == first)
    return fail_at (self->position, "an unexpected byte", error);
  *out = value;
  return TRUE;
}

static gboolean
parse_string (Parser *self, GError **error)
{
  gsize start = self->position;
  guint64 length;
  gsize head;

  if (!read_digits (self, self->bytes.len, &length, error))
    return FALSE;
  if (self->bytes.data[self->position] != ':')
    return fail_at (self->position, "an unexpected byte", error);
  self->position++;
  if (length > self->bytes.len - self->position)
    return fail_at (start, "a string reaches past the end", error);
  head = self->position - start;
  self->position += (gsize) length;
  return add_token (self,
                    &(Token){ .start = (guint32) start,
                              .end = (guint32) self->position,
                              .kind = CCBT_BENCODE_STRING,
                              .detail = (guint32) head },
                    error);
}

static gboolean
parse_integer (Parser *self, GError **error)
{
  gsize start = self->position++;
  const guint8 *data = self->bytes.data;
  gboolean is_negative = self->position < self->bytes.len && data[self->position] == '-';
  guint64 value;

  if (is_negative)
    self->position++;
  if (!read_digits (self, (guint64) G_MAXINT64 + (is_negative ? 1 : 0), &value, error))
    return FALSE;
  if (is_negative && value == 0)
    return fail_at (start, "a negative zero", error);
  if (data[self->position] != 'e')
    return fail_at (self->position, "an unexpected byte", error);
  self->position++;
  return add_token (self,
                    &(Token){ .start = (guint32) start,
                              .end = (guint32) self->position,
                              .kind = CCBT_BENCODE_INTEGER },
                    error);
}

static gboolean
open_container (Parser *self, CcbtBencodeKind kind, GError **error)
{
  Frame frame = { .token = self->document->n_tokens };

  if (self->frames->len >= self->max_depth)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE,
                   "values nested more than %u deep (byte %" G_GSIZE_FORMAT ")", self->max_depth,
                   self->position);
      return FALSE;
    }
  if (!add_token (self, &(Token){ .start = (guint32) self->position, .kind = kind }, error))
    return FALSE;
  g_array_append_val (self->frames, frame);
  self->position++;
  return TRUE;
}

/* Every key of the dictionary against a table of those before it: for the few files whose keys are
 * not sorted, where comparing neighbours proves nothing. The table's hash is keyed, so that nobody
 * can make it degenerate. */
static gboolean
check_unsorted_keys (const CcbtBencode *self, guint32 dict, GError **error)
{
  const Token *tokens = self->tokens;
  g_autofree guint32 *slots = NULL;
  guint32 n_slots = 8;

  while (n_slots < 2 * tokens[dict].detail)
    n_slots *= 2;
  slots = g_new0 (guint32, n_slots);
  for (guint32 key = dict + 1; key < self->n_tokens; key = tokens[key + 1].next)
    {
      CcbtSpan text = ccbt_bencode_token_get_text (self, &tokens[key]);
      guint32 slot = ccbt_random_keyed_hash (text.data, text.len) & (n_slots - 1);

      for (; slots[slot] != 0; slot = (slot + 1) & (n_slots - 1))
        if (ccbt_span_equal (ccbt_bencode_token_get_text (self, &tokens[slots[slot]]), text))
          return fail_at (tokens[key].start, "a key appears twice in a dictionary", error);
      slots[slot] = key;
    }
  return TRUE;
}

static gboolean
close_container (Parser *self, GError **error)
{
  const Frame *frame = &g_array_index (self->frames, Frame, self->frames->len - 1);
  Token *token = &self->document->tokens[frame->token];

  if (frame->awaits_value)
    return fail_at (self->position, "a key without a value", error);
  if (frame->is_unsorted && !check_unsorted_keys (self->document, frame->token, error))
    return FALSE;
  self->position++;
  token->end = (guint32) self->position;
  token->next = self->document->n_tokens;
  g_array_set_size (self->frames, self->frames->len - 1);
  return TRUE;
}

static int
compare_spans (CcbtSpan a, CcbtSpan b)
{
  int order = memcmp (a.data, b.data, MIN (a.len, b.len));

  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static gboolean
parse_key (Parser *self, Frame *frame, GError **error)
{
  CcbtBencode *document = self->document;
  guint32 key = document->n_tokens;

  if (!parse_string (self, error))
    return FALSE;
  if (frame->last_key != 0)
    {
      int order = compare_spans (
          ccbt_bencode_token_get_text (document, &document->tokens[key]),
          ccbt_bencode_token_get_text (document, &document->tokens[frame->last_key]));

      if (order == 0)
        return fail_at (document->tokens[key].start, "a key appears twice in a dictionary", error);
      if (order < 0)
        frame->is_unsorted = TRUE;
    }
  frame->last_key = key;
  frame->awaits_value = TRUE;
  document->tokens[frame->token].detail++;
  return TRUE;
}

static gboolean
parse_value (Parser *self, GError **error)
{
  switch (self->bytes.data[self->position])
    {
    case 'i':
      return parse_integer (self, error);
    case 'l':
      return open_container (self, CCBT_BENCODE_LIST, error);
    case 'd':
      return open_container (self, CCBT_BENCODE_DICT, error);
    default:
      return parse_string (self, error);
    }
}

/* One key, one scalar, or one end of a container. */
static gboolean
parse_step (Parser *self, GError **error)
{
  Frame *frame = NULL;

  if (self->position >= self->bytes.len)
    return fail_at (self->position, "the data is cut off", error);
  if (self->frames->len == 0)
    return parse_value (self, error);
  if (self->bytes.data[self->position] == 'e')
    return close_container (self, error);
  frame = &g_array_index (self->frames, Frame, self->frames->len - 1);
  if (self->document->tokens[frame->token].kind == CCBT_BENCODE_LIST)
    self->document->tokens[frame->token].detail++;
  else if (!frame->awaits_value)
    return parse_key (self, frame, error);
  frame->awaits_value = FALSE;
  return parse_value (self, error);
}

static gboolean
parse_document (Parser *self, GError **error)
{
  do
    if (!parse_step (self, error))
      return FALSE;
  while (self->frames->len > 0);
  return TRUE;
}

CcbtBencode *
ccbt_bencode_parse (CcbtSpan bytes, const CcbtBencodeLimits *limits, gsize *consumed,
                    GError **error)
{
  g_autoptr (CcbtBencode) document = NULL;
  g_autoptr (GArray) frames = NULL;
  Parser parser = { .bytes = bytes,
                    .max_depth = limits->max_depth,
                    .max_tokens = MIN (limits->max_tokens, MAX_TOKENS),
                    .capacity = 16 };

  if (bytes.len > limits->max_size || bytes.len >= G_MAXUINT32)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE,
                   "%" G_GSIZE_FORMAT " bytes, at most %" G_GSIZE_FORMAT " are read", bytes.len,
                   limits->max_size);
      return NULL;
    }
  document = g_new0 (CcbtBencode, 1);
  document->bytes = bytes.data;
  document->tokens = g_new (Token, parser.capacity);
  parser.document = document;
  parser.frames = frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  if (!parse_document (&parser, error))
    return NULL;
  if (consumed == NULL && parser.position != bytes.len)
    {
      fail_at (parser.position, "more data after the end", error);
      return NULL;
    }
  if (consumed != NULL)
    *consumed = parser.position;
  document->tokens = g_renew (Token, document->tokens, document->n_tokens);
  return g_steal_pointer (&document);
}
