/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feeds every file of the folders named on the command line to a fuzz target, then each of its prefixes of a power of
 * two: the fuzzer's findings and seeds, replayed where libFuzzer is not built in. */
#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static guint
replay_folder (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;
  guint n_inputs = 0;

  if (dir == NULL)
    g_error ("%s", error->message);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *contents = NULL;
      gsize length;

      if (!g_file_get_contents (path, &contents, &length, &error))
        g_error ("%s", error->message);
      LLVMFuzzerTestOneInput ((const guint8 *) contents, length);
      for (gsize prefix = 1; prefix < length; prefix *= 2)
        {
          /* A copy of just that size lets the address sanitizer see a read past its end. */
          g_autofree guint8 *copy = g_memdup2 (contents, prefix);

          LLVMFuzzerTestOneInput (copy, prefix);
        }
      n_inputs++;
    }
  return n_inputs;
}

int
main (int argc, char **argv)
{
  guint n_inputs = 0;

  for (int i = 1; i < argc; i++)
    n_inputs += replay_folder (argv[i]);
  g_print ("%u inputs\n", n_inputs);
  return n_inputs > 0 ? 0 : 1;
}
