/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitonic-restore.h"
#include <glib.h>
#include <signal.h>
#include <curses.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGQUIT, SIGSYS };

static struct termios modes;
static gboolean has_modes;
static char farewell[512];
static gsize farewell_length;
static volatile sig_atomic_t is_armed;

/* Only what is allowed in a signal handler. The signal is blocked until we return, then it kills: its
 * handler was reset. */
static void
crashed_cb (int number)
{
  if (is_armed)
    {
      gssize written G_GNUC_UNUSED;

      is_armed = 0;
      written = write (STDOUT_FILENO, farewell, farewell_length);
      if (has_modes)
        tcsetattr (STDIN_FILENO, TCSANOW, &modes);
    }
  raise (number);
}

void
bitonic_restore_remember (void)
{
  has_modes = tcgetattr (STDIN_FILENO, &modes) == 0;
}

static void
add (const char *bytes)
{
  if (bytes != NULL && bytes != (char *) -1)
    farewell_length = MIN (g_strlcat (farewell, bytes, sizeof farewell), sizeof farewell - 1);
}

void
bitonic_restore_arm (const char *extra)
{
  static const char *const capabilities[] = { "sgr0", "op", "rmkx", "cnorm", "rmcup" };
  static gint8 stack[64 * 1024]; /* a stack overflow leaves none */
  const stack_t alternative = { .ss_sp = stack, .ss_size = sizeof stack };
  struct sigaction action
      = { .sa_handler = crashed_cb, .sa_flags = (int) SA_RESETHAND | SA_ONSTACK };

  farewell[0] = '\0';
  add (extra);
  for (guint i = 0; i < G_N_ELEMENTS (capabilities); i++)
    add (tigetstr ((char *) capabilities[i]));
  add ("\r\n");
  is_armed = 1;
  sigaltstack (&alternative, NULL);
  sigemptyset (&action.sa_mask);
  for (guint i = 0; i < G_N_ELEMENTS (crashes); i++)
    sigaction (crashes[i], &action, NULL);
}

void
bitonic_restore_disarm (void)
{
  is_armed = 0;
}
