/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-checkpoints-private.h"
#include "session/ccbt-state-backup-private.h"
#include "session/ccbt-state-files-private.h"
#include "session/ccbt-state-rows-private.h"
#include "base/ccbt-error.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* How the names go on after that of the database. */
static const struct
{
  const char *suffix;
  const char *kind;
} kinds[] = {
  { ".backup-", "backup" },
  { ".corrupt-", "damaged" },
  { ".replaced-", "replaced" },
};

/* Left by a copy that was cut short. */
static const char *const leftovers[]
    = { ".backup-new", ".backup-new.tmp", ".restore.tmp", ".new.tmp" };

char *
ccbt_state_checkpoints_get_restore_path (const char *database_path)
{
  return g_strconcat (database_path, ".restore", NULL);
}

/* Logs and journals belong to the file before them. */
static gboolean
is_companion (const char *name)
{
  return g_str_has_suffix (name, "-wal") || g_str_has_suffix (name, "-shm")
         || g_str_has_suffix (name, "-journal");
}

/* @name: of a file beside the database. Returns: (nullable): NULL when it is none of these */
static const char *
get_kind (const char *path, const char *name)
{
  g_autofree char *own = g_path_get_basename (path);

  if (!g_str_has_prefix (name, own) || strchr (name, '/') != NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_prefix (name + strlen (own), kinds[i].suffix)
        && !g_str_has_prefix (name + strlen (own), ".backup-new"))
      return kinds[i].kind;
  return NULL;
}

/* Returns: (transfer full): of a file beside the database, or of any by its whole path */
static char *
find (const char *path, const char *name, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *file = NULL;

  if (g_path_is_absolute (name))
    file = g_strdup (name);
  else if (get_kind (path, name) != NULL)
    file = g_build_filename (folder, name, NULL);
  if (file != NULL && ccbt_state_files_has_content (file))
    return g_steal_pointer (&file);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_NOT_FOUND, "There is no checkpoint “%.200s”.", name);
  return NULL;
}

/* --- Listing --- */

static GVariant *
describe (const char *file, const char *name, const char *kind)
{
  g_auto (GVariantBuilder) row = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  struct stat info = { 0 };

  stat (file, &info);
  g_variant_builder_add (&row, "{sv}", "name", g_variant_new_string (name));
  g_variant_builder_add (&row, "{sv}", "kind", g_variant_new_string (kind));
  g_variant_builder_add (&row, "{sv}", "date",
                         g_variant_new_int64 (info.st_mtime * G_USEC_PER_SEC));
  g_variant_builder_add (&row, "{sv}", "size", g_variant_new_uint64 ((guint64) info.st_size));
  return g_variant_builder_end (&row);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Returns: (transfer full): names of the files beside the database, in order */
static GPtrArray *
list_names (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_utf8_validate (name, -1, NULL))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

GVariant *
ccbt_state_checkpoints_list (CcbtStateDatabase *database, const char *path, const char *argument,
                             GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GPtrArray) names = list_names (folder);
  g_auto (GVariantBuilder) rows = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      const char *kind = get_kind (path, name);
      g_autofree char *file = g_build_filename (folder, name, NULL);

      if (kind != NULL && !is_companion (name))
        g_variant_builder_add_value (&rows, describe (file, name, kind));
    }
  return g_variant_ref_sink (g_variant_new ("(aa{sv})", &rows));
}

/* --- Verifying --- */

static guint
count_damaged (GPtrArray *rows)
{
  guint n = 0;

  for (guint i = 0; i < rows->len; i++)
    n += ((CcbtStateRow *) rows->pdata[i])->damage != CCBT_STATE_DAMAGE_NONE;
  return n;
}

static GVariant *
report (guint n_torrents, guint n_damaged, const GError *problem)
{
  g_auto (GVariantBuilder) row = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const gboolean is_whole = problem == NULL && n_damaged == 0;

  g_variant_builder_add (&row, "{sv}", "whole", g_variant_new_boolean (is_whole));
  g_variant_builder_add (&row, "{sv}", "torrents", g_variant_new_uint32 (n_torrents));
  g_variant_builder_add (&row, "{sv}", "damaged", g_variant_new_uint32 (n_damaged));
  if (problem != NULL)
    g_variant_builder_add (&row, "{sv}", "text", g_variant_new_string (problem->message));
  return g_variant_ref_sink (g_variant_new ("(a{sv})", &row));
}

static GVariant *
verify_open (CcbtStateDatabase *database)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GPtrArray) rows = ccbt_state_rows_read (database, &problem);

  if (problem == NULL)
    ccbt_state_database_check (database, &problem);
  return report (rows->len, count_damaged (rows), problem);
}

GVariant *
ccbt_state_checkpoints_verify (CcbtStateDatabase *database, const char *path, const char *argument,
                               GError **error)
{
  g_autofree char *file = NULL;
  g_autoptr (CcbtStateDatabase) other = NULL;
  g_autoptr (GError) problem = NULL;

  if (argument[0] == '\0')
    return verify_open (database);
  file = find (path, argument, error);
  if (file == NULL)
    return NULL;
  other = ccbt_state_database_open (file, CCBT_STATE_READ_ONLY, FALSE, &problem);
  return other != NULL ? verify_open (other) : report (0, 0, problem);
}

/* --- Making and bringing back --- */

GVariant *
ccbt_state_checkpoints_backup (CcbtStateDatabase *database, const char *path, const char *argument,
                               GError **error)
{
  g_autofree char *newest = ccbt_state_backup_get_path (path, 1);

  if (argument[0] == '\0')
    return ccbt_state_backup_make (database, path, error)
               ? g_variant_ref_sink (g_variant_new ("(s)", newest))
               : NULL;
  if (g_file_test (argument, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_EXISTS, "“%s” is there already.", argument);
      return NULL;
    }
  return ccbt_state_backup_copy (database, argument, error)
             ? g_variant_ref_sink (g_variant_new ("(s)", argument))
             : NULL;
}

static gboolean
check_whole (CcbtStateDatabase *backup, const char *name, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GPtrArray) rows = ccbt_state_rows_read (backup, &problem);
  const guint n_damaged = count_damaged (rows);

  if (problem == NULL && n_damaged == 0 && backup->version <= CCBT_STATE_SCHEMA_VERSION)
    return TRUE;
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "“%.200s” is not whole: %s", name,
               problem != NULL                               ? problem->message
               : backup->version > CCBT_STATE_SCHEMA_VERSION ? "it is of a newer version"
                                                             : "some records are damaged");
  return FALSE;
}

GVariant *
ccbt_state_checkpoints_restore (CcbtStateDatabase *database, const char *path, const char *argument,
                                GError **error)
{
  g_autofree char *file = find (path, argument, error);
  g_autofree char *target = ccbt_state_checkpoints_get_restore_path (path);
  g_autoptr (CcbtStateDatabase) backup = NULL;

  if (file == NULL)
    return NULL;
  backup = ccbt_state_database_open (file, CCBT_STATE_READ_ONLY, FALSE, error);
  if (backup == NULL || !check_whole (backup, argument, error)
      || !ccbt_state_backup_copy (backup, target, error))
    return NULL;
  return g_variant_ref_sink (g_variant_new ("()"));
}

/* --- Cleaning --- */

static gboolean
is_rubbish (const char *path, const char *name)
{
  g_autofree char *own = g_path_get_basename (path);
  const char *kind = get_kind (path, name);

  if (kind != NULL && !g_str_equal (kind, "backup"))
    return TRUE;
  if (!g_str_has_prefix (name, own))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (leftovers); i++)
    if (g_str_equal (name + strlen (own), leftovers[i]))
      return TRUE;
  return FALSE;
}

GVariant *
ccbt_state_checkpoints_clean (CcbtStateDatabase *database, const char *path, const char *argument,
                              GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GPtrArray) names = list_names (folder);
  guint32 n_files = 0;
  guint64 n_bytes = 0;

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *file = g_build_filename (folder, names->pdata[i], NULL);
      struct stat info;

      if (!is_rubbish (path, names->pdata[i]) || stat (file, &info) != 0 || g_unlink (file) != 0)
        continue;
      n_files++;
      n_bytes += (guint64) info.st_size;
    }
  return g_variant_ref_sink (g_variant_new ("(ut)", n_files, n_bytes));
}
