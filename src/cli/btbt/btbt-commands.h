/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* btbt: the commands over a running instance. One table holds all of them: the parser, the help, the
 * completion of the shells and the manual are made from it. */

typedef enum
{
  BTBT_EXIT_DONE = 0,
  BTBT_EXIT_FAILED = 1,
  BTBT_EXIT_USAGE = 2,
  BTBT_EXIT_NO_INSTANCE = 3,
  BTBT_EXIT_NOT_FOUND = 4,
  BTBT_EXIT_INTERRUPTED = 130,
} BtbtExit;

typedef enum
{
  BTBT_ARGUMENT_NONE,
  BTBT_ARGUMENT_TEXT,
  BTBT_ARGUMENT_RATE, /* bytes per second: "2M"; 0 = no limit */
  BTBT_ARGUMENT_FILE,
  BTBT_ARGUMENT_TORRENT,
} BtbtArgumentType;

typedef struct
{
  BtbtArgumentType type;
  const char *name;
  gboolean is_optional;
  gboolean repeats; /* the last one only */
} BtbtArgument;

typedef struct
{
  const char *name;  /* without "--" */
  const char *value; /* what it takes; NULL = nothing */
  const char *help;
} BtbtOption;

#define BTBT_MAX_ARGUMENTS 3
#define BTBT_MAX_OPTIONS 12

typedef struct _BtbtCommand BtbtCommand;
typedef struct _BtbtCall BtbtCall;
typedef int (*BtbtHandler) (const BtbtCall *call); /* returns BtbtExit */

struct _BtbtCommand
{
  const char *words; /* "peer add" */
  const char *help;  /* one line */
  BtbtHandler run;
  const char *verb; /* of session/ccbt-command.h, for those that are one verb for each torrent */
  BtbtArgument arguments[BTBT_MAX_ARGUMENTS];
  BtbtOption options[BTBT_MAX_OPTIONS];
};

/* One command line, understood. */
struct _BtbtCall
{
  const BtbtCommand *command; /* NULL: only --help was asked */
  GPtrArray *arguments;       /* char *, valid UTF-8 unless a file */
  GHashTable *options;        /* name -> value, "" for one without */
  GPtrArray
      *given; /* the same in the order given, with all that are given again: name, value, ... */
  const char *state_dir; /* (nullable), in options */
  gboolean json;
  gboolean wants_help;
  GHashTable *clients; /* (nullable), borrowed: state folder -> CcbtControlClient to use again */
  GCancellable *cancellable; /* (nullable), borrowed: gives up what waits for the instance */
};

const BtbtCommand *btbt_commands_get (guint *n_commands);
/* Of every command: --json, --state-dir, --help. */
const BtbtOption *btbt_commands_get_common (guint *n_options);

/* @words: NULL-terminated, without the program's name. Errors: INVALID: the message is for the user.
 * Returns: (transfer full) (nullable) */
BtbtCall *btbt_call_parse (const char *const *words, GError **error);
/* The same for words that need not be complete or right. Returns: (transfer full) */
BtbtCall *btbt_call_read (const char *const *words);
void btbt_call_free (BtbtCall *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BtbtCall, btbt_call_free)

/* @command: (nullable): NULL = those of every command only. Returns: (nullable) */
const BtbtOption *btbt_command_find_option (const BtbtCommand *command, const char *name);

const char *btbt_call_get_option (const BtbtCall *self, const char *name);

/* "add FILE|MAGNET... [--paused]" Returns: (transfer full) */
char *btbt_command_make_synopsis (const BtbtCommand *command);
/* Returns: (transfer full) */
char *btbt_make_help (void);
char *btbt_make_manual (void);
/* @shell: "bash", "zsh", "fish". Returns: (transfer full) (nullable) */
char *btbt_make_completion (const char *shell);
