/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-session.h"

/* A torrent being made: files are listed, their pieces are hashed while no other work of the disks
 * waits, the .torrent is written, and the session seeds it when asked to. Engine context. */
typedef struct _CcbtCreation CcbtCreation;

/* What to make; see create.start in ccbt-command.h. */
typedef struct
{
  char *path;    /* absolute */
  char *output;  /* absolute; NULL = it is added only */
  char ***tiers; /* of trackers: one strv each, NULL at the end */
  char **web_seeds;
  char *source; /* NULL or "" = none */
  char *comment;
  guint32 piece_length; /* 0 = by the size */
  gboolean is_private;
  gboolean with_hidden;
  gboolean overwrites;
  gboolean seeds;
} CcbtCreateOptions;

/* @arguments: a{sv}. Errors: INVALID, TOO_LARGE. Returns: (transfer full) (nullable) */
CcbtCreateOptions *ccbt_create_options_read (GVariant *arguments, GError **error);
void ccbt_create_options_free (CcbtCreateOptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtCreateOptions, ccbt_create_options_free)

/* @options: (transfer full). Errors: BUSY: too many are being made. Returns: the number of it, never
 * 0; 0 on an error */
guint32 ccbt_session_create (CcbtSession *session, CcbtCreateOptions *options, GError **error);
/* Returns: (transfer none) (nullable): the last 16 that have ended are remembered */
CcbtCreation *ccbt_session_find_creation (CcbtSession *session, guint32 number);
/* Those under way are given up, without a trace. */
void ccbt_session_cancel_creations (CcbtSession *session);

/* Nothing happens once it has ended, or its file is being written. */
void ccbt_creation_cancel (CcbtCreation *self);
/* Returns: (transfer floating): a{sv}; see create.status */
GVariant *ccbt_creation_describe (CcbtCreation *self);
