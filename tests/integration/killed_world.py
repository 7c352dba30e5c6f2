# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance that adds, downloads, moves, changes and removes until it is killed, and what must be there after that."""
import os
import sqlite3
import subprocess
import threading
import time
import uuid
from contextlib import closing

from harness import at_end, wait_until
from instance import Instance
from promises import ABSENT, PROGRESS, Growing, Promise, SlowDisk
from torrents import copy_payload, make_single

OURS = ['--bind=10.77.0.2', '--port=7000', '--set=discovery.enable_dht=false', '--set=discovery.enable_lsd=false',
        '--set=nat.auto_map_ports=false']
SEED = '10.77.0.9:7000'
BOOT_ID = '/proc/sys/kernel/random/boot_id'
N_SMALL = 6
MIB = 1024 * 1024
SETTINGS = ('limits.upload_rate', 'limits.per_peer_up', 'queue.seed_idle_goal')


class Killed(Exception):
    """In the middle of a round."""


class Ours(Instance):
    """@mirror: where copies of what was synced go, for power cuts."""

    def __init__(self, box, mirror=None):
        super().__init__(box, OURS)
        self.mirror = mirror
        if mirror:
            mirror.mkdir()
            self.environment.update(LD_PRELOAD=os.environ['CCBT_SYNCED_ONLY_LIBRARY'], CCBT_SYNCED_ONLY=str(mirror))

    def btbt(self, *arguments):
        kept = self.environment
        self.environment = {k: v for k, v in kept.items() if k != 'LD_PRELOAD'}
        try:
            return super().btbt(*arguments)
        finally:
            self.environment = kept

    def do(self, *arguments):
        """Returns when it is acknowledged."""
        result = self.btbt(*arguments)
        if result.returncode != 0:
            self.raise_problem(arguments, result)
        return result.stdout

    def json(self, *arguments):
        try:
            return super().json(*arguments)
        except (AssertionError, ValueError) as problem:
            self.raise_problem(arguments, problem)

    def raise_problem(self, arguments, result):
        """It is one only while the daemon lives: the one who kills may have come first, and dying takes a while."""
        end = time.monotonic() + 5
        while self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        if self.process.poll() is None:
            raise AssertionError('%s: %s\n%s' % (arguments, result, self.process.tail()))
        raise Killed


def read_stored(state):
    """(durable, verified, boot id) by info-hash, as another program reads it."""
    with closing(sqlite3.connect('file:%s?mode=ro' % (state / 'state.db'), uri=True)) as database:
        rows = database.execute('SELECT lower(hex(v1)), durable, verified, boot_id FROM torrents JOIN progress ON id = torrent')
        return {row[0]: row[1:] for row in rows.fetchall()}


class Boots:
    """The id of the boot as programs of this test see it."""

    def __init__(self, box):
        self.path = box / 'boot-id'
        self.next()
        subprocess.run(['mount', '-n', '--bind', self.path, BOOT_ID], check=True)
        at_end(lambda: subprocess.run(['umount', '-n', '-l', BOOT_ID]))

    def next(self):
        self.path.write_text(str(uuid.uuid4()) + '\n')


class Small:
    """A torrent whose files are there already."""

    def __init__(self, box, number):
        self.torrent = make_single(box, 'small-%d' % number, 150000 + number * 1000, seed=number + 10)
        self.folders = [box / 'files-a', box / 'files-b', box / 'files-c']
        copy_payload(self.torrent, self.folders[0])
        self.hex = self.torrent.hex
        self.listed = Promise(self.hex + ' is listed', False)
        self.begin()

    def begin(self, paused=ABSENT, folder=ABSENT):
        self.values = {'paused': Promise(self.hex + ' paused', paused), 'folder': Promise(self.hex + ' folder', folder),
                       'category': Promise(self.hex + ' category', ''), 'upload-limit': Promise(self.hex + ' limit', 0)}

    def where(self):
        """The folders that hold all of it."""
        return [str(f) for f in self.folders if not self.torrent.differences(f)]


class World:
    def __init__(self, box, chance, ours, size):
        self.box, self.chance, self.ours = box, chance, ours
        self.small = [Small(box, n) for n in range(N_SMALL)]
        self.settings = {key: Promise(key, '0') for key in SETTINGS}
        self.magnets = {}
        self.watched = Promise('the watched folder', False)
        self.big = make_single(box, 'big', size, piece_length=32768)
        self.arrived = box / 'arrived'
        self.rate = 0  # of the download, bytes per second
        self.had, self.downloaded = Growing('pieces'), Growing('bytes downloaded')
        self.disk = SlowDisk(box / 'probe')
        at_end(self.disk.stop)

    # ---- what happens

    def add_small(self, small):
        paused = self.chance.random() < 0.3
        folder = self.chance.choice(small.where())
        was = small.listed.last
        done = small.listed.ask(True)
        if not was:
            small.begin(paused, folder)
        self.ours.do('add', str(small.torrent.path), '--folder', folder, *(['--paused'] if paused else []))
        done()

    def remove_small(self, small):
        done = small.listed.ask(False)
        self.ours.do('remove', small.hex)
        done()

    def change(self, small, name, value, *words):
        done = small.values[name].ask(value)
        self.ours.do(*words)
        done()

    def move(self, small):
        target = str(self.chance.choice(small.folders))
        small.values['folder'].ask(target)  # acknowledged only when it is there
        self.ours.do('move', small.hex, target)

    def act_on_small(self):
        small = self.chance.choice(self.small)
        if not small.listed.last:
            return self.add_small(small)
        kind = self.chance.randrange(8)
        if kind == 0:
            self.remove_small(small)
        elif kind < 3:
            paused = not small.values['paused'].last
            self.change(small, 'paused', paused, 'pause' if paused else 'resume', small.hex)
        elif kind < 5:
            self.move(small)
        elif kind == 5:
            limit = self.chance.randrange(1, 1000) * 1000
            self.change(small, 'upload-limit', limit, 'limit', 'torrent', small.hex, '0', str(limit))
        elif kind == 6:
            name = 'category-%d' % self.chance.randrange(1000)
            self.change(small, 'category', name, 'category', small.hex, name)
        else:
            self.ours.do('check', small.hex)

    def act_on_setting(self):
        key = self.chance.choice(SETTINGS)
        value = str(self.chance.randrange(2000000, 9000000))
        done = self.settings[key].ask(value)
        self.ours.do('config', 'set', key, value)
        done()

    def act_on_magnet(self):
        number = self.chance.randrange(4)
        hex_name = '%040x' % (0xabc0 + number)
        promise = self.magnets.setdefault(hex_name, Promise('magnet ' + hex_name, False))
        done = promise.ask(not promise.last)
        if promise.last:
            self.ours.do('add', 'magnet:?xt=urn:btih:' + hex_name)
        else:
            self.ours.do('remove', hex_name)
        done()

    def act_on_watched(self):
        (self.box / 'watched').mkdir(exist_ok=True)
        done = self.watched.ask(not self.watched.last)
        self.ours.do('watch', 'add' if self.watched.last else 'remove', str(self.box / 'watched'))
        done()

    def look_at_big(self):
        shown = self.ours.json('show', self.big.hex)
        if shown['state'] not in ('checking', 'preparing'):
            self.had.see(shown['n-pieces-have'])
        self.downloaded.see(shown['downloaded'])
        return shown

    def look_at_moves(self):
        for small in self.small:
            if small.listed.last:
                shown = self.ours.json('show', small.hex)
                folder = small.values['folder']
                if not shown['moving'] and shown['folder'] in [value for value, _, _ in folder.history]:
                    folder.ask(shown['folder'])()

    def act(self):
        kind = self.chance.randrange(10)
        if kind < 5:
            self.act_on_small()
        elif kind < 7:
            self.act_on_setting()
        elif kind == 7:
            self.act_on_magnet()
        elif kind == 8:
            self.act_on_watched()
        else:
            self.look_at_moves()
        self.look_at_big()

    # ---- what must be there

    def check(self, killed_at, is_power_cut=False):
        killed_at -= self.disk.delay(killed_at)
        listed = {row['info-hash']: row for row in self.ours.json('list')}
        for hex_name, promise in self.magnets.items():
            promise.check(hex_name in listed, killed_at)
        for small in self.small:
            small.listed.check(small.hex in listed, killed_at)
            if small.listed.last:
                shown = self.ours.json('show', small.hex)
                for name, promise in small.values.items():
                    promise.check(shown[name], killed_at)
        known = [s.hex for s in self.small] + list(self.magnets) + [self.big.hex]
        assert not set(listed) - set(known), set(listed) - set(known)
        for key, promise in self.settings.items():
            promise.check(self.ours.json('config', 'get', key)['value'], killed_at)
        self.watched.check(str(self.box / 'watched') in self.ours.do('watch'), killed_at)
        warnings = [e for e in self.ours.json('events') if e['type'] == 'state-warning']
        assert not warnings, warnings
        self.check_big(listed, killed_at, is_power_cut)

    def check_big(self, listed, killed_at, is_power_cut):
        assert self.big.hex in listed, 'the download is gone'
        shown = wait_until(lambda: [s for s in [self.ours.json('show', self.big.hex)] if s['state'] not in ('checking', 'preparing', 'queued')],
                           10, lambda: self.ours.json('show', self.big.hex))[0]
        if is_power_cut:  # what was synced is looked at by those who cut
            self.had.seen, self.downloaded.seen = [(0.0, shown['n-pieces-have'])], [(0.0, shown['downloaded'])]
            return
        self.had.check(shown['n-pieces-have'], killed_at, PROGRESS)
        self.downloaded.check(shown['downloaded'], killed_at, PROGRESS)

    def check_is_whole(self):
        """In the end: the download is right, and so is what was moved."""
        for small in self.small:
            if small.listed.last:
                self.ours.do('resume', small.hex)
                wait_until(lambda: self.ours.json('show', small.hex)['state'] == 'seeding', 20,
                           lambda: (self.ours.json('show', small.hex), self.ours.process.tail()))
                assert not small.torrent.differences(self.ours.json('show', small.hex)['folder'])
            assert small.where(), '%s is nowhere whole' % small.torrent.name
        self.ours.do('resume', self.big.hex)
        self.ours.do('limit', 'torrent', self.big.hex, '0', '0')
        self.ours.btbt('peer', 'add', self.big.hex, SEED)
        wait_until(lambda: self.ours.json('show', self.big.hex)['state'] == 'seeding', 60,
                   lambda: (self.ours.json('show', self.big.hex), self.ours.process.tail()))
        assert not self.big.differences(self.arrived)

    # ---- one round

    def add_big(self):
        self.ours.do('add', str(self.big.path), '--folder', str(self.arrived))
        self.ours.do('limit', 'torrent', self.big.hex, str(self.rate), '0')
        self.ours.do('call', 'session.flush')

    def act_until_killed(self, seconds, kill):
        """Returns when it was killed."""
        killed = []

        def strike():
            kill()
            killed.append(time.monotonic())
        timer = threading.Timer(seconds, strike)
        timer.start()
        try:
            self.ours.btbt('peer', 'add', self.big.hex, SEED)
            while not killed:
                self.act()
        except Killed:
            pass
        finally:
            timer.join()
        self.ours.process.process.wait()
        return killed[0]
