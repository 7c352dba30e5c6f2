/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-commands.h"
#include "btbt-handlers.h"
#include <glib/gi18n.h>

#define TORRENTS                                                                                   \
  {                                                                                                \
    {                                                                                              \
      BTBT_ARGUMENT_TORRENT, "TORRENT", TRUE, TRUE                                                 \
    }                                                                                              \
  }
#define TORRENT                                                                                    \
  {                                                                                                \
    BTBT_ARGUMENT_TORRENT, "TORRENT"                                                               \
  }
#define ALL                                                                                        \
  {                                                                                                \
    {                                                                                              \
      "all", NULL, N_ ("all torrents")                                                             \
    }                                                                                              \
  }

static const BtbtCommand commands[] = {
  { "status", N_ ("rates, totals and port of the instance"), btbt_run_status },
  { "list", N_ ("all torrents"), btbt_run_list,
    .options
    = { { "filter", "TEXT",
          N_ ("only those in this state, category or tag, or with this in the name") },
        { "sort", "FIELD", N_ ("name, progress, total-size, down-rate, up-rate, added-at") } } },
  { "show", N_ ("everything about one torrent"), btbt_run_show, .arguments = { TORRENT } },
  { "add", N_ ("add torrent files and magnet links"), btbt_run_add,
    .arguments = { { BTBT_ARGUMENT_FILE, "FILE|URL|MAGNET", FALSE, TRUE } },
    .options = { { "folder", "DIR", N_ ("where the files go") },
                 { "paused", NULL, N_ ("do not start") },
                 { "sequential", NULL, N_ ("download in order") },
                 { "category", "NAME", N_ ("file them under it") } } },
  { "pause", N_ ("stop torrents"), btbt_run_each, "torrent.pause", TORRENTS, ALL },
  { "resume", N_ ("let torrents go on"), btbt_run_each, "torrent.resume", TORRENTS, ALL },
  { "check", N_ ("hash again what is on disk"), btbt_run_each, "torrent.check", TORRENTS, ALL },
  { "announce", N_ ("ask the trackers for peers now"), btbt_run_each, "torrent.announce", TORRENTS,
    ALL },
  { "remove", N_ ("forget torrents; their files stay"), btbt_run_each, "torrent.remove", TORRENTS,
    ALL },
  { "files", N_ ("the files of a torrent"), btbt_run_details, .arguments = { TORRENT } },
  { "peers", N_ ("the peers of a torrent"), btbt_run_details, .arguments = { TORRENT } },
  { "trackers", N_ ("the trackers of a torrent"), btbt_run_details, .arguments = { TORRENT } },
  { "tracker add", N_ ("give a torrent one more tracker; tiers count from 0"), btbt_run_tracker,
    .arguments = { TORRENT, { BTBT_ARGUMENT_TEXT, "URL" }, { BTBT_ARGUMENT_TEXT, "TIER", TRUE } } },
  { "tracker remove", N_ ("take a tracker from a torrent"), btbt_run_tracker,
    .arguments = { TORRENT, { BTBT_ARGUMENT_TEXT, "URL" } } },
  { "scrape", N_ ("ask the trackers how large the swarm of a torrent is"), btbt_run_scrape,
    .arguments = { TORRENT } },
  { "peer add", N_ ("connect to a peer"), btbt_run_peer_add,
    .arguments = { TORRENT, { BTBT_ARGUMENT_TEXT, "ADDRESS:PORT" } } },
  { "limit", N_ ("limits of the whole instance in bytes per second; 0: none"), btbt_run_limit,
    .arguments = { { BTBT_ARGUMENT_RATE, "DOWN" }, { BTBT_ARGUMENT_RATE, "UP" } } },
  { "limit torrent", N_ ("limits of one torrent; 0: none"), btbt_run_limit_torrent,
    .arguments = { TORRENT, { BTBT_ARGUMENT_RATE, "DOWN" }, { BTBT_ARGUMENT_RATE, "UP" } } },
  { "category", N_ ("file a torrent under a category; empty: none"), btbt_run_category,
    .arguments = { TORRENT, { BTBT_ARGUMENT_TEXT, "NAME" } } },
  { "tag add", N_ ("give a torrent a tag"), btbt_run_tag,
    .arguments = { TORRENT, { BTBT_ARGUMENT_TEXT, "TAG" } } },
  { "tag remove", N_ ("take a tag from a torrent"), btbt_run_tag,
    .arguments = { TORRENT, { BTBT_ARGUMENT_TEXT, "TAG" } } },
  { "set", N_ ("set an option of a torrent: priority, forced, ratio-goal, super-seeding ..."),
    btbt_run_set,
    .arguments = { TORRENT, { BTBT_ARGUMENT_TEXT, "OPTION" }, { BTBT_ARGUMENT_TEXT, "VALUE" } } },
  { "queue", N_ ("all torrents in the order of the queue"), btbt_run_queue },
  { "queue move", N_ ("move a torrent in the queue: top, up, down, bottom"), btbt_run_queue_move,
    .arguments = { TORRENT, { BTBT_ARGUMENT_TEXT, "WHERE" } } },
  { "move", N_ ("move the files of a torrent to another folder"), btbt_run_move,
    .arguments = { TORRENT, { BTBT_ARGUMENT_FILE, "DIR" } } },
  { "move cancel", N_ ("leave the files of torrents where they are"), btbt_run_each,
    "torrent.cancel-move", TORRENTS },
  { "watch", N_ ("the folders whose torrent files are added by themselves"), btbt_run_watch },
  { "watch add", N_ ("watch a folder; its files become FILE.added"), btbt_run_watch_add,
    .arguments = { { BTBT_ARGUMENT_FILE, "DIR" } },
    .options = { { "folder", "DIR", N_ ("where what is downloaded goes") },
                 { "category", "NAME", N_ ("file the torrents under it") },
                 { "paused", NULL, N_ ("do not start them") },
                 { "delete", NULL, N_ ("delete the files instead of renaming them") } } },
  { "watch remove", N_ ("watch a folder no longer"), btbt_run_watch_remove,
    .arguments = { { BTBT_ARGUMENT_FILE, "DIR" } } },
  { "checkpoints", N_ ("backups of the list of torrents, and lists that were replaced"),
    btbt_run_checkpoints },
  { "checkpoints verify", N_ ("whether a backup is whole; without a name, the list in use"),
    btbt_run_checkpoints_verify, .arguments = { { BTBT_ARGUMENT_FILE, "NAME", TRUE } } },
  { "checkpoints backup", N_ ("back the list up now, to a file or as the newest backup"),
    btbt_run_checkpoints_backup, .arguments = { { BTBT_ARGUMENT_FILE, "FILE", TRUE } } },
  { "checkpoints restore", N_ ("make a backup the list of the next start"),
    btbt_run_checkpoints_restore, .arguments = { { BTBT_ARGUMENT_FILE, "NAME" } } },
  { "checkpoints export", N_ ("write all that is known of a torrent to a resume file"),
    btbt_run_checkpoints_export, .arguments = { TORRENT, { BTBT_ARGUMENT_FILE, "FILE" } } },
  { "checkpoints import", N_ ("take over a torrent from a resume file"),
    btbt_run_checkpoints_import, .arguments = { { BTBT_ARGUMENT_FILE, "FILE" } } },
  { "checkpoints clean", N_ ("delete lists that were replaced"), btbt_run_checkpoints_clean },
  { "config", N_ ("all settings, and where each value comes from"), btbt_run_config },
  { "config get", N_ ("one setting"), btbt_run_config_get,
    .arguments = { { BTBT_ARGUMENT_TEXT, "KEY" } } },
  { "config set", N_ ("change a setting, at once and in the file"), btbt_run_config_set,
    .arguments = { { BTBT_ARGUMENT_TEXT, "KEY" }, { BTBT_ARGUMENT_TEXT, "VALUE" } } },
  { "config reset", N_ ("give a setting its default again"), btbt_run_config_set,
    .arguments = { { BTBT_ARGUMENT_TEXT, "KEY" } } },
  { "alternative", N_ ("use the alternative limits (on) or the usual ones (off)"),
    btbt_run_alternative, .arguments = { { BTBT_ARGUMENT_TEXT, "ON|OFF" } } },
  { "import", N_ ("take over the torrents of qbittorrent, deluge, transmission or rtorrent"),
    btbt_run_import,
    .arguments = { { BTBT_ARGUMENT_TEXT, "PROGRAM" }, { BTBT_ARGUMENT_FILE, "FOLDER" } } },
  { "export", N_ ("write the .torrent of a torrent to a file"), btbt_run_export,
    .arguments = { TORRENT, { BTBT_ARGUMENT_FILE, "FILE" } } },
  { "create", N_ ("make a torrent of a file or a folder"), btbt_run_create,
    .arguments = { { BTBT_ARGUMENT_FILE, "PATH" } },
    .options
    = { { "output", "FILE", N_ ("the torrent file (default: NAME.torrent where you are)") },
        { "tracker", "URL", N_ ("can be given again; trackers of one tier are asked at random") },
        { "tier", NULL, N_ ("the trackers that follow are asked when those before do not answer") },
        { "web-seed", "URL", N_ ("a server that has the files; can be given again") },
        { "private", NULL, N_ ("peers come from the trackers only") },
        { "source", "TEXT", N_ ("makes another torrent of the same files, as some trackers ask") },
        { "comment", "TEXT", N_ ("for those who read it") },
        { "piece-size", "SIZE", N_ ("16K to 64M, a power of two (default: by the size)") },
        { "hidden", NULL, N_ ("also what begins with a dot") },
        { "overwrite", NULL, N_ ("replace the torrent file when it is there already") },
        { "seed", NULL, N_ ("add it; nothing is hashed again") } } },
  { "interactive", N_ ("read commands from the terminal or, one a line, from standard input"),
    btbt_run_interactive,
    .options
    = { { "keep-going", NULL, N_ ("standard input: a line that fails is not the last") } } },
  { "wait", N_ ("until a torrent is complete"), btbt_run_wait, .arguments = { TORRENT } },
  { "verbs", N_ ("the verbs that “call” knows"), btbt_run_verbs },
  { "call", N_ ("run one verb with its arguments as GVariant text"), btbt_run_call,
    .arguments = { { BTBT_ARGUMENT_TEXT, "VERB" }, { BTBT_ARGUMENT_TEXT, "ARGUMENTS", TRUE } } },
  { "events", N_ ("what happened"), btbt_run_events,
    .options = { { "follow", NULL, N_ ("go on until interrupted") },
                 { "type", "TYPE", N_ ("only events of this type") } } },
  { "complete", N_ ("print what a word can be; for the completion of shells"), btbt_run_complete,
    .arguments = { { BTBT_ARGUMENT_TEXT, "WORD", TRUE, TRUE } },
    .options = { { "quoted", NULL, N_ ("words are as typed, with quotes and backslashes") } } },
  { "completion", N_ ("print the completion for bash, zsh or fish"), btbt_run_completion,
    .arguments = { { BTBT_ARGUMENT_TEXT, "SHELL" } } },
  { "manual", N_ ("print the manual page"), btbt_run_manual },
  { "version", N_ ("print the version"), btbt_run_version },
};

static const BtbtOption common_options[] = {
  { "json", NULL, N_ ("print one JSON document") },
  { "state-dir", "DIR", N_ ("the instance that keeps its state there") },
  { "help", NULL, N_ ("tell how it is used") },
};

const BtbtCommand *
btbt_commands_get (guint *n_commands)
{
  *n_commands = G_N_ELEMENTS (commands);
  return commands;
}

const BtbtOption *
btbt_commands_get_common (guint *n_options)
{
  *n_options = G_N_ELEMENTS (common_options);
  return common_options;
}
