/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-state-mailbox-private.h"

struct _CcbtStateMailbox
{
  GQueue waiting;    /* CcbtStateChange, owned */
  GHashTable *links; /* key of a change -> its link in `waiting` */
  guint n_urgent;
};

CcbtStateChange *
ccbt_state_change_new_remove (const CcbtInfoHash *info_hash)
{
  CcbtStateChange *self = g_new0 (CcbtStateChange, 1);

  self->kind = CCBT_STATE_REMOVE;
  self->must_sync = TRUE;
  self->info_hash = *info_hash;
  return self;
}

CcbtStateChange *
ccbt_state_change_new_record (CcbtStateChangeKind kind, CcbtTorrentRecord *record)
{
  CcbtStateChange *self = g_new0 (CcbtStateChange, 1);

  self->kind = kind;
  self->must_sync = kind == CCBT_STATE_PUT;
  self->info_hash = record->info_hash;
  self->record = ccbt_torrent_record_ref (record);
  return self;
}

CcbtStateChange *
ccbt_state_change_new_value (const char *name, GBytes *value)
{
  CcbtStateChange *self = g_new0 (CcbtStateChange, 1);

  self->kind = CCBT_STATE_VALUE;
  self->must_sync = TRUE;
  self->name = g_strdup (name);
  self->value = value != NULL ? g_bytes_ref (value) : NULL;
  return self;
}

void
ccbt_state_change_free (CcbtStateChange *self)
{
  g_clear_pointer (&self->record, ccbt_torrent_record_unref);
  g_clear_pointer (&self->value, g_bytes_unref);
  g_free (self->name);
  g_free (self);
}

CcbtStateMailbox *
ccbt_state_mailbox_new (void)
{
  CcbtStateMailbox *self = g_new0 (CcbtStateMailbox, 1);

  g_queue_init (&self->waiting);
  self->links = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
ccbt_state_mailbox_free (CcbtStateMailbox *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify) ccbt_state_change_free);
  g_hash_table_unref (self->links);
  g_free (self);
}

/* A hybrid goes by its v1 hash, so a magnet that turns out to be one keeps its key. One of a v2
 * magnet changes keys: then two changes wait, in order, and nothing is lost. */
static char *
make_key (const CcbtStateChange *change, CcbtStateChangeKind kind)
{
  g_autofree char *hash = NULL;

  if (kind == CCBT_STATE_VALUE)
    return g_strdup_printf ("%d %s", kind, change->name);
  hash = ccbt_info_hash_to_string (&change->info_hash);
  return g_strdup_printf ("%d %s", kind, hash);
}

/* Takes out the change of @kind that waits for the same torrent or value, if there is one. */
static void
drop_waiting (CcbtStateMailbox *self, CcbtStateChange *newer, CcbtStateChangeKind kind)
{
  g_autofree char *key = make_key (newer, kind);
  GList *link = g_hash_table_lookup (self->links, key);

  if (link == NULL)
    return;
  g_hash_table_remove (self->links, key);
  if (kind != CCBT_STATE_PROGRESS)
    self->n_urgent--;
  newer->must_sync |= ((CcbtStateChange *) link->data)->must_sync;
  ccbt_state_change_free (link->data);
  g_queue_delete_link (&self->waiting, link);
}

/* The newer record of a torrent that waits to be written takes the older one's place: torrents are
 * listed in the order in which they were written first. */
static gboolean
replace_waiting (CcbtStateMailbox *self, CcbtStateChange *newer)
{
  g_autofree char *key = make_key (newer, newer->kind);
  GList *link = g_hash_table_lookup (self->links, key);

  if (link == NULL || newer->kind != CCBT_STATE_PUT)
    return FALSE;
  ccbt_state_change_free (link->data);
  link->data = newer;
  return TRUE;
}

/* A record that is put holds the progress too; a torrent that is removed needs neither. A removal
 * stays before the record that follows it: the torrent was added anew, at the end of the list. */
void
ccbt_state_mailbox_append (CcbtStateMailbox *self, CcbtStateChange *change)
{
  if (change->kind == CCBT_STATE_PUT)
    drop_waiting (self, change, CCBT_STATE_PROGRESS);
  if (replace_waiting (self, change))
    return;
  drop_waiting (self, change, change->kind);
  if (change->kind == CCBT_STATE_REMOVE)
    drop_waiting (self, change, CCBT_STATE_PUT);
  if (change->kind == CCBT_STATE_REMOVE)
    drop_waiting (self, change, CCBT_STATE_PROGRESS);

  if (change->kind != CCBT_STATE_PROGRESS)
    self->n_urgent++;
  g_queue_push_tail (&self->waiting, change);
  g_hash_table_insert (self->links, make_key (change, change->kind), self->waiting.tail);
}

gboolean
ccbt_state_mailbox_is_urgent (CcbtStateMailbox *self)
{
  return self->n_urgent > 0;
}

guint
ccbt_state_mailbox_get_length (CcbtStateMailbox *self)
{
  return self->waiting.length;
}

GPtrArray *
ccbt_state_mailbox_take (CcbtStateMailbox *self)
{
  GPtrArray *changes
      = g_ptr_array_new_full (self->waiting.length, (GDestroyNotify) ccbt_state_change_free);
  CcbtStateChange *change;

  while ((change = g_queue_pop_head (&self->waiting)) != NULL)
    g_ptr_array_add (changes, change);
  g_hash_table_remove_all (self->links);
  self->n_urgent = 0;
  return changes;
}

static void
append_all (CcbtStateMailbox *self, GPtrArray *changes)
{
  g_ptr_array_set_free_func (changes, NULL);
  for (guint i = 0; i < changes->len; i++)
    ccbt_state_mailbox_append (self, changes->pdata[i]);
  g_ptr_array_unref (changes);
}

void
ccbt_state_mailbox_put_back (CcbtStateMailbox *self, GPtrArray *changes)
{
  GPtrArray *newer = ccbt_state_mailbox_take (self);

  append_all (self, changes);
  append_all (self, newer);
}
