/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ccbt-window.h"

/* Brings torrents into a window: opens the add dialog for each, one after the other, as soon as the engine is there. */
#define CCBT_TYPE_ADDER (ccbt_adder_get_type ())
G_DECLARE_FINAL_TYPE (CcbtAdder, ccbt_adder, CCBT, ADDER, GObject)

/* @window owns the result. */
CcbtAdder *ccbt_adder_new (CcbtWindow *window, CcbtClient *client);

/* @source: a{sv} as torrent.add takes it; floating is taken. */
void ccbt_adder_add (CcbtAdder *self, GVariant *source);

/* A file or a link, wherever it came from. */
void ccbt_adder_add_file (CcbtAdder *self, GFile *file);

/* One link a line; what is no link is passed over. Returns: how many there were */
guint ccbt_adder_add_text (CcbtAdder *self, const char *text);

/* What is in the clipboard, the same way; tells when there is nothing. */
void ccbt_adder_paste (CcbtAdder *self);

/* Asks for files with the file chooser. */
void ccbt_adder_choose_files (CcbtAdder *self);
