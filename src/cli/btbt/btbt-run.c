/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-handlers.h"
#include "btbt-output.h"
#include "base/ccbt-error.h"
#include <glib/gi18n.h>
#include <stdio.h>

static int
print_help (const BtbtCommand *command)
{
  g_autofree char *help
      = command != NULL ? btbt_command_make_synopsis (command) : btbt_make_help ();

  if (command != NULL)
    printf ("btbt %s\n    %s\n", help, _ (command->help));
  else
    fputs (help, stdout);
  return BTBT_EXIT_DONE;
}

/* What the line itself does not say is as the shell was told. */
static gboolean
inherit (BtbtCall *call, const BtbtCall *shell, GError **error)
{
  call->clients = shell->clients;
  call->cancellable = shell->cancellable;
  call->json = call->json || shell->json;
  if (call->state_dir == NULL)
    call->state_dir = shell->state_dir;
  if (call->command == NULL || call->command->run != btbt_run_interactive)
    return TRUE;
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID, _ ("it is interactive already"));
  return FALSE;
}

int
btbt_run_words (const char *const *words, const BtbtCall *shell)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BtbtCall) call = btbt_call_parse (words, &error);

  if (call == NULL || (shell != NULL && !inherit (call, shell, &error)))
    {
      btbt_complain (error);
      g_printerr ("%s\n", shell == NULL ? _ ("Try “btbt --help”.") : _ ("Try “help”."));
      return BTBT_EXIT_USAGE;
    }
  if (call->wants_help)
    return print_help (call->command);
  return call->command->run (call);
}

int
btbt_main (const char *const *words)
{
  return btbt_run_words (words, NULL);
}
