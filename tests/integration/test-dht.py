#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers found by the DHT alone, in a network of ten libtorrent nodes."""
import hashlib
import json
import socket
import subprocess
import time
from pathlib import Path

from capture import Capture
from harness import Process, case, main, wait_until
from swarm import PYTHON, Ccbt, Transmission
from torrents import bdecode, bencode, make_single

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
        return join_node(self.addresses[0])

    def ask(self, *words, seconds=30):
        stdin = self.process.process.stdin
        stdin.write(('\t'.join(map(str, words)) + '\n').encode())
        stdin.flush()
        self.n_lines += 1
        lines = wait_until(lambda: (found := self.process.text().split('\n')[:-1]) and len(found) >= self.n_lines and found,
                           seconds, lambda: 'no answer to %s\n%s' % (words, self.process.tail()))
        return json.loads(lines[self.n_lines - 1])


def join_node(address):
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


class DhtTransmission(Transmission):
    settings = {'dht-enabled': True}

    def run(self, what, folder):
        (self.base / 'config').mkdir()
        (self.base / 'config' / 'dht.bootstrap').write_text('10.77.1.1 6881\n10.77.1.2 6881\n')
        return super().run(what, folder)


@case
def finds_a_seed_of_transmission(box):
    """a magnet link without trackers finds a seed that Transmission announced"""
    torrent = make_single(box)
    network = Network(box)
    seed = DhtTransmission(box, '10.77.0.3')
    seed.seed(torrent, torrent.folder)
    ccbt = DhtCcbt(box, '10.77.0.2')
    ccbt.leech(torrent.magnet(), box / 'arrived', known_to(network))
    ccbt.wait_done(torrent, box / 'arrived', 150)


@case
def keeps_private_torrents_out(box):
    """a private torrent is not looked up, a public one beside it is (BEP 27)"""
    private, public = make_single(box, name='private', private=True), make_single(box, name='public')
    network = Network(box)
    capture = Capture()
    first, second = DhtCcbt(box, '10.77.0.2'), DhtCcbt(box, '10.77.0.3')
    first.seed(private, private.folder, known_to(network))
    second.seed(public, public.folder, known_to(network))
    wait_until(lambda: capture.names(public), 30, 'the public torrent was not looked up')
    wait_until(lambda: first.n_nodes() >= 5, 30, lambda: 'few nodes\n' + first.process.tail())
    time.sleep(5)
    assert not capture.names(private), capture.names(private)[:1]


def find_near(node_id, pattern):
    """A text whose place is nearest to that node: an item goes to the nearest eight only."""
    def place(text):
        return hashlib.sha1(bencode(text.encode())).digest()

    text = min((pattern % n for n in range(20000)),
               key=lambda text: int.from_bytes(place(text), 'big') ^ int.from_bytes(node_id, 'big'))
    return text, place(text)


@case
def answers_as_a_node(box):
    """others store items with us and find them there (BEP 44), and ask us for samples (BEP 51)"""
    torrent = make_single(box)
    # So few that we are always among the eight nearest.
    network = Network(box, ['10.77.1.%d' % n for n in range(1, 7)])
    ccbt = DhtCcbt(box, '10.77.0.2')
    ccbt.seed(torrent, torrent.folder, known_to(network))
    wait_until(lambda: ccbt.n_nodes() >= 5, 30, lambda: 'few nodes\n' + ccbt.process.tail())
    ours = Node(('10.77.0.2', 7000))
    our_id = ours.ask('ping')[b'id']
    text, target = find_near(our_id, 'value %d that libtorrent puts')
    assert network.ask('put', 2, text) == target.hex()
    value = wait_until(lambda: ours.ask('get', target=target).get(b'v'), 20, 'the item never came to us', 0.5)
    assert value == text.encode(), value
    # And the other way: what is put with us, libtorrent finds.
    text, target = find_near(our_id, 'value %d put with us')
    token = ours.ask('get', target=target)[b'token']
    ours.ask('put', token=token, v=text.encode())
    assert wait_until(lambda: network.ask('get', 5, target.hex()), 20, 'libtorrent does not find it') == text
    info_hash = b'h' * 20
    token = ours.ask('get_peers', info_hash=info_hash)[b'token']
    ours.ask('announce_peer', info_hash=info_hash, port=4000, token=token)
    sampled = ours.ask('sample_infohashes', target=b't' * 20)
    assert info_hash in sampled[b'samples'] and sampled[b'num'] >= 1
    peers = ours.ask('get_peers', info_hash=info_hash, scrape=1)
    assert peers[b'values'] == [bytes([10, 77, 0, 9]) + (4000).to_bytes(2, 'big')], peers
    assert len(peers[b'BFpe']) == 256 and any(peers[b'BFpe'])
    # Threats B81, B82: an announce without a token, or with another's, is refused.
    assert ours.ask('announce_peer', info_hash=b'x' * 20, port=4000, token=b'12345678', fails=True)[0] == 203
    other = Node(('10.77.0.2', 7000), '10.77.0.8')
    assert other.ask('announce_peer', info_hash=info_hash, port=4000, token=token, fails=True)[0] == 203
    assert ours.ask('vote', fails=True)[0] == 204


class Node:
    """A hand-written node that asks and never answers."""

    def __init__(self, to, address='10.77.0.9'):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.settimeout(1)
        self.to = to
        self.n = 0

    def ask(self, method, fails=False, **arguments):
        for _ in range(5):
            self.n += 1
            transaction = b'%04d' % self.n
            self.socket.sendto(bencode({'a': {'id': b'n' * 20, **arguments}, 'q': method, 'ro': 1, 't': transaction,
                                        'y': 'q'}), self.to)
            try:
                while True:
                    reply = bdecode(self.socket.recv(4096))[0]
                    if reply.get(b't') == transaction:
                        assert (reply[b'y'] == b'e') == fails, reply
                        return reply[b'e'] if fails else reply[b'r']
            except socket.timeout:
                pass
        raise AssertionError('no answer to %s' % method)


main()
