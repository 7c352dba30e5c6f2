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

/* Each run of a Flatpak has a runtime folder of its own; this one within is the same for all runs of
 * one application. Returns: (transfer full) */
static char *
get_shared_dir (void)
{
  const char *id = g_getenv ("FLATPAK_ID");
  g_autofree char *shared
      = id != NULL ? g_build_filename (g_get_user_runtime_dir (), "app", id, NULL) : NULL;

  return shared != NULL && g_file_test (shared, G_FILE_TEST_IS_DIR)
             ? g_steal_pointer (&shared)
             : g_strdup (g_get_user_runtime_dir ());
}

char *
ccbt_control_get_socket_path (const char *state_dir)
{
  g_autofree char *given = ccbt_control_get_state_dir (state_dir);
  char *real = realpath (given, NULL); /* NULL: no folder yet, so nothing runs in it */
  g_autofree char *hash
      = g_compute_checksum_for_string (G_CHECKSUM_SHA256, real != NULL ? real : given, -1);
  g_autofree char *shared = get_shared_dir ();
  g_autofree char *name = g_strdup_printf ("control-%.16s", hash);

  free (real);
  return g_build_filename (shared, "ccbt", name, NULL);
}

char *
ccbt_control_get_activation_path (void)
{
  return g_build_filename (g_get_user_runtime_dir (), "ccbt", "control", NULL);
}
