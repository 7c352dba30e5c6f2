/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-recovery-private.h"
#include "session/ccbt-state-backup-private.h"
#include "session/ccbt-state-rows-private.h"
#include "base/ccbt-text.h"

/* The backups, opened when the first damaged record asks for them. */
typedef struct
{
  CcbtStateDatabase *database;
  const char *path;
  GString *warning;
  CcbtStateDatabase *backups[CCBT_STATE_N_BACKUPS];
  gboolean are_open;
} Mending;

static void
say (Mending *mending, const CcbtStateRow *row, const char *what)
{
  g_autofree char *hash = ccbt_info_hash_to_string (&row->record->info_hash);
  const char *name = row->record->name != NULL ? row->record->name : hash;
  g_autofree char *shown = ccbt_text_make_printable (ccbt_span_from_string (name), 80);

  g_string_append_printf (mending->warning, "%sThe stored record of “%s” was damaged; %s.",
                          mending->warning->len > 0 ? " " : "", shown, what);
}

static void
open_backups (Mending *mending)
{
  for (guint i = 0; !mending->are_open && i < CCBT_STATE_N_BACKUPS; i++)
    mending->backups[i] = ccbt_state_backup_open (mending->path, i + 1);
  mending->are_open = TRUE;
}

static void
close_backups (Mending *mending)
{
  for (guint i = 0; i < CCBT_STATE_N_BACKUPS; i++)
    g_clear_pointer (&mending->backups[i], ccbt_state_database_close);
}

/* @damage: what must be whole in it. Returns: (transfer full) (nullable) */
static CcbtStateRow *
find_in_backups (Mending *mending, gint64 id, CcbtStateDamage damage)
{
  open_backups (mending);
  for (guint i = 0; i < CCBT_STATE_N_BACKUPS; i++)
    {
      g_autoptr (CcbtStateRow) row = NULL;

      if (mending->backups[i] != NULL)
        row = ccbt_state_rows_read_one (mending->backups[i], id);
      if (row != NULL && !(row->damage & damage))
        return g_steal_pointer (&row);
    }
  return NULL;
}

/* What failed here is found, and mended, again at the next start. */
static void
store (Mending *mending, const CcbtStateRow *row)
{
  g_autoptr (GError) error = NULL;

  if (mending->database->mode != CCBT_STATE_READ_WRITE)
    return;
  if (ccbt_state_database_begin (mending->database, TRUE, &error)
      && ccbt_state_rows_write_at (mending->database, row->id, row->record, &error)
      && ccbt_state_database_commit (mending->database, &error))
    return;
  ccbt_state_database_rollback (mending->database);
  g_message ("a mended record could not be stored: %s", error->message);
}

static CcbtTorrentRecord *
mend_list (Mending *mending, const CcbtStateRow *row)
{
  g_autoptr (CcbtStateRow) older = find_in_backups (mending, row->id, CCBT_STATE_DAMAGE_LIST);

  if (older == NULL)
    {
      say (mending, row, "no backup has it, so it is not listed");
      return NULL;
    }
  say (mending, older, "that of the backup was taken");
  store (mending, older);
  return ccbt_torrent_record_ref (older->record);
}

static void
mend_metainfo (Mending *mending, CcbtStateRow *row)
{
  g_autoptr (CcbtStateRow) older
      = find_in_backups (mending, row->id, CCBT_STATE_DAMAGE_LIST | CCBT_STATE_DAMAGE_METAINFO);

  if (older == NULL || older->record->metainfo == NULL)
    {
      say (mending, row, "its torrent file is lost and will be fetched from its peers");
      return;
    }
  row->record->metainfo = g_bytes_ref (older->record->metainfo);
  say (mending, row, "its torrent file was taken from the backup");
  store (mending, row);
}

/* Returns: (transfer full) (nullable) */
static CcbtTorrentRecord *
mend_row (Mending *mending, CcbtStateRow *row)
{
  if (row->damage & CCBT_STATE_DAMAGE_LIST)
    return mend_list (mending, row);
  if (row->damage & CCBT_STATE_DAMAGE_METAINFO)
    mend_metainfo (mending, row);
  if (row->damage & CCBT_STATE_DAMAGE_PROGRESS)
    say (mending, row, "its files will be checked");
  return ccbt_torrent_record_ref (row->record);
}

GPtrArray *
ccbt_state_recovery_mend (CcbtStateDatabase *database, const char *path, GPtrArray *rows,
                          GString *warning)
{
  Mending mending = { .database = database, .path = path, .warning = warning };
  GPtrArray *records = g_ptr_array_new_full (rows->len, (GDestroyNotify) ccbt_torrent_record_unref);

  for (guint i = 0; i < rows->len; i++)
    {
      CcbtTorrentRecord *record = mend_row (&mending, rows->pdata[i]);

      if (record != NULL)
        g_ptr_array_add (records, record);
    }
  close_backups (&mending);
  return records;
}
