/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-roster.h"

typedef struct
{
  gpointer item;
  gint64 until;
} Rest;

struct _CcbtRoster
{
  GPtrArray *awake;
  GHashTable *resting; /* item -> GSequenceIter */
  GSequence *by_time;  /* Rest, owned */
};

CcbtRoster *
ccbt_roster_new (void)
{
  CcbtRoster *self = g_new (CcbtRoster, 1);

  self->awake = g_ptr_array_new ();
  self->resting = g_hash_table_new (NULL, NULL);
  self->by_time = g_sequence_new (g_free);
  return self;
}

void
ccbt_roster_free (CcbtRoster *self)
{
  g_ptr_array_unref (self->awake);
  g_hash_table_unref (self->resting);
  g_sequence_free (self->by_time);
  g_free (self);
}

void
ccbt_roster_add (CcbtRoster *self, gpointer item)
{
  g_ptr_array_add (self->awake, item);
}

/* Returns: FALSE when it does not rest */
static gboolean
end_rest (CcbtRoster *self, gpointer item)
{
  GSequenceIter *place = g_hash_table_lookup (self->resting, item);

  if (place == NULL)
    return FALSE;
  g_hash_table_remove (self->resting, item);
  g_sequence_remove (place);
  return TRUE;
}

void
ccbt_roster_remove (CcbtRoster *self, gpointer item)
{
  if (!end_rest (self, item))
    g_ptr_array_remove_fast (self->awake, item);
}

guint
ccbt_roster_get_n_awake (CcbtRoster *self)
{
  return self->awake->len;
}

gpointer
ccbt_roster_get_awake (CcbtRoster *self, guint index)
{
  return g_ptr_array_index (self->awake, index);
}

static gint
compare_times (gconstpointer a, gconstpointer b, gpointer unused)
{
  const Rest *left = a, *right = b;

  return left->until < right->until ? -1 : left->until > right->until;
}

void
ccbt_roster_rest (CcbtRoster *self, guint index, gint64 until)
{
  Rest *rest = g_new (Rest, 1);

  *rest = (Rest){ g_ptr_array_remove_index_fast (self->awake, index), until };
  g_hash_table_insert (self->resting, rest->item,
                       g_sequence_insert_sorted (self->by_time, rest, compare_times, NULL));
}

gboolean
ccbt_roster_wake (CcbtRoster *self, gpointer item)
{
  if (!end_rest (self, item))
    return FALSE;
  g_ptr_array_add (self->awake, item);
  return TRUE;
}

gpointer
ccbt_roster_wake_due (CcbtRoster *self, gint64 now)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->by_time);
  Rest *rest = g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
  gpointer item;

  if (rest == NULL || rest->until > now)
    return NULL;
  item = rest->item;
  ccbt_roster_wake (self, item);
  return item;
}
