/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "session/ccbt-state-database-private.h"

/* Records to rows and back. Every row carries a sum over its values; one that does not fit is told,
 * never passed off as good. */

typedef enum
{
  CCBT_STATE_DAMAGE_NONE = 0,
  CCBT_STATE_DAMAGE_LIST = 1 << 0,     /* nothing of the record can be believed */
  CCBT_STATE_DAMAGE_METAINFO = 1 << 1, /* left out of the record */
  CCBT_STATE_DAMAGE_PROGRESS = 1 << 2, /* left out of the record: it will be checked again */
} CcbtStateDamage;

typedef struct
{
  gint64 id;
  CcbtTorrentRecord *record;
  CcbtStateDamage damage;
} CcbtStateRow;

void ccbt_state_row_free (CcbtStateRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CcbtStateRow, ccbt_state_row_free)

/* In the order added. A damaged file yields what can be reached from either end.
 * @error: set when some could not be reached, whatever is returned.
 * Returns: (transfer full): array of CcbtStateRow */
GPtrArray *ccbt_state_rows_read (CcbtStateDatabase *database, GError **error);
/* Returns: (transfer full) (nullable) */
CcbtStateRow *ccbt_state_rows_read_one (CcbtStateDatabase *database, gint64 id);
/* Returns: (transfer full) (nullable): NULL also when it is damaged */
GBytes *ccbt_state_rows_read_value (CcbtStateDatabase *database, const char *name);
/* Copies every whole value of @from over those of @to; within a transaction of @to. */
gboolean ccbt_state_rows_copy_values (CcbtStateDatabase *from, CcbtStateDatabase *to,
                                      GError **error);

/* Within a transaction. A record without metainfo leaves the stored one alone. */
gboolean ccbt_state_rows_write (CcbtStateDatabase *database, const CcbtTorrentRecord *record,
                                GError **error);
/* As ccbt_state_rows_write(), into the row @id, whatever stands there. */
gboolean ccbt_state_rows_write_at (CcbtStateDatabase *database, gint64 id,
                                   const CcbtTorrentRecord *record, GError **error);
/* Does nothing when the torrent is not there. */
gboolean ccbt_state_rows_write_progress (CcbtStateDatabase *database,
                                         const CcbtTorrentRecord *record, GError **error);
gboolean ccbt_state_rows_remove (CcbtStateDatabase *database, const CcbtInfoHash *info_hash,
                                 GError **error);
gboolean ccbt_state_rows_write_value (CcbtStateDatabase *database, const char *name, GBytes *value,
                                      GError **error);
