/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-launcher.h"
#include "ccbt-build.h"

#define URI "application://" CCBT_APPLICATION_ID ".desktop"

struct _CcbtLauncher
{
  GObject parent_instance;
  GDBusConnection *connection;
  CcbtActivity *activity;
  char *path;
  guint n_shown; /* told last */
  guint percent_shown;
};

G_DEFINE_FINAL_TYPE (CcbtLauncher, ccbt_launcher, G_TYPE_OBJECT)

static void
tell (CcbtLauncher *self, guint n, guint percent)
{
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&properties, "{sv}", "count", g_variant_new_int64 (n));
  g_variant_builder_add (&properties, "{sv}", "count-visible", g_variant_new_boolean (n > 0));
  g_variant_builder_add (&properties, "{sv}", "progress", g_variant_new_double (percent / 100.0));
  g_variant_builder_add (&properties, "{sv}", "progress-visible", g_variant_new_boolean (n > 0));
  g_dbus_connection_emit_signal (self->connection, NULL, self->path,
                                 "com.canonical.Unity.LauncherEntry", "Update",
                                 g_variant_new ("(sa{sv})", URI, &properties), NULL);
  self->n_shown = n;
  self->percent_shown = percent;
}

/* Finer steps nobody sees. */
static void
activity_changed_cb (CcbtLauncher *self)
{
  const CcbtActivityStatus *status = ccbt_activity_get_status (self->activity);
  const double share
      = status->wanted_size > 0 ? (double) status->done_size / (double) status->wanted_size : 0;
  const guint percent = (guint) (share * 100);

  if (status->n_downloading != self->n_shown
      || (self->n_shown > 0 && percent != self->percent_shown))
    tell (self, status->n_downloading, percent);
}

static void
ccbt_launcher_dispose (GObject *object)
{
  CcbtLauncher *self = CCBT_LAUNCHER (object);

  if (self->n_shown > 0)
    tell (self, 0, 0);
  G_OBJECT_CLASS (ccbt_launcher_parent_class)->dispose (object);
}

static void
ccbt_launcher_finalize (GObject *object)
{
  CcbtLauncher *self = CCBT_LAUNCHER (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->activity);
  g_free (self->path);
  G_OBJECT_CLASS (ccbt_launcher_parent_class)->finalize (object);
}

static void
ccbt_launcher_class_init (CcbtLauncherClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ccbt_launcher_dispose;
  object_class->finalize = ccbt_launcher_finalize;
}

static void
ccbt_launcher_init (CcbtLauncher *self)
{
  /* Unity's own library makes it like this. */
  self->path = g_strdup_printf ("/com/canonical/unity/launcherentry/%u", g_str_hash (URI));
}

CcbtLauncher *
ccbt_launcher_new (GDBusConnection *connection, CcbtActivity *activity)
{
  CcbtLauncher *self = g_object_new (CCBT_TYPE_LAUNCHER, NULL);

  self->connection = g_object_ref (connection);
  self->activity = g_object_ref (activity);
  g_signal_connect_object (activity, "changed", G_CALLBACK (activity_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}
