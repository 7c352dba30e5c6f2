#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers found by the DHT alone, in a network of ten libtorrent nodes."""
import hashlib
import json
import os
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

    def n_nodes(self, family='ipv4'):
        return (self.messages('connection') or [{family: {'dht_nodes': 0}}])[-1][family]['dht_nodes']


def known_to(network):
    return '--dht-bootstrap=' + network.entrance


def find_seed_in(network, box, address):
    torrent = make_single(box)
    assert network.ask('seed', 3, torrent.path, torrent.folder)
    ccbt = DhtCcbt(box, address)
    ccbt.leech(torrent.magnet(), box / 'arrived', known_to(network))
    ccbt.wait_done(torrent, box / 'arrived', 60)


def be_found_in(network, box, address, family):
    torrent = make_single(box)
    ccbt = DhtCcbt(box, address)
    ccbt.seed(torrent, torrent.folder, known_to(network))
    wait_until(lambda: ccbt.n_nodes(family) >= 5, 20, lambda: 'few nodes\n' + ccbt.process.tail())
    (box / 'arrived').mkdir()
    assert network.ask('leech', 7, torrent.magnet(), box / 'arrived')
    wait_until(lambda: network.ask('done', 7), 60, lambda: 'libtorrent has not finished\n' + ccbt.process.tail(), 0.5)
    assert not torrent.differences(box / 'arrived')


@case
def finds_a_seed_of_libtorrent(box):
    """a magnet link without trackers finds a seed that libtorrent announced"""
    find_seed_in(Network(box), box, '10.77.0.2')


@case
def is_found_by_libtorrent(box):
    """a seed of ours is found by libtorrent with a magnet link without trackers"""
    be_found_in(Network(box), box, '10.77.0.2', 'ipv4')


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


class NetworkOfIpv6(Network):
    """BEP 32: these have no address of IPv4 at all."""

    def __init__(self, box):
        addresses = ['fd77:1::%d' % n for n in range(1, N_NODES + 1)]
        for address in addresses:
            add_address(address)
        super().__init__(box, addresses)


def add_address(address):
    subprocess.run(['ip', '-6', 'address', 'replace', address + '/128', 'dev', 'lo', 'nodad'], check=True)


@case
def finds_a_seed_over_ipv6(box):
    """a magnet link without trackers finds a seed in a DHT of IPv6 alone (BEP 32)"""
    find_seed_in(NetworkOfIpv6(box), box, 'fd77::2')


@case
def is_found_over_ipv6(box):
    """a seed of ours is found by libtorrent in a DHT of IPv6 alone, and is a node of it (BEP 32)"""
    be_found_in(NetworkOfIpv6(box), box, 'fd77::2', 'ipv6')


def ask_node(address, query, source, **arguments):
    """What the node at @address answers to a query from @source; {} for silence."""
    family = socket.AF_INET6 if ':' in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(2)
        sock.bind((source, 6881))
        sock.sendto(bencode({'t': 'aa', 'y': 'q', 'q': query, 'a': {'id': b'n' * 20, **arguments}}), address)
        try:
            while True:
                reply = bdecode(sock.recv(2048))[0]
                if reply.get(b't') == b'aa' and b'r' in reply:
                    return reply[b'r']
        except TimeoutError:
            return {}


@case
def answers_in_both_families(box):
    """a node of IPv4 and of IPv6: asked by either it tells nodes of both, and keeps peers of either apart (BEP 32)"""
    torrent = make_single(box)
    networks = [Network(box / 'four'), NetworkOfIpv6(box / 'six')]

    class Unbound(DhtCcbt):
        def arguments(self, *rest, **options):
            argv = super().arguments(*rest, **options)
            at = argv.index('--bind')
            return argv[:at] + argv[at + 2:]

    ccbt = Unbound(box, '10.77.0.2').seed(torrent, torrent.folder, '--dht-bootstrap=' + ','.join(n.entrance for n in networks))
    for family in ('ipv4', 'ipv6'):
        wait_until(lambda: ccbt.n_nodes(family) >= 3, 30, lambda: 'few nodes\n' + ccbt.process.tail())
    ours = [('10.77.0.2', 7000), ('fd77::2', 7000)]
    strange = hashlib.sha1(b'somebody else').digest()
    for address, source in zip(ours, ('10.77.0.5', 'fd77::5')):
        found = ask_node(address, 'find_node', source, target=strange, want=['n4', 'n6'])
        assert found[b'nodes'] and len(found[b'nodes']) % 26 == 0, found
        assert found[b'nodes6'] and len(found[b'nodes6']) % 38 == 0, found
        token = ask_node(address, 'get_peers', source, info_hash=strange)[b'token']
        assert ask_node(address, 'announce_peer', source, info_hash=strange, port=4321, token=token), 'not stored'
    for address, source in zip(ours, ('10.77.0.4', 'fd77::4')):
        family = socket.AF_INET6 if ':' in source else socket.AF_INET
        expected = socket.inet_pton(family, source[:-1] + '5') + (4321).to_bytes(2, 'big')
        assert ask_node(address, 'get_peers', source, info_hash=strange)[b'values'] == [expected]


@case
def ipv6_can_be_turned_off(box):
    """with discovery.dht_enable_ipv6 = false nobody is asked over IPv6"""
    capture = Capture()

    def asked(address):
        return [p for p in list(capture.packets) if p[0] >> 4 == 6 and p[6] == 17 and b'1:q' in p
                and p[8:24] == socket.inet_pton(socket.AF_INET6, address)]
    for address, setting in (('fd77::4', 'false'), ('fd77::5', 'true')):
        torrent = make_single(box, 'of-' + setting)
        DhtCcbt(box, address).seed(torrent, torrent.folder, '--dht-bootstrap=[fd77::1]:6881',
                                   '--set=discovery.dht_enable_ipv6=' + setting)
    wait_until(lambda: asked('fd77::5'), 30, 'nobody is asked')
    time.sleep(2)  # the other has begun earlier
    assert not asked('fd77::4'), asked('fd77::4')[0]


class DhtTransmission(Transmission):
    """Knows the network from an earlier run, as it were: it asks those nodes every two seconds, others far less often."""
    settings = {'dht-enabled': True}

    def __init__(self, box, address, network):
        super().__init__(box, address)
        self.network = network

    def run(self, what, folder):
        nodes = b''.join(socket.inet_aton(address) + (6881).to_bytes(2, 'big') for address in self.network.addresses)
        (self.base / 'config').mkdir()
        (self.base / 'config' / 'dht.dat').write_bytes(bencode({'id': os.urandom(20), 'nodes': nodes}))
        return super().run(what, folder)


def wait_announced(capture, torrent, client):
    """Until somebody was told that @torrent is there to be had."""
    wait_until(lambda: any(b'announce_peer' in packet for packet in capture.names(torrent)), 90,
               lambda: 'nothing was announced\n' + client.process.tail(), 0.2)


@case
def both_ways_with_transmission(box):
    """links without trackers: ours finds a seed that Transmission announced, Transmission's one of ours"""
    theirs, ours = make_single(box, 'theirs'), make_single(box, 'ours', seed=2)
    network = Network(box)
    capture = Capture()
    seed = DhtCcbt(box, '10.77.0.4')
    seed.seed(ours, ours.folder, known_to(network))
    wait_announced(capture, ours, seed)
    transmission = DhtTransmission(box, '10.77.0.3', network).seed(theirs, theirs.folder)
    transmission.add(ours.magnet(), box / 'arrived-there')
    # Transmission looks when it likes: some time in its first half minute.
    wait_announced(capture, theirs, transmission)
    leech = DhtCcbt(box, '10.77.0.2')
    leech.leech(theirs.magnet(), box / 'arrived-here', known_to(network))
    leech.wait_done(theirs, box / 'arrived-here', 60)
    transmission.wait_done(ours, box / 'arrived-there', 120)


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


main()
