/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-pex-link.h"
#include "torrent/ccbt-pex-recent.h"

#define MINUTE (61 * CCBT_SECOND)

typedef struct
{
  CcbtPexLink link;
  GArray *contacts; /* CcbtPexPeer */
  guint64 generation;
  gint64 now;
  CcbtAddress peer;
} Fixture;

static CcbtAddress
parse (const char *text)
{
  CcbtAddress address;

  g_assert_true (ccbt_address_parse (text, &address));
  return address;
}

static void
connect (Fixture *self, const char *text, guint8 flags)
{
  CcbtPexPeer contact;

  memset (&contact, 0, sizeof contact);
  contact.address = parse (text);
  contact.flags = flags;
  g_array_append_val (self->contacts, contact);
  self->generation++;
}

static void
disconnect (Fixture *self, guint position)
{
  g_array_remove_index (self->contacts, position);
  self->generation++;
}

static void
connect_many (Fixture *self, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("81.2.%u.%u:6881", i / 200, i % 200 + 1);

      connect (self, text, 0);
    }
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->now = CCBT_SECOND;
  self->generation = 1;
  self->peer = parse ("91.1.1.1:6881");
  self->contacts = g_array_new (FALSE, FALSE, sizeof (CcbtPexPeer));
  ccbt_pex_link_init (&self->link, self->now);
  connect (self, "91.1.1.1:6881", 0); /* the peer itself */
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  ccbt_pex_link_clear (&self->link);
  g_array_unref (self->contacts);
}

static CcbtPexMessage *
compose (Fixture *self)
{
  return ccbt_pex_link_compose (&self->link, self->contacts, self->generation, &self->peer, FALSE,
                                self->now);
}

static void
assert_says (Fixture *self, guint n_added, guint n_dropped)
{
  g_autoptr (CcbtPexMessage) message = compose (self);

  g_assert_nonnull (message);
  g_assert_cmpuint (message->added->len, ==, n_added);
  g_assert_cmpuint (message->dropped->len, ==, n_dropped);
}

static void
test_the_first_one_is_soon_and_the_next_a_minute_later (Fixture *self, gconstpointer data)
{
  connect (self, "81.2.69.142:6881", CCBT_PEX_IS_SEED);
  g_assert_null (compose (self));
  self->now += 10 * CCBT_SECOND;
  assert_says (self, 1, 0);
  connect (self, "81.2.69.143:6881", 0);
  self->now += 60 * CCBT_SECOND;
  g_assert_null (compose (self));
  self->now += CCBT_SECOND;
  assert_says (self, 1, 0);
}

static void
test_nothing_new_is_not_said (Fixture *self, gconstpointer data)
{
  self->now += MINUTE;
  g_assert_null (compose (self)); /* it alone is there */
  g_assert_false (ccbt_pex_link_is_due (&self->link, self->generation, self->now));
  connect (self, "81.2.69.142:6881", 0);
  assert_says (self, 1, 0); /* the empty one cost no minute */
  self->now += 10 * MINUTE;
  g_assert_null (compose (self));
}

static void
test_who_left_is_dropped_once (Fixture *self, gconstpointer data)
{
  connect (self, "81.2.69.142:6881", 0);
  self->now += MINUTE;
  assert_says (self, 1, 0);
  disconnect (self, 1);
  self->now += MINUTE;
  assert_says (self, 0, 1);
  connect (self, "81.2.69.143:6881", 0);
  self->now += MINUTE;
  assert_says (self, 1, 0);
}

static void
test_who_came_and_went_between_is_not_mentioned (Fixture *self, gconstpointer data)
{
  self->now += MINUTE;
  connect (self, "81.2.69.142:6881", 0);
  disconnect (self, 1);
  g_assert_null (compose (self));
}

static void
test_fifty_at_a_time (Fixture *self, gconstpointer data)
{
  connect_many (self, 120);
  for (guint i = 0; i < 3; i++, self->now += MINUTE)
    {
      if (i == 0)
        self->now += MINUTE;
      assert_says (self, i < 2 ? 50 : 20, 0);
    }
  g_assert_null (compose (self));
  g_array_set_size (self->contacts, 1);
  self->generation++;
  assert_says (self, 0, 50);
  self->now += MINUTE;
  assert_says (self, 0, 50);
  self->now += MINUTE;
  assert_says (self, 0, 20);
  self->now += MINUTE;
  g_assert_null (compose (self));
}

static void
test_seeds_are_not_told_of_seeds (Fixture *self, gconstpointer data)
{
  g_autoptr (CcbtPexMessage) message = NULL;

  connect (self, "81.2.69.142:6881", CCBT_PEX_IS_SEED);
  connect (self, "81.2.69.143:6881", 0);
  self->now += MINUTE;
  message = ccbt_pex_link_compose (&self->link, self->contacts, self->generation, &self->peer, TRUE,
                                   self->now);
  g_assert_cmpuint (message->added->len, ==, 1);
  g_assert_cmpuint (g_array_index (message->added, CcbtPexPeer, 0).address.ip[3], ==, 143);
}

static void
test_the_near_stays_near (Fixture *self, gconstpointer data)
{
  connect (self, "127.0.0.1:6881", 0);
  connect (self, "192.168.1.2:6881", 0);
  connect (self, "[fe80::1]:6881", 0);
  self->now += MINUTE;
  g_assert_null (compose (self));
  self->peer = parse ("192.168.1.9:6881");
  self->generation++;
  assert_says (self, 2, 0); /* the private one, and 91.1.1.1 */
  self->peer = parse ("127.0.0.2:6881");
  self->generation++;
  self->now += MINUTE;
  assert_says (self, 1, 0);
}

static void
test_a_message_a_minute_is_heard_and_a_flood_is_not (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 100; i++, self->now += 55 * CCBT_SECOND) /* early, but in good faith */
    g_assert_true (ccbt_pex_link_may_hear (&self->link, self->now));
  g_assert_true (ccbt_pex_link_may_hear (&self->link, self->now));
  for (guint i = 0; i < 20; i++)
    ccbt_pex_link_may_hear (&self->link, self->now += CCBT_SECOND);
  self->now += 3600 * CCBT_SECOND;
  g_assert_false (ccbt_pex_link_may_hear (&self->link, self->now)); /* for good */
}

static guint
count_left (const char *const *addresses, const char *teller, const char *own)
{
  g_autoptr (GArray) added = g_array_new (FALSE, TRUE, sizeof (CcbtPexPeer));
  CcbtAddress from = parse (teller), ours = own != NULL ? parse (own) : from;

  for (; *addresses != NULL; addresses++)
    {
      CcbtPexPeer contact;

      memset (&contact, 0, sizeof contact);
      contact.address = parse (*addresses);
      g_array_append_val (added, contact);
    }
  ccbt_pex_filter (added, &from, own != NULL ? &ours : NULL);
  return added->len;
}

static void
test_what_a_teller_cannot_know_is_left_out (void)
{
  static const char *const near[]
      = { "127.0.0.1:6379", "[::1]:80", "10.0.0.1:6881", "192.168.0.1:80", NULL };
  static const char *const ports[] = { "81.2.69.142:1", "81.2.69.142:2", "81.2.69.142:3",
                                       "81.2.69.142:4", "81.2.69.143:1", NULL };
  static const char *const ourselves[] = { "81.2.69.142:6881", "81.2.69.142:6882", NULL };

  g_assert_cmpuint (count_left (near, "91.1.1.1:6881", NULL), ==, 0);
  g_assert_cmpuint (count_left (near, "10.9.9.9:6881", NULL), ==, 2);
  g_assert_cmpuint (count_left (near, "127.0.0.5:6881", NULL), ==, 4);
  g_assert_cmpuint (count_left (ports, "91.1.1.1:6881", NULL), ==, 3);
  g_assert_cmpuint (count_left (ourselves, "91.1.1.1:6881", "81.2.69.142:6881"), ==, 1);
}

static void
test_who_parted_is_told_of_once_and_taken_back (Fixture *self, gconstpointer data)
{
  CcbtPexRecent recent = { 0 };
  CcbtPexPeer seed;

  memset (&seed, 0, sizeof seed);
  seed.address = parse ("81.2.69.142:6881");
  ccbt_pex_recent_note (&recent, &seed, self->now);
  ccbt_pex_recent_note (&recent, &seed, self->now);
  self->now += 20 * CCBT_SECOND;
  ccbt_pex_recent_fill (&recent, self->contacts);
  g_assert_cmpuint (self->contacts->len, ==, 2);
  assert_says (self, 1, 0);
  g_assert_false (ccbt_pex_recent_expire (&recent, self->now));
  self->now += MINUTE;
  g_assert_true (ccbt_pex_recent_expire (&recent, self->now));
  disconnect (self, 1);
  ccbt_pex_recent_fill (&recent, self->contacts);
  assert_says (self, 0, 1);
  ccbt_pex_recent_clear (&recent);
}

static void
test_where_many_are_connected_the_parted_ones_are_not_told (Fixture *self, gconstpointer data)
{
  CcbtPexRecent recent = { 0 };

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("91.9.9.%u:6881", i + 1);
      CcbtPexPeer seed;

      memset (&seed, 0, sizeof seed);
      seed.address = parse (text);
      ccbt_pex_recent_note (&recent, &seed, self->now);
    }
  connect_many (self, 20);
  ccbt_pex_recent_fill (&recent, self->contacts);
  g_assert_cmpuint (self->contacts->len, ==, 25);
  connect_many (self, 20);
  ccbt_pex_recent_fill (&recent, self->contacts);
  g_assert_cmpuint (self->contacts->len, ==, 45);
  ccbt_pex_recent_clear (&recent);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/pex-link/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("pace", test_the_first_one_is_soon_and_the_next_a_minute_later);
  ADD ("nothing", test_nothing_new_is_not_said);
  ADD ("dropped", test_who_left_is_dropped_once);
  ADD ("transient", test_who_came_and_went_between_is_not_mentioned);
  ADD ("fifty", test_fifty_at_a_time);
  ADD ("seeds", test_seeds_are_not_told_of_seeds);
  ADD ("near", test_the_near_stays_near);
  ADD ("parted", test_who_parted_is_told_of_once_and_taken_back);
  ADD ("many-parted", test_where_many_are_connected_the_parted_ones_are_not_told);
  ADD ("flood", test_a_message_a_minute_is_heard_and_a_flood_is_not);
  g_test_add_func ("/pex-link/filter", test_what_a_teller_cannot_know_is_left_out);
  return g_test_run ();
}
