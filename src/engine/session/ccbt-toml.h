/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* A TOML file as its user wrote it. Reading finds the keys and their values with the lines they
 * stand in; what is wrong in one line is noted and costs that line alone. Setting a value changes
 * only that value's bytes, so comments, order and spacing stay. */
typedef struct _CcbtToml CcbtToml;

#define CCBT_TOML_MAX_SIZE (1024 * 1024)
#define CCBT_TOML_MAX_PROBLEMS 100

typedef enum
{
  CCBT_TOML_BOOLEAN,
  CCBT_TOML_INTEGER,
  CCBT_TOML_NUMBER,
  CCBT_TOML_STRING,
  CCBT_TOML_ARRAY, /* not read any deeper */
  CCBT_TOML_OTHER, /* dates, times and inline tables: not read any deeper */
} CcbtTomlType;

typedef struct
{
  CcbtTomlType type;
  gboolean boolean;
  gint64 integer;
  double number; /* INTEGER too; may be infinite or no number */
  char *string;  /* valid UTF-8 */
} CcbtTomlValue;

void ccbt_toml_value_clear (CcbtTomlValue *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CcbtTomlValue, ccbt_toml_value_clear)

/* @text: one value and nothing else; need not end in a zero byte. Errors: MALFORMED. */
gboolean ccbt_toml_value_parse (const char *text, gsize len, CcbtTomlValue *out, GError **error);
/* As a basic string, in quotes. Returns: (transfer full) */
char *ccbt_toml_quote (const char *string);

typedef struct
{
  char *key;  /* "network.listen_port"; "peer[].name" below [[peer]] */
  guint line; /* from 1 */
  CcbtTomlValue value;
  gsize start; /* of the value's bytes in the text */
  gsize end;
  gsize table_len; /* how much of `key`, with its dot, the table above says; 0 = no table */
} CcbtTomlEntry;

typedef struct
{
  guint line;
  char *text;
} CcbtTomlProblem;

/* Returns: (transfer full) */
CcbtToml *ccbt_toml_new (const char *text, gsize len);
/* Regular files of at most CCBT_TOML_MAX_SIZE. Errors: NOT_FOUND, TOO_LARGE, INVALID (not a file),
 * READ_ONLY (may not be read), DISK. Returns: (transfer full) (nullable) */
CcbtToml *ccbt_toml_read (const char *path, GError **error);
void ccbt_toml_free (CcbtToml *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtToml, ccbt_toml_free)

/* In the order of the file; borrowed until the next change. */
GPtrArray *ccbt_toml_get_entries (CcbtToml *self);
GPtrArray *ccbt_toml_get_problems (CcbtToml *self);
/* Returns: (nullable): borrowed until the next change */
const CcbtTomlEntry *ccbt_toml_lookup (CcbtToml *self, const char *key);
/* Ends in a zero byte. Borrowed until the next change. */
const char *ccbt_toml_get_text (CcbtToml *self, gsize *len);

/* Replaces the value of @key, or adds it to its table, or adds the table. @key: bare parts joined
 * by dots, at least two. @value: in TOML, on one line. Errors: INVALID: not a key, not a value, or
 * the file uses a part of the key as a value; TOO_LARGE. */
gboolean ccbt_toml_set (CcbtToml *self, const char *key, const char *value, GError **error);
/* Takes the line of @key out; comments above it stay. Returns: was it there? */
gboolean ccbt_toml_remove (CcbtToml *self, const char *key);
