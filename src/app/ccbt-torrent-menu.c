/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-torrent-menu.h"
#include <glib/gi18n.h>

typedef struct
{
  const char *label;
  const char *action;
} Entry;

static void
append_section (GMenu *menu, const Entry *entries, guint n_entries, const char *info_hash)
{
  g_autoptr (GMenu) section = g_menu_new ();

  for (guint i = 0; i < n_entries; i++)
    {
      g_autoptr (GMenuItem) entry = g_menu_item_new (_ (entries[i].label), NULL);

      g_menu_item_set_action_and_target (entry, entries[i].action, "s", info_hash);
      g_menu_append_item (section, entry);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static void
append_queue (GMenu *menu, const CcbtTorrentStatus *status)
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

  append_section (queue, places, G_N_ELEMENTS (places), status->info_hash);
  append_section (queue, status->options->is_forced ? leave : force, 1, status->info_hash);
  g_menu_append_submenu (menu, _ ("_Queue"), G_MENU_MODEL (queue));
}

static void
append_super_seeding (GMenu *menu, const CcbtTorrentStatus *status)
{
  static const Entry begin[] = { { N_ ("Seed Each Piece Only _Once"), "win.super-seed" } };
  static const Entry end[] = { { N_ ("Seed to _Everybody"), "win.seed-plainly" } };

  if (status->is_complete)
    append_section (menu, status->options->is_super_seeding ? end : begin, 1, status->info_hash);
}

GMenuModel *
ccbt_torrent_menu_new (CcbtTorrentItem *item)
{
  static const Entry files[] = {
    { N_ ("_Open"), "win.open" },
    { N_ ("Show _Folder"), "win.show-folder" },
  };
  static const Entry move[] = { { N_ ("Mo_ve Files…"), "win.move-files" } };
  static const Entry stay[] = { { N_ ("Lea_ve Files Where They Are"), "win.cancel-move" } };
  static const Entry pause[] = { { N_ ("_Pause"), "win.pause" } };
  static const Entry resume[] = { { N_ ("_Resume"), "win.resume" } };
  static const Entry upkeep[] = {
    { N_ ("_Check Files"), "win.check" },
    { N_ ("_Ask Trackers for Peers"), "win.announce" },
    { N_ ("Copy _Magnet Link"), "win.copy-magnet" },
  };
  static const Entry removal[] = {
    { N_ ("Re_move"), "win.remove" },
    { N_ ("Move Files to _Trash…"), "win.remove-with-files" },
  };
  const CcbtTorrentStatus *status = ccbt_torrent_item_get_status (item);
  GMenu *menu = g_menu_new ();

  append_section (menu, status->is_paused ? resume : pause, 1, status->info_hash);
  append_queue (menu, status);
  if (status->content_path != NULL)
    append_section (menu, status->is_moving ? stay : move, 1, status->info_hash);
  if (status->content_path != NULL)
    append_section (menu, files, G_N_ELEMENTS (files), status->info_hash);
  append_section (menu, upkeep, G_N_ELEMENTS (upkeep), status->info_hash);
  append_super_seeding (menu, status);
  append_section (menu, removal, status->content_path != NULL ? 2 : 1, status->info_hash);
  return G_MENU_MODEL (menu);
}
