/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/ccbt-control-error.h"
#include "base/ccbt-error.h"

#define PREFIX "io.github.ccbittorrent.CcBitTorrent1.Error."

static const GDBusErrorEntry entries[] = {
  { CCBT_ERROR_MALFORMED, PREFIX "Malformed" },
  { CCBT_ERROR_TOO_LARGE, PREFIX "TooLarge" },
  { CCBT_ERROR_HASH_MISMATCH, PREFIX "HashMismatch" },
  { CCBT_ERROR_UNSUPPORTED, PREFIX "Unsupported" },
  { CCBT_ERROR_INVALID, PREFIX "Invalid" },
  { CCBT_ERROR_EXISTS, PREFIX "Exists" },
  { CCBT_ERROR_NOT_FOUND, PREFIX "NotFound" },
  { CCBT_ERROR_NO_SPACE, PREFIX "NoSpace" },
  { CCBT_ERROR_READ_ONLY, PREFIX "ReadOnly" },
  { CCBT_ERROR_FILES_MISSING, PREFIX "FilesMissing" },
  { CCBT_ERROR_DISK, PREFIX "Disk" },
  { CCBT_ERROR_NETWORK, PREFIX "Network" },
  { CCBT_ERROR_REFUSED, PREFIX "Refused" },
  { CCBT_ERROR_BUSY, PREFIX "Busy" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (entries) == CCBT_ERROR_BUSY + 1);

static gpointer
register_once (gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    g_dbus_error_register_error (CCBT_ERROR, entries[i].error_code, entries[i].dbus_error_name);
  return NULL;
}

void
ccbt_control_register_errors (void)
{
  static GOnce once = G_ONCE_INIT;

  g_once (&once, register_once, NULL);
}

static CcbtError
translate (const GError *error)
{
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD))
    return CCBT_ERROR_INVALID;
  return CCBT_ERROR_NETWORK;
}

GError *
ccbt_control_error_from_dbus (GError *error)
{
  GError *result;

  g_dbus_error_strip_remote_error (error);
  if (error->domain == CCBT_ERROR || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return error;
  result = g_error_new_literal (CCBT_ERROR, translate (error), error->message);
  g_error_free (error);
  return result;
}
