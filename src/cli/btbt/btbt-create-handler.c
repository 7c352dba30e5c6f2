/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../ccbt-create-request.h"
#include "btbt-handlers.h"
#include "btbt-instance.h"
#include "btbt-output.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define LOOK_US (G_USEC_PER_SEC / 5)

static volatile sig_atomic_t is_interrupted;

static void
interrupted (int number)
{
  is_interrupted = 1;
}

static gboolean
read_options (const BtbtCall *call, CcbtCreateRequest *request, GError **error)
{
  for (guint i = 0; i < call->given->len; i += 2)
    {
      const char *name = call->given->pdata[i];
      const char *value = call->given->pdata[i + 1];

      if (!ccbt_create_request_set (request, name, value, error))
        return FALSE;
    }
  return TRUE;
}

static void
show_progress (const BtbtCall *call, GVariant *status)
{
  g_autofree char *text = NULL;

  if (call->json || !isatty (STDOUT_FILENO))
    return;
  text = ccbt_create_status_describe (status);
  printf ("\r\033[K%s", text);
  fflush (stdout);
}

/* Until it has ended; an interrupt gives it up. Returns: (transfer full) (nullable): its last status */
static GVariant *
follow (const BtbtCall *call, CcbtControlClient *client, guint32 number, GError **error)
{
  gboolean is_given_up = FALSE;

  for (;;)
    {
      g_autoptr (GVariant) reply = ccbt_control_client_call (client, "create.status",
                                                             g_variant_new ("(u)", number), error);
      g_autoptr (GVariant) status = NULL;

      if (reply == NULL)
        return NULL;
      status = g_variant_get_child_value (reply, 0);
      if (ccbt_create_status_is_final (status))
        return g_steal_pointer (&status);
      show_progress (call, status);
      if (is_interrupted && !is_given_up)
        {
          is_given_up = TRUE;
          btbt_call_verb (client, "create.cancel", g_variant_new ("(u)", number));
        }
      g_usleep (LOOK_US);
    }
}

/* Who reads commands line by line has handlers of his own, and gets them back. */
static GVariant *
follow_interruptibly (const BtbtCall *call, CcbtControlClient *client, guint32 number,
                      GError **error)
{
  const struct sigaction action = { .sa_handler = interrupted, .sa_flags = SA_RESTART };
  struct sigaction old[2];
  GVariant *status;

  is_interrupted = FALSE;
  sigaction (SIGINT, &action, &old[0]);
  sigaction (SIGTERM, &action, &old[1]);
  status = follow (call, client, number, error);
  sigaction (SIGINT, &old[0], NULL);
  sigaction (SIGTERM, &old[1], NULL);
  return status;
}

static int
report (const BtbtCall *call, GVariant *status, const char *output)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint32 id;

  if (!call->json && isatty (STDOUT_FILENO))
    fputs ("\r\033[K", stdout);
  if (!g_variant_lookup (status, "id", "u", &id))
    {
      error = ccbt_create_status_to_error (status);
      btbt_complain (error);
      return BTBT_EXIT_FAILED;
    }
  text = ccbt_create_status_report (status, output);
  if (call->json)
    btbt_print_json (status);
  else
    fputs (text, stdout);
  return BTBT_EXIT_DONE;
}

int
btbt_run_create (const BtbtCall *call)
{
  g_auto (CcbtCreateRequest) request = { 0 };
  g_autoptr (CcbtControlClient) client = NULL;
  g_autoptr (GVariant) arguments = NULL, reply = NULL, status = NULL;
  g_autoptr (GError) error = NULL;
  guint32 number;

  ccbt_create_request_init (&request);
  if (!read_options (call, &request, &error)
      || (arguments = ccbt_create_request_build (&request, call->arguments->pdata[0], &error))
             == NULL)
    return btbt_complain (error);
  client = btbt_connect (call);
  if (client == NULL)
    return BTBT_EXIT_NO_INSTANCE;
  reply = ccbt_control_client_call (client, "create.start", arguments, &error);
  if (reply == NULL)
    return btbt_complain (error);
  g_variant_get (reply, "(u)", &number);
  status = follow_interruptibly (call, client, number, &error);
  if (status == NULL)
    return btbt_complain (error);
  return report (call, status, request.output);
}
