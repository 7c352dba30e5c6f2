/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-recovery-private.h"
#include "session/ccbt-state-backup-private.h"
#include "session/ccbt-state-checkpoints-private.h"
#include "session/ccbt-state-files-private.h"
#include "session/ccbt-state-rows-private.h"
#include "base/ccbt-error.h"
#include <glib/gstdio.h>

/* SQLite's files beside a database; the first is the database. */
static const char *const companions[] = { "", "-wal", "-journal", "-shm" };

static void add_sentence (GString *warning, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_sentence (GString *warning, const char *format, ...)
{
  va_list arguments;

  if (warning->len > 0)
    g_string_append_c (warning, ' ');
  va_start (arguments, format);
  g_string_append_vprintf (warning, format, arguments);
  va_end (arguments);
}

static void
remove_database (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    {
      g_autofree char *file = g_strconcat (path, companions[i], NULL);

      g_unlink (file);
    }
}

/* Under names that SQLite still takes for one database and its log. The database comes last: as
 * long as it is in its place, a start after a power cut does all of this again. Returns: (transfer
 * full) (nullable): where it is now */
static char *
move_aside (const char *path, const char *why, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *aside = g_strdup_printf ("%s.%s-%s", path, why, date);

  for (guint n = 2; g_file_test (aside, G_FILE_TEST_EXISTS); n++)
    {
      g_free (aside);
      aside = g_strdup_printf ("%s.%s-%s-%u", path, why, date, n);
    }
  for (guint i = G_N_ELEMENTS (companions); i > 0; i--)
    {
      g_autofree char *from = g_strconcat (path, companions[i - 1], NULL);
      g_autofree char *to = g_strconcat (aside, companions[i - 1], NULL);

      if (g_file_test (from, G_FILE_TEST_EXISTS) && !ccbt_state_files_rename (from, to, error))
        return NULL;
    }
  return g_steal_pointer (&aside);
}

/* Makes @new_path from the newest backup that is whole, or empty when there is none.
 * Returns: the backup's number, 0 = none; -1 on an error */
static int
restore_backup (const char *path, const char *new_path, GError **error)
{
  remove_database (new_path);
  for (guint number = 1; number <= CCBT_STATE_N_BACKUPS; number++)
    {
      g_autoptr (CcbtStateDatabase) backup = ccbt_state_backup_open (path, number);

      if (backup != NULL)
        return ccbt_state_backup_copy (backup, new_path, error) ? (int) number : -1;
    }
  return ccbt_state_files_make_file (new_path, error) ? 0 : -1;
}

/* Writes every record of @from whose sums are right over those of @to: they are newer.
 * @n_lost: out: how many more could be seen that @to does not know */
static gboolean
salvage_rows (CcbtStateDatabase *from, CcbtStateDatabase *to, guint *n_lost, GError **error)
{
  g_autoptr (GPtrArray) rows = ccbt_state_rows_read (from, NULL);

  *n_lost = 0;
  for (guint i = 0; i < rows->len; i++)
    {
      const CcbtStateRow *row = rows->pdata[i];
      g_autoptr (CcbtStateRow) known = NULL;

      if (!(row->damage & CCBT_STATE_DAMAGE_LIST))
        {
          if (!ccbt_state_rows_write (to, row->record, error))
            return FALSE;
          continue;
        }
      known = ccbt_state_rows_read_one (to, row->id);
      *n_lost += known == NULL;
    }
  return ccbt_state_rows_copy_values (from, to, error);
}

static gboolean
salvage (const char *damaged_path, CcbtStateDatabase *to, guint *n_lost, GError **error)
{
  g_autoptr (CcbtStateDatabase) from
      = ccbt_state_database_open (damaged_path, CCBT_STATE_SALVAGE, FALSE, NULL);

  *n_lost = 0;
  if (from == NULL)
    return TRUE;
  if (ccbt_state_database_begin (to, TRUE, error) && salvage_rows (from, to, n_lost, error)
      && ccbt_state_database_commit (to, error))
    return TRUE;
  ccbt_state_database_rollback (to);
  return FALSE;
}

static void
describe_recovery (GString *warning, const char *path, const char *aside, int backup, guint n_lost)
{
  g_autofree char *name = g_path_get_basename (aside != NULL ? aside : path);
  g_autofree char *date = backup > 0 ? ccbt_state_backup_get_date (path, backup) : NULL;

  if (aside != NULL)
    add_sentence (warning, "The list of torrents was damaged; it is kept as %s.", name);
  else
    add_sentence (warning, "The list of torrents (%s) was missing.", name);
  if (backup > 0)
    add_sentence (warning, "It was restored from the backup of %s%s.", date,
                  aside != NULL ? " and from what could still be read of it" : "");
  else
    add_sentence (warning, "There was no backup; what could still be read was taken over.");
  if (n_lost > 0)
    add_sentence (warning, "%u of its torrents could not be read.", n_lost);
}

static char *
get_new_path (const char *path)
{
  return g_strconcat (path, ".new", NULL);
}

/* The replacement is made beside the damaged file, which is moved only when that is whole and
 * synced: a power cut at any point of this leaves one or the other. */
static CcbtStateDatabase *
replace_database (const char *path, GString *warning, GError **error)
{
  g_autofree char *new_path = get_new_path (path);
  g_autofree char *aside = NULL;
  const gboolean is_there = g_file_test (path, G_FILE_TEST_EXISTS);
  const int backup = restore_backup (path, new_path, error);
  g_autoptr (CcbtStateDatabase) database = NULL;
  guint n_lost;

  if (backup < 0)
    return NULL;
  database = ccbt_state_database_open (new_path, CCBT_STATE_READ_WRITE, TRUE, error);
  if (database == NULL || !salvage (path, database, &n_lost, error))
    return NULL;
  g_clear_pointer (&database, ccbt_state_database_close);
  if (!ccbt_state_files_sync (new_path, error))
    return NULL;
  if (is_there && (aside = move_aside (path, "corrupt", error)) == NULL)
    return NULL;
  if (!ccbt_state_files_rename (new_path, path, error)
      || !ccbt_state_files_sync_folder_of (path, error))
    return NULL;
  describe_recovery (warning, path, aside, backup, n_lost);
  return ccbt_state_database_open (path, CCBT_STATE_READ_WRITE, FALSE, error);
}

static CcbtStateDatabase *
open_newer (const char *path, GString *warning, GError **error)
{
  CcbtStateDatabase *database = ccbt_state_database_open (path, CCBT_STATE_READ_ONLY, FALSE, error);

  if (database != NULL)
    add_sentence (warning, "The list of torrents was written by a newer version of this program; "
                           "it is shown, but no change to it will be saved.");
  return database;
}

/* A replacement without the file it replaces is whole: that file was the last thing to move. */
static gboolean
finish_replacement (const char *path, GError **error)
{
  g_autofree char *new_path = get_new_path (path);

  if (g_file_test (path, G_FILE_TEST_EXISTS) || !ccbt_state_files_has_content (new_path))
    return TRUE;
  return ccbt_state_files_rename (new_path, path, error)
         && ccbt_state_files_sync_folder_of (path, error);
}

/* What the user chose with checkpoint.restore. It was whole when it was put there; should it not be
 * any more, what there is stays. The database moves last, so a power cut at any point of this is
 * followed by all of it again. */
static gboolean
take_restore (const char *path, GString *warning, GError **error)
{
  g_autofree char *chosen = ccbt_state_checkpoints_get_restore_path (path);
  g_autofree char *aside = NULL;
  g_autofree char *name = NULL;
  CcbtStateDatabase *database;

  if (!ccbt_state_files_has_content (chosen))
    return TRUE;
  database = ccbt_state_database_open (chosen, CCBT_STATE_READ_ONLY, FALSE, NULL);
  if (database == NULL)
    {
      g_unlink (chosen);
      add_sentence (warning, "The backup that was to be restored is damaged; nothing was changed.");
      return TRUE;
    }
  ccbt_state_database_close (database);
  if (g_file_test (path, G_FILE_TEST_EXISTS)
      && (aside = move_aside (path, "replaced", error)) == NULL)
    return FALSE;
  if (!ccbt_state_files_rename (chosen, path, error)
      || !ccbt_state_files_sync_folder_of (path, error))
    return FALSE;
  name = aside != NULL ? g_path_get_basename (aside) : NULL;
  add_sentence (warning, "The backup that you chose was restored%s%s.",
                name != NULL ? "; the list before it is kept as " : "", name != NULL ? name : "");
  return TRUE;
}

/* Only the transaction that makes the tables goes by this journal, all later ones by the log: the
 * power went in the middle of it, and SQLite will take back what there is. */
static gboolean
was_being_made (const char *path)
{
  g_autofree char *journal = g_strconcat (path, "-journal", NULL);

  return ccbt_state_files_has_content (journal);
}

CcbtStateDatabase *
ccbt_state_recovery_open (const char *path, GString *warning, GError **error)
{
  g_autoptr (GError) problem = NULL;
  CcbtStateDatabase *database;
  gboolean is_new;

  if (!take_restore (path, warning, error) || !finish_replacement (path, error))
    return NULL;
  is_new = !ccbt_state_backup_exists (path)
           && (!ccbt_state_files_has_content (path) || was_being_made (path));
  if (is_new && !ccbt_state_files_has_content (path) && !ccbt_state_files_make_file (path, error))
    return NULL;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return replace_database (path, warning, error);

  database = ccbt_state_database_open (path, CCBT_STATE_READ_WRITE, is_new, &problem);
  if (database != NULL)
    return database;
  if (g_error_matches (problem, CCBT_ERROR, CCBT_ERROR_UNSUPPORTED))
    return open_newer (path, warning, error);
  if (g_error_matches (problem, CCBT_ERROR, CCBT_ERROR_MALFORMED))
    {
      g_message ("%s", problem->message);
      return replace_database (path, warning, error);
    }
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}
