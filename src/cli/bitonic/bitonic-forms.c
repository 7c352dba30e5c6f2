/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-forms.h"
#include "../ccbt-cli-addition.h"
#include "../ccbt-cli-text.h"
#include <glib/gi18n.h>

static const char *const priorities[] = { "low", "normal", "high", "maximum", NULL };

/* The fields, as they were added. */
enum
{
  ADD_WHAT,
  ADD_FOLDER,
  ADD_PAUSED,
  ADD_SEQUENTIAL,
};

enum
{
  OPTION_PRIORITY,
  OPTION_FORCED,
  OPTION_DOWN,
  OPTION_UP,
  OPTION_RATIO,
  OPTION_CATEGORY,
  OPTION_SEQUENTIAL,
  OPTION_SUPER_SEEDING,
};

enum
{
  LIMIT_DOWN,
  LIMIT_UP,
  LIMIT_ALTERNATIVE,
};

static char *
expand (const char *path)
{
  return g_str_has_prefix (path, "~/") ? g_build_filename (g_get_home_dir (), path + 2, NULL)
                                       : g_strdup (path);
}

gboolean
bitonic_forms_add_torrent (BitonicApp *self, const char *what, const char *folder, gboolean paused,
                           gboolean sequential)
{
  g_autofree char *path = expand (what);
  g_autofree char *expanded = folder != NULL && folder[0] != '\0' ? expand (folder) : NULL;
  const CcbtCliAddition settings
      = { .folder = expanded, .paused = paused, .sequential = sequential };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) arguments = ccbt_cli_make_addition (path, &settings, &error);

  if (arguments == NULL)
    bitonic_app_say (self, TRUE, g_strdup (error->message));
  else
    bitonic_app_call (self, "torrent.add", arguments);
  return arguments != NULL;
}

/* --- Adding --- */

void
bitonic_forms_open_add (BitonicApp *self, const char *what)
{
  bitonic_form_init (&self->form, N_ ("Add a torrent"));
  bitonic_form_add_line (&self->form, N_ ("File, URL, magnet"), what);
  bitonic_form_add_line (&self->form, N_ ("Folder for its files"), "");
  bitonic_form_add_switch (&self->form, N_ ("Paused"), FALSE);
  bitonic_form_add_switch (&self->form, N_ ("In order"), FALSE);
  bitonic_app_open_dialog (self, BITONIC_DIALOG_ADD_FORM, "");
}

static gboolean
submit_add (BitonicApp *self)
{
  g_autofree char *what = bitonic_form_get_text (&self->form, ADD_WHAT);
  g_autofree char *folder = bitonic_form_get_text (&self->form, ADD_FOLDER);

  return bitonic_forms_add_torrent (self, what, folder,
                                    bitonic_form_is_on (&self->form, ADD_PAUSED),
                                    bitonic_form_is_on (&self->form, ADD_SEQUENTIAL));
}

/* --- Options of a torrent --- */

static void
add_number (BitonicForm *form, const char *label, guint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  bitonic_form_add_line (form, label, text);
}

static guint
find_priority (const char *name)
{
  for (guint i = 0; priorities[i] != NULL; i++)
    if (g_str_equal (priorities[i], name))
      return i;
  return 1;
}

void
bitonic_forms_open_options (BitonicApp *self)
{
  const BitonicTorrent *torrent = bitonic_app_get_selected (self);
  BitonicForm *form = &self->form;
  char ratio[G_ASCII_DTOSTR_BUF_SIZE];

  if (torrent == NULL)
    return;
  bitonic_form_init (form, N_ ("Options of the torrent"));
  bitonic_form_add_choice (form, N_ ("Priority"), priorities, find_priority (torrent->priority));
  bitonic_form_add_switch (form, N_ ("Beside the queue"), torrent->is_forced);
  add_number (form, N_ ("Download limit (0: none)"), torrent->download_limit);
  add_number (form, N_ ("Upload limit (0: none)"), torrent->upload_limit);
  bitonic_form_add_line (form, N_ ("Ratio goal (-1: settings)"),
                         g_ascii_formatd (ratio, sizeof ratio, "%g", torrent->ratio_goal));
  bitonic_form_add_line (form, N_ ("Category"), torrent->category);
  bitonic_form_add_switch (form, N_ ("In order"), torrent->is_sequential);
  bitonic_form_add_switch (form, N_ ("Super-seeding"), torrent->is_super_seeding);
  bitonic_app_open_dialog (self, BITONIC_DIALOG_OPTIONS, torrent->info_hash);
}

/* Returns: FALSE: field @i is no rate */
static gboolean
get_rate (BitonicApp *self, guint i, guint64 *rate)
{
  g_autofree char *text = bitonic_form_get_text (&self->form, i);

  if (ccbt_cli_parse_rate (text, rate))
    return TRUE;
  bitonic_app_say (
      self, TRUE,
      g_strdup_printf (_ ("“%s” is no rate: bytes per second, such as 500K or 2M"), text));
  return FALSE;
}

static gboolean
insert_rate (BitonicApp *self, GVariantDict *options, guint i, const char *name)
{
  guint64 rate;

  if (!bitonic_form_is_changed (&self->form, i))
    return TRUE;
  if (!get_rate (self, i, &rate))
    return FALSE;
  g_variant_dict_insert (options, name, "t", rate);
  return TRUE;
}

static gboolean
insert_ratio (BitonicApp *self, GVariantDict *options)
{
  g_autofree char *text = bitonic_form_get_text (&self->form, OPTION_RATIO);
  char *end;
  const double ratio = g_ascii_strtod (text, &end);

  if (!bitonic_form_is_changed (&self->form, OPTION_RATIO))
    return TRUE;
  if (end == text || *end != '\0')
    {
      bitonic_app_say (self, TRUE, g_strdup_printf (_ ("“%s” is no number"), text));
      return FALSE;
    }
  g_variant_dict_insert (options, "ratio-goal", "d", ratio);
  return TRUE;
}

/* Only what was changed here: others may change the rest meanwhile. Returns: (transfer full)
 * (nullable) */
static GVariant *
collect_options (BitonicApp *self)
{
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  BitonicForm *form = &self->form;

  if (!insert_rate (self, &options, OPTION_DOWN, "download-limit")
      || !insert_rate (self, &options, OPTION_UP, "upload-limit") || !insert_ratio (self, &options))
    return NULL;
  if (bitonic_form_is_changed (form, OPTION_PRIORITY))
    g_variant_dict_insert (&options, "priority", "s",
                           bitonic_form_get_choice (form, OPTION_PRIORITY));
  if (bitonic_form_is_changed (form, OPTION_FORCED))
    g_variant_dict_insert (&options, "forced", "b", bitonic_form_is_on (form, OPTION_FORCED));
  if (bitonic_form_is_changed (form, OPTION_CATEGORY))
    g_variant_dict_insert_value (
        &options, "category",
        g_variant_new_take_string (bitonic_form_get_text (form, OPTION_CATEGORY)));
  if (bitonic_form_is_changed (form, OPTION_SUPER_SEEDING))
    g_variant_dict_insert (&options, "super-seeding", "b",
                           bitonic_form_is_on (form, OPTION_SUPER_SEEDING));
  return g_variant_ref_sink (g_variant_dict_end (&options));
}

static gboolean
submit_options (BitonicApp *self)
{
  const char *hash = self->line.text->str; /* as it was opened: the selection may have changed */
  g_autoptr (GVariant) options = collect_options (self);

  if (options == NULL)
    return FALSE;
  if (g_variant_n_children (options) > 0)
    bitonic_app_call (self, "torrent.set-options", g_variant_new ("(s@a{sv})", hash, options));
  if (bitonic_form_is_changed (&self->form, OPTION_SEQUENTIAL))
    bitonic_app_call (
        self, "torrent.set-sequential",
        g_variant_new ("(sb)", hash, bitonic_form_is_on (&self->form, OPTION_SEQUENTIAL)));
  return TRUE;
}

/* --- Limits of the instance --- */

/* While the alternative ones are in force, the usual ones are not told. */
static void
add_limit (BitonicApp *self, const char *label, const char *key)
{
  if (bitonic_get_number (self->status, "alternative-limits") != 0)
    bitonic_form_add_line (&self->form, label, "");
  else
    add_number (&self->form, label, (guint64) bitonic_get_number (self->status, key));
}

void
bitonic_forms_open_limits (BitonicApp *self)
{
  BitonicForm *form = &self->form;

  bitonic_form_init (form, N_ ("Limits of the instance, bytes per second"));
  add_limit (self, N_ ("Download (0: none)"), "download-limit");
  add_limit (self, N_ ("Upload (0: none)"), "upload-limit");
  bitonic_form_add_switch (form, N_ ("Alternative limits"),
                           bitonic_get_number (self->status, "alternative-limits") != 0);
  bitonic_app_open_dialog (self, BITONIC_DIALOG_LIMITS, "");
}

static gboolean
submit_limits (BitonicApp *self)
{
  const BitonicForm *form = &self->form;
  guint64 down, up;

  if (bitonic_form_is_changed (form, LIMIT_DOWN) || bitonic_form_is_changed (form, LIMIT_UP))
    {
      if (!get_rate (self, LIMIT_DOWN, &down) || !get_rate (self, LIMIT_UP, &up))
        return FALSE;
      bitonic_app_call (self, "session.set-limits", g_variant_new ("(tt)", down, up));
    }
  if (bitonic_form_is_changed (form, LIMIT_ALTERNATIVE))
    bitonic_app_call (self, "session.set-alternative",
                      g_variant_new ("(b)", bitonic_form_is_on (form, LIMIT_ALTERNATIVE)));
  return TRUE;
}

gboolean
bitonic_forms_submit (BitonicApp *self)
{
  if (self->dialog == BITONIC_DIALOG_ADD_FORM)
    return submit_add (self);
  return self->dialog == BITONIC_DIALOG_OPTIONS ? submit_options (self) : submit_limits (self);
}
