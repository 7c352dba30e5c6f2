/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-screen.h"
#include "bitonic-keys.h"
#include "bitonic-restore.h"
#include "base/ccbt-error.h"
#include <glib/gi18n.h>
#include <curses.h>
#include <langinfo.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define ESCAPE_MS 25
#define DOUBLE_CLICK_US (G_USEC_PER_SEC * 2 / 5)
/* Every way of reporting the mouse, off: xterm's. */
#define MOUSE_OFF "\033[?1000l\033[?1002l\033[?1003l\033[?1006l"

static SCREEN *screen;
static gboolean is_on;
static gboolean is_plain;
static attr_t attributes[BITONIC_N_STYLES];
static short pairs[BITONIC_N_STYLES];

static void
set_colours (void)
{
  static const struct
  {
    BitonicStyle style;
    short colour;
    attr_t attribute;
  } looks[] = {
    { BITONIC_STYLE_DIM, -1, A_DIM },         { BITONIC_STYLE_BOLD, -1, A_BOLD },
    { BITONIC_STYLE_TITLE, -1, A_REVERSE },   { BITONIC_STYLE_HEADING, -1, A_BOLD | A_UNDERLINE },
    { BITONIC_STYLE_DOWN, COLOR_CYAN, 0 },    { BITONIC_STYLE_UP, COLOR_MAGENTA, 0 },
    { BITONIC_STYLE_GOOD, COLOR_GREEN, 0 },   { BITONIC_STYLE_WARNING, COLOR_YELLOW, 0 },
    { BITONIC_STYLE_BAD, COLOR_RED, A_BOLD },
  };
  const gboolean has_them = has_colors () && start_color () == OK && use_default_colors () == OK;

  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      attributes[looks[i].style] = looks[i].attribute;
      if (has_them && looks[i].colour >= 0
          && init_pair ((short) (i + 1), looks[i].colour, -1) == OK)
        pairs[looks[i].style] = (short) (i + 1);
    }
}

gboolean
bitonic_screen_begin (gboolean wants_mouse, GError **error)
{
  if (!isatty (STDIN_FILENO) || !isatty (STDOUT_FILENO))
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                           _ ("standard input and output must be a terminal"));
      return FALSE;
    }
  bitonic_restore_remember ();
  screen = newterm (NULL, stdout, stdin);
  if (screen == NULL)
    {
      g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_INVALID,
                           _ ("the kind of terminal in $TERM is not known"));
      return FALSE;
    }
  set_term (screen);
  is_on = TRUE;
  bitonic_restore_arm (wants_mouse ? MOUSE_OFF : NULL);
  is_plain = g_ascii_strcasecmp (nl_langinfo (CODESET), "UTF-8") != 0;
  cbreak ();
  noecho ();
  nonl ();
  set_escdelay (ESCAPE_MS);
  keypad (stdscr, TRUE);
  nodelay (stdscr, TRUE);
  meta (stdscr, TRUE);
  leaveok (stdscr, FALSE);
  set_colours ();
  if (wants_mouse)
    mousemask (BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
  mouseinterval (0);
  return TRUE;
}

void
bitonic_screen_end (void)
{
  if (!is_on)
    return;
  is_on = FALSE;
  endwin ();
  bitonic_restore_disarm ();
  g_clear_pointer (&screen, delscreen);
}

gboolean
bitonic_screen_is_plain (void)
{
  return is_plain;
}

void
bitonic_screen_get_size (guint *width, guint *height)
{
  *width = (guint) MAX (COLS, 1);
  *height = (guint) MAX (LINES, 1);
}

void
bitonic_screen_resize (void)
{
  struct winsize size;

  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
    resizeterm (size.ws_row, size.ws_col);
  clearok (curscr, TRUE); /* terminals move what was there */
}

/* --- Input --- */

static gunichar
translate (wint_t key)
{
  switch (key)
    {
    case KEY_UP:
      return BITONIC_KEY_UP;
    case KEY_DOWN:
      return BITONIC_KEY_DOWN;
    case KEY_LEFT:
      return BITONIC_KEY_LEFT;
    case KEY_RIGHT:
      return BITONIC_KEY_RIGHT;
    case KEY_HOME:
      return BITONIC_KEY_HOME;
    case KEY_END:
      return BITONIC_KEY_END;
    case KEY_PPAGE:
      return BITONIC_KEY_PAGE_UP;
    case KEY_NPAGE:
      return BITONIC_KEY_PAGE_DOWN;
    case KEY_DC:
      return BITONIC_KEY_DELETE;
    case KEY_BACKSPACE:
      return BITONIC_KEY_BACKSPACE;
    case KEY_BTAB:
      return BITONIC_KEY_BACK_TAB;
    case KEY_ENTER:
      return BITONIC_KEY_ENTER;
    case KEY_F (1):
      return BITONIC_KEY_F1;
    default:
      return BITONIC_KEY_OTHER;
    }
}

static gboolean
read_mouse (BitonicInput *input)
{
  static gint64 last;
  static guint last_x, last_y;
  MEVENT event;
  const gint64 now = g_get_monotonic_time ();

  if (getmouse (&event) != OK || event.x < 0 || event.y < 0)
    return FALSE;
  *input = (BitonicInput){ .x = (guint) event.x, .y = (guint) event.y };
  if (event.bstate & BUTTON4_PRESSED)
    input->wheel = -1;
  else if (event.bstate & BUTTON5_PRESSED)
    input->wheel = 1;
  else if ((event.bstate & BUTTON1_PRESSED) == 0)
    return FALSE;
  else
    {
      input->twice = now - last < DOUBLE_CLICK_US && last_x == input->x && last_y == input->y;
      last = input->twice ? 0 : now;
      last_x = input->x;
      last_y = input->y;
    }
  return TRUE;
}

gboolean
bitonic_screen_read (BitonicInput *input)
{
  wint_t key;
  int kind;

  while ((kind = get_wch (&key)) != ERR)
    {
      if (kind == KEY_CODE_YES && key == KEY_MOUSE)
        {
          if (read_mouse (input))
            return TRUE;
          continue;
        }
      if (kind == KEY_CODE_YES && key == KEY_RESIZE)
        continue;
      *input = (BitonicInput){ .key = kind == KEY_CODE_YES ? translate (key) : (gunichar) key };
      if (kind != KEY_CODE_YES && (key == 0x7f || key == '\b'))
        input->key = BITONIC_KEY_BACKSPACE;
      else if (kind != KEY_CODE_YES && key == '\n')
        input->key = BITONIC_KEY_ENTER;
      return TRUE;
    }
  return FALSE;
}

/* --- Output --- */

/* What the terminal's C library thinks takes other columns than we do would shift the rest of its row. */
static gboolean
is_as_wide (const BitonicCell *cell)
{
  return cell->chars[0] < 0x7f || wcwidth ((wchar_t) cell->chars[0]) == cell->width;
}

static void
show_cell (int x, int y, const BitonicCell *cell)
{
  wchar_t characters[BITONIC_CELL_CHARS + 1] = { 0 };
  attr_t attribute = attributes[cell->style & ~BITONIC_STYLE_SELECTED];
  cchar_t shown;

  if (cell->width == 0)
    return;
  for (guint i = 0; i < BITONIC_CELL_CHARS && cell->chars[i] != 0; i++)
    if (i == 0 || wcwidth ((wchar_t) cell->chars[i]) == 0)
      characters[i] = (wchar_t) cell->chars[i];
    else
      break;
  if (!is_as_wide (cell))
    {
      characters[0] = '?';
      characters[1] = cell->width == 2 ? ' ' : 0;
    }
  if (cell->style & BITONIC_STYLE_SELECTED)
    attribute ^= A_REVERSE;
  if (!is_as_wide (cell) && cell->width == 2) /* two characters of one column each */
    {
      setcchar (&shown, L" ", attribute, pairs[cell->style & ~BITONIC_STYLE_SELECTED], NULL);
      mvadd_wch (y, x + 1, &shown);
      characters[1] = 0;
    }
  setcchar (&shown, characters, attribute, pairs[cell->style & ~BITONIC_STYLE_SELECTED], NULL);
  mvadd_wch (y, x, &shown);
}

void
bitonic_screen_show (BitonicCanvas *canvas)
{
  const guint width = MIN (bitonic_canvas_get_width (canvas), (guint) MAX (COLS, 0));
  const guint height = MIN (bitonic_canvas_get_height (canvas), (guint) MAX (LINES, 0));
  int x, y;

  for (guint row = 0; row < height; row++)
    {
      const BitonicCell *cells = bitonic_canvas_get_row (canvas, row);

      for (guint column = 0; column < width; column++)
        show_cell ((int) column, (int) row, &cells[column]);
    }
  bitonic_canvas_get_cursor (canvas, &x, &y);
  curs_set (x >= 0);
  if (x >= 0)
    move (y, x);
  refresh ();
}
