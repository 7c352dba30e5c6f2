/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-session-private.h"

#include <sys/statvfs.h>

/* Some room is left free on every disk: downloads stop before they take the last of it, and go on by
 * themselves when there is more again. Looked at only while something is downloaded. */

#define LOOK_EVERY (3 * CCBT_SECOND)
#define MIB ((guint64) 1024 * 1024)
/* Of a small disk, such as a stick, the reserve would be too much. */
#define LARGEST_SHARE 20u

/* The disk below one folder. */
typedef struct
{
  char *folder;
  gboolean is_known;
  guint64 free;
  guint64 reserve;
} Disk;

struct _CcbtSpaceLook
{
  CcbtSession *session;
  CcbtDiskJob job;
  guint64 reserve;
  GArray *disks;
};

static void
clear_disk (gpointer data)
{
  g_free (((Disk *) data)->folder);
}

/* The folder itself may not be made yet. Returns: FALSE when nothing is known */
static gboolean
stat_nearest (const char *folder, struct statvfs *out)
{
  g_autofree char *path = g_strdup (folder);

  while (statvfs (path, out) != 0)
    {
      char *parent = g_path_get_dirname (path);

      if (g_str_equal (parent, path))
        {
          g_free (parent);
          return FALSE;
        }
      g_free (path);
      path = parent;
    }
  return TRUE;
}

static void
look_in_worker (CcbtDiskJob *job)
{
  CcbtSpaceLook *look = job->owner;

  for (guint i = 0; i < look->disks->len; i++)
    {
      Disk *disk = &g_array_index (look->disks, Disk, i);
      struct statvfs system;

      disk->is_known = stat_nearest (disk->folder, &system) && system.f_blocks > 0;
      if (!disk->is_known)
        continue;
      disk->free = (guint64) system.f_bavail * system.f_frsize;
      disk->reserve
          = MIN (look->reserve, (guint64) system.f_blocks * system.f_frsize / LARGEST_SHARE);
    }
}

static void
judge (CcbtTorrent *torrent, const Disk *disk)
{
  gboolean lacks = ccbt_torrent_lacks_space (torrent);
  /* A quarter more to go on: otherwise it would stop again at once. */
  guint64 least = lacks ? disk->reserve + disk->reserve / 4 : disk->reserve;
  g_autofree char *folder = NULL;
  g_autofree char *size = NULL;
  g_autoptr (GError) error = NULL;

  if ((disk->free < least) == lacks)
    return;
  if (lacks)
    {
      ccbt_torrent_set_space_error (torrent, NULL);
      return;
    }
  folder = g_filename_display_name (disk->folder);
  size = g_format_size (disk->reserve);
  error = g_error_new (CCBT_ERROR, CCBT_ERROR_NO_SPACE,
                       "There is less than %s of free space in “%s”; the download goes on when "
                       "there is more",
                       size, folder);
  ccbt_torrent_set_space_error (torrent, error);
}

static const Disk *
find_disk (GArray *disks, const char *folder)
{
  for (guint i = 0; i < disks->len; i++)
    if (g_str_equal (g_array_index (disks, Disk, i).folder, folder))
      return &g_array_index (disks, Disk, i);
  return NULL;
}

static void
looked_cb (CcbtDiskJob *job)
{
  CcbtSpaceLook *look = job->owner;
  CcbtSession *self = look->session;

  for (guint i = 0; i < self->torrents->len && self->closed == NULL; i++)
    {
      CcbtTorrent *torrent = g_ptr_array_index (self->torrents, i);
      const Disk *disk = ccbt_torrent_is_downloading (torrent)
                             ? find_disk (look->disks, ccbt_torrent_get_folder (torrent))
                             : NULL;

      if (disk != NULL && disk->is_known)
        judge (torrent, disk);
    }
  g_array_unref (look->disks);
  g_free (look);
  self->space_look = NULL;
}

static GArray *
list_disks (CcbtSession *self)
{
  GArray *disks = g_array_new (FALSE, TRUE, sizeof (Disk));

  g_array_set_clear_func (disks, clear_disk);
  for (guint i = 0; i < self->torrents->len; i++)
    {
      CcbtTorrent *torrent = g_ptr_array_index (self->torrents, i);
      Disk disk = { 0 };

      if (!ccbt_torrent_is_downloading (torrent)
          || find_disk (disks, ccbt_torrent_get_folder (torrent)) != NULL)
        continue;
      disk.folder = g_strdup (ccbt_torrent_get_folder (torrent));
      g_array_append_val (disks, disk);
    }
  return disks;
}

void
ccbt_session_tick_space (CcbtSession *self, gint64 now)
{
  g_autoptr (GArray) disks = NULL;

  if (now < self->next_space_look || self->space_look != NULL || self->closed != NULL)
    return;
  self->next_space_look = now + LOOK_EVERY;
  disks = list_disks (self);
  if (disks->len == 0)
    return;
  self->space_look = g_new0 (CcbtSpaceLook, 1);
  *self->space_look = (CcbtSpaceLook){
    .session = self,
    .reserve = (guint64) ccbt_config_get_integer (self->config, "disk.min_free_space") * MIB,
    .disks = g_steal_pointer (&disks),
  };
  self->space_look->job = (CcbtDiskJob){
    .kind = CCBT_DISK_CALL, .done = looked_cb, .owner = self->space_look, .call = look_in_worker
  };
  ccbt_disk_pool_submit (self->peers.disk, &self->space_look->job);
}
