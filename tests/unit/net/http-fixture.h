/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-error.h"
#include "net/ccbt-http.h"
#include "raw-server.h"

/* One client, one server, and what came of a request. */
typedef struct
{
  CcbtHttp *http;
  RawServer *server;
  GCancellable *cancellable; /* (nullable): of the requests to come */
  guint timeout;
  gsize max_body;
  gboolean is_from_user;
  CcbtHttpFamily family;
  guint n_done;
  CcbtHttpReply *reply; /* of the last one that ended */
  GError *error;
} HttpFixture;

static inline void
http_fixture_init (HttpFixture *fixture)
{
  *fixture = (HttpFixture){ .http = ccbt_http_new (NULL), .timeout = 10, .max_body = 1024 * 1024 };
}

static inline void
http_fixture_forget (HttpFixture *fixture)
{
  g_clear_error (&fixture->error);
  g_clear_pointer (&fixture->reply, ccbt_http_reply_free);
}

static inline void
http_fixture_clear (HttpFixture *fixture)
{
  http_fixture_forget (fixture);
  g_clear_object (&fixture->cancellable);
  g_clear_pointer (&fixture->http, ccbt_http_free);
  g_clear_pointer (&fixture->server, raw_server_free);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static inline void
http_got_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  HttpFixture *fixture = data;

  http_fixture_forget (fixture);
  fixture->reply = ccbt_http_get_finish (fixture->http, result, &fixture->error);
  g_assert_true ((fixture->reply == NULL) == (fixture->error != NULL));
  fixture->n_done++;
}

static inline void
http_begin (HttpFixture *fixture, const char *url)
{
  const CcbtHttpRequest request = { .url = url,
                                    .max_body = fixture->max_body,
                                    .timeout = fixture->timeout,
                                    .is_from_user = fixture->is_from_user,
                                    .family = fixture->family };

  ccbt_http_get_async (fixture->http, &request, fixture->cancellable, http_got_cb, fixture);
}

static inline void
http_wait (HttpFixture *fixture, guint n_done)
{
  while (fixture->n_done < n_done)
    g_main_context_iteration (NULL, TRUE);
}

/* One request to its end. */
static inline void
http_get (HttpFixture *fixture, const char *url)
{
  http_begin (fixture, url);
  http_wait (fixture, fixture->n_done + 1);
}

/* The same, of the fixture's server on 127.0.0.1. */
static inline void
http_get_path (HttpFixture *fixture, const char *path)
{
  g_autofree char *url = g_strdup_printf ("%s://127.0.0.1:%u%s",
                                          fixture->server->certificate != NULL ? "https" : "http",
                                          fixture->server->port, path);

  http_get (fixture, url);
}

static inline void
http_assert_body (HttpFixture *fixture, const char *body)
{
  gsize size;
  const char *bytes;

  g_assert_no_error (fixture->error);
  bytes = g_bytes_get_data (fixture->reply->body, &size);
  g_assert_cmpmem (bytes, size, body, strlen (body));
}
