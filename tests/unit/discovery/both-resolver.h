/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* Names for tests, instead of the system's resolver. */

typedef struct
{
  GResolver parent_instance;
} BothResolver;

typedef GResolverClass BothResolverClass;

static GType both_resolver_get_type (void);
G_DEFINE_TYPE (BothResolver, both_resolver, G_TYPE_RESOLVER)

/* "both.example" is this machine, on each family; nothing else exists. */
static inline void
both_lookup_async (GResolver *resolver, const char *name, GResolverNameLookupFlags flags,
                   GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, data);
  const char *ip = (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) != 0 ? "::1" : "127.0.0.1";

  if (g_str_equal (name, "both.example"))
    g_task_return_pointer (task, g_list_append (NULL, g_inet_address_new_from_string (ip)),
                           (GDestroyNotify) g_resolver_free_addresses);
  else
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no %s", name);
}

static inline GList *
both_lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static inline void
both_resolver_init (BothResolver *self)
{
}

static inline void
both_resolver_class_init (BothResolverClass *klass)
{
  klass->lookup_by_name_with_flags_async = both_lookup_async;
  klass->lookup_by_name_with_flags_finish = both_lookup_finish;
}
