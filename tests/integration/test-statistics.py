#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was moved when, and how much since it began."""
import ast
import re

from harness import case, main, wait_until
from instance import OFFLINE, Instance
from swarm import LibTorrent
from torrents import make_single

ADDRESS = '10.77.0.1'
SIZE = 5000000


def history(instance, scale):
    text = instance.btbt('call', 'statistics.history', "('%s',)" % scale).stdout
    now, step, down, up = ast.literal_eval(re.sub(r'\b(u?int\d+|byte|@at) ', '', text))
    return step, down, up


@case
def over_restarts(box):
    """what came is counted by the second, the minute and the hour, and in all; a restart begins no torrent's total anew"""
    instance = Instance(box, ['--bind=%s' % ADDRESS, '--port=7000', *OFFLINE[1:]]).run()
    torrent = make_single(box, 'film', SIZE)
    seed = LibTorrent(box, '10.77.0.2').seed(torrent, torrent.folder)
    instance.json('add', str(torrent.path), '--folder', str(box / 'files'))
    instance.json('peer', 'add', 'film', '10.77.0.2:%d' % seed.port)
    wait_until(lambda: instance.json('status')['downloaded'] >= SIZE, 30, instance.process.tail)
    for scale, seconds, length in ('seconds', 1, 600), ('minutes', 60, 1440), ('hours', 3600, 2160):
        step, down, up = history(instance, scale)
        assert (step, len(down), len(up), sum(down)) == (seconds, length, length, SIZE), (scale, step, len(down), sum(down))
    assert sum(history(instance, 'hours')[1][-2:]) == SIZE
    assert instance.btbt('call', 'statistics.history', "('years',)").returncode != 0
    instance.stop()

    instance.run()
    wait_until(lambda: instance.json('show', 'film')['state'] == 'seeding', 30, instance.process.tail)
    status = instance.json('status')
    assert (status['downloaded'], status['down-rate'], status['all-downloaded']) == (0, 0, SIZE), status
    assert instance.json('show', 'film')['downloaded'] == SIZE
    assert sum(history(instance, 'minutes')[1]) == SIZE
    assert instance.btbt('remove', 'film').returncode == 0
    assert instance.json('status')['all-downloaded'] == SIZE


main()
