/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-menu.h"
#include <glib/gi18n.h>
#include "ccbt-filing-menu.h"

typedef struct
{
  const char *label;
  const char *action;
} Entry;

/* What the items have in common, or one of them has. */
typedef struct
{
  GVariant *target; /* as */
  guint n_items;
  gboolean has_paused;
  gboolean has_running;
  gboolean has_content;
  gboolean has_metadata;
  gboolean has_moving;
  gboolean has_still; /* with files that could be moved */
  gboolean has_forced;
  gboolean has_unforced;
  gboolean has_super_seed;
  gboolean has_plain_seed;
} Subject;

static void
append_entries (GMenu *menu, const Entry *entries, guint n_entries, const Subject *subject)
{
  for (guint i = 0; i < n_entries; i++)
    {
      g_autoptr (GMenuItem) entry = g_menu_item_new (_ (entries[i].label), NULL);

      g_menu_item_set_action_and_target_value (entry, entries[i].action, subject->target);
      g_menu_append_item (menu, entry);
    }
}

static void
append_section (GMenu *menu, const Entry *entries, guint n_entries, const Subject *subject)
{
  g_autoptr (GMenu) section = g_menu_new ();

  append_entries (section, entries, n_entries, subject);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static Subject
examine (GPtrArray *items)
{
  g_autoptr (GPtrArray) info_hashes = g_ptr_array_new ();
  Subject subject = { .n_items = items->len };

  for (guint i = 0; i < items->len; i++)
    {
      const CcbtTorrentStatus *status = ccbt_torrent_item_get_status (items->pdata[i]);

      g_ptr_array_add (info_hashes, status->info_hash);
      subject.has_paused |= status->is_paused;
      subject.has_running |= !status->is_paused;
      subject.has_content |= status->content_path != NULL;
      subject.has_metadata |= status->has_metadata;
      subject.has_moving |= status->is_moving;
      subject.has_still |= status->content_path != NULL && !status->is_moving;
      subject.has_forced |= status->options->is_forced;
      subject.has_unforced |= !status->options->is_forced;
      subject.has_super_seed |= status->options->is_super_seeding;
      subject.has_plain_seed |= status->is_complete && !status->options->is_super_seeding;
    }
  subject.target = g_variant_ref_sink (
      g_variant_new_strv ((const char *const *) info_hashes->pdata, info_hashes->len));
  return subject;
}

static void
append_switches (GMenu *menu, const Subject *subject)
{
  static const Entry resume[] = { { N_ ("_Resume"), "win.resume" } };
  static const Entry pause[] = { { N_ ("_Pause"), "win.pause" } };
  g_autoptr (GMenu) section = g_menu_new ();

  if (subject->has_paused)
    append_entries (section, resume, 1, subject);
  if (subject->has_running)
    append_entries (section, pause, 1, subject);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static void
append_queue (GMenu *menu, const Subject *subject)
{
  static const Entry places[] = {
    { N_ ("Move to _Top"), "win.queue-top" },
    { N_ ("Move _Up"), "win.queue-up" },
    { N_ ("Move _Down"), "win.queue-down" },
    { N_ ("Move to _Bottom"), "win.queue-bottom" },
  };
  static const Entry force[] = { { N_ ("Start Whatever the _Queue Says"), "win.force-start" } };
  static const Entry leave[] = { { N_ ("_Leave to the Queue"), "win.leave-to-queue" } };
  g_autoptr (GMenu) queue = g_menu_new ();

  append_section (queue, places, G_N_ELEMENTS (places), subject);
  if (subject->has_unforced)
    append_section (queue, force, 1, subject);
  if (subject->has_forced)
    append_section (queue, leave, 1, subject);
  g_menu_append_submenu (menu, _ ("_Queue"), G_MENU_MODEL (queue));
}

static void
append_filing (GMenu *menu, CcbtWindow *window, GPtrArray *items)
{
  g_autoptr (GMenu) section = g_menu_new ();

  ccbt_filing_menu_append (section, window, items);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static void
append_files (GMenu *menu, const Subject *subject)
{
  static const Entry of_one[] = {
    { N_ ("_Open"), "win.open" },
    { N_ ("Show _Folder"), "win.show-folder" },
  };
  static const Entry move[] = { { N_ ("Mo_ve Files…"), "win.move-files" } };
  static const Entry stay[] = { { N_ ("Lea_ve Files Where They Are"), "win.cancel-move" } };
  g_autoptr (GMenu) section = g_menu_new ();

  if (subject->has_content && subject->n_items == 1)
    append_entries (section, of_one, G_N_ELEMENTS (of_one), subject);
  if (subject->has_still)
    append_entries (section, move, 1, subject);
  if (subject->has_moving)
    append_entries (section, stay, 1, subject);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static void
append_super_seeding (GMenu *menu, const Subject *subject)
{
  static const Entry begin[] = { { N_ ("Seed Each Piece Only _Once"), "win.super-seed" } };
  static const Entry end[] = { { N_ ("Seed to _Everybody"), "win.seed-plainly" } };

  if (subject->has_plain_seed)
    append_section (menu, begin, 1, subject);
  if (subject->has_super_seed)
    append_section (menu, end, 1, subject);
}

static void
append_upkeep (GMenu *menu, const Subject *subject)
{
  static const Entry upkeep[] = {
    { N_ ("_Check Files"), "win.check" },
    { N_ ("_Ask Trackers for Peers"), "win.announce" },
  };
  static const Entry copies[] = {
    { N_ ("_Name"), "win.copy-name" },
    { N_ ("_Info-Hash"), "win.copy-hash" },
    { N_ ("_Magnet Link"), "win.copy-magnet" },
    { N_ ("_Path"), "win.copy-path" },
  };
  static const Entry of_one[] = { { N_ ("Re_name…"), "win.rename" } };
  static const Entry of_known[] = { { N_ ("_Save Torrent File…"), "win.export" } };
  g_autoptr (GMenu) section = g_menu_new ();
  g_autoptr (GMenu) copy = g_menu_new ();

  append_entries (section, upkeep, G_N_ELEMENTS (upkeep), subject);
  append_entries (copy, copies, G_N_ELEMENTS (copies), subject);
  g_menu_append_submenu (section, _ ("Cop_y"), G_MENU_MODEL (copy));
  if (subject->n_items == 1)
    append_entries (section, of_one, 1, subject);
  if (subject->n_items == 1 && subject->has_metadata)
    append_entries (section, of_known, 1, subject);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

GMenuModel *
ccbt_torrent_menu_new (CcbtWindow *window, GPtrArray *items)
{
  static const Entry options[] = { { N_ ("Opt_ions…"), "win.options" } };
  static const Entry removal[] = {
    { N_ ("Re_move"), "win.remove" },
    { N_ ("Move Files to _Trash…"), "win.remove-with-files" },
  };
  Subject subject = examine (items);
  GMenu *menu = g_menu_new ();

  append_switches (menu, &subject);
  append_queue (menu, &subject);
  append_filing (menu, window, items);
  append_files (menu, &subject);
  append_upkeep (menu, &subject);
  append_super_seeding (menu, &subject);
  append_section (menu, removal, subject.has_content ? 2 : 1, &subject);
  append_section (menu, options, 1, &subject);
  g_variant_unref (subject.target);
  return G_MENU_MODEL (menu);
}
