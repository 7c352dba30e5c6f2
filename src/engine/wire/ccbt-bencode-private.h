/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "wire/ccbt-bencode.h"

/* 16 bytes, since a file of 10 MiB can hold three million of them. */
typedef struct
{
  guint32 start;       /* offset of the value's first byte */
  guint32 end;         /* one past its last byte */
  guint32 next;        /* the token after the value and all it holds */
  guint32 kind : 3;    /* CcbtBencodeKind */
  guint32 detail : 29; /* string: bytes before its text; list, dictionary: items or entries */
} CcbtBencodeToken;

struct _CcbtBencode
{
  const guint8 *bytes; /* the caller's */
  CcbtBencodeToken *tokens;
  guint32 n_tokens;
};

/* The characters of a string. */
static inline CcbtSpan
ccbt_bencode_token_get_text (const CcbtBencode *self, const CcbtBencodeToken *token)
{
  return (CcbtSpan){ self->bytes + token->start + token->detail,
                     token->end - token->start - token->detail };
}
