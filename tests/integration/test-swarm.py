#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""More than two."""
from harness import case, main, wait_until
from swarm import Aria2, Ccbt, LibTorrent, OpenTracker, RTorrent, Transmission
from torrents import copy_payload, make_multi, make_single, make_torrent

TRACKER = 'http://10.77.0.1:6969/announce'


@case
def mixed_swarm(box):
    """a swarm of five clients completes everywhere with equal bytes"""
    torrent = make_multi(box, trackers=[TRACKER])
    tracker = OpenTracker(box, torrent)
    first = LibTorrent(box, '10.77.0.2').seed(torrent, torrent.folder)
    tracker.wait_for_seeds(torrent, 1, first)
    leeches = [kind(box, '10.77.0.%d' % (10 + n)) for n, kind in enumerate((Aria2, Transmission, RTorrent))]
    for leech in leeches:
        leech.leech(torrent, box / leech.name)
    ours = Ccbt(box, '10.77.0.20')
    ours.leech(torrent, box / 'ccbt', '--seed')
    for leech in [*leeches, ours]:
        leech.wait_done(torrent, box / leech.name, 75)


@case
def five_of_ours(box):
    """five of ours from one seed that leaves once its swarm has everything among itself"""
    torrent = make_single(box, trackers=[TRACKER], size=12 * 1024 * 1024 + 5)
    tracker = OpenTracker(box, torrent)
    seed = Ccbt(box, '10.77.0.2').seed(torrent, torrent.folder, '--up-limit', '4M')
    tracker.wait_for_seeds(torrent, 1, seed)
    leeches = [Ccbt(box, '10.77.0.%d' % (10 + n)) for n in range(4)]
    for number, leech in enumerate(leeches):
        dial = [('10.77.0.%d' % (10 + n), 7000) for n in range(number)]
        leech.leech(torrent, box / str(number), '--seed', dial=dial)
    for number, leech in enumerate(leeches):
        leech.wait_done(torrent, box / str(number), 60)
    # The seed gave much less than four copies: they gave each other.
    given = seed.status()['uploaded'] if 'uploaded' in seed.status() else None
    assert given is None or given < 3.5 * torrent.size, given


@case
def many_pieces(box):
    """a torrent of 100,000 pieces from libtorrent"""
    length = 100000 * 16384 - 4321
    torrent = make_torrent(box / 'huge.torrent', box / 'payload', [('huge.bin', length)], 16384, single=True)
    assert torrent.n_pieces == 100000
    LibTorrent(box, '10.77.0.2').seed(torrent, torrent.folder)
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', dial=[('10.77.0.2', 7000)])
    leech.wait_done(torrent, box / 'arrived', 150)


@case
def odd_piece_lengths(box):
    """piece lengths that are no power of two or below 16 KiB"""
    for number, length in enumerate((1000, 24576, 50001, 1024)):
        torrent = make_single(box, 'odd-%d' % length, size=700001, piece_length=length)
        seed = Ccbt(box, '10.77.1.%d' % (1 + number)).seed(torrent, torrent.folder)
        leech = Ccbt(box, '10.77.2.%d' % (1 + number))
        leech.leech(torrent, box / 'arrived', dial=[(seed.address, seed.port)])
        leech.wait_done(torrent, box / 'arrived', 20)
        seed.stop()


@case
def second_source_appears(box):
    """the seed goes away in the middle, another comes through the tracker"""
    torrent = make_single(box, trackers=[TRACKER], size=8 * 1024 * 1024)
    OpenTracker(box, torrent)
    first = Ccbt(box, '10.77.0.2').seed(torrent, torrent.folder, '--up-limit', '1M')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', dial=[('10.77.0.2', 7000)])
    wait_until(lambda: leech.status().get('progress', 0) > 0.15, 30, 'no progress')
    second = Ccbt(box, '10.77.0.4')
    first.process.kill()
    # The tracker tells the newcomer of the leech; the newcomer dials.
    second.seed(torrent, copy_payload(torrent, box / 'copy'))
    leech.wait_done(torrent, box / 'arrived', 45)


@case
def super_seed(box):
    """a super-seed (BEP 16) serves three of libtorrent, and about one copy leaves it"""
    torrent = make_single(box, size=12 * 1024 * 1024 + 5, piece_length=65536)
    seed = Ccbt(box, '10.77.0.2').seed(torrent, torrent.folder, '--super-seed')
    leeches = []
    for n in range(3):
        dial = [('10.77.0.2', 7000), *((leech.address, 7000) for leech in leeches)]
        leeches.append(LibTorrent(box, '10.77.0.%d' % (3 + n)).leech(torrent, box / ('arrived-%d' % n), dial=dial))
    for n, leech in enumerate(leeches):
        leech.wait_done(torrent, box / ('arrived-%d' % n), 90)
    wait_until(lambda: seed.status()['uploaded'] >= torrent.size, 10, 'not all of it was sent')
    sent = seed.status()['uploaded']
    assert sent <= 1.6 * torrent.size, '%d bytes sent for %d' % (sent, torrent.size)


main()
