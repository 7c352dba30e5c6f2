/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-search-provider.h"
#include "ccbt-build.h"
#include "ccbt-format.h"
#include "ccbt-interface.h"
#include "ccbt-resource.h"

#define INTERFACE "org.gnome.Shell.SearchProvider2"
#define MAX_RESULTS 50u /* the shell shows five */

struct _CcbtSearchProvider
{
  GObject parent_instance;
  GDBusConnection *connection;
  CcbtSnapshotStore *store;
  GActionGroup *actions;
  guint object;
};

G_DEFINE_FINAL_TYPE (CcbtSearchProvider, ccbt_search_provider, G_TYPE_OBJECT)

/* Everything there is: the models of the window sleep while it is hidden. Returns: (transfer
 * container) CcbtTorrentStatus */
static GPtrArray *
get_torrents (CcbtSearchProvider *self)
{
  GPtrArray *torrents = NULL;
  g_autoptr (GPtrArray) details = NULL;
  g_autoptr (GArray) removed = NULL;
  gboolean start_over;

  ccbt_snapshot_store_pull (self->store, 0, &torrents, &details, &removed, &start_over);
  return torrents;
}

/* Without the differences that nobody types. Returns: (transfer full) */
static char *
fold (const char *text)
{
  g_autofree char *normal = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);

  return g_utf8_casefold (normal != NULL ? normal : "", -1);
}

static gboolean
has_all (const char *name, char **folded_terms)
{
  g_autofree char *folded = fold (name);

  for (guint i = 0; folded_terms[i] != NULL; i++)
    if (strstr (folded, folded_terms[i]) == NULL)
      return FALSE;
  return TRUE;
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const gint64 added_a = (*(CcbtTorrentStatus **) a)->added_at;
  const gint64 added_b = (*(CcbtTorrentStatus **) b)->added_at;

  return added_a < added_b ? 1 : added_a > added_b ? -1 : 0;
}

/* --- Its methods. --- */

static GVariant *
find (CcbtSearchProvider *self, const char *const *terms)
{
  g_autoptr (GPtrArray) torrents = get_torrents (self);
  g_auto (GStrv) folded = g_new0 (char *, g_strv_length ((char **) terms) + 1);
  GVariantBuilder results;
  guint n_results = 0;

  for (guint i = 0; terms[i] != NULL; i++)
    folded[i] = fold (terms[i]);
  g_ptr_array_sort (torrents, compare_newest_first);
  g_variant_builder_init (&results, G_VARIANT_TYPE ("as"));
  for (guint i = 0; i < torrents->len && n_results < MAX_RESULTS; i++)
    {
      const CcbtTorrentStatus *torrent = torrents->pdata[i];

      if (!has_all (torrent->name, folded))
        continue;
      g_variant_builder_add (&results, "s", torrent->info_hash);
      n_results++;
    }
  return g_variant_new ("(as)", &results);
}

/* A narrower search is as quick as a new one. */
static GVariant *
get_initial_result_set (CcbtSearchProvider *self, GVariant *arguments)
{
  g_autofree const char **terms = NULL;

  g_variant_get_child (arguments, 0, "^a&s", &terms);
  return find (self, terms);
}

static GVariant *
get_subsearch_result_set (CcbtSearchProvider *self, GVariant *arguments)
{
  g_autofree const char **terms = NULL;

  g_variant_get_child (arguments, 1, "^a&s", &terms);
  return find (self, terms);
}

static void
add_meta (GVariantBuilder *metas, const CcbtTorrentStatus *torrent)
{
  g_autofree char *state = ccbt_format_state (torrent);

  g_variant_builder_open (metas, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (metas, "{sv}", "id", g_variant_new_string (torrent->info_hash));
  g_variant_builder_add (metas, "{sv}", "name", g_variant_new_string (torrent->name));
  g_variant_builder_add (metas, "{sv}", "description", g_variant_new_string (state));
  g_variant_builder_add (metas, "{sv}", "gicon", g_variant_new_string (CCBT_APPLICATION_ID));
  g_variant_builder_close (metas);
}

static GVariant *
get_result_metas (CcbtSearchProvider *self, GVariant *arguments)
{
  g_autoptr (GPtrArray) torrents = get_torrents (self);
  g_autoptr (GHashTable) by_hash = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree const char **results = NULL;
  GVariantBuilder metas;

  g_variant_get (arguments, "(^a&s)", &results);
  for (guint i = 0; i < torrents->len; i++)
    g_hash_table_insert (by_hash, ((CcbtTorrentStatus *) torrents->pdata[i])->info_hash,
                         torrents->pdata[i]);
  g_variant_builder_init (&metas, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; results[i] != NULL; i++)
    {
      const CcbtTorrentStatus *torrent = g_hash_table_lookup (by_hash, results[i]);

      if (torrent != NULL) /* not removed meanwhile */
        add_meta (&metas, torrent);
    }
  return g_variant_new ("(aa{sv})", &metas);
}

static GVariant *
activate_result (CcbtSearchProvider *self, GVariant *arguments)
{
  const char *info_hash;

  g_variant_get (arguments, "(&sasu)", &info_hash, NULL, NULL);
  g_action_group_activate_action (self->actions, "show-torrent", g_variant_new_string (info_hash));
  return NULL;
}

static GVariant *
launch_search (CcbtSearchProvider *self, GVariant *arguments)
{
  g_autofree const char **terms = NULL;
  g_autofree char *text = NULL;

  g_variant_get (arguments, "(^a&su)", &terms, NULL);
  text = g_strjoinv (" ", (char **) terms);
  g_action_group_activate_action (self->actions, "search", g_variant_new_string (text));
  return NULL;
}

static void
call_cb (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *arguments, GDBusMethodInvocation *invocation, gpointer data)
{
  static const struct
  {
    const char *name;
    GVariant *(*answer) (CcbtSearchProvider *self, GVariant *arguments);
  } methods[] = {
    { "GetInitialResultSet", get_initial_result_set },
    { "GetSubsearchResultSet", get_subsearch_result_set },
    { "GetResultMetas", get_result_metas },
    { "ActivateResult", activate_result },
    { "LaunchSearch", launch_search },
  };
  g_autoptr (CcbtSearchProvider) self = g_object_ref (data);
  GVariant *reply = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, method))
      reply = methods[i].answer (self, arguments);
  g_dbus_method_invocation_return_value (invocation, reply);
}

static void
ccbt_search_provider_dispose (GObject *object)
{
  CcbtSearchProvider *self = CCBT_SEARCH_PROVIDER (object);

  if (self->object != 0)
    g_dbus_connection_unregister_object (self->connection, self->object);
  self->object = 0;
  G_OBJECT_CLASS (ccbt_search_provider_parent_class)->dispose (object);
}

static void
ccbt_search_provider_finalize (GObject *object)
{
  CcbtSearchProvider *self = CCBT_SEARCH_PROVIDER (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->actions);
  ccbt_snapshot_store_unref (self->store);
  G_OBJECT_CLASS (ccbt_search_provider_parent_class)->finalize (object);
}

static void
ccbt_search_provider_class_init (CcbtSearchProviderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ccbt_search_provider_dispose;
  object_class->finalize = ccbt_search_provider_finalize;
}

static void
ccbt_search_provider_init (CcbtSearchProvider *self)
{
}

CcbtSearchProvider *
ccbt_search_provider_new (GDBusConnection *connection, CcbtSnapshotStore *store,
                          GActionGroup *actions)
{
  static const GDBusInterfaceVTable vtable = { call_cb, NULL, NULL, { 0 } };
  CcbtSearchProvider *self = g_object_new (CCBT_TYPE_SEARCH_PROVIDER, NULL);

  self->connection = g_object_ref (connection);
  self->store = ccbt_snapshot_store_ref (store);
  self->actions = g_object_ref (actions);
  self->object = ccbt_interface_export (connection, CCBT_RESOURCE ("SearchProvider"), INTERFACE,
                                        &vtable, self);
  return self;
}
