/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ccbt-rate-history.h"
#include <string.h>

#define STORED_TYPE "(tta(xatat))"
#define LARGEST_STEP_BACK 3600 /* seconds: a clock set by hand, not one corrected */

static const struct
{
  guint step;
  guint length;
} scales[CCBT_N_HISTORY_SCALES] = {
  [CCBT_HISTORY_SECONDS] = { 1, 600 },
  [CCBT_HISTORY_MINUTES] = { 60, 1440 },
  [CCBT_HISTORY_HOURS] = { 3600, 2160 },
};

/* A ring: slot n is at n % length. */
typedef struct
{
  gint64 newest; /* slot: time / step; 0 = none yet */
  guint64 *down;
  guint64 *up;
} Level;

struct _CcbtRateHistory
{
  Level levels[CCBT_N_HISTORY_SCALES];
  guint64 downloaded;
  guint64 uploaded;
};

CcbtRateHistory *
ccbt_rate_history_new (void)
{
  CcbtRateHistory *self = g_new0 (CcbtRateHistory, 1);

  for (guint i = 0; i < CCBT_N_HISTORY_SCALES; i++)
    {
      self->levels[i].down = g_new0 (guint64, scales[i].length);
      self->levels[i].up = g_new0 (guint64, scales[i].length);
    }
  return self;
}

void
ccbt_rate_history_free (CcbtRateHistory *self)
{
  for (guint i = 0; i < CCBT_N_HISTORY_SCALES; i++)
    {
      g_free (self->levels[i].down);
      g_free (self->levels[i].up);
    }
  g_free (self);
}

/* Makes @slot the newest; what was not seen in between had nothing. */
static void
advance (Level *level, guint length, gint64 slot)
{
  gint64 n_new = MIN (slot - level->newest, (gint64) length);

  for (gint64 i = 0; i < n_new; i++)
    {
      guint place = (guint) ((slot - i) % length);

      level->down[place] = level->up[place] = 0;
    }
  level->newest = slot;
}

/* Those that lie ahead were told by a wrong clock: they count for now. */
static void
step_back (Level *level, guint length, gint64 slot)
{
  g_autofree guint64 *down = g_memdup2 (level->down, length * sizeof *level->down);
  g_autofree guint64 *up = g_memdup2 (level->up, length * sizeof *level->up);

  for (gint64 i = 0; i < length; i++)
    {
      guint from = (guint) ((level->newest + length - i) % length);
      guint to = (guint) ((slot + length - i) % length);

      level->down[to] = down[from];
      level->up[to] = up[from];
    }
  level->newest = slot;
}

static void
move_to (Level *level, guint scale, gint64 now)
{
  gint64 slot = MAX (now, 0) / scales[scale].step;

  if (slot > level->newest)
    advance (level, scales[scale].length, slot);
  else if (slot < level->newest - LARGEST_STEP_BACK / scales[scale].step)
    step_back (level, scales[scale].length, slot);
}

void
ccbt_rate_history_add (CcbtRateHistory *self, gint64 now, guint64 down, guint64 up)
{
  for (guint i = 0; i < CCBT_N_HISTORY_SCALES; i++)
    {
      Level *level = &self->levels[i];
      guint place;

      move_to (level, i, now);
      place = (guint) (level->newest % scales[i].length);
      level->down[place] += down;
      level->up[place] += up;
    }
  self->downloaded += down;
  self->uploaded += up;
}

guint64
ccbt_rate_history_get_downloaded (const CcbtRateHistory *self)
{
  return self->downloaded;
}

guint64
ccbt_rate_history_get_uploaded (const CcbtRateHistory *self)
{
  return self->uploaded;
}

guint
ccbt_history_scale_get_step (CcbtHistoryScale scale)
{
  return scales[scale].step;
}

guint
ccbt_history_scale_get_length (CcbtHistoryScale scale)
{
  return scales[scale].length;
}

void
ccbt_rate_history_read (CcbtRateHistory *self, CcbtHistoryScale scale, gint64 now, guint64 *down,
                        guint64 *up)
{
  Level *level = &self->levels[scale];
  guint length = scales[scale].length;

  move_to (level, scale, now);
  for (guint i = 0; i < length; i++)
    {
      guint place = (guint) ((level->newest + 1 + i) % length);

      down[i] = level->down[place];
      up[i] = level->up[place];
    }
}

/* --- Stored --- */

static GVariant *
save_array (const guint64 *numbers, guint length)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, numbers, length, sizeof *numbers);
}

GBytes *
ccbt_rate_history_save (CcbtRateHistory *self)
{
  GVariantBuilder levels;
  g_autoptr (GVariant) all = NULL;

  g_variant_builder_init (&levels, G_VARIANT_TYPE ("a(xatat)"));
  for (guint i = CCBT_HISTORY_MINUTES; i < CCBT_N_HISTORY_SCALES; i++)
    g_variant_builder_add (&levels, "(x@at@at)", self->levels[i].newest,
                           save_array (self->levels[i].down, scales[i].length),
                           save_array (self->levels[i].up, scales[i].length));
  all = g_variant_ref_sink (
      g_variant_new ("(tta(xatat))", self->downloaded, self->uploaded, &levels));
  return g_variant_get_data_as_bytes (all);
}

static gboolean
load_array (GVariant *array, guint64 *out, guint length)
{
  gsize n;
  const guint64 *numbers = g_variant_get_fixed_array (array, &n, sizeof *numbers);

  if (n != length)
    return FALSE;
  memcpy (out, numbers, n * sizeof *numbers);
  return TRUE;
}

static gboolean
load_level (Level *level, guint scale, GVariant *stored)
{
  g_autoptr (GVariant) down = NULL;
  g_autoptr (GVariant) up = NULL;

  g_variant_get (stored, "(x@at@at)", &level->newest, &down, &up);
  return level->newest >= 0 && level->newest <= G_MAXINT64 / scales[scale].step
         && load_array (down, level->down, scales[scale].length)
         && load_array (up, level->up, scales[scale].length);
}

CcbtRateHistory *
ccbt_rate_history_load (GBytes *bytes)
{
  g_autoptr (CcbtRateHistory) self = ccbt_rate_history_new ();
  g_autoptr (GVariant) all
      = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (STORED_TYPE), bytes, FALSE));
  g_autoptr (GVariant) levels = NULL;

  if (!g_variant_is_normal_form (all))
    return NULL;
  g_variant_get (all, "(tt@a(xatat))", &self->downloaded, &self->uploaded, &levels);
  if (g_variant_n_children (levels) != CCBT_N_HISTORY_SCALES - CCBT_HISTORY_MINUTES)
    return NULL;
  for (guint i = CCBT_HISTORY_MINUTES; i < CCBT_N_HISTORY_SCALES; i++)
    {
      g_autoptr (GVariant) stored = g_variant_get_child_value (levels, i - CCBT_HISTORY_MINUTES);

      if (!load_level (&self->levels[i], i, stored))
        return NULL;
    }
  return g_steal_pointer (&self);
}
