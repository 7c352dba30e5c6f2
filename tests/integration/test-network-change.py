#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another address, a link that goes and comes back: what ccbt has in the network is there again by itself."""
import hashlib
import json
import os
import re
import socket
import threading

import wirepeer
from harness import at_end, case, main, wait_until
from localtracker import Tracker
from natnetwork import House
from torrents import bdecode, bencode, make_single
from wirepeer import handshake, new_peer_id

PORT = 6881
TRACKER = '11.0.0.2'
NODES = ['10.88.1.%d' % n for n in range(1, 9)]


class Node:
    """Of a DHT in which everybody knows everybody."""

    def __init__(self, address):
        self.id = hashlib.sha1(address.encode()).digest()
        self.announced = []  # where from
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 6881))
        at_end(self.socket.close)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        others = b''.join(hashlib.sha1(n.encode()).digest() + socket.inet_aton(n) + (6881).to_bytes(2, 'big') for n in NODES)
        while True:
            try:
                data, peer = self.socket.recvfrom(2048)
                query = bdecode(data)[0]
                if query[b'y'] != b'q':
                    continue
                if query[b'q'] == b'announce_peer':
                    self.announced.append(peer)
                self.socket.sendto(bencode({'t': query[b't'], 'y': 'r', 'r': {'id': self.id, 'nodes': others, 'token': b'aa'}}),
                                   peer)
            except OSError:
                return


class Changing:
    """A seed of ours behind the router; outside a tracker, and a DHT if @dht."""

    def __init__(self, box, dht=False):
        self.box = box
        self.house = House(box)
        self.house.start_daemon()
        with self.house.outside.entered():
            self.tracker = Tracker(TRACKER)
        self.torrent = make_single(box, size=100000, trackers=[self.tracker.url])
        self.more = ['--no-dht']
        if dht:
            self.start_nodes()
            self.more = ['--dht-bootstrap=%s:6881' % NODES[0]]

    def start_nodes(self):
        for address in NODES:
            self.house.outside.run('ip address add %s/32 dev eth' % address)
        self.house.router.run('ip route add 10.88.0.0/16 via 11.0.0.2')
        with self.house.outside.entered():
            self.nodes = [Node(address) for address in NODES]

    def start(self):
        self.ccbt = self.house.inside.start(
            'ccbt', os.path.abspath(os.environ['CCBT']), self.torrent.path, '-o', self.torrent.folder, '--seed', '--json',
            '--port', PORT, '--state-dir', self.box / 'state', '--no-lsd', *self.more)
        return self

    def connection(self):
        lines = [json.loads(line) for line in self.ccbt.text().splitlines(True) if line.endswith('\n')]
        return ([m for m in lines if m['type'] == 'connection'] or [{'router': {'state': ''}, 'ipv4': {'dht_nodes': 0}}])[-1]

    def move(self, old, new):
        """The address goes, and with it its routes; another one comes."""
        self.house.inside.run('ip address del %s/24 dev eth' % old)
        self.house.inside.run('ip address add %s/24 dev eth' % new)
        self.house.inside.run('ip route add default via 192.168.50.1')

    def targets(self):
        """Where the router lets TCP in: {port outside: address inside}."""
        text = self.house.router.run('nft list chain inet filter prerouting_miniupnpd')
        return {int(port): address for port, address in
                re.findall(r'@nh,72,8 0x6 th dport (\d+) dnat ip to ([\d.]+)', text)}

    def is_reached(self):
        """Does a peer outside get to us by the port that the tracker was told last?"""
        port = int(self.tracker.requests[-1][1]['port'])
        with self.house.outside.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.settimeout(2)
            try:
                sock.connect(('11.0.0.1', port))
                sock.sendall(handshake(self.torrent.info_hash, new_peer_id()))
                return sock.recv(68, socket.MSG_WAITALL)[28:48] == self.torrent.info_hash
            except OSError:
                return False

    def wait(self, condition, what, seconds=60):
        return wait_until(condition, seconds, lambda: '%s\n%s\n%s\n%s' % (
            what, [p for p, _ in self.tracker.requests], self.house.show()[-1500:], self.ccbt.tail()), 0.2)

    def n_announced(self):
        """How often nodes of the DHT were told of us."""
        return sum(len(node.announced) for node in self.nodes)


@case
def another_address(box):
    """another address in the house: the router's port leads there, the tracker is told, a peer outside comes in"""
    network = Changing(box).start()
    network.wait(lambda: network.tracker.requests, 'no announce')
    network.wait(lambda: '192.168.50.7' in network.targets().values(), 'no mapping')
    network.wait(network.is_reached, 'not reached to begin with')
    before = len(network.tracker.requests)
    network.move('192.168.50.7', '192.168.50.9')
    network.wait(lambda: '192.168.50.9' in network.targets().values(), 'no mapping for the new address')
    network.wait(lambda: len(network.tracker.requests) > before, 'the tracker was not told')
    network.wait(network.is_reached, 'not reached any more')


@case
def another_address_in_the_dht(box):
    """another address: nodes of the DHT are told again, not a quarter of an hour later"""
    network = Changing(box, dht=True).start()
    network.wait(lambda: network.n_announced() > 0, 'no announce in the DHT')
    network.wait(lambda: network.connection()['ipv4']['dht_nodes'] >= 4, 'few nodes')
    before = network.n_announced()
    network.move('192.168.50.7', '192.168.50.9')
    network.wait(lambda: network.n_announced() > before, 'the DHT was not told')


@case
def link_down_and_up(box):
    """a link that is gone for a while: then the tracker is told again, and a peer outside comes in"""
    network = Changing(box).start()
    network.wait(lambda: network.tracker.requests, 'no announce')
    network.wait(network.is_reached, 'not reached to begin with')
    before = len(network.tracker.requests)
    network.house.inside.run('ip link set eth down')
    network.wait(lambda: not network.connection()['ipv4'].get('local'), 'the loss is not seen')
    network.house.inside.run('ip link set eth up')
    network.house.inside.run('ip route add default via 192.168.50.1')
    network.wait(lambda: len(network.tracker.requests) > before, 'the tracker was not told')
    network.wait(network.is_reached, 'not reached any more')


@case
def download_goes_on(box):
    """another address in the middle of a download: the connections of the old one are not waited for"""
    house = House(box)
    torrent = make_single(box, size=2 << 20)
    with house.outside.entered():
        seed = wirepeer.Seed(torrent, '11.0.0.2', 7000)
    network = Changing.__new__(Changing)
    network.box, network.house, network.torrent = box, house, torrent
    leech = house.inside.start('ccbt', os.path.abspath(os.environ['CCBT']), torrent.path, '-o', box / 'arrived', '--json',
                               '--port', PORT, '--state-dir', box / 'state', '--no-lsd', '--no-dht', '--no-portmap',
                               '--down-limit', '300K', '--peer', '11.0.0.2:7000')
    wait_until(lambda: seed.n_requests > 20, 30, leech.tail)
    network.move('192.168.50.7', '192.168.50.9')
    wait_until(lambda: leech.poll() is not None, 90, leech.tail)
    assert leech.poll() == 0 and not torrent.differences(box / 'arrived'), leech.tail()
    assert seed.n_connections > 1, 'it was over before the address changed'


@case
def network_comes_later(box):
    """begun without a network: once there is one, the tracker, the DHT and the router are asked"""
    network = Changing(box, dht=True)
    network.house.inside.run('ip link set eth down')
    network.start()
    network.wait(lambda: [line for line in network.ccbt.text().splitlines() if '"tracker-failed"' in line], 'no failure')
    network.house.inside.run('ip link set eth up')
    network.house.inside.run('ip route add default via 192.168.50.1')
    network.wait(lambda: network.connection()['ipv4']['dht_nodes'] >= 4, 'few nodes')
    network.wait(lambda: network.tracker.requests, 'the tracker was not told')
    network.wait(lambda: network.n_announced() > 0, 'no announce in the DHT')
    network.wait(network.is_reached, 'not reached')


main()
