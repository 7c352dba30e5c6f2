/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-sleep-lock.h"
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <unistd.h>
#include "ccbt-build.h"
#include "ccbt-sandbox.h"

#define FLAG_SUSPEND 4u /* the same for GNOME and for the portal */

/* One way. It is asked for the lock by @ask; what its reply holds is given back with @undo. */
typedef struct
{
  GBusType bus;
  gboolean in_sandbox;
  const char *owner;
  const char *path;
  const char *interface;
  const char *method;
  const char *reply; /* a tuple of one */
  GVariant *(*ask) (void);
  const char *undo; /* a method that takes the cookie; NULL = see release() */
} Way;

struct _CcbtSleepLock
{
  GObject parent_instance;
  GDBusConnection *session_bus;
  GDBusConnection *system_bus; /* NULL until it is needed */
  gboolean is_wanted;
  gboolean is_asking;
  gboolean found_none; /* all ways were tried: it will not be better later */
  guint way;           /* that holds it, or is asked; an index */
  GVariant *cookie;    /* NULL = not held, or by a descriptor */
  int descriptor;      /* logind's; -1 = none */
};

G_DEFINE_FINAL_TYPE (CcbtSleepLock, ccbt_sleep_lock, G_TYPE_OBJECT)

static const char *
get_reason (void)
{
  /* Translators: why the computer stays awake */
  return _ ("Torrents are being transferred");
}

static GVariant *
ask_portal (void)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "reason", g_variant_new_string (get_reason ()));
  return g_variant_new ("(sua{sv})", "", FLAG_SUSPEND, &options);
}

static GVariant *
ask_session_manager (void)
{
  return g_variant_new ("(susu)", CCBT_APPLICATION_ID, 0, get_reason (), FLAG_SUSPEND);
}

static GVariant *
ask_power_manager (void)
{
  return g_variant_new ("(ss)", CCBT_APPLICATION_ID, get_reason ());
}

static GVariant *
ask_logind (void)
{
  return g_variant_new ("(ssss)", "sleep", "ccBitTorrent", get_reason (), "block");
}

static const Way ways[] = {
  { G_BUS_TYPE_SESSION, TRUE, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
    "org.freedesktop.portal.Inhibit", "Inhibit", "(o)", ask_portal, NULL },
  { G_BUS_TYPE_SESSION, FALSE, "org.gnome.SessionManager", "/org/gnome/SessionManager",
    "org.gnome.SessionManager", "Inhibit", "(u)", ask_session_manager, "Uninhibit" },
  { G_BUS_TYPE_SESSION, FALSE, "org.freedesktop.PowerManagement",
    "/org/freedesktop/PowerManagement/Inhibit", "org.freedesktop.PowerManagement.Inhibit",
    "Inhibit", "(u)", ask_power_manager, "UnInhibit" },
  { G_BUS_TYPE_SYSTEM, FALSE, "org.freedesktop.login1", "/org/freedesktop/login1",
    "org.freedesktop.login1.Manager", "Inhibit", "(h)", ask_logind, NULL },
};

static void
release (CcbtSleepLock *self)
{
  const Way *way = &ways[self->way];
  g_autoptr (GVariant) cookie = g_steal_pointer (&self->cookie);

  if (self->descriptor >= 0)
    close (self->descriptor);
  self->descriptor = -1;
  if (cookie == NULL)
    return;
  if (way->undo != NULL)
    g_dbus_connection_call (self->session_bus, way->owner, way->path, way->interface, way->undo,
                            cookie, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
  else
    {
      const char *request;

      g_variant_get (cookie, "(&o)", &request);
      g_dbus_connection_call (self->session_bus, way->owner, request,
                              "org.freedesktop.portal.Request", "Close", NULL, NULL,
                              G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
    }
}

static void try_way (CcbtSleepLock *self, guint way);

static void
take (CcbtSleepLock *self, GVariant *reply, GUnixFDList *descriptors)
{
  int handle;

  if (!g_variant_is_of_type (reply, G_VARIANT_TYPE ("(h)")))
    self->cookie = g_variant_ref (reply);
  else if (descriptors != NULL)
    {
      g_variant_get (reply, "(h)", &handle);
      self->descriptor = g_unix_fd_list_get (descriptors, handle, NULL);
    }
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtSleepLock) self = data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), &descriptors, result, &error);

  self->is_asking = FALSE;
  if (reply == NULL)
    {
      g_debug ("%s: %s", ways[self->way].owner, error->message);
      if (self->is_wanted)
        try_way (self, self->way + 1);
      return;
    }
  take (self, reply, descriptors);
  if (!self->is_wanted)
    release (self);
}

static void
ask (CcbtSleepLock *self, GDBusConnection *bus)
{
  const Way *way = &ways[self->way];

  g_dbus_connection_call_with_unix_fd_list (bus, way->owner, way->path, way->interface, way->method,
                                            way->ask (), G_VARIANT_TYPE (way->reply),
                                            way->in_sandbox ? G_DBUS_CALL_FLAGS_NONE
                                                            : G_DBUS_CALL_FLAGS_NO_AUTO_START,
                                            -1, NULL, NULL, asked_cb, g_object_ref (self));
}

static void
system_bus_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CcbtSleepLock) self = data;
  g_autoptr (GError) error = NULL;

  self->system_bus = g_bus_get_finish (result, &error);
  if (self->system_bus != NULL)
    {
      ask (self, self->system_bus);
      return;
    }
  g_debug ("%s", error->message);
  self->is_asking = FALSE;
  if (self->is_wanted)
    try_way (self, self->way + 1);
}

static gboolean
is_possible (CcbtSleepLock *self, const Way *way)
{
  return way->in_sandbox == ccbt_is_sandboxed ()
         && (way->bus == G_BUS_TYPE_SYSTEM || self->session_bus != NULL);
}

/* Asks @way, or the first after it that is possible. */
static void
try_way (CcbtSleepLock *self, guint way)
{
  while (way < G_N_ELEMENTS (ways) && !is_possible (self, &ways[way]))
    way++;
  if (way == G_N_ELEMENTS (ways))
    {
      g_info ("Nothing here keeps the computer from falling asleep");
      self->way = 0;
      self->found_none = TRUE;
      return;
    }
  self->way = way;
  self->is_asking = TRUE;
  if (ways[way].bus == G_BUS_TYPE_SESSION)
    ask (self, self->session_bus);
  else if (self->system_bus != NULL)
    ask (self, self->system_bus);
  else
    g_bus_get (G_BUS_TYPE_SYSTEM, NULL, system_bus_cb, g_object_ref (self));
}

static void
ccbt_sleep_lock_dispose (GObject *object)
{
  CcbtSleepLock *self = CCBT_SLEEP_LOCK (object);

  self->is_wanted = FALSE;
  release (self);
  G_OBJECT_CLASS (ccbt_sleep_lock_parent_class)->dispose (object);
}

static void
ccbt_sleep_lock_finalize (GObject *object)
{
  CcbtSleepLock *self = CCBT_SLEEP_LOCK (object);

  g_clear_object (&self->session_bus);
  g_clear_object (&self->system_bus);
  G_OBJECT_CLASS (ccbt_sleep_lock_parent_class)->finalize (object);
}

static void
ccbt_sleep_lock_class_init (CcbtSleepLockClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ccbt_sleep_lock_dispose;
  object_class->finalize = ccbt_sleep_lock_finalize;
}

static void
ccbt_sleep_lock_init (CcbtSleepLock *self)
{
  self->descriptor = -1;
}

CcbtSleepLock *
ccbt_sleep_lock_new (GDBusConnection *session_bus)
{
  CcbtSleepLock *self = g_object_new (CCBT_TYPE_SLEEP_LOCK, NULL);

  g_set_object (&self->session_bus, session_bus);
  return self;
}

static gboolean
is_held (CcbtSleepLock *self)
{
  return self->cookie != NULL || self->descriptor >= 0;
}

void
ccbt_sleep_lock_set_wanted (CcbtSleepLock *self, gboolean is_wanted)
{
  g_return_if_fail (CCBT_IS_SLEEP_LOCK (self));

  self->is_wanted = is_wanted;
  if (self->is_asking)
    return; /* asked_cb() does what is wanted then */
  if (!is_wanted)
    release (self);
  else if (!is_held (self) && !self->found_none)
    try_way (self, 0);
}

const char *
ccbt_sleep_lock_get_holder (CcbtSleepLock *self)
{
  g_return_val_if_fail (CCBT_IS_SLEEP_LOCK (self), NULL);

  return is_held (self) ? ways[self->way].owner : NULL;
}
