/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Lets this process reach 127.0.0.1 under an address of the wide world, so that rules about global
 * hosts can be tested without one: these two stand before those of the C library. */
#define DISGUISE "203.0.113.9"

#define DISGUISE_MAX_FD 65536

static gint disguised_fds[DISGUISE_MAX_FD]; /* atomic: connections are made on any thread */

int connect (int fd, __CONST_SOCKADDR_ARG to, socklen_t size);
int getpeername (int fd, __SOCKADDR_ARG remote, socklen_t *restrict size);

int
connect (int fd, __CONST_SOCKADDR_ARG to, socklen_t size)
{
  struct sockaddr_in address;
  gboolean is_disguised = FALSE;
  const struct sockaddr *native = to.__sockaddr__;

  if (native->sa_family == AF_INET && size == sizeof address)
    {
      memcpy (&address, native, sizeof address);
      is_disguised = address.sin_addr.s_addr == inet_addr (DISGUISE);
      if (is_disguised)
        {
          address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
          native = (const struct sockaddr *) &address;
        }
    }
  if (fd >= 0 && fd < DISGUISE_MAX_FD)
    g_atomic_int_set (&disguised_fds[fd], is_disguised);
  return (int) syscall (SYS_connect, fd, native, size);
}

int
getpeername (int fd, __SOCKADDR_ARG remote, socklen_t *restrict size)
{
  int result = (int) syscall (SYS_getpeername, fd, remote.__sockaddr__, size);

  if (result == 0 && fd < DISGUISE_MAX_FD && g_atomic_int_get (&disguised_fds[fd]))
    remote.__sockaddr_in__->sin_addr.s_addr = inet_addr (DISGUISE);
  return result;
}
