/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "base/ccbt-random.h"
#include "base/ccbt-types.h"

/* Decides, for the whole session, which peers may download from us. Tit-for-tat: on torrents we
 * still download, by what the peer gives us; on torrents we seed, by what it takes, with rotation
 * so that every interested peer gets its turn (threat B58). Plus optimistic unchokes. Run every 10
 * s, and at once when slots fall free. Pure. */
typedef struct
{
  CcbtPeerHandle peer;
  gboolean is_interested; /* wants from us */
  gboolean is_seeding;    /* we have all we want of that torrent */
  gboolean is_snubbed;    /* unchoked us, gives nothing: no reward */
  gboolean is_unchoked;   /* as of now */
  gint64 unchoked_at;     /* monotonic microseconds; when is_unchoked */
  gint64 connected_at;
  double rate;              /* bytes/s: from the peer when downloading, to the peer when seeding */
  guint64 uploaded_in_slot; /* bytes sent since unchoked_at */
  CcbtPriority priority;    /* of the torrent */
  guint32 group;            /* the torrent */
  guint group_slots; /* most peers of the torrent to be unchoked; 0 = as many as there are slots */
  gboolean unchoke;  /* (out) */
  gboolean is_optimistic; /* (in/out) chosen optimistically */
} CcbtChokeCandidate;

typedef struct
{
  CcbtRandom random;
  gint64 optimistic_at; /* when the optimistic choice last rotated */
} CcbtChoker;

void ccbt_choker_init (CcbtChoker *self, guint64 seed);

/* @slots: how many may be unchoked, at least 1; G_MAXUINT = all interested ones. One in five slots
 * (at least one, when slots > 1) is optimistic and rotates every 30 s; peers connected within the
 * last 3 minutes are three times as likely. A seeding slot is given to someone else after 60 s or
 * 64 MiB when others wait. */
void ccbt_choker_run (CcbtChoker *self, CcbtChokeCandidate *candidates, guint n_candidates,
                      guint slots, gint64 now);

/* How many slots an upload limit (bytes/s, 0 = none) and a measured rate deserve. */
guint ccbt_choker_suggest_slots (guint64 limit, double rate, guint n_unchoked_and_interested);
