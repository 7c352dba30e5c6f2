/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "torrent/ccbt-metadata-fetch.h"
#include "wire/ccbt-metainfo.h"

#define ANSWER_TIME (6 * CCBT_SECOND) /* then another peer is asked for the piece */
#define REJECT_PAUSE (30 * CCBT_SECOND)
#define REQUESTS_PER_PEER 3u

typedef struct
{
  CcbtPeerHandle peer;
  guint32 size;
  gint64 not_before; /* after a reject */
  guint n_out;
} Source;

typedef struct
{
  CcbtPeerHandle giver; /* NONE = missing */
  CcbtPeerHandle asked;
  gint64 asked_at;
  gboolean is_late; /* no answer in time: others may be asked; until one is, it still counts */
} Part;

struct _CcbtMetadataFetch
{
  GArray *sources; /* Source */
  guint32 size;    /* of the try under way; 0 = no peer has said */
  guint8 *bytes;
  Part *parts;
  guint n_parts;
  guint n_received;
  gboolean is_exclusive; /* after a failure: all from one peer */
  CcbtPeerHandle only;   /* that one; NONE = not chosen yet */
};

CcbtMetadataFetch *
ccbt_metadata_fetch_new (void)
{
  CcbtMetadataFetch *self = g_new0 (CcbtMetadataFetch, 1);

  self->sources = g_array_new (FALSE, FALSE, sizeof (Source));
  return self;
}

void
ccbt_metadata_fetch_free (CcbtMetadataFetch *self)
{
  g_array_unref (self->sources);
  g_free (self->bytes);
  g_free (self->parts);
  g_free (self);
}

static Source *
find_source (CcbtMetadataFetch *self, CcbtPeerHandle peer)
{
  for (guint i = 0; i < self->sources->len; i++)
    if (g_array_index (self->sources, Source, i).peer == peer)
      return &g_array_index (self->sources, Source, i);
  return NULL;
}

static void
reset (CcbtMetadataFetch *self)
{
  g_clear_pointer (&self->bytes, g_free);
  g_clear_pointer (&self->parts, g_free);
  self->size = self->n_parts = self->n_received = 0;
  self->only = CCBT_PEER_NONE;
  for (guint i = 0; i < self->sources->len; i++)
    g_array_index (self->sources, Source, i).n_out = 0;
}

static void
begin (CcbtMetadataFetch *self, const Source *source)
{
  self->size = source->size;
  self->bytes = g_malloc (source->size);
  self->n_parts = (source->size + CCBT_METADATA_PIECE_SIZE - 1) / CCBT_METADATA_PIECE_SIZE;
  self->parts = g_new0 (Part, self->n_parts);
  if (self->is_exclusive)
    self->only = source->peer;
}

void
ccbt_metadata_fetch_add_peer (CcbtMetadataFetch *self, CcbtPeerHandle peer, guint32 size)
{
  const Source source = { .peer = peer, .size = size };

  if (size == 0 || size > CCBT_METAINFO_MAX_SIZE || find_source (self, peer) != NULL)
    return;
  g_array_append_val (self->sources, source);
}

void
ccbt_metadata_fetch_remove_peer (CcbtMetadataFetch *self, CcbtPeerHandle peer)
{
  gboolean size_is_held = FALSE;

  for (guint i = 0; i < self->sources->len; i++)
    if (g_array_index (self->sources, Source, i).peer == peer)
      g_array_remove_index_fast (self->sources, i--);
    else
      size_is_held |= g_array_index (self->sources, Source, i).size == self->size;
  for (guint i = 0; i < self->n_parts; i++)
    if (self->parts[i].asked == peer)
      self->parts[i].asked = CCBT_PEER_NONE;
  /* A size nobody left stands for, or the only peer asked, is gone: begin anew with another. */
  if (self->only == peer || (self->size != 0 && !size_is_held))
    reset (self);
}

/* The peer did not answer in time: others first. */
static void
put_off (CcbtMetadataFetch *self, CcbtPeerHandle peer, gint64 now)
{
  Source *source = find_source (self, peer);

  if (source == NULL)
    return;
  source->n_out = 0;
  source->not_before = now + REJECT_PAUSE;
}

static void
note_late_answers (CcbtMetadataFetch *self, gint64 now)
{
  for (guint i = 0; i < self->n_parts; i++)
    {
      Part *part = &self->parts[i];

      if (part->giver != CCBT_PEER_NONE || part->asked == CCBT_PEER_NONE || part->is_late
          || now - part->asked_at < ANSWER_TIME)
        continue;
      part->is_late = TRUE;
      put_off (self, part->asked, now);
    }
}

static gboolean
is_asked (const Part *part)
{
  return part->asked != CCBT_PEER_NONE && !part->is_late;
}

/* Is there nobody left who stands for the size of this try and answers? Then it was perhaps a lie. */
static gboolean
is_stuck (CcbtMetadataFetch *self, gint64 now)
{
  if (self->n_received == self->n_parts)
    return FALSE; /* being verified */
  for (guint i = 0; i < self->n_parts; i++)
    if (self->parts[i].giver == CCBT_PEER_NONE && is_asked (&self->parts[i]))
      return FALSE;
  for (guint i = 0; i < self->sources->len; i++)
    {
      const Source *source = &g_array_index (self->sources, Source, i);

      if (source->size == self->size && source->not_before <= now
          && (self->only == CCBT_PEER_NONE || self->only == source->peer))
        return FALSE;
    }
  return TRUE;
}

gboolean
ccbt_metadata_fetch_next (CcbtMetadataFetch *self, CcbtPeerHandle peer, gint64 now, guint32 *piece)
{
  Source *source = find_source (self, peer);

  note_late_answers (self, now);
  if (source == NULL || source->not_before > now || source->n_out >= REQUESTS_PER_PEER)
    return FALSE;
  if (self->size != 0 && (source->size != self->size || self->is_exclusive) && is_stuck (self, now))
    reset (self);
  if (self->size == 0)
    begin (self, source);
  if (source->size != self->size || (self->is_exclusive && self->only != peer))
    return FALSE;
  for (guint i = 0; i < self->n_parts; i++)
    {
      Part *part = &self->parts[i];

      if (part->giver != CCBT_PEER_NONE || is_asked (part))
        continue;
      part->asked = peer;
      part->asked_at = now;
      part->is_late = FALSE;
      source->n_out++;
      *piece = i;
      return TRUE;
    }
  return FALSE;
}

static guint32
get_part_length (CcbtMetadataFetch *self, guint32 piece)
{
  return MIN (CCBT_METADATA_PIECE_SIZE, self->size - piece * CCBT_METADATA_PIECE_SIZE);
}

GBytes *
ccbt_metadata_fetch_take (CcbtMetadataFetch *self, CcbtPeerHandle peer,
                          const CcbtMetadataMessage *message)
{
  Source *source = find_source (self, peer);
  Part *part;

  if (source == NULL || message->piece >= self->n_parts || message->total_size != self->size
      || message->data.len != get_part_length (self, message->piece))
    return NULL;
  part = &self->parts[message->piece];
  if (part->asked != peer || part->giver != CCBT_PEER_NONE)
    return NULL; /* not asked of this peer, or too late */
  memcpy (self->bytes + (gsize) message->piece * CCBT_METADATA_PIECE_SIZE, message->data.data,
          message->data.len);
  part->giver = peer;
  if (part->is_late) /* slow, not silent */
    source->not_before = 0;
  if (source->n_out > 0)
    source->n_out--;
  if (++self->n_received < self->n_parts)
    return NULL;
  return g_bytes_new (self->bytes, self->size);
}

void
ccbt_metadata_fetch_take_reject (CcbtMetadataFetch *self, CcbtPeerHandle peer, gint64 now)
{
  Source *source = find_source (self, peer);

  if (source == NULL)
    return;
  source->not_before = now + REJECT_PAUSE;
  source->n_out = 0;
  for (guint i = 0; i < self->n_parts; i++)
    if (self->parts[i].asked == peer)
      self->parts[i].asked = CCBT_PEER_NONE;
  if (self->only == peer)
    reset (self);
}

CcbtPeerHandle
ccbt_metadata_fetch_note_failure (CcbtMetadataFetch *self)
{
  CcbtPeerHandle giver = self->n_parts > 0 ? self->parts[0].giver : CCBT_PEER_NONE;

  for (guint i = 1; i < self->n_parts; i++)
    if (self->parts[i].giver != giver)
      giver = CCBT_PEER_NONE;
  reset (self);
  self->is_exclusive = TRUE;
  return giver;
}

double
ccbt_metadata_fetch_get_progress (CcbtMetadataFetch *self)
{
  return self->n_parts > 0 ? (double) self->n_received / self->n_parts : 0.0;
}
