#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed, interrupted, started again (faults C01, C05, C09, C19)."""
import os
import random
import signal
import sqlite3
import time
from contextlib import closing

import wirepeer
from harness import case, main, wait_until
from swarm import Ccbt
from torrents import make_multi, make_single, make_torrent

SEED = [('10.77.0.2', 7000)]


def wait_done_size(leech, size, seconds=30):
    """The newest `done` once it is past @size."""
    wait_until(lambda: leech.status().get('done', 0) > size or leech.process.poll() is not None, seconds,
               lambda: 'no progress past %d\n%s' % (size, leech.process.tail()))
    return leech.status().get('done', 0)


@case
def killed_twenty_times(box):
    """kill -9 at 20 random moments: at most 2 % fetched again for each, and the right bytes at the end"""
    torrent = make_single(box, size=24 * 1024 * 1024 + 99, piece_length=65536)
    seed = wirepeer.PacedSeed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3')
    chance = random.Random(os.environ.get('CCBT_TEST_SEED', '1'))
    n_killed = 0
    while n_killed < 20:
        before = seed.n_blocks
        leech.leech(torrent, box / 'arrived', dial=SEED)
        wait_until(lambda: seed.n_blocks > before or leech.process.poll() is not None, 20,
                   lambda: 'nothing flows after kill %d\n%s' % (n_killed, leech.process.tail()))
        if leech.process.poll() is not None:
            break
        time.sleep(chance.uniform(0.05, 1.2))
        leech.process.kill()
        n_killed += 1
    assert n_killed >= 12, 'finished after %d kills: nothing was tested' % n_killed
    seed.rate = 1e9
    leech.leech(torrent, box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 40)
    fetched = seed.n_blocks * wirepeer.BLOCK
    allowed = torrent.size * (1 + 0.02 * n_killed)
    assert fetched <= allowed, '%d bytes fetched for %d after %d kills' % (fetched, torrent.size, n_killed)


@case
def killed_among_many_files(box):
    """kill -9 in the middle of many files: completes, fetching little again"""
    torrent = make_multi(box, n_tiny=400)
    seed = wirepeer.PacedSeed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', dial=SEED)
    wait_done_size(leech, torrent.size // 3)
    leech.process.kill()
    leech.leech(torrent, box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)
    fetched = seed.n_blocks * wirepeer.BLOCK
    # One kill; pieces in flight (32 KiB each) may be lost besides the 2 %.
    assert fetched <= torrent.size * 1.02 + 8 * torrent.piece_length + 16384, (fetched, torrent.size)


@case
def interrupted(box):
    """SIGINT: exit 130 within 3 s, and the second run fetches nothing twice"""
    torrent = make_single(box, size=6 * 1024 * 1024)
    seed = wirepeer.PacedSeed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', dial=SEED)
    done = wait_done_size(leech, torrent.size // 3)
    leech.process.signal(signal.SIGINT)
    code = leech.process.wait(3)
    assert code == 130, 'exit %s\n%s' % (code, leech.process.tail())
    fetched = seed.n_blocks
    leech.leech(torrent, box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)
    again = seed.n_blocks * wirepeer.BLOCK - torrent.size
    assert fetched * wirepeer.BLOCK >= done and again <= 8 * torrent.piece_length, '%d bytes again' % again


@case
def terminated(box):
    """SIGTERM saves as well"""
    torrent = make_single(box, size=6 * 1024 * 1024)
    seed = wirepeer.PacedSeed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', dial=SEED)
    wait_done_size(leech, torrent.size // 3)
    leech.process.signal(signal.SIGTERM)
    leech.process.wait(3)
    leech.leech(torrent, box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)
    assert seed.n_blocks * wirepeer.BLOCK - torrent.size <= 8 * torrent.piece_length


@case
def done_stays_done(box):
    """a finished torrent started again is complete at once, without any peer"""
    torrent = make_multi(box)
    wirepeer.Seed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)
    leech.leech(torrent, box / 'arrived')
    assert leech.process.wait(10) == 0, leech.process.tail()


@case
def files_from_elsewhere(box):
    """data that is there already is found by a check, only the damaged part is fetched"""
    torrent = make_single(box, size=8 * 1024 * 1024, piece_length=65536)
    (box / 'arrived').mkdir()
    data = bytearray(torrent.payload.read_bytes())
    data[3 * 65536 + 17] ^= 1
    (box / 'arrived' / torrent.name).write_bytes(data)
    seed = wirepeer.Seed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)
    assert seed.n_blocks == 4, '%d blocks fetched for one piece of four' % seed.n_blocks


@case
def touched_between_runs(box):
    """a file changed between two runs is noticed and repaired"""
    torrent = make_single(box, size=4 * 1024 * 1024, piece_length=65536)
    wirepeer.Seed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)
    path = box / 'arrived' / torrent.name
    data = bytearray(path.read_bytes())
    data[1000000] ^= 0xff
    path.write_bytes(data)
    leech.leech(torrent, box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)


def check_choice_of_magnet(box, magnet, torrent, *options):
    """Only the second and the fourth file are wanted. Interrupted without metadata, killed with some of it, run again."""
    leech = Ccbt(box, '10.77.0.3')
    leech.leech(magnet, box / 'arrived', *options)
    wait_until(lambda: leech.status(), 10, lambda: 'no status\n' + leech.process.tail())
    leech.process.signal(signal.SIGINT)
    assert leech.process.wait(5) == 130, leech.process.tail()
    with closing(sqlite3.connect(leech.base / 'state' / 'state.db')) as database:
        assert database.execute('SELECT priorities FROM torrents').fetchall() == [(b'\0\4\0\4',)]
    seed = wirepeer.MetadataSeed(torrent, '10.77.0.2')
    leech.leech(magnet, box / 'arrived', *options, dial=SEED)
    wait_until(lambda: seed.n_blocks > 0, 10, lambda: 'nothing flows\n' + leech.process.tail())
    leech.process.kill()
    leech.leech(magnet, box / 'arrived', *options, dial=SEED)
    assert leech.process.wait(20) == 0, leech.process.tail()
    arrived = sorted(p.name for p in (box / 'arrived').rglob('*') if p.is_file())
    assert arrived == ['b', 'd'], arrived
    assert not [d for d in torrent.differences(box / 'arrived') if d.split()[0][-1] in 'bd']


def make_four_files(box):
    return make_torrent(box / 'four.torrent', box / 'payload', [(name, 3 * 65536) for name in 'abcd'], 65536)


@case
def choice_for_a_magnet(box):
    """--files of a magnet holds through an end before the metadata came, and a kill after"""
    torrent = make_four_files(box)
    check_choice_of_magnet(box, torrent.magnet(), torrent, '--files', '2,4')


@case
def choice_in_a_magnet(box):
    """so= of a magnet holds through an end before the metadata came, and a kill after"""
    torrent = make_four_files(box)
    check_choice_of_magnet(box, torrent.magnet() + '&so=1,3', torrent)


@case
def two_at_once(box):
    """a second process on the same state folder is refused with exit 1 and a sentence"""
    torrent = make_single(box)
    first = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived')
    first.wait_ready()
    second = Ccbt(box, '10.77.0.4')
    argv = second.arguments(torrent, box / 'arrived')
    argv[argv.index('--state-dir') + 1] = first.base / 'state'
    second.start(argv)
    assert second.process.wait(10) == 1, second.process.tail()
    assert second.process.error_text().strip() or second.messages('error'), 'silent'
    assert first.process.poll() is None


main()
