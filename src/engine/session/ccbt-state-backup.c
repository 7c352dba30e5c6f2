/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-backup-private.h"
#include "session/ccbt-state-files-private.h"
#include <glib/gstdio.h>
#include <sys/stat.h>

char *
ccbt_state_backup_get_path (const char *database_path, guint number)
{
  return g_strdup_printf ("%s.backup-%u", database_path, number);
}

char *
ccbt_state_backup_get_date (const char *database_path, guint number)
{
  g_autofree char *path = ccbt_state_backup_get_path (database_path, number);
  struct stat info = { 0 };
  g_autoptr (GDateTime) date = NULL;

  stat (path, &info);
  date = g_date_time_new_from_unix_local (info.st_mtime);
  return g_date_time_format (date, "%Y-%m-%d %H:%M");
}

gint64
ccbt_state_backup_get_age (const char *database_path)
{
  g_autofree char *path = ccbt_state_backup_get_path (database_path, 1);
  struct stat info;
  gint64 age;

  if (stat (path, &info) != 0)
    return G_MAXINT64;
  age = g_get_real_time () - info.st_mtime * G_USEC_PER_SEC;
  return MAX (age, 0); /* the wall clock may have gone back since */
}

gboolean
ccbt_state_backup_exists (const char *database_path)
{
  for (guint number = 1; number <= CCBT_STATE_N_BACKUPS; number++)
    {
      g_autofree char *path = ccbt_state_backup_get_path (database_path, number);

      if (ccbt_state_files_has_content (path))
        return TRUE;
    }
  return FALSE;
}

CcbtStateDatabase *
ccbt_state_backup_open (const char *database_path, guint number)
{
  g_autofree char *path = ccbt_state_backup_get_path (database_path, number);
  g_autoptr (GError) error = NULL;
  CcbtStateDatabase *backup;

  if (!ccbt_state_files_has_content (path))
    return NULL;
  backup = ccbt_state_database_open (path, CCBT_STATE_READ_ONLY, FALSE, &error);
  if (backup == NULL)
    g_message ("backup %s is of no use: %s", path, error->message);
  else if (backup->version > CCBT_STATE_SCHEMA_VERSION)
    g_clear_pointer (&backup, ccbt_state_database_close);
  return backup;
}

gboolean
ccbt_state_backup_copy (CcbtStateDatabase *database, const char *target, GError **error)
{
  g_autofree char *temporary = g_strconcat (target, ".tmp", NULL);

  g_unlink (temporary); /* of a copy that was cut short */
  if (ccbt_state_files_make_file (temporary, error)
      && ccbt_state_database_copy (database, temporary, error)
      && ccbt_state_files_sync (temporary, error)
      && ccbt_state_files_rename (temporary, target, error))
    return ccbt_state_files_sync_folder_of (target, error);
  g_unlink (temporary); /* on a full disk its room is needed for better things */
  return FALSE;
}

gboolean
ccbt_state_backup_make (CcbtStateDatabase *database, const char *database_path, GError **error)
{
  g_autofree char *new_path = g_strconcat (database_path, ".backup-new", NULL);
  g_autofree char *path = ccbt_state_backup_get_path (database_path, 1);

  if (!ccbt_state_backup_copy (database, new_path, error))
    return FALSE;
  /* Only now that the new one is whole, the others move. */
  for (guint number = CCBT_STATE_N_BACKUPS; number > 1; number--)
    {
      g_autofree char *from = ccbt_state_backup_get_path (database_path, number - 1);
      g_autofree char *to = ccbt_state_backup_get_path (database_path, number);

      if (g_file_test (from, G_FILE_TEST_EXISTS) && !ccbt_state_files_rename (from, to, error))
        return FALSE;
    }
  return ccbt_state_files_rename (new_path, path, error)
         && ccbt_state_files_sync_folder_of (path, error);
}
