#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that move to another folder, also when the program is killed meanwhile (fault C02), and files that removing must
not touch (C34)."""
import json
import os
import subprocess
import time

from harness import Process, at_end, case, main, wait_until
from swarm import LibTorrent
from torrents import copy_payload, make_multi, make_single

CCBT = os.environ['CCBT']
BTBT = os.environ['BTBT']
OURS = ('10.77.0.2', 7000)
OFFLINE = ['--bind=%s' % OURS[0], '--port=%d' % OURS[1], '--set=discovery.enable_dht=false',
           '--set=discovery.enable_lsd=false', '--set=nat.auto_map_ports=false']


class Daemon:
    def __init__(self, box):
        self.box, self.state, self.runs = box, box / 'state-dir', 0
        runtime = box / 'runtime'
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.environment = {'HOME': str(box), 'XDG_RUNTIME_DIR': str(runtime), 'LC_ALL': 'C.UTF-8'}
        self.run()

    def run(self, *more):
        self.runs += 1
        self.process = Process([CCBT, 'daemon', 'run', '--state-dir=%s' % self.state, *OFFLINE, *more], self.box,
                               'daemon-%d' % self.runs, env=self.environment)
        wait_until(lambda: self.btbt('status').returncode == 0 or self.process.poll() is not None, 30, self.process.tail)
        assert self.process.poll() is None, self.process.tail()

    def btbt(self, *arguments):
        return subprocess.run([BTBT, '--state-dir=%s' % self.state, *arguments],
                              env={**os.environ, **self.environment}, capture_output=True, text=True, timeout=60)

    def json(self, *arguments):
        result = self.btbt('--json', *arguments)
        assert result.returncode == 0, (arguments, result, self.process.tail())
        return json.loads(result.stdout)

    def call(self, verb, arguments):
        return self.btbt('call', verb, arguments)

    def add(self, torrent, folder, *more):
        return self.json('add', str(torrent.path), '--folder', str(folder), *more)[0]['info-hash']

    def show(self, torrent):
        return self.json('show', torrent.hex)

    def wait_for(self, torrent, seconds=60, **values):
        def is_so():
            shown = self.show(torrent)
            return all(shown.get(k.replace('_', '-')) == v for k, v in values.items())
        wait_until(is_so, seconds, lambda: '%s is not %s\n%s' % (self.show(torrent), values, self.process.tail()))

    def move(self, torrent, folder):
        result = self.call('torrent.move', "('%s', '%s')" % (torrent.hex, folder))
        assert result.returncode == 0, result

    def wait_moved(self, torrent, folder, seconds=60):
        self.wait_for(torrent, seconds, folder=str(folder), moving=False)

    def events(self, kind):
        return [e for e in self.json('events') if e.get('type', e.get('event')) == kind]


def mount_other(path, size='700m'):
    """Another file system."""
    path.mkdir()
    subprocess.run(['mount', '-n', '-t', 'tmpfs', '-o', 'size=%s' % size, 'none', path], check=True)
    at_end(lambda: subprocess.run(['umount', '-n', '-l', path]))
    return path


def list_names(folder):
    """Everything below."""
    return [os.path.join(base, name) for base, folders, files in os.walk(folder) for name in folders + files]


@case
def seeding_goes_on(box):
    """to another file system while libtorrent downloads from us"""
    torrent = make_single(box, size=100 * 1024 * 1024)
    old, new = box / 'old', mount_other(box / 'other') / 'new'
    copy_payload(torrent, old)
    os.sync()  # or what is synced next waits for all of this
    daemon = Daemon(box)
    daemon.add(torrent, old)
    daemon.wait_for(torrent, state='seeding')
    leech = LibTorrent(box, '10.77.0.3').leech(torrent, new.parent / 'arrived', '--limit', '10000000', dial=[OURS])
    wait_until(lambda: daemon.show(torrent)['uploaded'] > 2000000, 30, leech.process.tail)
    daemon.move(torrent, new)
    states = set()

    def is_moved():
        shown = daemon.show(torrent)
        states.add(shown['state'])
        return not shown['moving'] and shown['folder'] == str(new)
    wait_until(is_moved, 60, daemon.process.tail)
    assert not leech.is_done(torrent), 'the download was over before the files had moved'
    assert states == {'seeding'}, states
    assert not list_names(old), list_names(old)
    leech.wait_done(torrent, new.parent / 'arrived')
    assert not torrent.differences(new)
    assert daemon.show(torrent)['state'] == 'seeding'
    # The next run finds it there, and knows that it is complete.
    daemon.process.stop()
    daemon.run()
    daemon.wait_for(torrent, state='seeding', folder=str(new))


@case
def same_file_system(box):
    """many files within a file system: the same files, and what is not the torrent's stays"""
    torrent = make_multi(box)
    old, new = box / 'old', box / 'new'
    copy_payload(torrent, old)
    (old / torrent.name / 'mine.txt').write_text('mine')
    inode = (old / torrent.name / 'big/large.bin').stat().st_ino
    daemon = Daemon(box)
    daemon.add(torrent, old)
    daemon.wait_for(torrent, state='seeding')
    daemon.move(torrent, new)
    daemon.wait_moved(torrent, new)
    assert not torrent.differences(new)
    assert (new / torrent.name / 'big/large.bin').stat().st_ino == inode
    assert [p.replace(str(old) + '/', '') for p in list_names(old)] == [torrent.name, torrent.name + '/mine.txt']
    assert daemon.call('torrent.check', "('%s',)" % torrent.hex).returncode == 0
    daemon.wait_for(torrent, state='seeding', progress=1.0)


@case
def nothing_is_overwritten(box):
    """a file of that name is there: refused with its name, and all is as it was; cancelling leaves nothing either"""
    torrent = make_single(box, size=60 * 1024 * 1024)
    old, new = box / 'old', mount_other(box / 'other') / 'new'
    copy_payload(torrent, old)
    new.mkdir()
    (new / 'single.bin').write_text('mine')
    daemon = Daemon(box)
    daemon.add(torrent, old)
    daemon.wait_for(torrent, state='seeding')
    daemon.move(torrent, new)
    wait_until(lambda: 'single.bin' in str(daemon.events('move-failed')), 30, lambda: daemon.json('events'))
    daemon.wait_for(torrent, state='seeding', folder=str(old), moving=False)
    assert (new / 'single.bin').read_text() == 'mine' and len(list_names(new)) == 1
    result = daemon.call('torrent.move', "('%s', 'relative')" % torrent.hex)
    assert result.returncode != 0 and 'absolute' in result.stderr, result
    (new / 'single.bin').unlink()
    daemon.move(torrent, new)
    assert daemon.call('torrent.cancel-move', "('%s',)" % torrent.hex).returncode == 0
    daemon.wait_for(torrent, moving=False)
    folder = daemon.show(torrent)['folder']  # either is right: it may have been over
    assert not torrent.differences(folder)
    assert not list_names(old if folder == str(new) else new)


@case
def killed(box):
    """kill -9 at any moment: one place is complete and recorded, the other is empty"""
    torrent = make_multi(box, n_tiny=40)
    large = make_single(box, size=80 * 1024 * 1024)
    places = [box / 'place', mount_other(box / 'other') / 'place']
    copy_payload(torrent, places[0])
    copy_payload(large, places[0])
    daemon = Daemon(box)
    for one in (torrent, large):
        daemon.add(one, places[0])
        daemon.wait_for(one, state='seeding')
    at, n_interrupted = {torrent: 0, large: 0}, 0
    for delay in (0, 0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.2, 0.3):
        for one in (torrent, large):
            daemon.move(one, places[1 - at[one]])
        time.sleep(delay)
        daemon.process.kill()
        n_interrupted += bool(list((daemon.state / 'parts').glob('*.move')))
        daemon.run()
        for one in (torrent, large):
            daemon.wait_for(one, state='seeding', moving=False)
            at[one] = places.index(type(box)(daemon.show(one)['folder']))
            assert not one.differences(places[at[one]]), (delay, one.name)
        wait_until(lambda: not list((daemon.state / 'parts').glob('*.move')), 30, 'journals are gone')
        for one in (torrent, large):
            left = places[1 - at[one]] / one.name
            assert not left.exists(), (delay, left)
        for place in places:
            assert not [p for p in list_names(place) if '/.ccbt-' in p], list_names(place)
    assert n_interrupted >= 3, n_interrupted


@case
def downloading(box):
    """what is being downloaded rests, and goes on at the new place without fetching anything twice"""
    torrent = make_single(box, size=40 * 1024 * 1024)
    LibTorrent(box, '10.77.0.3').seed(torrent, torrent.folder)
    old, new = box / 'old', mount_other(box / 'other') / 'new'
    daemon = Daemon(box)
    assert daemon.call('session.set-limits', '(uint64 6000000, uint64 0)').returncode == 0
    info_hash = daemon.add(torrent, old)
    assert daemon.call('torrent.add-peer', "('%s', '10.77.0.3:7000')" % info_hash).returncode == 0
    wait_until(lambda: daemon.show(torrent)['done-size'] > 5000000, 60, daemon.process.tail)
    daemon.move(torrent, new)
    daemon.wait_moved(torrent, new)
    assert daemon.show(torrent)['done-size'] > 5000000
    assert not list_names(old), list_names(old)
    assert daemon.call('session.set-limits', '(uint64 0, uint64 0)').returncode == 0
    assert daemon.call('torrent.add-peer', "('%s', '10.77.0.3:7000')" % info_hash).returncode == 0
    daemon.wait_for(torrent, 90, state='seeding')
    assert not torrent.differences(new)
    assert daemon.show(torrent)['downloaded'] < 1.2 * torrent.size, daemon.show(torrent)


@case
def paused_and_removed(box):
    """a paused torrent moves and stays paused; one that is removed while it moves takes its copies along"""
    torrent = make_single(box, size=60 * 1024 * 1024)
    old, new = box / 'old', mount_other(box / 'other') / 'new'
    copy_payload(torrent, old)
    daemon = Daemon(box)
    daemon.add(torrent, old)
    daemon.wait_for(torrent, state='seeding')
    assert daemon.btbt('pause', torrent.hex).returncode == 0
    daemon.move(torrent, new)
    daemon.wait_moved(torrent, new)
    daemon.wait_for(torrent, state='paused')
    assert not torrent.differences(new)
    daemon.move(torrent, old)
    assert daemon.btbt('remove', torrent.hex).returncode == 0
    wait_until(lambda: daemon.json('list') == [], 30, 'the torrent is gone')
    wait_until(lambda: not list((daemon.state / 'parts').glob('*.move')), 30, 'the move is over')
    kept = [place for place in (old, new) if list_names(place)]
    assert len(kept) == 1 and not torrent.differences(kept[0]), kept


@case
def removed_with_files(box):
    """removing with files: what another torrent uses stays, and what was there before and is something else"""
    torrent, place = make_multi(box, n_tiny=30), box / 'place'
    twin = make_multi(box / 'twin', name='multi', n_tiny=30, piece_length=65536)  # the same files, another torrent
    assert torrent.hex != twin.hex
    copy_payload(torrent, place)
    (place / torrent.name / 'mine.txt').write_text('mine')
    daemon = Daemon(box)
    for one in (torrent, twin):
        daemon.add(one, place)
        daemon.wait_for(one, state='seeding')

    def remove(one):
        assert daemon.call('torrent.remove', "('%s', true)" % one.hex).returncode == 0
    remove(torrent)
    assert not twin.differences(place)
    daemon.wait_for(twin, state='seeding')
    remove(twin)
    assert [p.replace(str(place) + '/', '') for p in list_names(place)] == [torrent.name, torrent.name + '/mine.txt']

    other = make_single(box, size=300000)
    (place / 'single.bin').write_bytes(b'something else' * 1000)
    daemon.add(other, place, '--paused')
    assert daemon.call('torrent.check', "('%s',)" % other.hex).returncode == 0
    daemon.wait_for(other, state='paused', progress=0.0)
    remove(other)
    assert (place / 'single.bin').read_bytes() == b'something else' * 1000
    (place / 'single.bin').unlink()
    daemon.add(other, place)  # runs, finds nobody: the hole it makes is its own
    wait_until(lambda: (place / 'single.bin').exists(), 30, 'the file is made')
    daemon.wait_for(other, state='downloading')
    remove(other)
    assert not (place / 'single.bin').exists()


@case
def own_files_are_listed(box):
    """the files that removing would remove: without what others use, and marked where it holds something else"""
    torrent, place = make_multi(box, n_tiny=3), box / 'place'
    twin = make_multi(box / 'twin', name='multi', n_tiny=3, piece_length=65536)
    other = make_single(box, size=300000)
    copy_payload(torrent, place)
    (place / 'single.bin').write_bytes(b'something else' * 1000)
    daemon = Daemon(box)

    def listed(*torrents):
        result = daemon.call('torrent.list-own-files', '([%s],)' % ', '.join("'%s'" % one.hex for one in torrents))
        assert result.returncode == 0, result
        return result.stdout

    for one in (torrent, twin):
        daemon.add(one, place)
        daemon.wait_for(one, state='seeding')
    daemon.add(other, place, '--paused')
    assert daemon.call('torrent.check', "('%s',)" % other.hex).returncode == 0
    daemon.wait_for(other, state='paused', progress=0.0)
    assert torrent.name + '/' not in listed(torrent), listed(torrent)
    both = listed(torrent, twin)
    for path in list_names(place / torrent.name):
        if os.path.isfile(path) and os.path.getsize(path) > 0:
            assert both.count("'%s', false" % os.path.relpath(path, place)) == 2, (path, both)
    assert str(place) in both
    assert "('single.bin', true)" in listed(other), listed(other)
    assert daemon.btbt('remove', twin.hex).returncode == 0
    assert torrent.name + '/' in listed(torrent, twin)


@case
def reserve(box):
    """a disk that is nearly full: said with the reason, what is had is served, and it goes on when there is room"""
    torrent = make_single(box, size=40 * 1024 * 1024)
    LibTorrent(box, '10.77.0.3').run(torrent, torrent.folder, '--seed', '--limit-up', '2500000').wait_ready()
    disk = mount_other(box / 'other', '400m')
    (disk / 'filler').write_bytes(bytes(375 * 1024 * 1024))  # leaves 25 MiB, of which 20 are reserved
    daemon = Daemon(box)
    daemon.add(torrent, disk / 'new')

    def dial():
        assert daemon.call('torrent.add-peer', "('%s', '10.77.0.3:7000')" % torrent.hex).returncode == 0
    dial()
    daemon.wait_for(torrent, state='error')
    shown = daemon.show(torrent)
    assert 'free space' in shown['error-text'] and str(disk) in shown['error-text'], shown
    stat = os.statvfs(disk)
    assert stat.f_bavail * stat.f_frsize > 1024 * 1024, stat
    had = daemon.show(torrent)['done-size']
    assert 0 < had < torrent.size, had
    leech = LibTorrent(box, '10.77.0.4').leech(torrent, box / 'arrived', dial=[OURS])
    wait_until(lambda: daemon.show(torrent)['uploaded'] > 1000000, 30, leech.process.tail)
    (disk / 'filler').unlink()
    daemon.wait_for(torrent, 60, state='seeding')
    assert not torrent.differences(disk / 'new')
    assert daemon.show(torrent)['error-code'] == 0, daemon.show(torrent)


main()
