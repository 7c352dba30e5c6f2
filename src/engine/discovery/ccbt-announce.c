/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-announce.h"
#include "discovery/ccbt-tracker-dns.h"

struct _CcbtAnnounce
{
  CcbtTrackerAccess access;
  char *url; /* to be asked: DNS may have changed it */
  char *host;
  CcbtAnnounceRequest request;
  char *tracker_id;
  guint timeout;
  gboolean is_urgent;
  CcbtAnnounceFunc func;
  gpointer data;
  gint64 asked_at;
  gboolean is_cancelled;
  gboolean is_looking_up;
  guint ticket;               /* 0 = none */
  guint udp_id;               /* 0 = not under way */
  GCancellable *cancellable;  /* of HTTP under way; NULL */
  guint n_pending;            /* answers of HTTP that are still to come: one a family */
  gboolean has_answered;      /* over one family */
  CcbtAnnounceReply *failure; /* of HTTP: the most telling failure until another succeeds */
  GError *error;              /* or this */
  GSource *refusal;           /* DNS said no; NULL */
};

static void
announce_free (CcbtAnnounce *self)
{
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->failure, ccbt_announce_reply_free);
  g_clear_error (&self->error);
  g_free (self->url);
  g_free (self->host);
  g_free (self->tracker_id);
  g_free (self);
}

static void
leave_line (CcbtAnnounce *self)
{
  if (self->ticket != 0)
    ccbt_announce_queue_leave (self->access.shared->queue, self->ticket);
  self->ticket = 0;
}

static gboolean
is_udp (const char *url)
{
  return g_ascii_strncasecmp (url, "udp:", 4) == 0;
}

/* --- HTTP --- */

static gboolean
stands_on_this_machine (const char *host)
{
  CcbtAddress address;

  if (g_ascii_strcasecmp (host, "localhost") == 0)
    return TRUE;
  return ccbt_address_parse_ip (host, 1, &address)
         && ccbt_address_get_scope (&address) == CCBT_ADDRESS_LOOPBACK;
}

/* Returns: (transfer full) (nullable) */
static CcbtAnnounceReply *
read_reply (const CcbtHttpReply *reply, GError **error)
{
  g_autoptr (CcbtAnnounceReply) parsed = NULL;
  gsize size;
  const guint8 *body = g_bytes_get_data (reply->body, &size);

  if (reply->status >= 200 && reply->status <= 299)
    return ccbt_announce_reply_parse ((CcbtSpan){ body, size }, error);
  /* Some say what is wrong in the body of an error. */
  parsed = ccbt_announce_reply_parse ((CcbtSpan){ body, size }, NULL);
  if (parsed != NULL && parsed->failure != NULL)
    return g_steal_pointer (&parsed);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_REFUSED, "the tracker answered with status %u",
               reply->status);
  return NULL;
}

/* How much a failure says of the tracker: one without addresses of a family is none of its own. */
static guint
rank_error (const GError *error)
{
  if (g_error_matches (error, CCBT_ERROR, CCBT_ERROR_UNSUPPORTED))
    return 0;
  if (g_error_matches (error, CCBT_ERROR, CCBT_ERROR_NETWORK))
    return 1;
  return error->domain == CCBT_ERROR ? 3 : 2;
}

/* @reply, @error: (transfer full), one is NULL */
static void
keep_failure (CcbtAnnounce *self, CcbtAnnounceReply *reply, GError *error)
{
  if (self->failure == NULL && reply != NULL)
    self->failure = g_steal_pointer (&reply);
  else if (error != NULL && (self->error == NULL || rank_error (error) > rank_error (self->error)))
    {
      g_clear_error (&self->error);
      self->error = g_steal_pointer (&error);
    }
  g_clear_pointer (&reply, ccbt_announce_reply_free);
  g_clear_error (&error);
}

static void
tell_http (CcbtAnnounce *self, const CcbtAnnounceReply *reply, const GError *error)
{
  leave_line (self);
  self->has_answered = TRUE;
  self->func (self->data, reply, reply == NULL ? error : NULL, stands_on_this_machine (self->host),
              self->n_pending == 1);
}

/* The owner may cancel the rest from within its callback: this answer counts until the end. */
static void
http_answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CcbtAnnounce *self = data;
  GError *error = NULL;
  g_autoptr (CcbtHttpReply) answer = ccbt_http_get_finish (self->access.http, result, &error);
  g_autoptr (CcbtAnnounceReply) reply = answer != NULL ? read_reply (answer, &error) : NULL;

  if (reply != NULL && reply->failure == NULL)
    {
      if (!self->is_cancelled)
        tell_http (self, reply, NULL);
    }
  else
    {
      keep_failure (self, g_steal_pointer (&reply), error);
      if (self->n_pending == 1 && !self->is_cancelled)
        tell_http (self, self->failure, self->error);
    }
  if (--self->n_pending == 0)
    announce_free (self);
}

static void
ask_http_over (CcbtAnnounce *self, const char *url, CcbtHttpFamily family)
{
  self->n_pending++;
  ccbt_http_get_async (self->access.http,
                       &(CcbtHttpRequest){ .url = url,
                                           .max_body = CCBT_TRACKER_REPLY_MAX,
                                           .timeout = self->timeout,
                                           .family = family },
                       self->cancellable, http_answered_cb, self);
}

/* A tracker with a name may have addresses of both families, and knows of us only those by which it
 * is asked (BEP 7). */
static gboolean
may_have_two_families (CcbtAnnounce *self)
{
  CcbtAddress address;

  return ccbt_http_has_families (self->access.http)
         && !ccbt_address_parse_ip (self->host, 1, &address);
}

static void
ask_http (CcbtAnnounce *self)
{
  g_autofree char *url = ccbt_announce_build_url (self->url, &self->request);

  self->cancellable = g_cancellable_new ();
  if (may_have_two_families (self))
    {
      ask_http_over (self, url, CCBT_HTTP_IPV4);
      ask_http_over (self, url, CCBT_HTTP_IPV6);
    }
  else
    ask_http_over (self, url, CCBT_HTTP_ANY_FAMILY);
}

/* --- UDP --- */

static void
udp_answered_cb (gpointer data, const CcbtAnnounceReply *reply, const GError *error,
                 gboolean is_last)
{
  CcbtAnnounce *self = data;
  gboolean is_local = ccbt_udp_tracker_was_local (self->access.udp);

  leave_line (self); /* the rest is only waiting */
  if (!is_last)
    {
      self->func (self->data, reply, error, is_local, FALSE);
      return;
    }
  self->udp_id = 0;
  self->func (self->data, reply, error, is_local, TRUE);
  announce_free (self);
}

static void
ask_cb (gpointer data)
{
  CcbtAnnounce *self = data;

  self->asked_at = MAX (ccbt_clock_now (self->access.clock), 1);
  if (is_udp (self->url))
    self->udp_id = ccbt_udp_tracker_announce (self->access.udp, self->url, &self->request,
                                              self->timeout, udp_answered_cb, self);
  else
    ask_http (self);
}

/* --- Before it is asked --- */

static void
stand_in_line (CcbtAnnounce *self)
{
  gboolean may_begin = TRUE;

  if (self->access.shared != NULL && !self->is_urgent)
    self->ticket = ccbt_announce_queue_enter (self->access.shared->queue, self->host,
                                              is_udp (self->url), &may_begin, ask_cb, self);
  if (may_begin)
    ask_cb (self);
}

static gboolean
refused_cb (gpointer data)
{
  CcbtAnnounce *self = data;
  g_autoptr (CcbtAnnounceReply) reply = ccbt_announce_reply_new ();

  g_clear_pointer (&self->refusal, g_source_unref);
  reply->failure = g_strdup_printf ("%s says in DNS that it runs no tracker", self->host);
  reply->retry_in = -1;
  self->func (self->data, reply, NULL, FALSE, TRUE);
  announce_free (self);
  return G_SOURCE_REMOVE;
}

/* Not at once: it may be known already while we begin. */
static void
refuse (CcbtAnnounce *self)
{
  self->refusal = g_idle_source_new ();
  g_source_set_callback (self->refusal, refused_cb, self, NULL);
  g_source_attach (self->refusal, g_main_context_get_thread_default ());
}

static void
take_ports (CcbtAnnounce *self, const GArray *ports)
{
  char *url = ports != NULL ? ccbt_tracker_dns_apply (self->url, ports, self->access.udp != NULL)
                            : g_strdup (self->url);

  if (url == NULL)
    {
      refuse (self);
      return;
    }
  if (self->access.no_http && !is_udp (url)) /* not by this way round either */
    {
      g_free (url);
      url = g_strdup (self->url);
    }
  g_free (self->url);
  self->url = url;
  stand_in_line (self);
}

static void
looked_up_cb (gpointer data, gconstpointer value)
{
  CcbtAnnounce *self = data;

  self->is_looking_up = FALSE;
  take_ports (self, value);
}

/* What is urgent goes where the last announce went. */
static gboolean
get_known_ports (CcbtAnnounce *self, gconstpointer *value)
{
  CcbtLookupCache *dns = self->access.shared->dns;

  if (!self->is_urgent)
    return ccbt_lookup_cache_get (dns, self->host, value, looked_up_cb, self);
  if (!ccbt_lookup_cache_peek (dns, self->host, value))
    *value = NULL;
  return TRUE;
}

static void
look_up (CcbtAnnounce *self)
{
  gconstpointer value = NULL;

  if (self->access.shared == NULL || !ccbt_tracker_dns_can_ask (self->host)
      || get_known_ports (self, &value))
    take_ports (self, value);
  else
    self->is_looking_up = TRUE;
}

static char *
dup_host (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  return host != NULL ? g_ascii_strdown (host, -1) : g_strdup ("");
}

CcbtAnnounce *
ccbt_announce_begin (const CcbtTrackerAccess *access, const char *url,
                     const CcbtAnnounceRequest *request, guint timeout, gboolean is_urgent,
                     CcbtAnnounceFunc func, gpointer data)
{
  CcbtAnnounce *self = g_new0 (CcbtAnnounce, 1);

  self->access = *access;
  self->url = g_strdup (url);
  self->host = dup_host (url);
  self->request = *request;
  self->tracker_id = g_strdup (request->tracker_id);
  self->request.tracker_id = self->tracker_id;
  self->request.ipv6 = NULL;
  self->timeout = timeout;
  self->is_urgent = is_urgent;
  self->func = func;
  self->data = data;
  look_up (self);
  return self;
}

void
ccbt_announce_cancel (CcbtAnnounce *self)
{
  if (self->is_looking_up)
    ccbt_lookup_cache_forget (self->access.shared->dns, self);
  if (self->refusal != NULL)
    {
      g_source_destroy (self->refusal);
      g_source_unref (self->refusal);
    }
  if (self->udp_id != 0)
    ccbt_udp_tracker_cancel (self->access.udp, self->udp_id);
  self->is_cancelled = TRUE;
  leave_line (self);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable); /* http_answered_cb frees it */
  else
    announce_free (self);
}

void
ccbt_announce_set_func (CcbtAnnounce *self, CcbtAnnounceFunc func, gpointer data)
{
  self->func = func;
  self->data = data;
}

gint64
ccbt_announce_get_asked_at (CcbtAnnounce *self)
{
  return self->asked_at;
}
