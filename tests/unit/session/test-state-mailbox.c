/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"
#include "session/ccbt-state-mailbox-private.h"

static void
append_record (CcbtStateMailbox *mailbox, CcbtStateChangeKind kind, guint n, guint64 uploaded)
{
  g_autoptr (CcbtTorrentRecord) record = ccbt_torrent_record_new ();

  record->info_hash = make_hash (n);
  record->uploaded = uploaded;
  ccbt_state_mailbox_append (mailbox, ccbt_state_change_new_record (kind, record));
}

static void
append_remove (CcbtStateMailbox *mailbox, guint n)
{
  const CcbtInfoHash hash = make_hash (n);

  ccbt_state_mailbox_append (mailbox, ccbt_state_change_new_remove (&hash));
}

static void
append_value (CcbtStateMailbox *mailbox, const char *name)
{
  ccbt_state_mailbox_append (mailbox, ccbt_state_change_new_value (name, NULL));
}

/* As text: "put 5, progress 6, remove, value a". */
static char *
describe (GPtrArray *changes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const CcbtStateChange *change = changes->pdata[i];

      g_string_append (text, i > 0 ? ", " : "");
      if (change->kind == CCBT_STATE_REMOVE)
        g_string_append (text, "remove");
      else if (change->kind == CCBT_STATE_VALUE)
        g_string_append_printf (text, "value %s", change->name);
      else
        g_string_append_printf (text, "%s %d", change->kind == CCBT_STATE_PUT ? "put" : "progress",
                                (int) change->record->uploaded);
    }
  return g_string_free (text, FALSE);
}

static void
assert_holds (CcbtStateMailbox *mailbox, const char *expected)
{
  g_autoptr (GPtrArray) changes = ccbt_state_mailbox_take (mailbox);
  g_autofree char *text = describe (changes);

  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpuint (ccbt_state_mailbox_get_length (mailbox), ==, 0);
  g_assert_false (ccbt_state_mailbox_is_urgent (mailbox));
}

static void
test_newer_progress_replaces_older (void)
{
  CcbtStateMailbox *mailbox = ccbt_state_mailbox_new ();

  for (guint i = 0; i < 10000; i++)
    for (guint n = 0; n < 3; n++)
      append_record (mailbox, CCBT_STATE_PROGRESS, n, i * 10 + n);
  g_assert_false (ccbt_state_mailbox_is_urgent (mailbox));
  assert_holds (mailbox, "progress 99990, progress 99991, progress 99992");
  ccbt_state_mailbox_free (mailbox);
}

/* What was promised to outlast a power cut does, whatever came over it. */
static void
test_a_sync_that_was_asked_for_stays_asked_for (void)
{
  CcbtStateMailbox *mailbox = ccbt_state_mailbox_new ();
  g_autoptr (CcbtTorrentRecord) record = ccbt_torrent_record_new ();
  CcbtStateChange *synced;
  g_autoptr (GPtrArray) changes = NULL;

  record->info_hash = make_hash (1);
  synced = ccbt_state_change_new_record (CCBT_STATE_PROGRESS, record);
  g_assert_false (synced->must_sync);
  synced->must_sync = TRUE;
  ccbt_state_mailbox_append (mailbox, synced);
  append_record (mailbox, CCBT_STATE_PROGRESS, 1, 5);
  append_record (mailbox, CCBT_STATE_PROGRESS, 2, 6);
  changes = ccbt_state_mailbox_take (mailbox);
  g_assert_cmpuint (changes->len, ==, 2);
  g_assert_true (((CcbtStateChange *) changes->pdata[0])->must_sync);
  g_assert_false (((CcbtStateChange *) changes->pdata[1])->must_sync);
  ccbt_state_mailbox_free (mailbox);
}

static void
test_record_replaces_what_it_holds (void)
{
  CcbtStateMailbox *mailbox = ccbt_state_mailbox_new ();

  append_record (mailbox, CCBT_STATE_PUT, 0, 1);
  append_record (mailbox, CCBT_STATE_PROGRESS, 0, 2);
  append_record (mailbox, CCBT_STATE_PUT, 1, 3);
  append_record (mailbox, CCBT_STATE_PUT, 0, 4);
  append_record (mailbox, CCBT_STATE_PROGRESS, 0, 5);
  g_assert_true (ccbt_state_mailbox_is_urgent (mailbox));
  assert_holds (mailbox, "put 4, put 3, progress 5"); /* it keeps its place */
  ccbt_state_mailbox_free (mailbox);
}

static void
test_removal_replaces_everything_but_stays_before_what_follows (void)
{
  CcbtStateMailbox *mailbox = ccbt_state_mailbox_new ();

  for (guint i = 0; i < 100; i++)
    {
      append_record (mailbox, CCBT_STATE_PUT, 0, i);
      append_record (mailbox, CCBT_STATE_PROGRESS, 0, i);
      append_remove (mailbox, 0);
    }
  append_record (mailbox, CCBT_STATE_PUT, 0, 7);
  append_record (mailbox, CCBT_STATE_PROGRESS, 0, 8);
  assert_holds (mailbox, "remove, put 7, progress 8");
  ccbt_state_mailbox_free (mailbox);
}

static void
test_values_go_by_their_name (void)
{
  CcbtStateMailbox *mailbox = ccbt_state_mailbox_new ();

  append_value (mailbox, "a");
  append_value (mailbox, "b");
  append_value (mailbox, "a");
  g_assert_true (ccbt_state_mailbox_is_urgent (mailbox));
  assert_holds (mailbox, "value b, value a");
  ccbt_state_mailbox_free (mailbox);
}

static void
test_what_failed_comes_before_what_is_newer (void)
{
  CcbtStateMailbox *mailbox = ccbt_state_mailbox_new ();

  append_record (mailbox, CCBT_STATE_PUT, 0, 1);
  append_record (mailbox, CCBT_STATE_PROGRESS, 1, 2);
  append_record (mailbox, CCBT_STATE_PUT, 2, 3);
  {
    GPtrArray *failed = ccbt_state_mailbox_take (mailbox);

    append_record (mailbox, CCBT_STATE_PROGRESS, 1, 4);
    append_remove (mailbox, 2);
    append_record (mailbox, CCBT_STATE_PROGRESS, 0, 5);
    ccbt_state_mailbox_put_back (mailbox, failed);
  }
  assert_holds (mailbox, "put 1, progress 4, remove, progress 5");
  ccbt_state_mailbox_free (mailbox);
}

static void
test_freeing_frees_what_waits (void)
{
  CcbtStateMailbox *mailbox = ccbt_state_mailbox_new ();
  g_autoptr (CcbtTorrentRecord) record = make_record (1);

  ccbt_state_mailbox_append (mailbox, ccbt_state_change_new_record (CCBT_STATE_PUT, record));
  append_value (mailbox, "a");
  g_assert_cmpuint (ccbt_state_mailbox_get_length (mailbox), ==, 2);
  ccbt_state_mailbox_free (mailbox);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/state-mailbox/newer-progress-replaces-older",
                   test_newer_progress_replaces_older);
  g_test_add_func ("/state-mailbox/a-sync-that-was-asked-for-stays-asked-for",
                   test_a_sync_that_was_asked_for_stays_asked_for);
  g_test_add_func ("/state-mailbox/record-replaces-what-it-holds",
                   test_record_replaces_what_it_holds);
  g_test_add_func ("/state-mailbox/removal-replaces-everything-but-stays-before-what-follows",
                   test_removal_replaces_everything_but_stays_before_what_follows);
  g_test_add_func ("/state-mailbox/values-go-by-their-name", test_values_go_by_their_name);
  g_test_add_func ("/state-mailbox/what-failed-comes-before-what-is-newer",
                   test_what_failed_comes_before_what_is_newer);
  g_test_add_func ("/state-mailbox/freeing-frees-what-waits", test_freeing_frees_what_waits);
  return g_test_run ();
}
