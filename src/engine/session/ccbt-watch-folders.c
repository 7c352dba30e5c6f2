/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-watch-folders.h"
#include "base/ccbt-error.h"
#include "session/ccbt-add.h"
#include "session/ccbt-session-private.h"
#include "session/ccbt-watch-scan.h"

#define STORED "watch-folders"
#define STORED_TYPE "a(sa{sv})"
#define LOOK_AFTER_MS 500  /* a change: more of them come together */
#define LOOK_AGAIN_MS 1500 /* something may still be being written */
#define LOOK_EVERY_S 60    /* file systems that tell nothing; folders that come later */
#define MONITOR_RATE_LIMIT_MS 500

/* One folder. It belongs to the list; while a worker or the session is at something for it, and it was taken from
 * the list, `folders` is NULL and it goes when that is done. */
typedef struct
{
  CcbtWatchFolders *folders;
  CcbtSession *session;
  char *path;
  GVariant *options;     /* a{sv} */
  GFileMonitor *monitor; /* NULL: there is none */
  GSource *timer;        /* NULL, or the next look */
  gboolean is_busy;
  gboolean is_due; /* something changed meanwhile */

  CcbtDiskJob job;
  GPtrArray *found; /* CcbtWatchedFile: the last is the next; NULL */
  gboolean is_settled;
  char *magnet;     /* what the job read */
  char *put_suffix; /* what the job puts away as; NULL = deletes */
  GHashTable *left; /* name -> modified: could not be put away, or read */
} Watch;

struct _CcbtWatchFolders
{
  CcbtSession *session;
  CcbtStateStore *store;
  GPtrArray *list; /* Watch */
};

static void look (Watch *watch);
static void take_next (Watch *watch);

/* --- One folder --- */

static void
stop_timer (Watch *watch)
{
  if (watch->timer == NULL)
    return;
  g_source_destroy (watch->timer);
  g_clear_pointer (&watch->timer, g_source_unref);
}

static void
free_watch (Watch *watch)
{
  stop_timer (watch);
  g_clear_pointer (&watch->found, g_ptr_array_unref);
  g_hash_table_unref (watch->left);
  g_variant_unref (watch->options);
  g_free (watch->magnet);
  g_free (watch->path);
  g_free (watch);
}

/* Taken from the list. */
static void
let_go (gpointer data)
{
  Watch *watch = data;

  watch->folders = NULL;
  stop_timer (watch);
  if (watch->monitor != NULL)
    {
      g_signal_handlers_disconnect_by_data (watch->monitor, watch);
      g_file_monitor_cancel (watch->monitor);
      g_clear_object (&watch->monitor);
    }
  if (!watch->is_busy)
    free_watch (watch);
}

static gboolean
timer_cb (gpointer data)
{
  Watch *watch = data;

  g_clear_pointer (&watch->timer, g_source_unref);
  look (watch);
  return G_SOURCE_REMOVE;
}

static void
look_after (Watch *watch, guint milliseconds)
{
  stop_timer (watch);
  watch->timer = g_timeout_source_new (milliseconds);
  g_source_set_callback (watch->timer, timer_cb, watch, NULL);
  g_source_attach (watch->timer, g_main_context_get_thread_default ());
}

static void
changed_cb (Watch *watch)
{
  if (watch->is_busy)
    watch->is_due = TRUE;
  else
    look_after (watch, LOOK_AFTER_MS);
}

static void
monitor (Watch *watch)
{
  g_autoptr (GFile) folder = g_file_new_for_path (watch->path);

  if (watch->monitor != NULL)
    return;
  watch->monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_NONE, NULL, NULL);
  if (watch->monitor == NULL)
    return;
  g_file_monitor_set_rate_limit (watch->monitor, MONITOR_RATE_LIMIT_MS);
  g_signal_connect_swapped (watch->monitor, "changed", G_CALLBACK (changed_cb), watch);
}

static void
submit (Watch *watch, void (*call) (CcbtDiskJob *job), CcbtDiskDone done)
{
  watch->is_busy = TRUE;
  watch->job = (CcbtDiskJob){ .kind = CCBT_DISK_CALL, .call = call, .done = done, .owner = watch };
  ccbt_disk_pool_submit (ccbt_session_get_disk (watch->session), &watch->job);
}

/* What was going on is over. Returns: FALSE when nobody watches any more: @watch is gone */
static gboolean
end_job (Watch *watch)
{
  watch->is_busy = FALSE;
  if (watch->folders != NULL)
    return TRUE;
  free_watch (watch);
  return FALSE;
}

static const CcbtWatchedFile *
get_next (Watch *watch)
{
  return watch->found->pdata[watch->found->len - 1];
}

static char *
get_next_path (Watch *watch)
{
  return g_build_filename (watch->path, get_next (watch)->name, NULL);
}

static void
complain (Watch *watch, const GError *error)
{
  g_message ("%s: %s", watch->path, error->message);
  ccbt_event_ring_post (watch->session->events, CCBT_EVENT_WATCH_FAILED, 0,
                        ccbt_clock_wall (watch->session->peers.clock),
                        g_variant_new_parsed ("{'text': <%s>}", error->message));
}

/* It is not looked at again as long as it stays as it is. */
static void
leave_next (Watch *watch)
{
  const CcbtWatchedFile *file = get_next (watch);

  g_hash_table_replace (watch->left, g_strdup (file->name),
                        g_memdup2 (&file->modified, sizeof file->modified));
}

static gboolean
is_left (Watch *watch, const CcbtWatchedFile *file)
{
  const gint64 *modified = g_hash_table_lookup (watch->left, file->name);

  return modified != NULL && *modified == file->modified;
}

static void
go_on (Watch *watch)
{
  g_ptr_array_set_size (watch->found, (int) watch->found->len - 1);
  take_next (watch);
}

/* --- Putting away --- */

static void
put_away_in_worker (CcbtDiskJob *job)
{
  Watch *watch = job->owner;
  g_autofree char *path = get_next_path (watch);

  ccbt_watch_put_away (path, watch->put_suffix, &job->error);
}

static void
put_away_cb (CcbtDiskJob *job)
{
  Watch *watch = job->owner;
  g_autoptr (GError) error = g_steal_pointer (&job->error);

  if (!end_job (watch))
    return;
  if (error != NULL)
    {
      leave_next (watch);
      complain (watch, error);
    }
  go_on (watch);
}

static void
put_away (Watch *watch, const char *suffix)
{
  watch->put_suffix = (char *) suffix;
  submit (watch, put_away_in_worker, put_away_cb);
}

/* --- Adding --- */

/* Is it the file that is wrong, and not the time? */
static gboolean
is_final (const GError *error)
{
  return g_error_matches (error, CCBT_ERROR, CCBT_ERROR_MALFORMED)
         || g_error_matches (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE)
         || g_error_matches (error, CCBT_ERROR, CCBT_ERROR_INVALID)
         || g_error_matches (error, CCBT_ERROR, CCBT_ERROR_UNSUPPORTED);
}

static void
added_cb (gpointer data, CcbtTorrent *torrent, gboolean is_new, const GError *error)
{
  Watch *watch = data;
  gboolean deletes = FALSE;

  if (!end_job (watch))
    return;
  if (torrent != NULL)
    {
      g_variant_lookup (watch->options, "delete", "b", &deletes);
      put_away (watch, deletes ? NULL : "added");
      return;
    }
  complain (watch, error);
  if (is_final (error))
    {
      put_away (watch, "invalid");
      return;
    }
  leave_next (watch);
  go_on (watch);
}

/* @key: "path" or "uri" */
static void
add (Watch *watch, const char *key, const char *text)
{
  GVariantDict arguments;
  g_autoptr (GVariant) built = NULL;

  g_variant_dict_init (&arguments, watch->options);
  g_variant_dict_remove (&arguments, "delete");
  g_variant_dict_insert (&arguments, key, "s", text);
  built = g_variant_ref_sink (g_variant_dict_end (&arguments));
  watch->is_busy = TRUE;
  ccbt_add (watch->session, built, added_cb, watch);
}

static void
read_in_worker (CcbtDiskJob *job)
{
  Watch *watch = job->owner;
  g_autofree char *path = get_next_path (watch);

  watch->magnet = ccbt_watch_read_magnet (path, &job->error);
}

static void
read_cb (CcbtDiskJob *job)
{
  Watch *watch = job->owner;
  g_autoptr (GError) error = g_steal_pointer (&job->error);
  g_autofree char *magnet = g_steal_pointer (&watch->magnet);

  if (error != NULL)
    added_cb (watch, NULL, FALSE, error);
  else if (end_job (watch))
    add (watch, "uri", magnet);
}

static void
end_look (Watch *watch)
{
  gboolean is_due = watch->is_due;

  g_clear_pointer (&watch->found, g_ptr_array_unref);
  watch->is_due = FALSE;
  look_after (watch, !watch->is_settled ? LOOK_AGAIN_MS
                     : is_due           ? LOOK_AFTER_MS
                                        : LOOK_EVERY_S * 1000);
}

static void
take_next (Watch *watch)
{
  g_autofree char *path = NULL;

  while (watch->found->len > 0 && is_left (watch, get_next (watch)))
    g_ptr_array_set_size (watch->found, (int) watch->found->len - 1);
  if (watch->found->len == 0)
    {
      end_look (watch);
      return;
    }
  path = get_next_path (watch);
  if (!get_next (watch)->is_magnet && g_utf8_validate (path, -1, NULL))
    add (watch, "path", path);
  else if (get_next (watch)->is_magnet)
    submit (watch, read_in_worker, read_cb);
  else /* verbs take text */
    {
      leave_next (watch);
      go_on (watch);
    }
}

/* --- Looking --- */

static void
scan_in_worker (CcbtDiskJob *job)
{
  Watch *watch = job->owner;

  watch->found
      = ccbt_watch_scan (watch->path, g_get_real_time () * 1000, &watch->is_settled, &job->error);
}

static void
scanned_cb (CcbtDiskJob *job)
{
  Watch *watch = job->owner;

  g_clear_error (&job->error); /* the folder may come later */
  if (!end_job (watch))
    return;
  if (watch->found == NULL)
    {
      look_after (watch, LOOK_EVERY_S * 1000);
      return;
    }
  monitor (watch);
  take_next (watch);
}

static void
look (Watch *watch)
{
  g_clear_pointer (&watch->found, g_ptr_array_unref);
  submit (watch, scan_in_worker, scanned_cb);
}

/* --- The list --- */

static Watch *
new_watch (CcbtWatchFolders *self, const char *path, GVariant *options)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->folders = self;
  watch->session = self->session;
  watch->path = g_strdup (path);
  watch->options = g_variant_ref_sink (options);
  watch->left = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_ptr_array_add (self->list, watch);
  look (watch);
  return watch;
}

static int
find (CcbtWatchFolders *self, const char *path)
{
  for (guint i = 0; i < self->list->len; i++)
    if (g_str_equal (((Watch *) self->list->pdata[i])->path, path))
      return (int) i;
  return -1;
}

GVariant *
ccbt_watch_folders_list (CcbtWatchFolders *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (STORED_TYPE));
  for (guint i = 0; i < self->list->len; i++)
    {
      const Watch *watch = self->list->pdata[i];

      g_variant_builder_add (&builder, "(s@a{sv})", watch->path, watch->options);
    }
  return g_variant_builder_end (&builder);
}

static void
store (CcbtWatchFolders *self)
{
  g_autoptr (GVariant) list = g_variant_ref_sink (ccbt_watch_folders_list (self));
  char *text = g_variant_print (list, TRUE);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  ccbt_state_store_put_value (self->store, STORED, bytes);
}

/* What it says is checked when something is added by it. */
static gboolean
check_options (GVariant *options, GError **error)
{
  static const struct
  {
    const char *key;
    const char *type;
  } known[]
      = { { "folder", "s" },      { "paused", "b" },    { "sequential", "b" }, { "seed", "b" },
          { "options", "a{sv}" }, { "trackers", "as" }, { "delete", "b" } };
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      guint i = 0;
      gboolean fits;

      while (i < G_N_ELEMENTS (known) && !g_str_equal (known[i].key, key))
        i++;
      fits = i < G_N_ELEMENTS (known)
             && g_variant_is_of_type (value, G_VARIANT_TYPE (known[i].type));
      g_variant_unref (value);
      if (fits)
        continue;
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                   "“%.64s” is nothing that can be said about a watched folder.", key);
      return FALSE;
    }
  return TRUE;
}

/* The options a torrent would get, and the folder. */
static gboolean
check_values (const char *folder, GVariant *options, GError **error)
{
  g_autoptr (CcbtTorrentOptions) plain = ccbt_torrent_options_new ();
  g_autoptr (CcbtTorrentOptions) changed = NULL;
  g_autoptr (GVariant) changes
      = g_variant_lookup_value (options, "options", G_VARIANT_TYPE_VARDICT);
  const char *target = NULL;

  if (!g_path_is_absolute (folder)
      || (g_variant_lookup (options, "folder", "&s", &target) && !g_path_is_absolute (target)))
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID, "The folder “%s” is no absolute path.",
                   target != NULL ? target : folder);
      return FALSE;
    }
  if (changes == NULL)
    return TRUE;
  changed = ccbt_torrent_options_change (plain, changes, error);
  return changed != NULL;
}

gboolean
ccbt_watch_folders_set (CcbtWatchFolders *self, const char *folder, GVariant *options,
                        GError **error)
{
  g_autofree char *path = g_canonicalize_filename (folder, "/");
  int position;

  if (!check_options (options, error) || !check_values (folder, options, error))
    return FALSE;
  position = find (self, path);
  if (position >= 0)
    g_ptr_array_remove_index (self->list, (guint) position);
  else if (self->list->len >= CCBT_WATCH_FOLDERS_MAX)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_BUSY, "There are %u watched folders already.",
                   CCBT_WATCH_FOLDERS_MAX);
      return FALSE;
    }
  new_watch (self, path, options);
  store (self);
  return TRUE;
}

gboolean
ccbt_watch_folders_remove (CcbtWatchFolders *self, const char *folder, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (folder, "/");
  int position = find (self, path);

  if (position < 0)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_NOT_FOUND, "“%s” is not watched.", path);
      return FALSE;
    }
  g_ptr_array_remove_index (self->list, (guint) position);
  store (self);
  return TRUE;
}

static void
load (CcbtWatchFolders *self)
{
  g_autoptr (GBytes) bytes = ccbt_state_store_load_value (self->store, STORED);
  g_autoptr (GVariant) list = NULL;
  GVariantIter iter;
  const char *path;
  GVariant *options;
  gsize size = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (text == NULL
      || self->session->is_ephemeral) /* a download from the command line brings nothing along */
    return;
  list = g_variant_parse (G_VARIANT_TYPE (STORED_TYPE), text, text + size, NULL, NULL);
  if (list == NULL)
    {
      g_warning ("The list of watched folders cannot be read; nothing is watched.");
      return;
    }
  g_variant_iter_init (&iter, list);
  while (self->list->len < CCBT_WATCH_FOLDERS_MAX
         && g_variant_iter_next (&iter, "(&s@a{sv})", &path, &options))
    {
      if (check_options (options, NULL) && check_values (path, options, NULL))
        new_watch (self, path, options);
      g_variant_unref (options);
    }
}

CcbtWatchFolders *
ccbt_watch_folders_new (CcbtSession *session, CcbtStateStore *state)
{
  CcbtWatchFolders *self = g_new0 (CcbtWatchFolders, 1);

  self->session = session;
  self->store = state;
  self->list = g_ptr_array_new_with_free_func (let_go);
  load (self);
  return self;
}

void
ccbt_watch_folders_free (CcbtWatchFolders *self)
{
  g_ptr_array_unref (self->list);
  g_free (self);
}
