/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-url.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"
#include "wire/ccbt-url.h"

#define MAX_SHOWN 100

static gboolean
has_known_scheme (const char *url)
{
  static const char *const schemes[] = { "http://", "https://", "udp://" };

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_ascii_strncasecmp (url, schemes[i], strlen (schemes[i])) == 0)
      return TRUE;
  return FALSE;
}

char *
ccbt_tracker_url_check (const char *url, GError **error)
{
  g_autofree char *shown = ccbt_text_make_printable (ccbt_span_from_string (url), MAX_SHOWN);
  g_autofree char *trimmed = g_strstrip (g_strdup (url));
  char *clean = NULL;

  if (strlen (trimmed) > CCBT_URL_MAX_BYTES)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                 "The address of the tracker has %" G_GSIZE_FORMAT " bytes; %u are allowed.",
                 strlen (trimmed), CCBT_URL_MAX_BYTES);
  else if (!has_known_scheme (trimmed))
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                 "“%s” is no address of a tracker: it begins with http://, https:// or udp://.",
                 shown);
  else if ((clean = ccbt_url_clean (ccbt_span_from_string (trimmed),
                                    CCBT_URL_HTTP | CCBT_URL_UDP | CCBT_URL_REFUSE_FOREIGN))
           == NULL)
    g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                 "“%s” is no address of a tracker that can be asked.", shown);
  return clean;
}
