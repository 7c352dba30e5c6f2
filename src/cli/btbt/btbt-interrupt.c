/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "btbt-interrupt.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t is_interrupted;
static int wake[2];
static GMutex lock;
static GCancellable *running; /* under the lock */

/* A signal handler may not cancel: what it may do is write to a pipe. */
static void
interrupted (int number)
{
  const int saved = errno;
  const gssize n = write (wake[1], "", 1);

  is_interrupted = n >= 0 || errno == EAGAIN;
  errno = saved;
}

/* Lives as long as the program. */
static gpointer
cancel_in_thread (gpointer data)
{
  char byte;

  while (read (wake[0], &byte, 1) > 0 || errno == EINTR)
    {
      g_mutex_lock (&lock);
      if (running != NULL)
        g_cancellable_cancel (running);
      g_mutex_unlock (&lock);
    }
  return NULL;
}

void
btbt_interrupt_install (void)
{
  const struct sigaction action = { .sa_handler = interrupted, .sa_flags = SA_RESTART };
  g_autoptr (GError) error = NULL;

  if (!g_unix_open_pipe (wake, FD_CLOEXEC, &error)
      || !g_unix_set_fd_nonblocking (wake[1], TRUE, &error))
    {
      g_debug ("Ctrl+C ends the program: %s", error->message);
      return;
    }
  g_thread_unref (g_thread_new ("btbt-interrupt", cancel_in_thread, NULL));
  sigaction (SIGINT, &action, NULL);
}

void
btbt_interrupt_begin (GCancellable *cancellable)
{
  g_mutex_lock (&lock);
  running = cancellable;
  is_interrupted = FALSE;
  g_mutex_unlock (&lock);
}

void
btbt_interrupt_end (void)
{
  g_mutex_lock (&lock);
  running = NULL;
  is_interrupted = FALSE;
  g_mutex_unlock (&lock);
}

gboolean
btbt_interrupt_take (void)
{
  const gboolean result = is_interrupted != 0;

  is_interrupted = FALSE;
  return result;
}
