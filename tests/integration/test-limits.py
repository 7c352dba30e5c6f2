#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rate limits, against libtorrent: how fast `ccbt daemon run` downloads and uploads, measured in the middle of the run."""
import json
import os
import subprocess
import time

from harness import Process, case, main, wait_until
from swarm import LibTorrent
from torrents import make_single

CCBT = os.environ['CCBT']
BTBT = os.environ['BTBT']
ADDRESS, PORT = '10.77.0.1', 7000
MB = 1000 * 1000
OFFLINE = ['discovery.enable_dht=false', 'discovery.enable_lsd=false', 'discovery.enable_pex=false',
           'nat.auto_map_ports=false']


class Instance:
    def __init__(self, box, *settings):
        self.box, self.state = box, box / 'state-dir'
        runtime = box / 'runtime'
        runtime.mkdir(mode=0o700)
        self.environment = {'HOME': str(box), 'XDG_RUNTIME_DIR': str(runtime), 'LC_ALL': 'C.UTF-8'}
        self.process = Process([CCBT, 'daemon', 'run', '--state-dir=%s' % self.state, '--bind=%s' % ADDRESS,
                                '--port=%d' % PORT, *('--set=' + s for s in [*OFFLINE, *settings])], box, 'daemon',
                               env=self.environment)
        wait_until(lambda: self.run('status').returncode == 0 or self.process.poll() is not None, 30, self.process.tail)
        assert self.process.poll() is None, self.process.tail()

    def run(self, *words):
        return subprocess.run([BTBT, '--state-dir=%s' % self.state, '--json', *map(str, words)],
                              env={**os.environ, **self.environment}, capture_output=True, text=True, timeout=60)

    def btbt(self, *words):
        result = self.run(*words)
        assert result.returncode == 0, (words, result)
        return json.loads(result.stdout) if result.stdout.strip() else None

    def listed(self, name):
        return next(t for t in self.btbt('list') if t['name'] == name + '.bin')

    def counted(self, field, names):
        """Bytes of each, and when that was."""
        return [self.btbt('show', name)[field] for name in names], time.monotonic()

    def rates(self, field, *names, seconds=6.0):
        """Bytes per second of each, from when all of them move and have settled."""
        wait_until(lambda: all(self.counted(field, names)[0]), 30, lambda: '%s of %s\n%s' % (field, names, self.process.tail()))
        time.sleep(1.5)
        before, begin = self.counted(field, names)
        time.sleep(seconds)
        after, end = self.counted(field, names)
        rates = [(b - a) / (end - begin) for a, b in zip(before, after)]
        print('# %s: %s' % (field, ', '.join('%s %.0f/s' % pair for pair in zip(names, rates))), flush=True)
        return rates

    def downloads(self, box, name, size, address='10.77.0.2', n_seeds=1):
        """A torrent that libtorrent seeds, and that we begin to download."""
        torrent = make_single(box, name, size=size)
        seeds = [LibTorrent(box, '10.77.%d.%s' % (n, address.rsplit('.')[-1])).seed(torrent, torrent.folder)
                 for n in range(n_seeds)]
        self.btbt('add', torrent.path, '--folder', box / 'arrived', '--paused')
        return torrent, seeds

    def meet(self, name, seeds):
        self.btbt('resume', name)
        for seed in seeds:
            self.btbt('peer', 'add', name, '%s:%d' % (seed.address, seed.port))

    def seeds(self, box, name, size, address='10.77.0.2'):
        """A torrent that we seed, and libtorrent begins to download."""
        torrent = make_single(box, name, size=size)
        self.btbt('add', torrent.path, '--folder', torrent.folder)
        wait_until(lambda: self.listed(name)['state'] == 'seeding', 30, self.process.tail)
        LibTorrent(box, address).leech(torrent, box / ('to-' + name), dial=[(ADDRESS, PORT)])


def assert_near(rate, expected, share=0.1):
    assert expected * (1 - share) <= rate <= expected * (1 + share), '%.0f, expected %.0f' % (rate, expected)


@case
def session_download(box):
    """a download limit of the session is kept, and a new one holds at once"""
    ours = Instance(box, 'limits.download_rate=1000000')
    _, seeds = ours.downloads(box, 'film', 40 * MB)
    ours.meet('film', seeds)
    assert_near(ours.rates('downloaded', 'film')[0], MB)
    ours.btbt('limit', '300000', '0')
    assert_near(ours.rates('downloaded', 'film')[0], 0.3 * MB)
    ours.btbt('limit', '0', '0')
    wait_until(lambda: ours.listed('film')['state'] == 'seeding', 20, ours.process.tail)


@case
def session_upload(box):
    """an upload limit of the session is kept"""
    ours = Instance(box, 'limits.upload_rate=1000000')
    ours.seeds(box, 'film', 20 * MB)
    assert_near(ours.rates('uploaded', 'film')[0], MB)


@case
def torrent_limits(box):
    """a torrent's own limits are kept, and the session's wins where it is lower"""
    ours = Instance(box)
    _, seeds = ours.downloads(box, 'film', 40 * MB)
    ours.btbt('limit', 'torrent', 'film', '1000000', '0')
    ours.meet('film', seeds)
    assert_near(ours.rates('downloaded', 'film')[0], MB)
    ours.btbt('limit', '400000', '0')
    assert_near(ours.rates('downloaded', 'film')[0], 0.4 * MB)


@case
def torrent_upload(box):
    """a torrent's own upload limit is kept between two peers, and neither starves"""
    ours = Instance(box, 'limits.upload_slots=4')
    torrent = make_single(box, 'film', size=30 * MB)
    ours.btbt('add', torrent.path, '--folder', torrent.folder)
    ours.btbt('limit', 'torrent', 'film', '0', '1000000')
    wait_until(lambda: ours.listed('film')['state'] == 'seeding', 30, ours.process.tail)
    for n in (2, 3):
        LibTorrent(box, '10.77.0.%d' % n).leech(torrent, box / ('to-%d' % n), dial=[(ADDRESS, PORT)])
    wait_until(lambda: len(ours.btbt('peers', 'film')) == 2, 20, ours.process.tail)
    assert_near(ours.rates('uploaded', 'film')[0], MB)
    given = sorted(p['uploaded'] for p in ours.btbt('peers', 'film'))
    assert given[0] > 0.5 * given[1], given


@case
def weights_of_downloads(box):
    """two torrents share a download limit about 4 : 1 by their priorities; what one leaves is the other's"""
    ours = Instance(box, 'limits.download_rate=1000000')
    swarms = {name: ours.downloads(box, name, 30 * MB, '10.77.0.%d' % n)[1] for n, name in enumerate(('high', 'low'), 2)}
    for name, seeds in swarms.items():
        ours.btbt('set', name, 'priority', name)
        ours.meet(name, seeds)
    high, low = ours.rates('downloaded', 'high', 'low')
    assert_near(high + low, MB)
    assert 2.5 <= high / low <= 6, high / low
    ours.btbt('pause', 'high')
    assert_near(ours.rates('downloaded', 'low')[0], MB)


@case
def weights_of_uploads(box):
    """two torrents share an upload limit about 4 : 1 by their priorities"""
    ours = Instance(box, 'limits.upload_rate=1000000', 'limits.upload_slots=8')
    for n, name in enumerate(('high', 'low'), 2):
        ours.seeds(box, name, 30 * MB, '10.77.0.%d' % n)
        ours.btbt('set', name, 'priority', name)
    high, low = ours.rates('uploaded', 'high', 'low')
    assert_near(high + low, MB)
    assert 2.5 <= high / low <= 6, high / low


@case
def each_peer(box):
    """a limit of each peer: two seeds give twice as much; taken away, it is gone at once"""
    ours = Instance(box, 'limits.per_peer_down=400000')
    _, seeds = ours.downloads(box, 'film', 60 * MB, n_seeds=2)
    ours.meet('film', seeds)
    wait_until(lambda: len(ours.btbt('peers', 'film')) == 2, 20, ours.process.tail)
    assert_near(ours.rates('downloaded', 'film')[0], 0.8 * MB)
    ours.btbt('call', 'session.set-peer-limits', '(uint64 0, uint64 0)')
    wait_until(lambda: ours.listed('film')['state'] == 'seeding', 20, ours.process.tail)


@case
def local_network(box):
    """peers in the local network are without limits when that is set"""
    ours = Instance(box, 'limits.download_rate=20000', 'limits.per_peer_down=20000', 'limits.lan_exempt=true')
    torrent, seeds = ours.downloads(box, 'film', 20 * MB)
    ours.meet('film', seeds)
    wait_until(lambda: ours.listed('film')['state'] == 'seeding', 30, ours.process.tail)
    assert not torrent.differences(box / 'arrived')


@case
def alternative(box):
    """the alternative limits hold at once, and the session says so"""
    ours = Instance(box, 'limits.download_rate=1500000', 'limits.alternative_download_rate=300000')
    _, seeds = ours.downloads(box, 'film', 40 * MB)
    ours.meet('film', seeds)
    assert not ours.btbt('status')['alternative-limits']
    ours.btbt('alternative', 'on')
    assert_near(ours.rates('downloaded', 'film')[0], 0.3 * MB)
    status = ours.btbt('status')
    assert status['alternative-limits'] and not status['scheduled-limits'] and status['download-limit'] == 300000, status
    ours.btbt('alternative', 'off')
    assert_near(ours.rates('downloaded', 'film')[0], 1.5 * MB)


@case
def connections(box):
    """a torrent that may have fewer connections drops what is too many at once"""
    ours = Instance(box, 'limits.download_rate=200000')
    _, seeds = ours.downloads(box, 'film', 40 * MB, n_seeds=3)
    ours.meet('film', seeds)
    wait_until(lambda: len(ours.btbt('peers', 'film')) == 3, 20, ours.process.tail)
    ours.btbt('set', 'film', 'max-connections', '1')
    wait_until(lambda: len(ours.btbt('peers', 'film')) == 1, 5, lambda: str(ours.btbt('peers', 'film')))


main()
