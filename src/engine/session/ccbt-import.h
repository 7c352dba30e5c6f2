/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-state-store.h"
#include "wire/ccbt-bencode.h"
#include "wire/ccbt-metainfo.h"

/* Torrents of other programs, taken over with what they have downloaded, so that nothing has to be
 * checked again. What is read here another program wrote, or somebody who wants us to believe so:
 * everything is bounded and checked. */

typedef enum
{
  CCBT_IMPORT_QBITTORRENT,  /* BT_backup: HASH.torrent and HASH.fastresume */
  CCBT_IMPORT_DELUGE,       /* state: HASH.torrent and torrents.fastresume */
  CCBT_IMPORT_TRANSMISSION, /* torrents/NAME.torrent and resume/NAME.resume */
  CCBT_IMPORT_RTORRENT, /* HASH.torrent, with .rtorrent and .libtorrent_resume beside it or in it */
} CcbtImportSource;

#define CCBT_N_IMPORT_SOURCES (CCBT_IMPORT_RTORRENT + 1)

/* "qbittorrent", never translated. */
const char *ccbt_import_source_get_name (CcbtImportSource source);
/* Returns: FALSE when there is no such source */
gboolean ccbt_import_source_from_name (const char *name, CcbtImportSource *out);

/* One torrent on its way. */
typedef struct
{
  char *name; /* to show */
  CcbtMetainfo *metainfo;
  CcbtTorrentRecord *record; /* NULL: it could not be read; the notes say why */
  GPtrArray *notes;          /* char *: English sentences: what did not carry over */
} CcbtImportItem;

/* @bytes: a whole .torrent. Errors: as ccbt_metainfo_parse(). Returns: (transfer full) (nullable): with
 * nothing downloaded */
CcbtImportItem *ccbt_import_item_new (GBytes *bytes, GError **error);
/* Returns: (transfer full): of a torrent that could not be read */
CcbtImportItem *ccbt_import_item_new_failed (const char *name, const char *note);
void ccbt_import_item_free (CcbtImportItem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtImportItem, ccbt_import_item_free)

void ccbt_import_item_note (CcbtImportItem *self, const char *note);
/* Its files have other names here than in the torrent, which we cannot follow: it stays paused, so that
 * nothing is downloaded twice. */
void ccbt_import_item_note_renamed (CcbtImportItem *self);
/* @is_had: whether @owner has a piece; what has no answer is not had */
void ccbt_import_item_set_pieces (CcbtImportItem *self,
                                  gboolean (*is_had) (gconstpointer owner, guint32 piece),
                                  gconstpointer owner);
/* One byte a file, as CcbtPriority. @n_priorities: fewer than there are files: the rest is normal */
void ccbt_import_item_set_priorities (CcbtImportItem *self, const guint8 *priorities,
                                      guint n_priorities);
/* A place on this machine; anything else is noted, and the torrent stays paused. */
void ccbt_import_item_set_folder (CcbtImportItem *self, CcbtSpan folder);
/* @changes: floating is taken: a{sv} as in base/ccbt-torrent-options.h; those that do not fit are left
 * out and noted. */
void ccbt_import_item_set_options (CcbtImportItem *self, GVariant *changes);
/* Pieces in files that are not there, or not as long as they should be, are not had. Blocks. */
void ccbt_import_item_check_files (CcbtImportItem *self);

/* Each takes what one program says of a torrent. @resume: root of the document. Pure. */
void ccbt_import_take_libtorrent (CcbtImportItem *item, CcbtBencodeValue resume);
void ccbt_import_take_transmission (CcbtImportItem *item, CcbtBencodeValue resume);
/* @rtorrent, @libtorrent_resume: the two dictionaries */
void ccbt_import_take_rtorrent (CcbtImportItem *item, CcbtBencodeValue rtorrent,
                                CcbtBencodeValue libtorrent_resume);

/* Everything in @folder, checked against the files. Blocks; any thread.
 * Errors: NOT_FOUND: there is nothing of that program. Returns: (transfer full) (element-type
 * CcbtImportItem) (nullable) */
GPtrArray *ccbt_import_read_folder (CcbtImportSource source, const char *folder, GError **error);
/* Where that program keeps its torrents, of the places that are usual (Flatpak's too), the first that is
 * there. Returns: (transfer full) (nullable) */
char *ccbt_import_find_folder (CcbtImportSource source);
