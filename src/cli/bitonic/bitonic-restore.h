/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The terminal as it was before, whatever ends the program: a crash calls no ncurses, which is not made
 * for it, but writes bytes that were prepared and sets the modes that were remembered. */

/* Before ncurses changes the modes. */
void bitonic_restore_remember (void);
/* Once ncurses knows the terminal. @extra: bytes it should be sent too */
void bitonic_restore_arm (const char *extra);
/* ncurses has restored it itself. */
void bitonic_restore_disarm (void);
