/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <string.h>

/* Every look-up of this process, answered from a table: "here.example" leads to 127.0.0.1,
 * "there.example" to the address it was made with; nothing else is known. */
typedef struct
{
  GResolver parent_instance;
  char *there;
} FakeResolver;

typedef GResolverClass FakeResolverClass;

static GType fake_resolver_get_type (void);
G_DEFINE_TYPE (FakeResolver, fake_resolver, G_TYPE_RESOLVER)

static void
fake_lookup_async (GResolver *resolver, const char *name, GResolverNameLookupFlags flags,
                   GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, data);
  const char *ip = NULL;

  if (strcmp (name, "here.example") == 0)
    ip = "127.0.0.1";
  else if (strcmp (name, "there.example") == 0)
    ip = ((FakeResolver *) resolver)->there;
  if (ip == NULL || (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) != 0)
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no %s", name);
  else
    g_task_return_pointer (task, g_list_append (NULL, g_inet_address_new_from_string (ip)),
                           (GDestroyNotify) g_resolver_free_addresses);
}

static GList *
fake_lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fake_resolver_init (FakeResolver *self)
{
}

static void
fake_resolver_class_init (FakeResolverClass *klass)
{
  klass->lookup_by_name_with_flags_async = fake_lookup_async;
  klass->lookup_by_name_with_flags_finish = fake_lookup_finish;
}

static inline void
fake_resolver_install (char *there)
{
  FakeResolver *self = g_object_new (fake_resolver_get_type (), NULL);

  self->there = there;
  g_resolver_set_default (G_RESOLVER (self));
  g_object_unref (self);
}
