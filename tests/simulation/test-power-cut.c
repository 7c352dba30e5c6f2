/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../fake/power-cut.h"
#include "../unit/session/state-fixture.h"
#include "session/ccbt-state-checkpoints-private.h"
#include <fcntl.h>
#include <unistd.h>

/* The state store, with the power gone after any change to its files. Whatever the disk made of what
 * was not synced: the next start succeeds, everything flushed before is there, and nothing is half
 * one thing and half another. */

#define N_TORRENTS 5
#define N_STEPS 24
#define GONE (-1)
#define MANY_CUTS 4000u

/* --- What is done, and when it was sure --- */

typedef struct
{
  guint torrent;
  int version;     /* of its progress; GONE */
  guint begun_at;  /* changes to the files before it was asked for */
  guint sure_from; /* and when it was flushed */
} Step;

typedef struct
{
  GArray *steps; /* Step */
  guint n_sure;
  guint backup_from; /* changes, until there was a backup; 0 = none yet */
} Life;

static CcbtTorrentRecord *
make_version (guint torrent, int version)
{
  CcbtTorrentRecord *record = make_record (torrent);

  record->uploaded = (guint64) version;
  return record;
}

static void
note_step (Life *life, guint torrent, int version)
{
  const Step step = { torrent, version, power_cut_count (), G_MAXUINT };

  g_array_append_val (life->steps, step);
}

static void
flush_all (Life *life, CcbtStateStore *store)
{
  flush_well (store);
  for (; life->n_sure < life->steps->len; life->n_sure++)
    g_array_index (life->steps, Step, life->n_sure).sure_from = power_cut_count ();
}

static void
take_step (Life *life, CcbtStateStore *store, CcbtRandom *random)
{
  const guint torrent = ccbt_random_below (random, N_TORRENTS);
  const int version = (int) life->steps->len;
  g_autoptr (CcbtTorrentRecord) record = make_version (torrent, version);

  note_step (life, torrent, ccbt_random_below (random, 4) == 0 ? GONE : version);
  if (g_array_index (life->steps, Step, life->steps->len - 1).version == GONE)
    ccbt_state_store_remove (store, &record->info_hash);
  else
    ccbt_state_store_put (store, record);
}

/* Progress of the torrent of the step before, so that it is of one that is there. */
static void
report_progress (Life *life, CcbtStateStore *store, CcbtRandom *random)
{
  const Step before = g_array_index (life->steps, Step, life->steps->len - 1);
  const int version = (int) life->steps->len;
  g_autoptr (CcbtTorrentRecord) record = make_version (before.torrent, version);

  if (before.version == GONE)
    return;
  note_step (life, before.torrent, version);
  if (ccbt_random_below (random, 2) == 0)
    ccbt_state_store_put_progress (store, record);
  else
    ccbt_state_store_put_synced_progress (store, record);
}

static void
live (Life *life, const char *folder, CcbtRandom *random)
{
  CcbtStateStore *store = open_store (folder);

  for (guint i = 0; i < N_STEPS; i++)
    {
      take_step (life, store, random);
      if (ccbt_random_below (random, 2) == 0)
        report_progress (life, store, random);
      if (ccbt_random_below (random, 3) != 0)
        flush_all (life, store);
    }
  flush_all (life, store);
  ccbt_state_store_close (store);
  if (life->backup_from == 0)
    life->backup_from = power_cut_count ();
}

/* --- What must be there --- */

static gboolean
is_allowed (const Life *life, guint torrent, int version, guint n_changes)
{
  gboolean fits = version == GONE;

  for (guint i = 0; i < life->steps->len; i++)
    {
      const Step *step = &g_array_index (life->steps, Step, i);

      if (step->torrent != torrent || step->begun_at > n_changes)
        continue;
      if (step->sure_from <= n_changes)
        fits = step->version == version; /* nothing before it may be there any more */
      else
        fits |= step->version == version;
    }
  return fits;
}

static void
check_records (const Life *life, GPtrArray *records, guint n_changes)
{
  int versions[N_TORRENTS];

  for (guint n = 0; n < N_TORRENTS; n++)
    versions[n] = GONE;
  for (guint i = 0; i < records->len; i++)
    {
      const CcbtTorrentRecord *record = records->pdata[i];
      g_autoptr (CcbtTorrentRecord) original
          = make_version ((guint) record->wasted, (int) record->uploaded);

      assert_same_record (record, original);
      g_assert_cmpint (versions[record->wasted], ==, GONE);
      versions[record->wasted] = (int) record->uploaded;
    }
  for (guint n = 0; n < N_TORRENTS; n++)
    if (!is_allowed (life, n, versions[n], n_changes))
      g_error ("torrent %u: version %d after %u changes, the last: %s", n, versions[n], n_changes,
               n_changes > 0 ? power_cut_describe (n_changes - 1) : "none");
}

/* Returns: the warning of the start (transfer full) (nullable) */
static char *
check_start (const Life *life, const char *folder, guint n_changes)
{
  CcbtStateStore *store = open_store (folder);
  g_autoptr (GPtrArray) records = load_records (store);
  char *warning = g_strdup (ccbt_state_store_get_warning (store));

  check_records (life, records, n_changes);
  ccbt_state_store_close (store);
  return warning;
}

/* --- The cuts --- */

typedef struct
{
  char *folder;
  char *left;
  CcbtRandom random;
  Life life;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->left = g_strconcat (fixture->folder, "-left", NULL);
  fixture->life = (Life){ .steps = g_array_new (FALSE, FALSE, sizeof (Step)) };
  ccbt_random_init (&fixture->random, 7);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  power_cut_forget ();
  remove_folder (fixture->folder);
  remove_folder (fixture->left);
  g_array_unref (fixture->life.steps);
  g_free (fixture->folder);
  g_free (fixture->left);
}

static void
lay_out (Fixture *fixture, guint n_changes, PowerCutKind kind)
{
  remove_folder (fixture->left);
  g_assert_cmpint (g_mkdir (fixture->left, 0700), ==, 0);
  power_cut_lay_out (n_changes, kind, &fixture->random, fixture->left);
}

/* So that the test takes seconds: every change when there are few, some of them otherwise. */
static guint
choose_step (guint n_changes, guint n_wanted)
{
  return MAX (1, n_changes / n_wanted);
}

static void
test_after_any_change_of_a_life (Fixture *fixture, gconstpointer data)
{
  guint n_changes, step;

  power_cut_begin (fixture->folder);
  live (&fixture->life, fixture->folder, &fixture->random);
  live (&fixture->life, fixture->folder, &fixture->random);
  power_cut_end ();
  n_changes = power_cut_count ();
  step = choose_step (n_changes, g_test_thorough () ? MANY_CUTS : 250);
  g_test_message ("%u changes", n_changes);
  g_assert_cmpuint (n_changes, >, 100);
  for (guint n = ccbt_random_below (&fixture->random, step); n <= n_changes; n += step)
    for (PowerCutKind kind = 0; kind < POWER_CUT_N_KINDS; kind++)
      {
        g_autofree char *warning = NULL;
        g_autofree char *again = NULL;

        lay_out (fixture, n, kind);
        warning = check_start (&fixture->life, fixture->left, n);
        g_assert_cmpstr (warning, ==, NULL);
        again = check_start (&fixture->life, fixture->left, n); /* and the one after it */
        g_assert_cmpstr (again, ==, NULL);
      }
}

static void
remove_database (const char *folder)
{
  static const char *const names[] = { "state.db", "state.db-wal" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_remove (path);
    }
}

/* Whatever instant the power goes while backups take each other's places, one of them is whole. */
static void
test_a_backup_is_always_whole (Fixture *fixture, gconstpointer data)
{
  guint n_changes, n_restored = 0;

  power_cut_begin (fixture->folder);
  live (&fixture->life, fixture->folder, &fixture->random);
  live (&fixture->life, fixture->folder, &fixture->random);
  live (&fixture->life, fixture->folder, &fixture->random);
  power_cut_end ();
  n_changes = power_cut_count ();
  for (guint n = fixture->life.backup_from; n <= n_changes;
       n += choose_step (n_changes, g_test_thorough () ? MANY_CUTS : 200))
    {
      const PowerCutKind kind
          = (PowerCutKind) ccbt_random_below (&fixture->random, POWER_CUT_N_KINDS);
      g_autoptr (GPtrArray) records = NULL;
      CcbtStateStore *store;

      lay_out (fixture, n, kind);
      remove_database (fixture->left);
      store = open_store (fixture->left);
      records = load_records (store);
      g_assert_nonnull (strstr (ccbt_state_store_get_warning (store), "restored from the backup"));
      n_restored += records->len > 0;
      ccbt_state_store_close (store);
    }
  g_assert_cmpuint (n_restored, >, 0);
}

static void
damage_database (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "state.db", NULL);
  g_autofree char *content = NULL;
  gsize len;

  g_assert_true (g_file_get_contents (path, &content, &len, NULL));
  memset (content, 'x', 200);
  g_assert_true (
      g_file_set_contents_full (path, content, len, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* A damaged database is being replaced when the power goes, too. */
static void
test_after_any_change_of_a_recovery (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  guint n_changes;

  for (guint n = 0; n < N_TORRENTS; n++)
    {
      g_autoptr (CcbtTorrentRecord) record = make_version (n, (int) n);

      ccbt_state_store_put (store, record);
    }
  ccbt_state_store_close (store);
  damage_database (fixture->folder);

  power_cut_begin (fixture->folder);
  store = open_store (fixture->folder);
  g_assert_nonnull (ccbt_state_store_get_warning (store));
  ccbt_state_store_close (store);
  power_cut_end ();
  n_changes = power_cut_count ();
  g_assert_cmpuint (n_changes, >, 10);
  for (guint n = 0; n <= n_changes; n++)
    for (PowerCutKind kind = 0; kind < POWER_CUT_N_KINDS; kind++)
      {
        g_autoptr (GPtrArray) records = NULL;

        lay_out (fixture, n, kind);
        store = open_store (fixture->left);
        records = load_records (store);
        g_assert_cmpuint (records->len, ==, N_TORRENTS);
        for (guint i = 0; i < N_TORRENTS; i++)
          {
            g_autoptr (CcbtTorrentRecord) original = make_version (i, (int) i);

            assert_same_record (records->pdata[i], original);
          }
        ccbt_state_store_close (store);
      }
}

static void
keep_answer_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *(GVariant **) data = ccbt_state_store_run_finish (result, &error);
  g_assert_no_error (error);
}

static void
choose_backup (CcbtStateStore *store, const char *name)
{
  g_autoptr (GVariant) answer = NULL;

  ccbt_state_store_run_async (store, ccbt_state_checkpoints_restore, name, keep_answer_cb, &answer);
  while (answer == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* The user has chosen a backup: it is the list of the next start, or of the one after the cut. */
static void
test_after_any_change_of_a_restore (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store = open_store (fixture->folder);
  guint n_changes;

  put_number (store, 1);
  ccbt_state_store_close (store); /* with a backup */
  store = open_store (fixture->folder);
  put_number (store, 2);
  flush_well (store);
  choose_backup (store, "state.db.backup-1");
  ccbt_state_store_close (store);

  power_cut_begin (fixture->folder);
  store = open_store (fixture->folder);
  ccbt_state_store_close (store);
  power_cut_end ();
  n_changes = power_cut_count ();
  g_assert_cmpuint (n_changes, >, 2);
  for (guint n = 0; n <= n_changes; n++)
    for (PowerCutKind kind = 0; kind < POWER_CUT_N_KINDS; kind++)
      {
        g_autoptr (GPtrArray) records = NULL;

        lay_out (fixture, n, kind);
        store = open_store (fixture->left);
        records = load_records (store);
        g_assert_cmpuint (records->len, ==, 1);
        g_assert_cmpuint (((CcbtTorrentRecord *) records->pdata[0])->wasted, ==, 1);
        ccbt_state_store_close (store);
      }
}

/* That the layer does what it says: otherwise all of the above would pass for nothing. */
static void
test_unsynced_bytes_and_names_go (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "a", NULL);
  g_autofree char *left = g_build_filename (fixture->left, "a", NULL);
  g_autofree char *content = NULL;
  gsize len;
  int file, folder;

  power_cut_begin (fixture->folder);
  folder = open (fixture->folder, O_RDONLY | O_DIRECTORY);
  file = open (path, O_RDWR | O_CREAT, 0600);
  g_assert_cmpint (pwrite (file, "kept", 4, 0), ==, 4);
  g_assert_cmpint (fsync (file), ==, 0);
  lay_out (fixture, power_cut_count (), POWER_CUT_KEEPS_NOTHING);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  g_assert_cmpint (fsync (folder), ==, 0);
  g_assert_cmpint (pwrite (file, "lost", 4, 2), ==, 4);
  power_cut_end ();
  lay_out (fixture, power_cut_count (), POWER_CUT_KEEPS_NOTHING);
  g_assert_true (g_file_get_contents (left, &content, &len, NULL));
  g_assert_cmpmem (content, len, "kept", 4);
  g_clear_pointer (&content, g_free);
  lay_out (fixture, power_cut_count (), POWER_CUT_KEEPS_ALL);
  g_assert_true (g_file_get_contents (left, &content, &len, NULL));
  g_assert_cmpmem (content, len, "kelost", 6);
  close (file);
  close (folder);
}

int
main (int argc, char **argv)
{
#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("/power-cut/unsynced-bytes-and-names-go", test_unsynced_bytes_and_names_go);
  ADD ("/power-cut/after-any-change-of-a-life", test_after_any_change_of_a_life);
  ADD ("/power-cut/a-backup-is-always-whole", test_a_backup_is_always_whole);
  ADD ("/power-cut/after-any-change-of-a-recovery", test_after_any_change_of_a_recovery);
  ADD ("/power-cut/after-any-change-of-a-restore", test_after_any_change_of_a_restore);
  return g_test_run ();
}
