/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-error-text.h"
#include <glib/gi18n.h>

const char *
ccbt_error_text_for_code (int code)
{
  switch ((CcbtError) code)
    {
    case CCBT_ERROR_MALFORMED:
      return _ ("This is not a valid torrent");
    case CCBT_ERROR_TOO_LARGE:
      return _ ("This is larger than is allowed");
    case CCBT_ERROR_HASH_MISMATCH:
      return _ ("The data is damaged");
    case CCBT_ERROR_UNSUPPORTED:
      return _ ("This kind of torrent is not supported yet");
    case CCBT_ERROR_INVALID:
      return _ ("This cannot be done");
    case CCBT_ERROR_EXISTS:
      return _ ("The torrent is already in the list");
    case CCBT_ERROR_NOT_FOUND:
      return _ ("Not found");
    case CCBT_ERROR_NO_SPACE:
      return _ ("The disk is full");
    case CCBT_ERROR_READ_ONLY:
      return _ ("The folder cannot be written to");
    case CCBT_ERROR_FILES_MISSING:
      return _ ("The files are missing");
    case CCBT_ERROR_DISK:
      return _ ("The disk reports an error");
    case CCBT_ERROR_NETWORK:
      return _ ("The other side cannot be reached");
    case CCBT_ERROR_REFUSED:
      return _ ("The server refused");
    case CCBT_ERROR_BUSY:
      return _ ("Busy; please try again later");
    default:
      return _ ("Something went wrong");
    }
}

char *
ccbt_error_text (const GError *error)
{
  if (error->domain == CCBT_ERROR)
    return g_strdup (ccbt_error_text_for_code (error->code));
  return g_utf8_make_valid (error->message, -1);
}
