/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-engine.h"

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer loop)
{
  ccbt_engine_host_stop_finish (result, NULL);
  g_main_loop_quit (loop);
}

void
ccbt_cli_stop_engine (CcbtEngineHost *host, GMainLoop *loop)
{
  ccbt_engine_host_stop_async (host, stopped_cb, loop);
}
