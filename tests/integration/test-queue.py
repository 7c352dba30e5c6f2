#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue of a running session, with libtorrent at the other ends."""
import itertools
import json
import os
import subprocess
import time

from harness import Process, case, main, wait_until
from swarm import LibTorrent
from torrents import make_single, make_torrent

CCBT = os.environ['CCBT']
BTBT = os.environ['BTBT']
ADDRESS, PORT = '10.77.0.10', 7000
SEED_ADDRESS = '10.77.0.20'
AT_WORK = ('metadata', 'checking', 'downloading')


class Instance:
    """`ccbt daemon run`, driven by btbt."""

    def __init__(self, box, **settings):
        self.box, self.state, self.files = box, box / 'state-dir', box / 'files'
        runtime = box / 'runtime'
        runtime.mkdir(mode=0o700)
        self.environment = {'HOME': str(box), 'XDG_RUNTIME_DIR': str(runtime), 'LC_ALL': 'C.UTF-8'}
        chosen = {'discovery.enable_dht': 'false', 'discovery.enable_lsd': 'false', 'nat.auto_map_ports': 'false',
                  **{name.replace('__', '.'): value for name, value in settings.items()}}
        self.process = Process([CCBT, 'daemon', 'run', '--state-dir=%s' % self.state, '--port=%d' % PORT,
                                '--bind=%s' % ADDRESS, *('--set=%s=%s' % pair for pair in chosen.items())],
                               box, 'daemon', env=self.environment)
        wait_until(lambda: self.run('status').returncode == 0 or self.process.poll() is not None, 30, self.process.tail)
        assert self.process.poll() is None, self.process.tail()

    def run(self, *arguments):
        return subprocess.run([BTBT, '--state-dir=%s' % self.state, *map(str, arguments)],
                              env={**os.environ, **self.environment}, capture_output=True, text=True, timeout=60)

    def do(self, *arguments):
        result = self.run(*arguments)
        assert result.returncode == 0, (arguments, result)

    def list(self):
        result = self.run('--json', 'list')
        assert result.returncode == 0, result
        return json.loads(result.stdout)

    def show(self, name):
        result = self.run('--json', 'show', name)
        assert result.returncode == 0, result
        return json.loads(result.stdout)

    def states(self):
        return {t['name']: t['state'] for t in self.list()}

    def add(self, torrent, *options, folder=None):
        self.do('add', torrent.path, '--folder', folder or self.files, *options)

    def wait_for(self, expected, seconds=60):
        wait_until(lambda: self.states() == expected, seconds,
                   lambda: '%s instead of %s\n%s' % (self.states(), expected, self.process.tail()))


def make_seeds(box, names, size):
    """A torrent and a seed of its own for each name."""
    torrents = [make_single(box, name, size, seed=number) for number, name in enumerate(names, 1)]
    for number, torrent in enumerate(torrents):
        LibTorrent(box, SEED_ADDRESS, PORT + number).seed(torrent, torrent.folder)
    return torrents


@case
def two_at_once(box):
    """five torrents, two places: two at a time, the next when one is through, all in the end and in order"""
    torrents = make_seeds(box, 'abcde', 700000)
    instance = Instance(box, queue__max_active_downloading='2', limits__download_rate='350000')
    for number, torrent in enumerate(torrents):
        instance.add(torrent)
        instance.do('peer', 'add', torrent.name, '%s:%d' % (SEED_ADDRESS, PORT + number))
    most, begun, end = 0, [], time.monotonic() + 120
    while True:
        states = instance.states()
        at_work = [name for name, state in states.items() if state in AT_WORK]
        begun += [name for name in at_work if name not in begun]
        most = max(most, len(at_work))
        assert len(at_work) <= 2, states
        if set(states.values()) == {'seeding'}:
            break
        assert set(states.values()) <= {*AT_WORK, 'queued', 'seeding'}, states
        assert time.monotonic() < end, (states, instance.process.tail())
        time.sleep(0.05)
    assert most == 2, most
    assert begun == sorted(begun), begun
    for torrent in torrents:
        assert not torrent.differences(instance.files)


@case
def forced_runs_beside(box):
    """what is forced runs beside the one that has the place, and gets its bytes"""
    torrents = [make_single(box, name, 300000, seed=number) for number, name in enumerate('abc', 1)]
    instance = Instance(box, queue__max_active_downloading='1')
    for torrent in torrents:
        instance.add(torrent)
    instance.wait_for({'a.bin': 'downloading', 'b.bin': 'queued', 'c.bin': 'queued'})
    LibTorrent(box, SEED_ADDRESS, PORT).seed(torrents[2], torrents[2].folder)
    instance.do('peer', 'add', 'c.bin', '%s:%d' % (SEED_ADDRESS, PORT))
    instance.do('set', 'c.bin', 'forced', 'true')
    instance.wait_for({'a.bin': 'downloading', 'b.bin': 'queued', 'c.bin': 'seeding'})
    instance.do('pause', 'a.bin')
    instance.wait_for({'a.bin': 'paused', 'b.bin': 'downloading', 'c.bin': 'seeding'})
    instance.do('resume', 'a.bin')
    instance.wait_for({'a.bin': 'downloading', 'b.bin': 'queued', 'c.bin': 'seeding'})


@case
def waiting_ones_are_looked_at(box):
    """what is complete on disk seeds, though the only place for a download is taken"""
    instance = Instance(box, queue__max_active_downloading='1')
    blocker = make_single(box, 'a', 100000)
    instance.add(blocker)
    complete = [make_single(box, name, 200000, seed=number) for number, name in enumerate('bc', 2)]
    for torrent in complete:
        instance.add(torrent, folder=torrent.folder)
    instance.add(make_single(box, 'd', 300000, seed=4))
    instance.wait_for({'a.bin': 'downloading', 'b.bin': 'seeding', 'c.bin': 'seeding', 'd.bin': 'queued'})
    assert not (instance.files / 'd.bin').exists()  # what waits makes no files


def count_checks_at_once(box, most):
    """The most that were hashed at the same time, of six."""
    torrents = [make_single(box, name, 16 << 20, seed=number) for number, name in enumerate('abcdef', 1)]
    instance = Instance(box, queue__max_active_checking=most)
    for torrent in torrents:
        instance.add(torrent, '--paused', folder=torrent.folder)
    instance.do('check', '--all')
    names = {'check-started': 1, 'check-finished': -1}

    def get_changes():
        return [names[e['type']] for e in json.loads(instance.run('--json', 'events').stdout) if e['type'] in names]
    wait_until(lambda: len(get_changes()) == 2 * len(torrents), 60, lambda: '%s %s' % (get_changes(), instance.states()))
    wait_until(lambda: all(t['progress'] == 1 and t['state'] == 'paused' for t in instance.list()), 30,
               lambda: 'not all are complete and paused: %s' % instance.list())
    return max(itertools.accumulate(get_changes()))


@case
def one_check_at_a_time(box):
    """six torrents are checked one after the other, paused as they are"""
    assert count_checks_at_once(box, '1') == 1


@case
def many_checks_at_a_time(box):
    """without that limit several are checked at once"""
    assert count_checks_at_once(box, '0') > 1


@case
def resumed_while_checked(box):
    """resumed in the middle of a check, a torrent makes the files that it lacks, and goes on"""
    torrent = make_torrent(box / 'set.torrent', box / 'payload', [('big', 320 << 20), ('empty', 0), ('small', 9000)],
                           piece_length=1 << 20)
    instance = Instance(box)
    instance.add(torrent, '--paused', folder=torrent.folder)
    (torrent.payload / 'empty').unlink()
    (torrent.payload / 'small').unlink()
    instance.do('check', 'set')
    wait_until(lambda: 'check-started' in instance.run('events').stdout, 30, instance.process.tail, 0.01)
    instance.do('resume', 'set')
    instance.wait_for({'set': 'downloading'})
    assert (torrent.payload / 'empty').exists()
    assert instance.show('set')['n-pieces-have'] == 320


def seed_until_enough(box, **settings):
    """Ours seeds to libtorrent, which leaves with all of it. Returns: the instance and the torrent"""
    torrent = make_single(box, 'film', 900000)
    instance = Instance(box, queue__seed_ratio_goal='0.5', **settings)
    instance.add(torrent, folder=torrent.folder)
    instance.wait_for({'film.bin': 'seeding'})
    LibTorrent(box, SEED_ADDRESS, PORT).leech(torrent, box / 'theirs', dial=[(ADDRESS, PORT)])
    return instance, torrent


@case
def ratio_stops_a_seed(box):
    """a seed that has given what its ratio asks for is paused; its files stay"""
    instance, torrent = seed_until_enough(box)
    instance.wait_for({'film.bin': 'paused'})
    status = instance.show('film.bin')
    assert status['uploaded'] >= torrent.size / 2, status
    assert status['progress'] == 1, status
    assert not torrent.differences(torrent.folder)


@case
def ratio_removes_a_seed(box):
    """with the action “remove” it leaves the list; its files stay"""
    instance, torrent = seed_until_enough(box, queue__seed_goal_action='remove')
    wait_until(lambda: instance.list() == [], 60, lambda: 'it is still there: %s' % instance.list())
    assert not torrent.differences(torrent.folder)


main()
