#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rate limits, against libtorrent: how fast `ccbt daemon run` downloads and uploads, measured in the middle of the run."""
import time

from harness import case, main, wait_until
from instance import OFFLINE, Instance
from swarm import LibTorrent
from torrents import make_single

ADDRESS, PORT = '10.77.0.1', 7000
MB = 1000 * 1000


class Limited(Instance):
    def __init__(self, box, *settings):
        super().__init__(box, ['--bind=%s' % ADDRESS, '--port=%d' % PORT, '--set=discovery.enable_pex=false', *OFFLINE[1:],
                               *('--set=' + s for s in settings)])
        self.run()

    def listed(self, name):
        return next(t for t in self.json('list') if t['name'] == name + '.bin')

    def counted(self, field, names):
        """Bytes of each, and when that was."""
        return [self.json('show', name)[field] for name in names], time.monotonic()

    def rates(self, field, names, seconds):
        """Bytes per second of each in the seconds that follow."""
        before, begin = self.counted(field, names)
        time.sleep(seconds)
        after, end = self.counted(field, names)
        rates = [(b - a) / (end - begin) for a, b in zip(before, after)]
        print('# %s: %s' % (field, ', '.join('%s %.0f/s' % pair for pair in zip(names, rates))), flush=True)
        return rates

    def reaches(self, field, limit, *names, ratio=None):
        """Together they move as fast as they may, in the given ratio, and never faster.

        Fewer bytes may be due to a machine that has much else to do, so it is looked at again;
        more than the limit is wrong whatever the machine does."""
        wait_until(lambda: all(self.counted(field, names)[0]), 30, lambda: '%s of %s\n%s' % (field, names, self.process.tail()))
        time.sleep(1.5)  # what was on its way when the limit came
        for _ in range(6):
            rates = self.rates(field, names, 5.0)
            assert sum(rates) <= 1.2 * limit, (rates, limit)
            in_ratio = ratio is None or ratio[0] <= rates[0] / max(rates[1], 1) <= ratio[1]
            if sum(rates) >= 0.9 * limit and in_ratio:
                return
        raise AssertionError('%s, not %.0f%s' % (rates, limit, ' in the ratio %s : %s' % ratio if ratio else ''))

    def downloads(self, box, name, size, address='10.77.0.2', n_seeds=1):
        """A torrent that libtorrent seeds, and that we begin to download."""
        torrent = make_single(box, name, size=size)
        seeds = [LibTorrent(box, '10.77.%d.%s' % (n, address.rsplit('.')[-1])).seed(torrent, torrent.folder)
                 for n in range(n_seeds)]
        self.json('add', torrent.path, '--folder', box / 'arrived', '--paused')
        return torrent, seeds

    def meet(self, name, seeds):
        self.json('resume', name)
        for seed in seeds:
            self.json('peer', 'add', name, '%s:%d' % (seed.address, seed.port))

    def seeds(self, box, name, size, address='10.77.0.2'):
        """A torrent that we seed, and libtorrent begins to download."""
        torrent = make_single(box, name, size=size)
        self.json('add', torrent.path, '--folder', torrent.folder)
        wait_until(lambda: self.listed(name)['state'] == 'seeding', 30, self.process.tail)
        LibTorrent(box, address).leech(torrent, box / ('to-' + name), dial=[(ADDRESS, PORT)])


@case
def session_download(box):
    """a download limit of the session is kept, and a new one holds at once"""
    ours = Limited(box, 'limits.download_rate=1000000')
    _, seeds = ours.downloads(box, 'film', 40 * MB)
    ours.meet('film', seeds)
    ours.reaches('downloaded', MB, 'film')
    assert ours.json('show', 'film')['hindrance'] == 'session-limit'
    ours.json('limit', '300000', '0')
    ours.reaches('downloaded', 0.3 * MB, 'film')
    ours.json('limit', '0', '0')
    wait_until(lambda: ours.listed('film')['state'] == 'seeding', 20, ours.process.tail)


@case
def session_upload(box):
    """an upload limit of the session is kept"""
    ours = Limited(box, 'limits.upload_rate=1000000')
    ours.seeds(box, 'film', 20 * MB)
    ours.reaches('uploaded', MB, 'film')
    assert ours.json('show', 'film')['hindrance'] == 'session-limit'


@case
def torrent_limits(box):
    """a torrent's own limits are kept, and the session's wins where it is lower"""
    ours = Limited(box)
    _, seeds = ours.downloads(box, 'film', 40 * MB)
    ours.json('limit', 'torrent', 'film', '1000000', '0')
    ours.meet('film', seeds)
    ours.reaches('downloaded', MB, 'film')
    assert ours.json('show', 'film')['hindrance'] == 'own-limit'
    ours.json('limit', '400000', '0')
    ours.reaches('downloaded', 0.4 * MB, 'film')


@case
def torrent_upload(box):
    """a torrent's own upload limit is kept between two peers, and neither starves"""
    ours = Limited(box, 'limits.upload_slots=4')
    torrent = make_single(box, 'film', size=30 * MB)
    ours.json('add', torrent.path, '--folder', torrent.folder)
    ours.json('limit', 'torrent', 'film', '0', '1000000')
    wait_until(lambda: ours.listed('film')['state'] == 'seeding', 30, ours.process.tail)
    for n in (2, 3):
        LibTorrent(box, '10.77.0.%d' % n).leech(torrent, box / ('to-%d' % n), dial=[(ADDRESS, PORT)])
    wait_until(lambda: len(ours.json('peers', 'film')) == 2, 20, ours.process.tail)
    ours.reaches('uploaded', MB, 'film')
    given = sorted(p['uploaded'] for p in ours.json('peers', 'film'))
    assert given[0] > 0.5 * given[1], given


@case
def weights_of_downloads(box):
    """two torrents share a download limit about 4 : 1 by their priorities; what one leaves is the other's"""
    ours = Limited(box, 'limits.download_rate=1000000')
    swarms = {name: ours.downloads(box, name, 30 * MB, '10.77.0.%d' % n)[1] for n, name in enumerate(('high', 'low'), 2)}
    for name, seeds in swarms.items():
        ours.json('set', name, 'priority', name)
        ours.meet(name, seeds)
    ours.reaches('downloaded', MB, 'high', 'low', ratio=(2.5, 6))
    ours.json('pause', 'high')
    ours.reaches('downloaded', MB, 'low')


@case
def weights_of_uploads(box):
    """two torrents share an upload limit about 4 : 1 by their priorities"""
    ours = Limited(box, 'limits.upload_rate=1000000', 'limits.upload_slots=8')
    for n, name in enumerate(('high', 'low'), 2):
        ours.seeds(box, name, 30 * MB, '10.77.0.%d' % n)
        ours.json('set', name, 'priority', name)
    ours.reaches('uploaded', MB, 'high', 'low', ratio=(2.5, 6))


@case
def each_peer(box):
    """a limit of each peer: two seeds give twice as much; taken away, it is gone at once"""
    ours = Limited(box, 'limits.per_peer_down=400000')
    _, seeds = ours.downloads(box, 'film', 60 * MB, n_seeds=2)
    ours.meet('film', seeds)
    wait_until(lambda: len(ours.json('peers', 'film')) == 2, 20, ours.process.tail)
    ours.reaches('downloaded', 0.8 * MB, 'film')
    assert ours.json('show', 'film')['hindrance'] == 'peer-limit'
    ours.json('call', 'session.set-peer-limits', '(uint64 0, uint64 0)')
    wait_until(lambda: ours.listed('film')['state'] == 'seeding', 20, ours.process.tail)


@case
def local_network(box):
    """peers in the local network are without limits when that is set"""
    ours = Limited(box, 'limits.download_rate=20000', 'limits.per_peer_down=20000', 'limits.lan_exempt=true')
    torrent, seeds = ours.downloads(box, 'film', 20 * MB)
    ours.meet('film', seeds)
    wait_until(lambda: ours.listed('film')['state'] == 'seeding', 30, ours.process.tail)
    assert not torrent.differences(box / 'arrived')


@case
def alternative(box):
    """the alternative limits hold at once, and the session says so"""
    ours = Limited(box, 'limits.download_rate=1500000', 'limits.alternative_download_rate=300000')
    _, seeds = ours.downloads(box, 'film', 40 * MB)
    ours.meet('film', seeds)
    assert not ours.json('status')['alternative-limits']
    ours.json('alternative', 'on')
    ours.reaches('downloaded', 0.3 * MB, 'film')
    status = ours.json('status')
    assert status['alternative-limits'] and not status['scheduled-limits'] and status['download-limit'] == 300000, status
    ours.json('alternative', 'off')
    ours.reaches('downloaded', 1.5 * MB, 'film')


@case
def connections(box):
    """a torrent that may have fewer connections drops what is too many at once"""
    ours = Limited(box, 'limits.download_rate=200000')
    _, seeds = ours.downloads(box, 'film', 40 * MB, n_seeds=3)
    ours.meet('film', seeds)
    wait_until(lambda: len(ours.json('peers', 'film')) == 3, 20, ours.process.tail)
    ours.json('set', 'film', 'max-connections', '1')
    wait_until(lambda: len(ours.json('peers', 'film')) == 1, 5, lambda: str(ours.json('peers', 'film')))


main()
