/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* What `ccbt create` and `btbt create` have in common: options in the order they are given, and what
 * is said of the outcome. */
typedef struct
{
  GPtrArray *tiers; /* GPtrArray of char * */
  GPtrArray *web_seeds;
  char *output;
  char *source;
  char *comment;
  guint32 piece_length;
  gboolean begins_tier; /* the next tracker does */
  gboolean is_private, with_hidden, overwrites, seeds;
} CcbtCreateRequest;

void ccbt_create_request_init (CcbtCreateRequest *self);
void ccbt_create_request_clear (CcbtCreateRequest *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CcbtCreateRequest, ccbt_create_request_clear)

/* @name: of an option, without dashes. @value: (nullable). Errors: INVALID. */
gboolean ccbt_create_request_set (CcbtCreateRequest *self, const char *name, const char *value,
                                  GError **error);
/* The arguments of create.start for @path; without an output, NAME.torrent in the folder one is in. Errors:
 * INVALID: a path that is not UTF-8. Returns: (transfer full) (nullable) */
GVariant *ccbt_create_request_build (CcbtCreateRequest *self, const char *path, GError **error);

/* @status: of create.status. Is there nothing more to come? */
gboolean ccbt_create_status_is_final (GVariant *status);
/* Returns: (transfer full): "hashing  12.5 % of 3.0 GB" */
char *ccbt_create_status_describe (GVariant *status);
/* Returns: (transfer full): of what was made, and what was left out of it: lines, each ended */
char *ccbt_create_status_report (GVariant *status, const char *output);
/* What went wrong. Returns: (transfer full) */
GError *ccbt_create_status_to_error (GVariant *status);
