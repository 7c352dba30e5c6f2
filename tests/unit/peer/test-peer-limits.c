/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/ccbt-peer-private.h"

/* The limits of one peer, asked on a clock of our own. */

#define NOW (5 * CCBT_SECOND)
#define LATER (NOW + CCBT_SECOND)
#define KEPT (32u * 1024) /* the burst of a low limit */

typedef struct
{
  CcbtPeerEnvironment environment;
  CcbtRateGroup group;
  CcbtPeer peer;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->peer.environment = &self->environment;
  self->peer.download_group = self->peer.upload_group = &self->group;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
}

static void
test_local_addresses (Fixture *self, gconstpointer data)
{
  static const char *const local[] = { "10.1.2.3",    "172.16.0.1", "192.168.1.9", "127.0.0.1",
                                       "169.254.3.4", "::1",        "fe80::1",     "fd00::5" };
  static const char *const far[]
      = { "192.0.2.1", "100.64.0.1", "172.32.0.1", "8.8.8.8", "2001:4860::1" };
  CcbtAddress address;

  for (guint i = 0; i < G_N_ELEMENTS (local); i++)
    {
      g_assert_true (ccbt_address_parse_ip (local[i], 1, &address));
      g_assert_true (ccbt_peer_address_is_local (&address));
    }
  for (guint i = 0; i < G_N_ELEMENTS (far); i++)
    {
      g_assert_true (ccbt_address_parse_ip (far[i], 1, &address));
      g_assert_false (ccbt_peer_address_is_local (&address));
    }
}

/* Each of the three, alone and as the lowest of all. */
static void
test_the_lowest_limit_counts (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (ccbt_peer_may_read (&self->peer, G_MAXUINT32, NOW), ==, G_MAXUINT32);
  ccbt_rate_bucket_set_limit (&self->environment.download.bucket, 30000, NOW);
  g_assert_cmpuint (ccbt_peer_may_read (&self->peer, G_MAXUINT32, LATER), ==, 30000);
  ccbt_rate_bucket_set_limit (&self->group.bucket, 20000, NOW);
  g_assert_cmpuint (ccbt_peer_may_read (&self->peer, G_MAXUINT32, LATER), ==, 20000);
  self->environment.peer_download_limit = 10000;
  g_assert_cmpuint (ccbt_peer_may_read (&self->peer, G_MAXUINT32, LATER), ==, 0); /* no gift */
  g_assert_cmpuint (ccbt_peer_may_read (&self->peer, G_MAXUINT32, LATER + CCBT_SECOND), ==, 10000);
  self->environment.peer_download_limit = 0; /* at once */
  g_assert_cmpuint (ccbt_peer_may_read (&self->peer, G_MAXUINT32, LATER + CCBT_SECOND), ==, KEPT);
}

static void
test_what_passes_counts_for_all (Fixture *self, gconstpointer data)
{
  ccbt_rate_bucket_set_limit (&self->environment.upload.bucket, 30000, NOW);
  ccbt_rate_bucket_set_limit (&self->group.bucket, 20000, NOW);
  self->environment.peer_upload_limit = 10000;
  ccbt_peer_may_write (&self->peer, 1, NOW);
  g_assert_cmpuint (ccbt_peer_may_write (&self->peer, G_MAXUINT32, LATER), ==, 10000);
  ccbt_peer_count_written (&self->peer, 10000);
  g_assert_cmpuint (ccbt_peer_may_write (&self->peer, G_MAXUINT32, LATER), ==, 0);
  g_assert_cmpint (self->environment.upload.bucket.tokens, ==, 20000);
  g_assert_cmpint (self->group.bucket.tokens, ==, 10000);
}

static void
test_the_local_network_is_exempt_when_set (Fixture *self, gconstpointer data)
{
  ccbt_rate_bucket_set_limit (&self->environment.download.bucket, 1000, NOW);
  ccbt_rate_bucket_set_limit (&self->group.bucket, 1000, NOW);
  self->environment.peer_download_limit = 1000;
  self->peer.is_local = TRUE;
  g_assert_cmpuint (ccbt_peer_may_read (&self->peer, 5000, NOW), ==, 0);
  self->environment.lan_is_exempt = TRUE;
  g_assert_cmpuint (ccbt_peer_may_read (&self->peer, 5000, NOW), ==, 5000);
  ccbt_peer_count_read (&self->peer, 5000);
  g_assert_cmpint (self->environment.download.bucket.tokens, ==, 0);
  self->peer.is_local = FALSE;
  g_assert_cmpuint (ccbt_peer_may_read (&self->peer, 5000, NOW), ==, 0);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/peer-limits/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("local-addresses", test_local_addresses);
  ADD ("the-lowest-limit-counts", test_the_lowest_limit_counts);
  ADD ("what-passes-counts-for-all", test_what_passes_counts_for_all);
  ADD ("the-local-network-is-exempt-when-set", test_the_local_network_is_exempt_when_set);
  return g_test_run ();
}
