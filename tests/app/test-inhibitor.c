/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gunixfdlist.h>
#include <unistd.h>
#include "app-test.h"
#include "ccbt-inhibitor.h"

/* Everything that may keep a computer awake, at once or one of them, on a bus that plays both the
 * session's and the system's. */
typedef struct
{
  const char *name;
  const char *path;
  const char *interface;
  const char *xml;
} Keeper;

#define METHOD(name, in, out) "<method name='" name "'>" in out "</method>"
#define IN(type) "<arg type='" type "' direction='in'/>"
#define OUT(type) "<arg type='" type "' direction='out'/>"

static const Keeper portal = {
  "org.freedesktop.portal.Desktop",
  "/org/freedesktop/portal/desktop",
  "org.freedesktop.portal.Inhibit",
  METHOD ("Inhibit", IN ("s") IN ("u") IN ("a{sv}"), OUT ("o")),
};
static const Keeper session_manager = {
  "org.gnome.SessionManager",
  "/org/gnome/SessionManager",
  "org.gnome.SessionManager",
  METHOD ("Inhibit", IN ("s") IN ("u") IN ("s") IN ("u"), OUT ("u"))
      METHOD ("Uninhibit", IN ("u"), ),
};
static const Keeper power_manager = {
  "org.freedesktop.PowerManagement",
  "/org/freedesktop/PowerManagement/Inhibit",
  "org.freedesktop.PowerManagement.Inhibit",
  METHOD ("Inhibit", IN ("s") IN ("s"), OUT ("u")) METHOD ("UnInhibit", IN ("u"), ),
};
static const Keeper logind = {
  "org.freedesktop.login1",
  "/org/freedesktop/login1",
  "org.freedesktop.login1.Manager",
  METHOD ("Inhibit", IN ("s") IN ("s") IN ("s") IN ("s"), OUT ("h")),
};

#define REQUEST_PATH "/org/freedesktop/portal/desktop/request/1"
#define REASON "Torrents are being transferred"

typedef struct
{
  GDBusConnection *bus; /* the keepers' */
  GDBusConnection *client_bus;
  GPtrArray *calls; /* text */
  guint objects[5];
  guint names[5];
  guint n;
  int pipe[2]; /* what logind gives away, and what tells that it was closed */
} Fixture;

static void
reply_with_descriptor (Fixture *fixture, GDBusMethodInvocation *invocation)
{
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();

  g_assert_cmpint (pipe (fixture->pipe), ==, 0);
  g_unix_fd_list_append (list, fixture->pipe[1], NULL);
  close (fixture->pipe[1]);
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           list);
}

static void
call_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *arguments, GDBusMethodInvocation *invocation, gpointer data)
{
  Fixture *fixture = data;
  g_autofree char *text = g_variant_print (arguments, FALSE);

  g_ptr_array_add (fixture->calls, g_strdup_printf ("%s.%s %s", interface, method, text));
  if (!g_str_equal (method, "Inhibit"))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else if (g_str_equal (interface, portal.interface))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", REQUEST_PATH));
  else if (g_str_equal (interface, logind.interface))
    reply_with_descriptor (fixture, invocation);
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 7));
}

static guint export(Fixture *fixture, const char *path, const char *interface, const char *methods)
{
  static const GDBusInterfaceVTable vtable = { call_cb, NULL, NULL, { 0 } };
  g_autofree char *xml
      = g_strdup_printf ("<node><interface name='%s'>%s</interface></node>", interface, methods);
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);
  guint object = g_dbus_connection_register_object (fixture->bus, path, node->interfaces[0],
                                                    &vtable, fixture, NULL, NULL);

  g_assert_cmpuint (object, !=, 0);
  return object;
}

static void
acquired_cb (GDBusConnection *bus, const char *name, gpointer is_acquired)
{
  *(gboolean *) is_acquired = TRUE;
}

static void
offer (Fixture *fixture, const Keeper *keeper)
{
  gboolean is_acquired = FALSE;

  fixture->objects[fixture->n] = export(fixture, keeper->path, keeper->interface, keeper->xml);
  fixture->names[fixture->n]
      = g_bus_own_name_on_connection (fixture->bus, keeper->name, G_BUS_NAME_OWNER_FLAGS_NONE,
                                      acquired_cb, NULL, &is_acquired, NULL);
  fixture->n++;
  while (!is_acquired)
    g_main_context_iteration (NULL, TRUE);
}

static GDBusConnection *
connect_bus (void)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_for_address_sync (
      g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);

  g_assert_no_error (error);
  return bus;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bus = connect_bus ();
  fixture->client_bus = connect_bus ();
  fixture->calls = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < fixture->n; i++)
    {
      g_bus_unown_name (fixture->names[i]);
      g_dbus_connection_unregister_object (fixture->bus, fixture->objects[i]);
    }
  g_dbus_connection_close_sync (fixture->bus, NULL, NULL);
  g_dbus_connection_close_sync (fixture->client_bus, NULL, NULL);
  g_object_unref (fixture->bus);
  g_object_unref (fixture->client_bus);
  g_ptr_array_unref (fixture->calls);
  g_unsetenv ("GTK_USE_PORTAL");
}

static void
wait_for_calls (Fixture *fixture, guint n)
{
  const gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (fixture->calls->len < n && g_get_monotonic_time () < end)
    app_test_run_for (10);
  app_test_run_for (50); /* no more than that */
  g_assert_cmpuint (fixture->calls->len, ==, n);
}

static void
assert_call (Fixture *fixture, guint index, const char *text)
{
  g_assert_cmpstr (fixture->calls->pdata[index], ==, text);
}

static void
finalize_lock (CcbtSleepLock *lock)
{
  while (G_OBJECT (lock)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);
  g_assert_finalize_object (lock);
}

static void
test_session_manager_comes_first (Fixture *fixture, gconstpointer data)
{
  CcbtSleepLock *lock = ccbt_sleep_lock_new (fixture->client_bus);

  offer (fixture, &portal);
  offer (fixture, &session_manager);
  offer (fixture, &power_manager);
  offer (fixture, &logind);
  ccbt_sleep_lock_set_wanted (lock, TRUE);
  wait_for_calls (fixture, 1);
  assert_call (fixture, 0,
               "org.gnome.SessionManager.Inhibit ('io.github.ccbittorrent.CcBitTorrent', 0, "
               "'" REASON "', 4)");
  g_assert_cmpstr (ccbt_sleep_lock_get_holder (lock), ==, session_manager.name);
  ccbt_sleep_lock_set_wanted (lock, TRUE); /* no second one */
  ccbt_sleep_lock_set_wanted (lock, FALSE);
  wait_for_calls (fixture, 2);
  assert_call (fixture, 1, "org.gnome.SessionManager.Uninhibit (7,)");
  g_assert_null (ccbt_sleep_lock_get_holder (lock));
  finalize_lock (lock);
}

static void
test_power_manager_is_next (Fixture *fixture, gconstpointer data)
{
  CcbtSleepLock *lock = ccbt_sleep_lock_new (fixture->client_bus);

  offer (fixture, &power_manager);
  offer (fixture, &logind);
  ccbt_sleep_lock_set_wanted (lock, TRUE);
  wait_for_calls (fixture, 1);
  assert_call (fixture, 0,
               "org.freedesktop.PowerManagement.Inhibit.Inhibit "
               "('io.github.ccbittorrent.CcBitTorrent', '" REASON "')");
  finalize_lock (lock); /* gives it back */
  wait_for_calls (fixture, 2);
  assert_call (fixture, 1, "org.freedesktop.PowerManagement.Inhibit.UnInhibit (7,)");
}

static void
test_logind_is_the_last (Fixture *fixture, gconstpointer data)
{
  CcbtSleepLock *lock = ccbt_sleep_lock_new (fixture->client_bus);
  char byte;

  offer (fixture, &portal);
  offer (fixture, &logind);
  ccbt_sleep_lock_set_wanted (lock, TRUE);
  wait_for_calls (fixture, 1);
  assert_call (fixture, 0,
               "org.freedesktop.login1.Manager.Inhibit ('sleep', 'ccBitTorrent', '" REASON
               "', 'block')");
  g_assert_cmpstr (ccbt_sleep_lock_get_holder (lock), ==, logind.name);
  ccbt_sleep_lock_set_wanted (lock, FALSE);
  g_assert_cmpint (read (fixture->pipe[0], &byte, 1), ==, 0); /* the other end is closed */
  close (fixture->pipe[0]);
  finalize_lock (lock);
}

static void
test_sandbox_has_its_portal (Fixture *fixture, gconstpointer data)
{
  CcbtSleepLock *lock = ccbt_sleep_lock_new (fixture->client_bus);

  g_setenv ("GTK_USE_PORTAL", "1", TRUE);
  offer (fixture, &portal);
  offer (fixture, &session_manager);
  fixture->objects[fixture->n]
      = export(fixture, REQUEST_PATH, "org.freedesktop.portal.Request", METHOD ("Close", , ));
  ccbt_sleep_lock_set_wanted (lock, TRUE);
  wait_for_calls (fixture, 1);
  assert_call (fixture, 0,
               "org.freedesktop.portal.Inhibit.Inhibit ('', 4, {'reason': <'" REASON "'>})");
  ccbt_sleep_lock_set_wanted (lock, FALSE);
  wait_for_calls (fixture, 2);
  assert_call (fixture, 1, "org.freedesktop.portal.Request.Close ()");
  g_dbus_connection_unregister_object (fixture->bus, fixture->objects[fixture->n]);
  finalize_lock (lock);
}

static void
test_nothing_is_no_trouble (Fixture *fixture, gconstpointer data)
{
  CcbtSleepLock *lock = ccbt_sleep_lock_new (fixture->client_bus);

  ccbt_sleep_lock_set_wanted (lock, TRUE);
  app_test_run_for (100);
  g_assert_null (ccbt_sleep_lock_get_holder (lock));
  ccbt_sleep_lock_set_wanted (lock, FALSE);
  finalize_lock (lock);
}

static void
test_change_of_mind_gives_it_back (Fixture *fixture, gconstpointer data)
{
  CcbtSleepLock *lock = ccbt_sleep_lock_new (fixture->client_bus);

  offer (fixture, &session_manager);
  ccbt_sleep_lock_set_wanted (lock, TRUE);
  ccbt_sleep_lock_set_wanted (lock, FALSE); /* before there is an answer */
  wait_for_calls (fixture, 2);
  assert_call (fixture, 1, "org.gnome.SessionManager.Uninhibit (7,)");
  finalize_lock (lock);
}

static void
put_rate (CcbtSnapshotStore *store, double rate)
{
  CcbtSessionStatus session = { .up_rate = rate };

  ccbt_snapshot_store_put_session (store, &session);
  ccbt_snapshot_store_flush (store);
}

static void
test_transfers_keep_it_awake (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CcbtSnapshotStore) store = ccbt_snapshot_store_new ();
  CcbtSleepLock *lock = ccbt_sleep_lock_new (fixture->client_bus);
  CcbtActivity *activity = ccbt_activity_new ();
  CcbtInhibitor *inhibitor = ccbt_inhibitor_new (lock, activity, 1);

  offer (fixture, &session_manager);
  ccbt_activity_follow (activity, store);
  put_rate (store, 10); /* next to nothing */
  app_test_run_for (2200);
  g_assert_null (ccbt_sleep_lock_get_holder (lock));
  put_rate (store, 50000);
  wait_for_calls (fixture, 1);
  g_assert_nonnull (ccbt_sleep_lock_get_holder (lock));
  put_rate (store, 0);
  wait_for_calls (fixture, 2);
  g_assert_null (ccbt_sleep_lock_get_holder (lock));
  g_assert_finalize_object (inhibitor);
  g_assert_finalize_object (activity);
  finalize_lock (lock);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_getenv ("DBUS_SESSION_BUS_ADDRESS"), TRUE);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/inhibitor/session-manager", test_session_manager_comes_first);
  ADD ("/inhibitor/power-manager", test_power_manager_is_next);
  ADD ("/inhibitor/logind", test_logind_is_the_last);
  ADD ("/inhibitor/portal", test_sandbox_has_its_portal);
  ADD ("/inhibitor/nothing", test_nothing_is_no_trouble);
  ADD ("/inhibitor/change-of-mind", test_change_of_mind_gives_it_back);
  ADD ("/inhibitor/transfers", test_transfers_keep_it_awake);
  return g_test_run ();
}
