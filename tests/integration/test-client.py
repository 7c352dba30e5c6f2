#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One other client (its name is the argument) and ours, both ways, found through opentracker."""
import sys

from harness import case, main
from swarm import OTHERS, Ccbt, OpenTracker
from torrents import make_multi, make_single

TRACKER = 'http://10.77.0.1:6969/announce'
MAGNET_TIMEOUT = 75


def transfer(box, torrent, seed, leech, what=None):
    tracker = OpenTracker(box, torrent)
    seed.seed(torrent, torrent.folder)
    tracker.wait_for_seeds(torrent, 1, seed)
    leech.leech(what or torrent, box / 'arrived')
    leech.wait_done(torrent, box / 'arrived', MAGNET_TIMEOUT)


@case
def seeds_many_files(box, name):
    """seeds to us: many tiny files, files of length zero"""
    transfer(box, make_multi(box, trackers=[TRACKER]), OTHERS[name](box, '10.77.0.2'), Ccbt(box, '10.77.0.3'))


@case
def leeches_many_files(box, name):
    """leeches from us: many tiny files, files of length zero"""
    transfer(box, make_multi(box, trackers=[TRACKER]), Ccbt(box, '10.77.0.2'), OTHERS[name](box, '10.77.0.3'))


@case
def gives_us_metadata(box, name):
    """seeds to us by a magnet link: one file with an odd last piece"""
    torrent = make_single(box, trackers=[TRACKER])
    transfer(box, torrent, OTHERS[name](box, '10.77.0.2'), Ccbt(box, '10.77.0.3'), torrent.magnet(TRACKER))


@case
def takes_metadata_from_us(box, name):
    """leeches from us by a magnet link: one file with an odd last piece"""
    # More than one 16 KiB piece of metadata.
    torrent = make_single(box, trackers=[TRACKER], size=20 * 1024 * 1024 + 1, piece_length=16384)
    assert len(torrent.info_bytes) > 16384
    transfer(box, torrent, Ccbt(box, '10.77.0.2'), OTHERS[name](box, '10.77.0.3'), torrent.magnet(TRACKER))


main(sys.argv[1])
