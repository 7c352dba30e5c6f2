/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-mutable-link.h"
#include "session/ccbt-session-private.h"
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-dht-item.h"

#define LONGEST (60 * CCBT_SECOND)
/* After the start the DHT knows nobody for a while, and a lookup ends at once. */
#define AGAIN_MS 2000

typedef struct
{
  CcbtSession *session;
  CcbtMutableLinkDone done;
  gpointer data;
  CcbtSha1 target;
  guint8 salt[64];
  guint8 salt_len;
  guint lookup; /* 0 = none under way */
  gint64 deadline;
  GSource *timer;
} Resolving;

static void
finish (Resolving *self, const CcbtInfoHash *info_hash, const GError *error)
{
  if (self->lookup != 0)
    ccbt_dht_cancel (ccbt_dht_host_get_dht (self->session->dht), self->lookup);
  ccbt_session_stop_timer (&self->timer);
  g_ptr_array_remove_fast (self->session->resolving, self);
  self->done (self->data, info_hash, error);
  g_free (self);
}

static void
give_up (Resolving *self, const char *why)
{
  g_autoptr (GError) error = g_error_new_literal (CCBT_ERROR, CCBT_ERROR_NOT_FOUND, why);

  finish (self, NULL, error);
}

gboolean
ccbt_mutable_link_read (CcbtSpan value, CcbtInfoHash *out, GError **error)
{
  g_autoptr (CcbtBencode) document
      = ccbt_bencode_parse (value, &ccbt_bencode_limits_message, NULL, NULL);
  CcbtSpan hash;

  if (document == NULL
      || !ccbt_bencode_value_lookup_string (ccbt_bencode_get_root (document), "ih", &hash)
      || hash.len != sizeof out->v1.bytes)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED,
                           "What the publisher of this link has left in the distributed hash table "
                           "names no torrent.");
      return FALSE;
    }
  *out = (CcbtInfoHash){ .has_v1 = TRUE };
  memcpy (out->v1.bytes, hash.data, sizeof out->v1.bytes);
  return TRUE;
}

/* Its signature was verified, with the key that the target was made of. */
static void
got_item_cb (gpointer data, const CcbtDhtItem *item)
{
  Resolving *self = data;
  g_autoptr (GError) error = NULL;
  CcbtInfoHash info_hash;

  self->lookup = 0;
  if (item == NULL || !item->is_mutable)
    return; /* once more, in a while */
  if (ccbt_mutable_link_read (item->value, &info_hash, &error))
    finish (self, &info_hash, NULL);
  else
    finish (self, NULL, error);
}

static void
ask (Resolving *self)
{
  self->lookup = ccbt_dht_get_item (ccbt_dht_host_get_dht (self->session->dht), &self->target,
                                    (CcbtSpan){ self->salt, self->salt_len }, got_item_cb, self);
  ccbt_dht_host_wake (self->session->dht);
}

static gboolean
again_cb (gpointer data)
{
  Resolving *self = data;

  if (ccbt_clock_now (self->session->peers.clock) >= self->deadline)
    give_up (self, "Nobody in the distributed hash table knows which torrent this link names now.");
  else if (self->lookup == 0)
    ask (self);
  return G_SOURCE_CONTINUE;
}

void
ccbt_mutable_link_resolve (CcbtSession *session, const CcbtMagnet *magnet, CcbtMutableLinkDone done,
                           gpointer data)
{
  const CcbtSpan salt = { magnet->salt, magnet->salt_len };
  Resolving *self;

  if (session->dht == NULL)
    {
      g_autoptr (GError) error = g_error_new_literal (
          CCBT_ERROR, CCBT_ERROR_UNSUPPORTED,
          "This link is looked up in the distributed hash table, which is turned off.");

      done (data, NULL, error);
      return;
    }
  self = g_new0 (Resolving, 1);
  self->session = session;
  self->done = done;
  self->data = data;
  self->target = ccbt_dht_item_get_mutable_target (magnet->public_key, salt);
  memcpy (self->salt, magnet->salt, magnet->salt_len);
  self->salt_len = magnet->salt_len;
  self->deadline = ccbt_clock_now (session->peers.clock) + LONGEST;
  self->timer = ccbt_session_start_timer (AGAIN_MS, again_cb, self);
  if (session->resolving == NULL)
    session->resolving = g_ptr_array_new ();
  g_ptr_array_add (session->resolving, self);
  g_message ("Asking the distributed hash table which torrent the link names now.");
  ask (self);
}

void
ccbt_mutable_links_stop (CcbtSession *session)
{
  while (session->resolving != NULL && session->resolving->len > 0)
    give_up (g_ptr_array_index (session->resolving, 0), "The session ends.");
  g_clear_pointer (&session->resolving, g_ptr_array_unref);
}
