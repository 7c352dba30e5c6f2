/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-path.h"

#include <stdlib.h>

char *
ccbt_control_get_state_dir (const char *state_dir)
{
  if (state_dir != NULL)
    return g_canonicalize_filename (state_dir, NULL);
  return g_build_filename (g_get_user_state_dir (), "ccbt", NULL);
}

char *
ccbt_control_get_socket_path (const char *state_dir)
{
  g_autofree char *given = ccbt_control_get_state_dir (state_dir);
  char *real = realpath (given, NULL); /* NULL: no folder yet, so nothing runs in it */
  g_autofree char *hash
      = g_compute_checksum_for_string (G_CHECKSUM_SHA256, real != NULL ? real : given, -1);
  g_autofree char *name = g_strdup_printf ("control-%.16s", hash);

  free (real);
  return g_build_filename (g_get_user_runtime_dir (), "ccbt", name, NULL);
}

char *
ccbt_control_get_activation_path (void)
{
  return g_build_filename (g_get_user_runtime_dir (), "ccbt", "control", NULL);
}
