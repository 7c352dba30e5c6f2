/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-cli-daemon.h"

#include <fcntl.h>
#include <unistd.h>

#define FIRST_DESCRIPTOR 3
#define MAX_SOCKETS 64

/* Returns: how many there are for this process and not for one that started it */
static guint
count_sockets (void)
{
  const char *pid = g_getenv ("LISTEN_PID"), *n = g_getenv ("LISTEN_FDS");
  guint64 number;

  if (pid == NULL || n == NULL
      || !g_ascii_string_to_unsigned (pid, 10, 1, G_MAXINT32, &number, NULL)
      || number != (guint64) getpid ()
      || !g_ascii_string_to_unsigned (n, 10, 1, MAX_SOCKETS, &number, NULL))
    return 0;
  return (guint) number;
}

/* The protocol of sd_listen_fds(3): the descriptors from 3 on. */
int
ccbt_cli_take_socket (void)
{
  const guint n = count_sockets ();
  int taken = -1;

  g_unsetenv ("LISTEN_PID");
  g_unsetenv ("LISTEN_FDS");
  g_unsetenv ("LISTEN_FDNAMES");
  for (int descriptor = FIRST_DESCRIPTOR; descriptor < FIRST_DESCRIPTOR + (int) n; descriptor++)
    {
      if (fcntl (descriptor, F_SETFD, FD_CLOEXEC) < 0)
        continue; /* there is none */
      if (taken < 0)
        taken = descriptor;
      else
        close (descriptor);
    }
  return taken;
}
