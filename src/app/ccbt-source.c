/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-source.h"
#include "base/ccbt-error.h"

/* A .torrent is never near this; a film given by mistake is. */
#define MAX_TORRENT_SIZE (64 * 1024 * 1024)

static GVariant *
new_source (const char *key, GVariant *value)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", key, value);
  return g_variant_builder_end (&builder);
}

static gboolean
is_link (const char *text)
{
  static const char *const schemes[] = { "magnet", "http", "https" };
  const char *scheme = g_uri_peek_scheme (text);

  for (guint i = 0; scheme != NULL && i < G_N_ELEMENTS (schemes); i++)
    if (g_str_equal (scheme, schemes[i]))
      return TRUE;
  return FALSE;
}

/* 40 or 64 hex digits. */
static gboolean
is_info_hash (const char *text)
{
  const gsize length = strlen (text);

  return (length == 40 || length == 64) && strspn (text, "0123456789abcdefABCDEF") == length;
}

GVariant *
ccbt_source_new_for_text (const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));

  if (is_link (stripped))
    return new_source ("uri", g_variant_new_string (stripped));
  if (is_info_hash (stripped))
    return new_source ("uri",
                       g_variant_new_take_string (g_strdup_printf (
                           "magnet:?xt=urn:%s:%s%s", strlen (stripped) == 40 ? "btih" : "btmh",
                           strlen (stripped) == 40 ? "" : "1220", stripped)));
  return NULL;
}

GVariant *
ccbt_source_new_for_file (GFile *file)
{
  g_autofree char *uri = NULL;

  if (g_file_peek_path (file) != NULL && g_file_is_native (file))
    /* A path is bytes, the verb's argument is text: what is not UTF-8 is read here. */
    return g_utf8_validate (g_file_peek_path (file), -1, NULL)
               ? new_source ("path", g_variant_new_string (g_file_peek_path (file)))
               : NULL;
  uri = g_file_get_uri (file);
  return is_link (uri) ? new_source ("uri", g_variant_new_string (uri)) : NULL;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  GBytes *bytes = g_file_load_bytes_finish (G_FILE (source), result, NULL, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
size_queried_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info == NULL)
    g_task_return_error (task, error);
  else if (g_file_info_get_size (info) > MAX_TORRENT_SIZE)
    g_task_return_new_error (task, CCBT_ERROR, CCBT_ERROR_TOO_LARGE,
                             "%" G_GOFFSET_FORMAT " bytes, limit %d", g_file_info_get_size (info),
                             MAX_TORRENT_SIZE);
  else
    g_file_load_bytes_async (G_FILE (source), NULL, loaded_cb, g_steal_pointer (&task));
}

void
ccbt_source_load_async (GFile *file, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (file, NULL, callback, user_data);

  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, NULL, size_queried_cb, task);
}

GVariant *
ccbt_source_load_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), error);

  if (bytes == NULL)
    return NULL;
  return new_source ("torrent", g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE));
}
