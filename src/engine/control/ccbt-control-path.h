/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

/* Where the instance of a state folder listens: $XDG_RUNTIME_DIR/ccbt/control-HASH. The same folder
 * has the same socket however it is spelled. In a Flatpak: $XDG_RUNTIME_DIR/app/ID/ccbt/, which its
 * sandboxes have in common. @state_dir: (nullable): NULL = the user's. Returns:
 * (transfer full) */
char *ccbt_control_get_socket_path (const char *state_dir);

/* Where the service manager listens for the user's instance, and starts it: $XDG_RUNTIME_DIR/ccbt/control,
 * as data/ccbt.socket has it. Returns: (transfer full) */
char *ccbt_control_get_activation_path (void);

/* The state folder itself, absolute. Returns: (transfer full) */
char *ccbt_control_get_state_dir (const char *state_dir);
