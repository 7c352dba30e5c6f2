/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-header-lines.h"

gboolean
ccbt_header_take_line (CcbtSpan *rest, CcbtSpan *line)
{
  const guint8 *end;
  gsize taken;

  if (rest->len == 0)
    return FALSE;
  end = memchr (rest->data, '\n', rest->len);
  line->data = rest->data;
  line->len = end != NULL ? (gsize) (end - rest->data) : rest->len;
  taken = line->len + (end != NULL ? 1 : 0);
  rest->data += taken;
  rest->len -= taken;
  if (line->len > 0 && line->data[line->len - 1] == '\r')
    line->len--;
  return TRUE;
}

static CcbtSpan
strip (CcbtSpan text)
{
  while (text.len > 0 && (*text.data == ' ' || *text.data == '\t'))
    text = (CcbtSpan){ text.data + 1, text.len - 1 };
  while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
    text.len--;
  return text;
}

gboolean
ccbt_header_split (CcbtSpan line, CcbtSpan *name, CcbtSpan *value)
{
  const guint8 *colon = line.len > 0 ? memchr (line.data, ':', line.len) : NULL;

  if (colon == NULL)
    return FALSE;
  *name = strip ((CcbtSpan){ line.data, (gsize) (colon - line.data) });
  *value = strip ((CcbtSpan){ colon + 1, line.len - (gsize) (colon - line.data) - 1 });
  return TRUE;
}

gboolean
ccbt_header_is_named (CcbtSpan name, const char *expected)
{
  return name.len == strlen (expected)
         && g_ascii_strncasecmp ((const char *) name.data, expected, name.len) == 0;
}

gboolean
ccbt_header_copy_value (CcbtSpan value, char *out, gsize size)
{
  if (value.len >= size)
    return FALSE;
  for (gsize i = 0; i < value.len; i++)
    if (!g_ascii_isgraph (value.data[i]))
      return FALSE;
  if (value.len > 0)
    memcpy (out, value.data, value.len);
  out[value.len] = '\0';
  return TRUE;
}
