/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include "base/ccbt-span.h"

/* Text that strangers wrote, made safe to show (threats B11-B14, B49, B66, B68): always valid
 * UTF-8, no control characters, no terminal escapes, no direction overrides or zero-width tricks;
 * what was wrong becomes U+FFFD. At most
 * @max_chars characters, an ellipsis in place of what was cut (0 = no limit). Markup is not
 * escaped: views use plain text. Returns: (transfer full) */
char *ccbt_text_make_printable (CcbtSpan raw, gsize max_chars);

/* An URL without what may be secret: user info, and everything after the host but the scheme and
 * the first path component's shape ("https://tracker.example/…"). For logs (threat B78). Returns:
 * (transfer full) */
char *ccbt_text_redact_url (const char *url);
