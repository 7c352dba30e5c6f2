#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed at random moments of adding, downloading, moving, changing and removing, or cut off with everything that was
not synced lost: nothing older than promised in docs/durability.md is missing, and every start succeeds.

CCBT_KILLS: how often (20). CCBT_TEST_SEED: of the choices; printed when it is not given."""
import os
import random
import signal
import time
from pathlib import Path

from harness import case, diagnose, main
from killed_world import MIB, SEED, Boots, Ours, World, read_stored
from promises import ACTIONS, PROGRESS, SYNCED
from swarm import LibTorrent

N_KILLS = int(os.environ.get('CCBT_KILLS', '20'))


def choose_seed():
    seed = os.environ.get('CCBT_TEST_SEED') or str(random.SystemRandom().randrange(1 << 32))
    diagnose('CCBT_TEST_SEED=%s CCBT_KILLS=%d' % (seed, N_KILLS))
    return random.Random(seed)


def begin(box, ours, chance, megabytes, rate):
    world = World(box, chance, ours, megabytes * MIB + 4321)
    world.rate = rate
    LibTorrent(box, '10.77.0.9').seed(world.big, world.big.folder)
    ours.run()
    world.add_big()
    return world


def kill_while_starting(ours, chance):
    """And once more before it has come up."""
    ours.start()
    time.sleep(chance.uniform(0, 0.12))
    ours.process.kill()


@case
def killed(box):
    """kill -9 at random moments: no torrent, setting or piece older than promised is lost, and every start succeeds"""
    chance = choose_seed()
    ours = Ours(box)
    # It must last for all rounds, of which most take two seconds.
    world = begin(box, ours, chance, max(16, N_KILLS), 400000)
    n_starting = 0
    for number in range(N_KILLS):
        seconds = chance.uniform(PROGRESS + 0.5, PROGRESS + 2) if number % 20 == 4 else chance.uniform(0.05, 2)
        stops = chance.random() < 0.15  # killed while it ends in order
        killed_at = world.act_until_killed(seconds, lambda: end(ours, stops, chance))
        if chance.random() < 0.15:
            n_starting += 1
            kill_while_starting(ours, chance)
        ours.run()
        world.check(killed_at)
    diagnose('%d kills, %d more while starting; %d pieces were there in the end' % (N_KILLS, n_starting, world.had.seen[-1][1]))
    world.check_is_whole()


def end(ours, stops, chance):
    if stops:
        ours.process.signal(signal.SIGTERM)
        time.sleep(chance.uniform(0, 0.1))
    ours.process.signal(signal.SIGKILL)


def drop_unsynced(box, mirror, chance):
    """Every file is what it was when it was last synced."""
    for folder in ('state-dir', 'arrived', 'files-a', 'files-b', 'files-c'):
        for path in (box / folder).rglob('*'):
            if not path.is_file() or path.is_symlink():
                continue
            info = path.stat()
            kept = mirror / ('%d-%d' % (info.st_dev, info.st_ino))
            if kept.exists():
                content = kept.read_bytes()
            elif folder.startswith('files'):
                continue  # it was there before the daemon
            else:
                content = b'' if chance.random() < 0.3 else bytes(info.st_size)
            with open(path, 'r+b') as f:  # the same inode
                f.write(content)
                f.truncate()


def count_bits(bits):
    return sum(byte.bit_count() for byte in bits or b'')


def has_piece(torrent, folder, index):
    path = Path(folder) / torrent.name
    length = torrent.piece_size(index)
    with open(path, 'rb') as f:
        f.seek(index * torrent.piece_length)
        return f.read(length) == torrent.read(index * torrent.piece_length, length)


@case
def cut_off(box):
    """power cuts that take all that was not synced: only what was synced counts, all of it does, and what counts is right"""
    chance = choose_seed()
    ours = Ours(box, box / 'mirror')
    boots = Boots(box)
    world = begin(box, ours, chance, max(8, N_KILLS), 1000000)
    synced = 0
    for number in range(N_KILLS // 4):
        flushed = [0]

        def flush_and_cut():
            if number % 2 == 0:
                before = ours.json('show', world.big.hex)['n-pieces-have']
                ours.do('call', 'session.flush')
                flushed[0] = before
                time.sleep(chance.uniform(0, 0.3))
            ours.process.signal(signal.SIGKILL)
        killed_at = world.act_until_killed(chance.uniform(ACTIONS, ACTIONS + 0.8), flush_and_cut)
        if chance.random() < 0.5:  # killed, started again in the same boot, and only then cut off
            ours.run()
            world.check(killed_at)
            killed_at = world.act_until_killed(chance.uniform(0.1, 0.6), lambda: ours.process.signal(signal.SIGKILL))
        drop_unsynced(box, ours.mirror, chance)
        boots.next()
        durable = read_stored(ours.state)[world.big.hex][0]
        n_durable = count_bits(durable)
        assert n_durable >= flushed[0], '%d pieces durable, %d were there when everything was flushed' % (n_durable, flushed[0])
        wrong = [i for i in range(world.big.n_pieces)
                 if durable and durable[i // 8] & 0x80 >> i % 8 and not has_piece(world.big, world.arrived, i)]
        assert not wrong, 'durable, but not on the disk: %s' % wrong
        synced = max(synced, n_durable)
        ours.run()
        world.check(killed_at, is_power_cut=True)
        assert world.had.seen[-1][1] >= n_durable, (world.had.seen, n_durable)
    diagnose('%d of %d pieces were synced in the end' % (synced, world.big.n_pieces))
    world.check_is_whole()


def cut_off_without_a_flush(box):
    """a power cut while nobody did anything but download: what was there 40 s before is synced, and known to be"""
    ours = Ours(box, box / 'mirror')
    boots = Boots(box)
    chance = choose_seed()
    world = begin(box, ours, chance, 64, 1000000)
    ours.btbt('peer', 'add', world.big.hex, SEED)
    ends_at = time.monotonic() + SYNCED + 12
    while time.monotonic() < ends_at:
        world.look_at_big()
        time.sleep(0.5)
    ours.process.kill()
    killed_at = time.monotonic()
    promised = world.had.floor(killed_at - world.disk.delay(killed_at), SYNCED)
    drop_unsynced(box, ours.mirror, chance)
    boots.next()
    durable = read_stored(ours.state)[world.big.hex][0]
    diagnose('%d pieces promised, %d durable, %d were there' % (promised, count_bits(durable), world.had.seen[-1][1]))
    assert 0 < promised <= count_bits(durable)
    ours.run()
    world.check_is_whole()


if N_KILLS >= 100:  # it takes a minute
    case(cut_off_without_a_flush)
main()
