/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fills a state folder with torrents whose data is there, and leaves them checked.
 *   prime-state STATE-FOLDER DATA-FOLDER TORRENT-FOLDER        all *.torrent of the last
 */
#include "session/ccbt-command.h"
#include "session/ccbt-engine-host.h"

#define PATIENCE_US (120 * G_USEC_PER_SEC)

static guint n_waiting; /* calls on their way */

static void
added_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = ccbt_command_call_finish (result, &error);

  if (reply == NULL)
    g_error ("A torrent was not added: %s", error->message);
  n_waiting--;
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  g_autoptr (GError) error = NULL;

  if (!ccbt_engine_host_stop_finish (result, &error))
    g_error ("The engine did not stop: %s", error->message);
  n_waiting--;
}

static void
wait_for_calls (void)
{
  while (n_waiting > 0)
    g_main_context_iteration (NULL, TRUE);
}

static guint
add_all (CcbtEngineHost *host, const char *torrents, const char *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (torrents, 0, &error);
  guint n = 0;

  if (folder == NULL)
    g_error ("%s", error->message);
  for (const char *name = g_dir_read_name (folder); name != NULL; name = g_dir_read_name (folder))
    {
      g_autofree char *path = g_build_filename (torrents, name, NULL);
      GVariantDict source;

      if (!g_str_has_suffix (name, ".torrent"))
        continue;
      g_variant_dict_init (&source, NULL);
      g_variant_dict_insert (&source, "path", "s", path);
      g_variant_dict_insert (&source, "folder", "s", data);
      ccbt_command_call_async (host, "torrent.add",
                               g_variant_new ("(@a{sv})", g_variant_dict_end (&source)), NULL,
                               added_cb, NULL);
      n_waiting++;
      n++;
    }
  wait_for_calls ();
  return n;
}

static guint
count_seeding (CcbtSnapshotStore *snapshots)
{
  g_autoptr (GPtrArray) changed = NULL;
  g_autoptr (GPtrArray) details = NULL;
  g_autoptr (GArray) removed = NULL;
  gboolean start_over;
  guint n = 0;

  ccbt_snapshot_store_pull (snapshots, 0, &changed, &details, &removed, &start_over);
  for (guint i = 0; i < changed->len; i++)
    if (((CcbtTorrentStatus *) changed->pdata[i])->state == CCBT_TORRENT_STATE_SEEDING)
      n++;
  return n;
}

static void
wait_until_checked (CcbtEngineHost *host, guint n)
{
  const gint64 end = g_get_monotonic_time () + PATIENCE_US;

  while (count_seeding (ccbt_engine_host_get_snapshots (host)) < n)
    {
      if (g_get_monotonic_time () > end)
        g_error ("Only %u of %u torrents are complete",
                 count_seeding (ccbt_engine_host_get_snapshots (host)), n);
      g_usleep (100 * 1000);
    }
}

int
main (int argc, char **argv)
{
  CcbtEngineOptions options = { .port = 0 };
  g_autoptr (GError) error = NULL;
  CcbtEngineHost *host;
  guint n;

  if (argc != 4)
    {
      g_printerr ("prime-state STATE-FOLDER DATA-FOLDER TORRENT-FOLDER\n");
      return 2;
    }
  options.state_dir = argv[1];
  host = ccbt_engine_host_start (&options, &error);
  if (host == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  n = add_all (host, argv[3], argv[2]);
  wait_until_checked (host, n);
  n_waiting++;
  ccbt_engine_host_stop_async (host, stopped_cb, NULL);
  wait_for_calls ();
  ccbt_engine_host_free (host);
  g_print ("%u torrents\n", n);
  return 0;
}
