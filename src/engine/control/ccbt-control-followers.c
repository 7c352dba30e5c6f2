/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-followers.h"
#include "control/ccbt-control-fields.h"
#include "control/ccbt-control-interface.h"
#include "control/ccbt-control-peer.h"

#define MAX_FOLLOWERS 128
#define MAX_SINGLE 256 /* objects that one follows by themselves; more: all of them */

struct _CcbtControlFollowers
{
  GPtrArray *list; /* Follower */
};

typedef struct
{
  CcbtControlFollowers *owner;
  GDBusConnection *connection;
  char *destination; /* NULL over the socket */
  guint name_watch;
  GHashTable *wanted;  /* info-hashes; NULL = all */
  GHashTable *changes; /* info-hash -> Change */
} Follower;

/* What has happened to an object since the follower heard of it last. */
typedef struct
{
  gboolean was_there; /* as far as he knows */
  guint64 mask;
} Change;

static void
follower_free (gpointer data)
{
  Follower *follower = data;

  if (follower->name_watch != 0)
    g_bus_unwatch_name (follower->name_watch);
  g_clear_pointer (&follower->wanted, g_hash_table_unref);
  g_hash_table_unref (follower->changes);
  g_object_unref (follower->connection);
  g_free (follower->destination);
  g_free (follower);
}

CcbtControlFollowers *
ccbt_control_followers_new (void)
{
  CcbtControlFollowers *self = g_new0 (CcbtControlFollowers, 1);

  self->list = g_ptr_array_new_with_free_func (follower_free);
  return self;
}

void
ccbt_control_followers_free (CcbtControlFollowers *self)
{
  g_ptr_array_unref (self->list);
  g_free (self);
}

static Follower *
find (CcbtControlFollowers *self, GDBusConnection *connection, const char *destination)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      Follower *follower = g_ptr_array_index (self->list, i);

      if (follower->connection == connection && g_strcmp0 (follower->destination, destination) == 0)
        return follower;
    }
  return NULL;
}

static void
vanished_cb (GDBusConnection *connection, const char *name, gpointer data)
{
  Follower *follower = data;

  ccbt_control_followers_remove (follower->owner, follower->connection, name);
}

static Follower *
follower_new (CcbtControlFollowers *owner, GDBusConnection *connection, const char *destination)
{
  Follower *follower = g_new0 (Follower, 1);

  follower->owner = owner;
  follower->connection = g_object_ref (connection);
  follower->destination = g_strdup (destination);
  follower->wanted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  follower->changes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (destination != NULL)
    follower->name_watch = g_bus_watch_name_on_connection (
        connection, destination, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, vanished_cb, follower, NULL);
  return follower;
}

void
ccbt_control_followers_add (CcbtControlFollowers *self, GDBusConnection *connection,
                            const char *destination, const char *info_hash)
{
  Follower *follower = find (self, connection, destination);

  if (follower == NULL)
    {
      if (self->list->len >= MAX_FOLLOWERS)
        g_ptr_array_remove_index (self->list, 0);
      follower = follower_new (self, connection, destination);
      g_ptr_array_add (self->list, follower);
    }
  if (info_hash == NULL || follower->wanted == NULL
      || g_hash_table_size (follower->wanted) >= MAX_SINGLE)
    g_clear_pointer (&follower->wanted, g_hash_table_unref);
  else
    g_hash_table_add (follower->wanted, g_strdup (info_hash));
}

void
ccbt_control_followers_remove (CcbtControlFollowers *self, GDBusConnection *connection,
                               const char *destination)
{
  Follower *follower = find (self, connection, destination);

  if (follower != NULL)
    g_ptr_array_remove (self->list, follower);
}

void
ccbt_control_followers_remove_all (CcbtControlFollowers *self)
{
  g_ptr_array_set_size (self->list, 0);
}

gboolean
ccbt_control_followers_is_empty (CcbtControlFollowers *self)
{
  return self->list->len == 0;
}

static void
note (Follower *follower, const char *info_hash, gboolean was_there, guint64 mask)
{
  Change *change = g_hash_table_lookup (follower->changes, info_hash);

  if (change == NULL)
    {
      change = g_new0 (Change, 1);
      change->was_there = was_there;
      g_hash_table_insert (follower->changes, g_strdup (info_hash), change);
    }
  change->mask |= mask;
}

void
ccbt_control_followers_note (CcbtControlFollowers *self, const char *info_hash, gboolean was_there,
                             guint64 mask)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      Follower *follower = g_ptr_array_index (self->list, i);

      if (follower->wanted == NULL || g_hash_table_contains (follower->wanted, info_hash))
        note (follower, info_hash, was_there, mask);
    }
}

static void
tell_added (Follower *follower, const char *path, CcbtControlObject *object)
{
  GVariant *interfaces = g_variant_new_parsed ("{%s: %@a{sv}}", CCBT_CONTROL_TORRENT,
                                               ccbt_control_object_get_properties (object));

  ccbt_control_peer_emit (follower->connection, follower->destination, CCBT_CONTROL_PATH,
                          CCBT_CONTROL_OBJECT_MANAGER, "InterfacesAdded",
                          g_variant_new ("(o@a{sa{sv}})", path, interfaces));
}

static void
tell_removed (Follower *follower, const char *path)
{
  const char *interfaces[] = { CCBT_CONTROL_TORRENT, NULL };

  ccbt_control_peer_emit (follower->connection, follower->destination, CCBT_CONTROL_PATH,
                          CCBT_CONTROL_OBJECT_MANAGER, "InterfacesRemoved",
                          g_variant_new ("(o^as)", path, interfaces));
}

static void
tell_changed (Follower *follower, const char *path, CcbtControlObject *object, guint64 mask)
{
  GVariant *changed = ccbt_control_fields_collect_properties (object->status, mask);

  ccbt_control_peer_emit (follower->connection, follower->destination, path,
                          CCBT_CONTROL_PROPERTIES, "PropertiesChanged",
                          g_variant_new ("(s@a{sv}as)", CCBT_CONTROL_TORRENT, changed, NULL));
}

static void
flush (Follower *follower, CcbtControlObjects *objects)
{
  GHashTableIter iter;
  gpointer info_hash, value;

  if (!ccbt_control_peer_can_signal (follower->connection))
    return;
  g_hash_table_iter_init (&iter, follower->changes);
  while (g_hash_table_iter_next (&iter, &info_hash, &value))
    {
      const Change *change = value;
      CcbtControlObject *object = ccbt_control_objects_lookup (objects, info_hash);
      g_autofree char *path = g_strconcat (CCBT_CONTROL_TORRENTS, "/", info_hash, NULL);

      if (object != NULL && change->was_there)
        tell_changed (follower, path, object, change->mask);
      else if (object != NULL)
        tell_added (follower, path, object);
      else if (change->was_there)
        tell_removed (follower, path);
    }
  g_hash_table_remove_all (follower->changes);
}

void
ccbt_control_followers_flush (CcbtControlFollowers *self, CcbtControlObjects *objects)
{
  for (guint i = 0; i < self->list->len; i++)
    flush (g_ptr_array_index (self->list, i), objects);
}
