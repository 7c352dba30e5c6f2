#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers found by the DHT alone, in a network of ten libtorrent nodes."""
import json
import subprocess
from pathlib import Path

from harness import Process, case, main, wait_until
from swarm import PYTHON, Ccbt, Transmission
from torrents import make_single

HERE = Path(__file__).resolve().parent
N_NODES = 10


class Network:
    def __init__(self, box, addresses=None):
        self.addresses = addresses or ['10.77.1.%d' % n for n in range(1, N_NODES + 1)]
        self.process = Process([PYTHON, HERE / 'dht_nodes.py', *self.addresses], box / 'dht', 'dht-nodes',
                               stdin=subprocess.PIPE)
        self.n_lines = 1
        wait_until(lambda: 'ready' in self.process.text(), 70, lambda: 'no DHT\n' + self.process.tail())

    @property
    def entrance(self):
        return Ccbt_address(self.addresses[0])

    def ask(self, *words, seconds=30):
        stdin = self.process.process.stdin
        stdin.write(('\t'.join(map(str, words)) + '\n').encode())
        stdin.flush()
        self.n_lines += 1
        lines = wait_until(lambda: (found := self.process.text().split('\n')[:-1]) and len(found) >= self.n_lines and found,
                           seconds, lambda: 'no answer to %s\n%s' % (words, self.process.tail()))
        return json.loads(lines[self.n_lines - 1])


def Ccbt_address(address):
    return '[%s]:6881' % address if ':' in address else address + ':6881'


class DhtCcbt(Ccbt):
    off = ('pex', 'lsd', 'portmap')

    def n_nodes(self):
        return (self.messages('connection') or [{'ipv4': {'dht_nodes': 0}}])[-1]['ipv4']['dht_nodes']


def known_to(network):
    return '--dht-bootstrap=' + network.entrance


@case
def finds_a_seed_of_libtorrent(box):
    """a magnet link without trackers finds a seed that libtorrent announced"""
    torrent = make_single(box)
    network = Network(box)
    assert network.ask('seed', 3, torrent.path, torrent.folder)
    ccbt = DhtCcbt(box, '10.77.0.2')
    ccbt.leech(torrent.magnet(), box / 'arrived', known_to(network))
    ccbt.wait_done(torrent, box / 'arrived', 60)


@case
def is_found_by_libtorrent(box):
    """a seed of ours is found by libtorrent with a magnet link without trackers"""
    torrent = make_single(box)
    network = Network(box)
    ccbt = DhtCcbt(box, '10.77.0.2')
    ccbt.seed(torrent, torrent.folder, known_to(network))
    wait_until(lambda: ccbt.n_nodes() >= 5, 20, lambda: 'few nodes\n' + ccbt.process.tail())
    (box / 'arrived').mkdir()
    assert network.ask('leech', 7, torrent.magnet(), box / 'arrived')
    wait_until(lambda: network.ask('done', 7), 60, lambda: 'libtorrent has not finished\n' + ccbt.process.tail(), 0.5)
    assert not torrent.differences(box / 'arrived')


@case
def remembers_the_network(box):
    """a second run needs no way in: the nodes of the first are asked"""
    torrent = make_single(box)
    network = Network(box)
    ccbt = DhtCcbt(box, '10.77.0.2')
    ccbt.seed(torrent, torrent.folder, known_to(network))
    wait_until(lambda: ccbt.n_nodes() >= 5, 20, lambda: 'few nodes\n' + ccbt.process.tail())
    ccbt.stop()
    ccbt.seed(torrent, torrent.folder, '--dht-bootstrap=10.77.9.9:1')
    wait_until(lambda: ccbt.n_nodes() >= 5, 20, lambda: 'few nodes\n' + ccbt.process.tail())


@case
def learns_a_node_from_a_peer(box):
    """the PORT message of a peer is a way into the DHT"""
    torrent = make_single(box)
    network = Network(box)
    ccbt = DhtCcbt(box, '10.77.0.2')
    ccbt.seed(torrent, torrent.folder, '--dht-bootstrap=10.77.9.9:1', dial=[(network.addresses[4], 6881)])
    (box / 'arrived').mkdir()
    assert network.ask('leech', 4, torrent.magnet(), box / 'arrived')
    wait_until(lambda: ccbt.n_nodes() >= 5, 30, lambda: 'few nodes\n' + ccbt.process.tail())


@case
def uses_the_nodes_of_a_torrent(box):
    """the nodes that a torrent file names are a way into the DHT"""
    network = Network(box)
    torrent = make_single(box, nodes=[[network.addresses[0], 6881]])
    ccbt = DhtCcbt(box, '10.77.0.2')
    ccbt.seed(torrent, torrent.folder, '--dht-bootstrap=10.77.9.9:1')
    wait_until(lambda: ccbt.n_nodes() >= 5, 20, lambda: 'few nodes\n' + ccbt.process.tail())


@case
def works_on_ipv6(box):
    """a magnet link without trackers over IPv6 alone"""
    torrent = make_single(box)
    network = Network(box, ['fd77::%d' % n for n in range(2, 6)])
    assert network.ask('seed', 3, torrent.path, torrent.folder)
    ccbt = DhtCcbt(box, 'fd77::1')
    ccbt.leech(torrent.magnet(), box / 'arrived', known_to(network))
    ccbt.wait_done(torrent, box / 'arrived', 60)


main()
