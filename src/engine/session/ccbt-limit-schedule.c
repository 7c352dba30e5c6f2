/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/ccbt-limit-schedule.h"
#include "base/ccbt-error.h"
#include <string.h>

#define MINUTES_OF_DAY (24u * 60)
#define MINUTES_OF_WEEK (7u * MINUTES_OF_DAY)
#define EVERY_DAY 0x7fu
#define MAX_TEXT 4096u

struct _CcbtLimitSchedule
{
  guint8 minutes[MINUTES_OF_WEEK / 8]; /* a bit each, from Monday 00:00 */
};

static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

static void
set_span (CcbtLimitSchedule *self, guint begin, guint n_minutes)
{
  for (guint i = 0; i < n_minutes; i++)
    {
      guint minute = (begin + i) % MINUTES_OF_WEEK;

      self->minutes[minute / 8] |= (guint8) (1u << minute % 8);
    }
}

/* Returns: 7 when it is none */
static guint
parse_day (const char *text, gsize len)
{
  guint day = 0;

  while (day < G_N_ELEMENTS (days) && (len != 3 || g_ascii_strncasecmp (days[day], text, 3) != 0))
    day++;
  return day;
}

/* "mon" or "mon-fri"; past Sunday it goes on at Monday. */
static gboolean
parse_days (const char *text, guint *mask)
{
  const char *dash = strchr (text, '-');
  guint first = parse_day (text, dash != NULL ? (gsize) (dash - text) : strlen (text));
  guint last = dash != NULL ? parse_day (dash + 1, strlen (dash + 1)) : first;

  if (first > 6 || last > 6)
    return FALSE;
  for (guint day = first;; day = (day + 1) % 7)
    {
      *mask |= 1u << day;
      if (day == last)
        return TRUE;
    }
}

/* "08:00"; "24:00" is the end of a day. */
static gboolean
parse_time (const char *text, gsize len, guint *minute)
{
  guint hours, minutes;

  if (len != 5 || text[2] != ':' || !g_ascii_isdigit (text[0]) || !g_ascii_isdigit (text[1])
      || !g_ascii_isdigit (text[3]) || !g_ascii_isdigit (text[4]))
    return FALSE;
  hours = (guint) (text[0] - '0') * 10 + (guint) (text[1] - '0');
  minutes = (guint) (text[3] - '0') * 10 + (guint) (text[4] - '0');
  *minute = hours * 60 + minutes;
  return minutes < 60 && *minute <= MINUTES_OF_DAY;
}

static gboolean
take_times (CcbtLimitSchedule *self, const char *text, guint mask)
{
  const char *dash = strchr (text, '-');
  guint from, to;

  if (dash == NULL || !parse_time (text, (gsize) (dash - text), &from)
      || !parse_time (dash + 1, strlen (dash + 1), &to) || from == MINUTES_OF_DAY)
    return FALSE;
  for (guint day = 0; day < 7; day++)
    if (mask & 1u << day)
      set_span (self, day * MINUTES_OF_DAY + from,
                to > from ? to - from : to + MINUTES_OF_DAY - from);
  return TRUE;
}

/* @mask: days that were named and have no times yet */
static gboolean
take_part (CcbtLimitSchedule *self, char *part, guint *mask)
{
  char *space;

  g_strstrip (part);
  space = strchr (part, ' ');
  if (space != NULL)
    {
      *space = '\0';
      if (!parse_days (part, mask) || !take_times (self, g_strchug (space + 1), *mask))
        return FALSE;
      *mask = 0;
      return TRUE;
    }
  if (parse_days (part, mask)) /* more days follow */
    return TRUE;
  if (!take_times (self, part, *mask != 0 ? *mask : EVERY_DAY))
    return FALSE;
  *mask = 0;
  return TRUE;
}

CcbtLimitSchedule *
ccbt_limit_schedule_parse (const char *text, GError **error)
{
  g_autoptr (CcbtLimitSchedule) self = g_new0 (CcbtLimitSchedule, 1);
  g_autofree char *copy = g_strstrip (g_strndup (text, MAX_TEXT));
  g_auto (GStrv) parts = g_strsplit (copy, ",", 0);
  guint mask = 0;
  gboolean fits = strlen (text) <= MAX_TEXT;

  for (guint i = 0; fits && copy[0] != '\0' && parts[i] != NULL; i++)
    fits = take_part (self, parts[i], &mask);
  if (fits && mask == 0)
    return g_steal_pointer (&self);
  g_set_error (error, CCBT_ERROR, CCBT_ERROR_INVALID,
               "The schedule is not understood; write it like “mon-fri 08:00-18:00, sat,sun "
               "10:00-14:00”.");
  return NULL;
}

void
ccbt_limit_schedule_free (CcbtLimitSchedule *self)
{
  g_free (self);
}

gboolean
ccbt_limit_schedule_holds (const CcbtLimitSchedule *self, GDateTime *time)
{
  guint minute = ((guint) g_date_time_get_day_of_week (time) - 1) * MINUTES_OF_DAY
                 + (guint) g_date_time_get_hour (time) * 60 + (guint) g_date_time_get_minute (time);

  return self->minutes[minute / 8] >> minute % 8 & 1;
}
