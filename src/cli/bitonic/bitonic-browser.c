/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-browser.h"
#include "bitonic-keys.h"
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#define MAX_ENTRIES 20000u

typedef struct
{
  char *name; /* as the file system spells it */
  gboolean is_folder;
} Entry;

struct _BitonicBrowser
{
  char *folder;
  GPtrArray *entries; /* folders first, each in order of name; the first is ".." */
  BitonicScroll scroll;
  guint page;
  char *problem; /* (nullable) */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_free (entry);
}

static void
add_entry (BitonicBrowser *self, const char *name, gboolean is_folder)
{
  Entry *entry = g_new (Entry, 1);

  *entry = (Entry){ g_strdup (name), is_folder };
  g_ptr_array_add (self->entries, entry);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *first = *(Entry *const *) a, *second = *(Entry *const *) b;

  if (first->is_folder != second->is_folder)
    return first->is_folder ? -1 : 1;
  return strcmp (first->name, second->name);
}

/* Takes @folder. */
static void
open_folder (BitonicBrowser *self, char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  g_free (self->folder);
  g_free (self->problem);
  self->folder = folder;
  self->problem = error != NULL ? g_strdup (error->message) : NULL;
  self->scroll = (BitonicScroll){ 0 };
  g_ptr_array_set_size (self->entries, 0);
  add_entry (self, "..", TRUE);
  while (dir != NULL && self->entries->len < MAX_ENTRIES && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (name[0] == '.')
        continue;
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        add_entry (self, name, TRUE);
      else if (g_str_has_suffix (name, ".torrent"))
        add_entry (self, name, FALSE);
    }
  g_ptr_array_sort (self->entries, compare_entries);
}

BitonicBrowser *
bitonic_browser_new (const char *folder)
{
  BitonicBrowser *self = g_new0 (BitonicBrowser, 1);

  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->page = 1;
  open_folder (self, g_canonicalize_filename (folder != NULL ? folder : ".", NULL));
  return self;
}

void
bitonic_browser_free (BitonicBrowser *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self->folder);
  g_free (self->problem);
  g_free (self);
}

static char *
choose (BitonicBrowser *self)
{
  const Entry *entry = self->entries->pdata[MIN (self->scroll.cursor, self->entries->len - 1)];

  if (!entry->is_folder)
    return g_build_filename (self->folder, entry->name, NULL);
  open_folder (self, g_canonicalize_filename (entry->name, self->folder));
  return NULL;
}

char *
bitonic_browser_feed (BitonicBrowser *self, gunichar key)
{
  const guint n = self->entries->len;

  switch (key)
    {
    case BITONIC_KEY_ENTER:
    case BITONIC_KEY_RIGHT:
      return choose (self);
    case BITONIC_KEY_LEFT:
    case BITONIC_KEY_BACKSPACE:
      open_folder (self, g_path_get_dirname (self->folder));
      break;
    case BITONIC_KEY_UP:
    case 'k':
      bitonic_scroll_move (&self->scroll, n, -1);
      break;
    case BITONIC_KEY_DOWN:
    case 'j':
      bitonic_scroll_move (&self->scroll, n, 1);
      break;
    case BITONIC_KEY_PAGE_UP:
      bitonic_scroll_move (&self->scroll, n, -(int) self->page);
      break;
    case BITONIC_KEY_PAGE_DOWN:
      bitonic_scroll_move (&self->scroll, n, (int) self->page);
      break;
    case BITONIC_KEY_HOME:
      bitonic_scroll_move (&self->scroll, n, G_MININT);
      break;
    case BITONIC_KEY_END:
      bitonic_scroll_move (&self->scroll, n, G_MAXINT);
      break;
    default:
      break;
    }
  return NULL;
}

void
bitonic_browser_draw (BitonicBrowser *self, BitonicCanvas *canvas)
{
  const guint width = bitonic_canvas_get_width (canvas);
  const guint height = bitonic_canvas_get_height (canvas);
  const guint rows = height > 3 ? height - 3 : 0;
  g_autofree char *folder = g_filename_display_name (self->folder);

  if (width < 8 || rows == 0)
    return;
  self->page = rows;
  bitonic_canvas_box (canvas, 0, 0, width, height, _ ("Add a .torrent file"));
  bitonic_canvas_put (canvas, 2, 1, width - 4,
                      self->problem != NULL ? BITONIC_STYLE_BAD : BITONIC_STYLE_DIM,
                      self->problem != NULL ? self->problem : folder);
  bitonic_scroll_fit (&self->scroll, self->entries->len, rows);
  for (guint i = 0; i < rows && self->scroll.top + i < self->entries->len; i++)
    {
      const Entry *entry = self->entries->pdata[self->scroll.top + i];
      const guint selected
          = self->scroll.top + i == self->scroll.cursor ? BITONIC_STYLE_SELECTED : 0;
      g_autofree char *name = g_filename_display_name (entry->name);
      g_autofree char *text = g_strconcat (name, entry->is_folder ? "/" : "", NULL);

      bitonic_canvas_put (canvas, 2, 2 + i, width - 4,
                          (entry->is_folder ? BITONIC_STYLE_BOLD : BITONIC_STYLE_NORMAL) | selected,
                          text);
    }
}
