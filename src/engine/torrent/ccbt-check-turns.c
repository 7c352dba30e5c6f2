/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-check-turns.h"

struct _CcbtCheckTurns
{
  void (*begin) (gpointer owner);
  int (*compare) (gconstpointer first, gconstpointer second);
  guint most; /* 0 = no limit */
  guint n_taken;
  GPtrArray *waiting;
  gboolean is_giving; /* who begins may be through at once and give back: no recursion */
  gboolean is_stopped;
};

CcbtCheckTurns *
ccbt_check_turns_new (void (*begin) (gpointer owner),
                      int (*compare) (gconstpointer first, gconstpointer second))
{
  CcbtCheckTurns *self = g_new0 (CcbtCheckTurns, 1);

  self->begin = begin;
  self->compare = compare;
  self->waiting = g_ptr_array_new ();
  return self;
}

void
ccbt_check_turns_free (CcbtCheckTurns *self)
{
  g_ptr_array_unref (self->waiting);
  g_free (self);
}

static gboolean
has_room (const CcbtCheckTurns *self)
{
  return self->most == 0 || self->n_taken < self->most;
}

/* Returns: the first of those that wait, who waits no longer */
static gpointer
steal_first (CcbtCheckTurns *self)
{
  guint first = 0;

  for (guint i = 1; i < self->waiting->len; i++)
    if (self->compare (self->waiting->pdata[i], self->waiting->pdata[first]) < 0)
      first = i;
  return g_ptr_array_steal_index_fast (self->waiting, first);
}

static void
give (CcbtCheckTurns *self)
{
  if (self->is_giving || self->is_stopped)
    return;
  self->is_giving = TRUE;
  while (self->waiting->len > 0 && has_room (self))
    {
      self->n_taken++;
      self->begin (steal_first (self));
    }
  self->is_giving = FALSE;
}

void
ccbt_check_turns_set_most (CcbtCheckTurns *self, guint most)
{
  self->most = most;
  give (self);
}

gboolean
ccbt_check_turns_take (CcbtCheckTurns *self, gpointer owner, gboolean always)
{
  if (always || has_room (self))
    {
      self->n_taken++;
      return TRUE;
    }
  g_ptr_array_add (self->waiting, owner);
  return FALSE;
}

void
ccbt_check_turns_give_back (CcbtCheckTurns *self)
{
  g_return_if_fail (self->n_taken > 0);

  self->n_taken--;
  give (self);
}

void
ccbt_check_turns_forget (CcbtCheckTurns *self, gpointer owner)
{
  g_ptr_array_remove_fast (self->waiting, owner);
}

void
ccbt_check_turns_stop (CcbtCheckTurns *self)
{
  self->is_stopped = TRUE;
}
