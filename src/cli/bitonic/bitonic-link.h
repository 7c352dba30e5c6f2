/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

/* The running instance, never waited for: what it tells comes by these callbacks, on the global
 * default context. When it ends, it is looked for again and again. */
typedef struct
{
  void (*changed) (gpointer data, GVariant *changes); /* (tbaa{sv}au): see docs/dbus.md */
  void (*more) (gpointer data, GVariant *changes);    /* the same of other fields */
  void (*status) (gpointer data, GVariant *status);   /* a{sv} */
  void (*events) (gpointer data, GVariant *events);   /* aa{sv} */
  void (*details) (gpointer data, const char *info_hash, const char *part,
                   GVariant *details); /* a{sv} */
  /* A verb failed (@error), or has an answer. */
  void (*answered) (gpointer data, const char *verb, GVariant *reply, const GError *error);
  void (*connected) (gpointer data, gboolean is_connected);
} BitonicLinkEvents;

typedef struct _BitonicLink BitonicLink;

/* @state_dir: (nullable): NULL = the user's. @fields: those of torrents that are followed; @more: others,
 * which come later; both static.
 * Errors: as of ccbt_control_client_activate(). Returns: (transfer full) (nullable) */
BitonicLink *bitonic_link_new (const char *state_dir, const char *const *fields,
                               const char *const *more, const BitonicLinkEvents *events,
                               gpointer data, GError **error);
void bitonic_link_free (BitonicLink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BitonicLink, bitonic_link_free)

/* Once in a while: asks for the session's status, and for @part of a torrent when there is one
 * (nullable). A question that is still open is not asked again, and one that takes long less often. */
void bitonic_link_refresh (BitonicLink *self, const char *info_hash, const char *part);

/* @arguments: floating is taken; NULL = "()". */
void bitonic_link_call (BitonicLink *self, const char *verb, GVariant *arguments);
