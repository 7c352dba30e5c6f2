/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#define N_TORRENTS 12

/* A good state folder, and copies of it that are damaged one way after the other. */
typedef struct
{
  char *base;
  char *good;
  char *bad;
  CcbtTorrentRecord *expected[N_TORRENTS];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  CcbtStateStore *store;
  g_autoptr (GBytes) value = make_bytes (9, 40);

  fixture->base = make_folder ();
  fixture->good = g_build_filename (fixture->base, "good", NULL);
  fixture->bad = g_build_filename (fixture->base, "bad", NULL);
  store = open_store (fixture->good);
  ccbt_state_store_put_value (store, "key", value);
  for (guint n = 0; n < N_TORRENTS; n++)
    {
      fixture->expected[n] = make_record (n);
      ccbt_state_store_put (store, fixture->expected[n]);
    }
  ccbt_state_store_close (store);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint n = 0; n < N_TORRENTS; n++)
    ccbt_torrent_record_unref (fixture->expected[n]);
  remove_folder (fixture->base);
  g_free (fixture->base);
  g_free (fixture->good);
  g_free (fixture->bad);
}

static char *
get_bad_path (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->bad, name, NULL);
}

static void
remove_bad (Fixture *fixture, const char *name)
{
  g_autofree char *path = get_bad_path (fixture, name);

  g_remove (path);
}

static GByteArray *
read_bad (Fixture *fixture, const char *name)
{
  g_autofree char *path = get_bad_path (fixture, name);
  char *content;
  gsize len;

  g_assert_true (g_file_get_contents (path, &content, &len, NULL));
  return g_byte_array_new_take ((guint8 *) content, len);
}

static void
write_bad (Fixture *fixture, const char *name, GByteArray *content)
{
  g_autofree char *path = get_bad_path (fixture, name);

  g_remove (path); /* writing in place does not shorten a file */
  g_assert_true (g_file_set_contents_full (path, (char *) content->data, content->len,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* Returns: (nullable) */
static const CcbtTorrentRecord *
find_record (GPtrArray *records, const CcbtInfoHash *hash)
{
  for (guint i = 0; i < records->len; i++)
    if (ccbt_info_hash_matches (&((CcbtTorrentRecord *) records->pdata[i])->info_hash, hash))
      return records->pdata[i];
  return NULL;
}

/* A field is right or missing, and a missing one is told.
 * Returns: is anything missing? */
static gboolean
check_record (const CcbtTorrentRecord *got, const CcbtTorrentRecord *expected)
{
  const gboolean lacks_metainfo = got->metainfo == NULL;
  const gboolean lacks_progress = got->verified == NULL;

  assert_same_list (got, expected);
  if (!lacks_metainfo)
    assert_same_bytes (got->metainfo, expected->metainfo);
  if (!lacks_progress)
    assert_same_progress (got, expected);
  else
    g_assert_null (got->durable);
  return lacks_metainfo || lacks_progress;
}

/* Opens the damaged folder. Nothing wrong is ever shown, and nothing goes missing without a word.
 * @has_backup: every torrent must be there then, with its metainfo
 * @is_first: later starts need not repeat the word */
static void
open_bad (Fixture *fixture, gboolean has_backup, gboolean is_first)
{
  CcbtStateStore *store = open_store (fixture->bad);
  g_autoptr (GPtrArray) records = load_records (store);
  gboolean is_whole = records->len == N_TORRENTS;

  for (guint n = 0; n < N_TORRENTS; n++)
    {
      const CcbtTorrentRecord *got = find_record (records, &fixture->expected[n]->info_hash);

      if (got == NULL || check_record (got, fixture->expected[n]))
        is_whole = FALSE;
      if (has_backup)
        g_assert_true (got != NULL && got->metainfo != NULL);
    }
  if (!is_whole && is_first)
    g_assert_nonnull (ccbt_state_store_get_warning (store));
  ccbt_state_store_close (store);
}

static void
check_bad (Fixture *fixture, gboolean has_backup)
{
  open_bad (fixture, has_backup, TRUE);
  open_bad (fixture, has_backup, FALSE);
}

static void
copy_good (Fixture *fixture, gboolean has_backup)
{
  copy_folder (fixture->good, fixture->bad);
  if (!has_backup)
    {
      remove_bad (fixture, "state.db.backup-1");
      remove_bad (fixture, "state.db.backup-2");
    }
}

/* Every byte of the file's head, then a sample that moves through all its pages. */
static guint
next_offset (guint offset)
{
  return offset < 112 ? offset + 1 : offset + 137 + offset % 31;
}

static void
test_a_flipped_bit (Fixture *fixture, gconstpointer data)
{
  const gboolean has_backup = GPOINTER_TO_INT (data);
  gsize len = 1;

  for (guint offset = 0; offset < len; offset = next_offset (offset))
    {
      g_autoptr (GByteArray) content = NULL;

      copy_good (fixture, has_backup);
      content = read_bad (fixture, "state.db");
      len = content->len;
      content->data[offset] ^= 1 << (offset * 5 % 8);
      write_bad (fixture, "state.db", content);
      check_bad (fixture, has_backup);
    }
  g_assert_cmpuint (len, >, 8 * 4096);
}

static void
test_a_zeroed_page (Fixture *fixture, gconstpointer data)
{
  const gboolean has_backup = GPOINTER_TO_INT (data);
  gsize len = 1;

  for (guint offset = 0; offset < len; offset += 4096)
    {
      g_autoptr (GByteArray) content = NULL;

      copy_good (fixture, has_backup);
      content = read_bad (fixture, "state.db");
      len = content->len;
      memset (content->data + offset, 0, 4096);
      write_bad (fixture, "state.db", content);
      check_bad (fixture, has_backup);
    }
}

static void
test_a_cut_file (Fixture *fixture, gconstpointer data)
{
  const gboolean has_backup = GPOINTER_TO_INT (data);
  gsize len = 1;

  for (guint cut = 0; cut < len; cut = cut < 4 ? cut + 1 : cut + 1500)
    {
      g_autoptr (GByteArray) content = NULL;

      copy_good (fixture, has_backup);
      content = read_bad (fixture, "state.db");
      len = content->len;
      /* An empty file without a backup is a new one. */
      if (cut == 0 && !has_backup)
        continue;
      g_byte_array_set_size (content, cut);
      write_bad (fixture, "state.db", content);
      check_bad (fixture, has_backup);
    }
}

static void
assert_warned_of_all (Fixture *fixture)
{
  CcbtStateStore *store = open_store (fixture->bad);
  g_autoptr (GPtrArray) records = load_records (store);
  g_autoptr (GBytes) value = ccbt_state_store_load_value (store, "key");

  g_assert_cmpuint (records->len, ==, N_TORRENTS);
  for (guint n = 0; n < N_TORRENTS; n++)
    assert_same_record (records->pdata[n], fixture->expected[n]);
  g_assert_nonnull (value);
  g_assert_nonnull (ccbt_state_store_get_warning (store));
  ccbt_state_store_close (store);

  store = open_store (fixture->bad);
  g_assert_null (ccbt_state_store_get_warning (store));
  ccbt_state_store_close (store);
}

static void
test_a_missing_file_comes_back (Fixture *fixture, gconstpointer data)
{
  copy_good (fixture, TRUE);
  remove_bad (fixture, "state.db");
  assert_warned_of_all (fixture);
}

static void
test_an_emptied_file_comes_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) nothing = g_byte_array_new ();

  copy_good (fixture, TRUE);
  write_bad (fixture, "state.db", nothing);
  assert_warned_of_all (fixture);
}

/* Its first backup damaged too, the second takes over. */
static void
test_the_second_backup_takes_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) rubbish = g_byte_array_new ();
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  copy_good (fixture, TRUE);
  first = get_bad_path (fixture, "state.db.backup-1");
  second = get_bad_path (fixture, "state.db.backup-2");
  g_rename (first, second);
  g_byte_array_set_size (rubbish, 20000);
  memset (rubbish->data, 'x', rubbish->len);
  write_bad (fixture, "state.db", rubbish);
  write_bad (fixture, "state.db.backup-1", rubbish);
  assert_warned_of_all (fixture);
}

static gboolean
has_aside (Fixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->bad, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "state.db.corrupt-"))
      return TRUE;
  return FALSE;
}

static void
test_the_damaged_file_is_kept (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) content = NULL;

  copy_good (fixture, TRUE);
  content = read_bad (fixture, "state.db");
  memset (content->data, 0, 100);
  write_bad (fixture, "state.db", content);
  ccbt_state_store_close (open_store (fixture->bad));
  g_assert_true (has_aside (fixture));
}

/* Torrents added since the backup are taken from what can still be read. */
static void
test_newer_records_are_salvaged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) backup = NULL;
  g_autoptr (GByteArray) content = NULL;
  g_autoptr (GPtrArray) records = NULL;
  CcbtStateStore *store;

  copy_good (fixture, TRUE);
  backup = read_bad (fixture, "state.db.backup-1");
  store = open_store (fixture->bad);
  put_number (store, 100);
  ccbt_state_store_close (store);
  write_bad (fixture, "state.db.backup-1", backup);
  remove_bad (fixture, "state.db.backup-2");
  content = read_bad (fixture, "state.db");
  content->data[68] ^= 1; /* the mark that says whose file it is */
  write_bad (fixture, "state.db", content);

  store = open_store (fixture->bad);
  records = load_records (store);
  g_assert_cmpuint (records->len, ==, N_TORRENTS + 1);
  g_assert_nonnull (ccbt_state_store_get_warning (store));
  ccbt_state_store_close (store);
}

/* Finds where the metainfo of the torrent @n lies, in part, and flips a bit of it. */
static void
flip_in_metainfo (Fixture *fixture, guint n)
{
  g_autoptr (GByteArray) content = read_bad (fixture, "state.db");
  const guint8 *metainfo = g_bytes_get_data (fixture->expected[n]->metainfo, NULL);
  guint8 *found = memmem (content->data, content->len, metainfo, 150);

  g_assert_nonnull (found);
  found[70] ^= 0x10;
  write_bad (fixture, "state.db", content);
}

static void
test_a_bad_record_alone_is_named (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) records = NULL;
  CcbtStateStore *store;

  copy_good (fixture, FALSE);
  flip_in_metainfo (fixture, 5);
  store = open_store (fixture->bad);
  records = load_records (store);
  g_assert_cmpuint (records->len, ==, N_TORRENTS);
  for (guint n = 0; n < N_TORRENTS; n++)
    g_assert_true ((((CcbtTorrentRecord *) records->pdata[n])->metainfo == NULL) == (n == 5));
  g_assert_nonnull (strstr (ccbt_state_store_get_warning (store), "Torrent 5"));
  g_assert_null (strstr (ccbt_state_store_get_warning (store), "Torrent 6"));
  ccbt_state_store_close (store);
}

static void
test_a_bad_record_is_mended_from_the_backup (Fixture *fixture, gconstpointer data)
{
  copy_good (fixture, TRUE);
  flip_in_metainfo (fixture, 5);
  assert_warned_of_all (fixture);
  {
    CcbtStateStore *store = open_store (fixture->bad);
    g_autoptr (GPtrArray) records = load_records (store);

    assert_same_record (records->pdata[5], fixture->expected[5]);
    g_assert_null (ccbt_state_store_get_warning (store));
    ccbt_state_store_close (store);
  }
}

/* The log of a process that was killed, damaged anywhere: at most the last progress is lost. */
static void
test_a_damaged_log_loses_no_torrent (Fixture *fixture, gconstpointer data)
{
  g_autofree char *live = g_build_filename (fixture->base, "live", NULL);
  CcbtStateStore *store = open_store (live);
  gsize len = 1;

  for (guint n = 0; n < N_TORRENTS; n++)
    {
      ccbt_state_store_put (store, fixture->expected[n]);
      flush_well (store);
    }
  for (guint offset = 0; offset < len; offset += 1 + len / 150)
    {
      g_autoptr (GByteArray) content = NULL;

      copy_folder (live, fixture->bad);
      content = read_bad (fixture, "state.db-wal");
      len = content->len;
      if (offset % 3 == 0)
        content->data[offset] ^= 0x20;
      else if (offset % 3 == 1)
        g_byte_array_set_size (content, offset);
      else
        memset (content->data + offset, 0, MIN (len - offset, 5000));
      write_bad (fixture, "state.db-wal", content);
      check_bad (fixture, TRUE);
    }
  g_assert_cmpuint (len, >, 4096);
  ccbt_state_store_close (store);
}

/* Cut short between two steps, a recovery is finished by the next start. */
static void
test_recovery_goes_on_after_a_power_cut (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *new_path = NULL;

  copy_good (fixture, FALSE);
  path = get_bad_path (fixture, "state.db");
  new_path = get_bad_path (fixture, "state.db.new");
  g_assert_cmpint (g_rename (path, new_path), ==, 0); /* the damaged one has been moved away */
  check_bad (fixture, TRUE);

  copy_good (fixture, TRUE);
  g_assert_true (g_file_set_contents (new_path, "half", 4, NULL));
  check_bad (fixture, TRUE);
}

#define ADD(path, data, function)                                                                  \
  g_test_add ("/state-damage/" path, Fixture, GINT_TO_POINTER (data), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-flipped-bit/backup", TRUE, test_a_flipped_bit);
  ADD ("a-flipped-bit/no-backup", FALSE, test_a_flipped_bit);
  ADD ("a-zeroed-page/backup", TRUE, test_a_zeroed_page);
  ADD ("a-zeroed-page/no-backup", FALSE, test_a_zeroed_page);
  ADD ("a-cut-file/backup", TRUE, test_a_cut_file);
  ADD ("a-cut-file/no-backup", FALSE, test_a_cut_file);
  ADD ("a-missing-file-comes-back", 0, test_a_missing_file_comes_back);
  ADD ("an-emptied-file-comes-back", 0, test_an_emptied_file_comes_back);
  ADD ("the-second-backup-takes-over", 0, test_the_second_backup_takes_over);
  ADD ("the-damaged-file-is-kept", 0, test_the_damaged_file_is_kept);
  ADD ("newer-records-are-salvaged", 0, test_newer_records_are_salvaged);
  ADD ("a-bad-record-alone-is-named", 0, test_a_bad_record_alone_is_named);
  ADD ("a-bad-record-is-mended-from-the-backup", 0, test_a_bad_record_is_mended_from_the_backup);
  ADD ("a-damaged-log-loses-no-torrent", 0, test_a_damaged_log_loses_no_torrent);
  ADD ("recovery-goes-on-after-a-power-cut", 0, test_recovery_goes_on_after_a_power_cut);
  return g_test_run ();
}
