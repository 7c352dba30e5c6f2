/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "control/ccbt-control-service.h"
#include "control/ccbt-control-tree.h"
#include "control/ccbt-control-values.h"

/* All but the counters belongs to the service's thread. */
struct _CcbtControlService
{
  CcbtEngineHost *host;
  CcbtSnapshotStore *snapshots;
  char *state_dir;
  char *socket_path;
  GMainContext *context;
  GThread *thread;
  GDBusServer *server;
  GSocketService *inherited; /* NULL without: ccbt-control-inherited.c */
  guint n_beginning;         /* connections of it that do not speak yet */
  guint bus_name;
  GDBusConnection *bus; /* NULL without one */
  guint bus_objects[2];
  guint bus_tree[2];
  CcbtControlTree *tree;
  GSourceOnceFunc quit;
  gpointer quit_data;
  gboolean is_stopping;
  guint n_calls;     /* the engine has them */
  GHashTable *peers; /* GDBusConnection, of the socket */
  guint snapshot_watch;
  GPtrArray *watchers; /* Watcher: ccbt-control-watch.c */
  GPtrArray *details;  /* Details: ccbt-control-details.c */
  struct _CcbtControlEvents *events;
};

/* Has the engine run @verb and answers. @arguments: floating is taken. @is_boxed: by "Call": the reply is
 * a variant */
void ccbt_control_run_verb (CcbtControlService *self, GDBusMethodInvocation *invocation,
                            const char *verb, GVariant *arguments, gboolean is_boxed);

/* Lets the same user in only. Returns: (transfer full) */
GDBusAuthObserver *ccbt_control_service_make_observer (void);
/* Serves @connection from now on. Returns: FALSE: there are too many */
gboolean ccbt_control_service_take (CcbtControlService *self, GDBusConnection *connection);
void ccbt_control_service_stop_listening (CcbtControlService *self);

/* "Details": subscribes, answers with the first snapshot, unsubscribes. */
void ccbt_control_details_begin (CcbtControlService *self, GDBusMethodInvocation *invocation,
                                 const char *info_hash, CcbtControlParts parts);
/* New snapshots are there. */
void ccbt_control_details_tick (CcbtControlService *self);

/* Who follows the list. @destination: (nullable): NULL over the socket */
void ccbt_control_watch_add (CcbtControlService *self, GDBusConnection *connection,
                             const char *destination, guint64 mask);
void ccbt_control_watch_remove (CcbtControlService *self, GDBusConnection *connection,
                                const char *destination);
void ccbt_control_watch_tick (CcbtControlService *self);

/* What happened, kept for those who ask later. */
typedef struct _CcbtControlEvents CcbtControlEvents;
CcbtControlEvents *ccbt_control_events_new (CcbtControlService *service);
void ccbt_control_events_free (CcbtControlEvents *self);
void ccbt_control_events_begin (CcbtControlEvents *self, GDBusMethodInvocation *invocation,
                                guint64 cursor, const char *const *types, guint timeout_ms);
