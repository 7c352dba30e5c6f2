/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Path of a file of data/ within the program; @name is a string literal. */
#define CCBT_RESOURCE(name) "/io/github/ccbittorrent/CcBitTorrent/" name
