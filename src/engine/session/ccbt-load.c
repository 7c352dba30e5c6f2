/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-load.h"
#include "base/ccbt-text.h"
#include "session/ccbt-mutable-link.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FETCH_SECONDS 60

typedef struct
{
  CcbtSession *session;
  CcbtLoadDone done;
  gpointer data;
  char *path;
  GBytes *bytes;
  CcbtLoaded loaded;
  CcbtDiskJob job;
} Load;

void
ccbt_loaded_clear (CcbtLoaded *self)
{
  g_clear_pointer (&self->metainfo, ccbt_metainfo_unref);
  g_clear_pointer (&self->magnet, ccbt_magnet_free);
  g_clear_pointer (&self->magnet_text, g_free);
}

static void
finish (Load *load, const GError *error)
{
  load->done (load->data, error == NULL ? &load->loaded : NULL, error);
  ccbt_loaded_clear (&load->loaded);
  g_clear_pointer (&load->bytes, g_bytes_unref);
  g_free (load->path);
  g_free (load);
}

/* --- Files, on a worker --- */

/* A regular file of bounded size: no pipes, no devices (threat B24). */
static GBytes *
read_torrent_file (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info;
  g_autofree guint8 *bytes = NULL;
  gsize size = 0;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      int code = errno;

      g_set_error (error, CCBT_ERROR, code == ENOENT ? CCBT_ERROR_NOT_FOUND : CCBT_ERROR_DISK,
                   "%s: %s", path, g_strerror (code));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  if (!S_ISREG (info.st_mode) || info.st_size > CCBT_METAINFO_MAX_SIZE)
    {
      g_set_error (error, CCBT_ERROR,
                   S_ISREG (info.st_mode) ? CCBT_ERROR_TOO_LARGE : CCBT_ERROR_MALFORMED,
                   S_ISREG (info.st_mode) ? "%s: larger than 10 MiB; this is no torrent file."
                                          : "%s: not a file.",
                   path);
      close (fd);
      return NULL;
    }
  bytes = g_malloc ((gsize) info.st_size + 1);
  while (size < (gsize) info.st_size)
    {
      gssize got = read (fd, bytes + size, (gsize) info.st_size - size);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break; /* it got shorter meanwhile: the parser will say so */
      size += (gsize) got;
    }
  close (fd);
  return g_bytes_new_take (g_steal_pointer (&bytes), size);
}

static void
parse_in_worker (CcbtDiskJob *job)
{
  Load *load = job->owner;

  if (load->bytes == NULL)
    load->bytes = read_torrent_file (load->path, &job->error);
  if (load->bytes != NULL)
    load->loaded.metainfo = ccbt_metainfo_parse (load->bytes, &job->error);
  if (job->error != NULL && load->path != NULL && !strstr (job->error->message, load->path))
    g_prefix_error (&job->error, "%s: ", load->path);
}

static void
parsed_cb (CcbtDiskJob *job)
{
  g_autoptr (GError) error = g_steal_pointer (&job->error);

  finish (job->owner, error);
}

static void
parse (Load *load)
{
  load->job = (CcbtDiskJob){
    .kind = CCBT_DISK_CALL, .call = parse_in_worker, .done = parsed_cb, .owner = load
  };
  ccbt_disk_pool_submit (ccbt_session_get_disk (load->session), &load->job);
}

/* --- Links --- */

static void
fetched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Load *load = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CcbtHttpReply) reply
      = ccbt_http_get_finish (ccbt_session_get_http (load->session), result, &error);

  if (reply != NULL && (reply->status < 200 || reply->status > 299))
    g_set_error (&error, CCBT_ERROR, CCBT_ERROR_REFUSED, "The server answered with status %u.",
                 reply->status);
  if (error != NULL)
    {
      finish (load, error);
      return;
    }
  load->bytes = g_bytes_ref (reply->body);
  parse (load);
}

/* The link itself is kept as it is: it names the key that later torrents come from. */
static void
resolved_cb (gpointer data, const CcbtInfoHash *info_hash, const GError *error)
{
  Load *load = data;

  if (error == NULL)
    load->loaded.magnet->info_hash = *info_hash;
  finish (load, error);
}

static void
load_magnet (Load *load, const char *text)
{
  g_autoptr (GError) error = NULL;

  load->loaded.magnet = ccbt_magnet_parse (text, &error);
  load->loaded.magnet_text = g_strdup (text);
  if (error == NULL && !ccbt_magnet_has_info_hash (load->loaded.magnet))
    ccbt_mutable_link_resolve (load->session, load->loaded.magnet, resolved_cb, load);
  else
    finish (load, error);
}

static void
load_link (Load *load, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *scheme = g_uri_parse_scheme (text);

  if (ccbt_magnet_looks_like (text))
    {
      load_magnet (load, text);
      return;
    }
  if (g_strcmp0 (scheme, "http") == 0 || g_strcmp0 (scheme, "https") == 0)
    {
      const CcbtHttpRequest request = { .url = text,
                                        .max_body = CCBT_METAINFO_MAX_SIZE,
                                        .timeout = FETCH_SECONDS,
                                        .is_from_user = TRUE };

      ccbt_http_get_async (ccbt_session_get_http (load->session), &request, NULL, fetched_cb, load);
      return;
    }
  if (g_strcmp0 (scheme, "file") == 0)
    load->path = g_filename_from_uri (text, NULL, &error);
  else
    g_set_error (&error, CCBT_ERROR, CCBT_ERROR_INVALID,
                 "This is neither a magnet link nor the address of a "
                 "torrent file.");
  if (error != NULL)
    finish (load, error);
  else
    parse (load);
}

void
ccbt_load (CcbtSession *session, GVariant *source, CcbtLoadDone done, gpointer data)
{
  Load *load = g_new0 (Load, 1);
  g_autoptr (GVariant) torrent
      = g_variant_lookup_value (source, "torrent", G_VARIANT_TYPE_BYTESTRING);
  const char *uri;

  load->session = session;
  load->done = done;
  load->data = data;
  if (torrent != NULL)
    {
      load->bytes = g_variant_get_data_as_bytes (torrent);
      parse (load);
    }
  else if (g_variant_lookup (source, "path", "s", &load->path))
    parse (load);
  else if (g_variant_lookup (source, "uri", "&s", &uri))
    load_link (load, uri);
  else
    {
      g_autoptr (GError) error = g_error_new (CCBT_ERROR, CCBT_ERROR_INVALID,
                                              "Nothing to add: no torrent, path or "
                                              "link was given.");

      finish (load, error);
    }
}
