/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-command-private.h"
#include "session/ccbt-create.h"
#include "base/ccbt-error.h"

/* Torrents are made. */

static void
create_start (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  g_autoptr (GVariant) wishes = g_variant_get_child_value (arguments, 0);
  GError *error = NULL;
  CcbtCreateOptions *options = ccbt_create_options_read (wishes, &error);
  guint32 number = options != NULL ? ccbt_session_create (session, options, &error) : 0;

  if (number == 0)
    ccbt_call_reply_error (call, error);
  else
    ccbt_call_reply (call, g_variant_new ("(u)", number));
}

/* Returns: (nullable): NULL: the call is answered */
static CcbtCreation *
find (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtCreation *creation;
  guint32 number;

  g_variant_get (arguments, "(u)", &number);
  creation = ccbt_session_find_creation (session, number);
  if (creation == NULL)
    ccbt_call_reply_error (call,
                           g_error_new (CCBT_ERROR, CCBT_ERROR_NOT_FOUND,
                                        "No torrent is being made under the number %u.", number));
  return creation;
}

static void
create_status (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtCreation *creation = find (session, call, arguments);

  if (creation != NULL)
    ccbt_call_reply (call, g_variant_new ("(@a{sv})", ccbt_creation_describe (creation)));
}

static void
create_cancel (CcbtSession *session, CcbtCall *call, GVariant *arguments)
{
  CcbtCreation *creation = find (session, call, arguments);

  if (creation == NULL)
    return;
  ccbt_creation_cancel (creation);
  ccbt_call_reply (call, NULL);
}

static const CcbtCommandEntry entries[] = {
  { { "create.start", "(a{sv})", "(u)",
      "Make a torrent of a file or a folder; replies a number to ask for" },
    create_start },
  { { "create.status", "(u)", "(a{sv})", "Tell how far a torrent that is being made has come" },
    create_status },
  { { "create.cancel", "(u)", "()", "Give up making a torrent; nothing is left of it" },
    create_cancel },
};

const CcbtCommandGroup ccbt_create_commands = { entries, G_N_ELEMENTS (entries) };
