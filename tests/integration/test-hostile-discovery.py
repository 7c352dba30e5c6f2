#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trackers over UDP and nodes of the DHT that lie, flood and point at others: the download completes, and nobody is
spoken to who must not be (threats B52, B53, B72, B74, B79-B86). What trackers over HTTP do is in test-trackers.py, what
peers tell by exchange in test-exchange.py."""
import contextlib
import re
import socket
import struct
import threading
import time

import wirepeer
from capture import Capture
from harness import at_end, case, main
from localtracker import Tracker, compact, reply
from swarm import Ccbt
from torrents import bdecode, bencode, make_single

US = ('10.77.0.3', 7000)
SEED = ('10.77.0.2', 7000)
TRAP = ('127.0.0.1', 7005)  # something of ours that no stranger may send us to
NOBODY = [('10.77.0.9', 0), ('224.0.0.1', 99), ('239.192.152.143', 6771), ('255.255.255.255', 9), ('0.0.0.0', 9),
          ('240.0.0.1', 9), TRAP]
MIB = 1024 * 1024


def destinations(capture):
    """Whom we have dialled or sent a datagram: {(protocol, address, port)}."""
    found = set()
    for packet in list(capture.packets):
        if packet[0] >> 4 != 4 or packet[12:16] != socket.inet_aton(US[0]):
            continue
        at = (packet[0] & 15) * 4
        if packet[9] == 17 or (packet[9] == 6 and packet[at + 13] & 0x12 == 0x02):
            found.add(({6: 'tcp', 17: 'udp'}[packet[9]], socket.inet_ntoa(packet[16:20]),
                       int.from_bytes(packet[at + 2:at + 4], 'big')))
    return found


class Udp:
    """Something that answers datagrams: a subclass's take (data, from), which may send what it likes."""

    def __init__(self, address, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MIB)
        self.socket.bind((address, port))
        self.n_asked = 0
        at_end(self.stop)
        threading.Thread(target=self.serve, daemon=True).start()

    def stop(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread, which would hold the port
        self.socket.close()

    def serve(self):
        while True:
            try:
                data, peer = self.socket.recvfrom(4096)
                if not data:
                    return
                self.n_asked += 1
                self.take(data, peer)
            except OSError:
                return


class UdpTracker(Udp):
    url = 'udp://10.77.0.1:6969/announce'
    peers = b''

    def __init__(self):
        super().__init__('10.77.0.1', 6969)

    def take(self, data, peer):
        action, transaction = struct.unpack('>II', data[8:16])
        if action == 0:
            self.socket.sendto(struct.pack('>IIQ', 0, transaction, 7), peer)
        elif action == 1:
            self.announce(transaction, peer)

    def announce(self, transaction, peer):
        self.socket.sendto(struct.pack('>IIIII', 1, transaction, 1800, 0, 1) + self.peers, peer)


def check(box, hostile, what_for, *arguments, seed_by_tracker=False, seconds=60):
    """With @hostile asked first our leech completes; what it must not do is looked for in what it sent."""
    honest = Tracker('10.77.0.1', 6970)
    torrent = make_single(box, trackers=[hostile.url, honest.url] if hasattr(hostile, 'url') else [])
    hostile.torrent = torrent
    if seed_by_tracker:
        honest.add_peer(torrent, *SEED)
    wirepeer.MetadataSeed(torrent, *SEED)
    trap = wirepeer.Seed(torrent, *TRAP)
    capture = Capture()
    leech = Ccbt(box, *US)
    leech.off = tuple(name for name in leech.off if name not in what_for)
    leech.leech(torrent, box / 'arrived', *arguments)
    peak = leech.peak_until_done(torrent, seconds, lambda: 'not complete\n' + leech.process.tail())
    assert not torrent.differences(box / 'arrived')
    assert hostile.n_asked, 'never asked: nothing was tested'
    spoken_to = destinations(capture)
    assert ('tcp', *SEED) in spoken_to, spoken_to
    wrong = {d for d in spoken_to if d[1:] in NOBODY}
    assert not wrong and trap.n_connections == 0, wrong
    assert peak < 120 * MIB, 'took %d MiB' % (peak // MIB)
    raw = leech.process.log.read_bytes() + leech.process.errors.read_bytes()
    assert not re.search(rb'[\x00-\x09\x0b-\x1f\x7f]', raw), 'control characters came through'
    return leech, spoken_to


@case
def udp_peers_nobody_can_be(box):
    """UDP tracker: port 0, multicast, broadcast, loopback and ourselves among the peers: only the seed is dialled"""
    class Hostile(UdpTracker):
        peers = compact([*NOBODY, US, *NOBODY, SEED])
    check(box, Hostile(), ())


@case
def udp_giant(box):
    """UDP tracker: a reply of ten thousand peers in one datagram is none, and the next tracker is asked"""
    class Hostile(UdpTracker):
        peers = b''.join(compact([('10.77.%d.%d' % (40 + n // 250, 1 + n % 250), 9)]) for n in range(10000))
    leech, spoken_to = check(box, Hostile(), (), seed_by_tracker=True)
    assert not [d for d in spoken_to if d[2] == 9], 'dialled what came in a reply that was cut'


@case
def udp_flood(box):
    """UDP tracker: thousands of answers to nothing, before the one that was asked for"""
    class Hostile(UdpTracker):
        peers = compact([SEED])

        def announce(self, transaction, peer):
            poison = compact([('10.77.0.66', 9)])
            for n in range(5000):
                self.socket.sendto(struct.pack('>IIIII', 1, transaction ^ (n + 1), 1800, 0, 1) + poison, peer)
                if n % 100 == 0:
                    time.sleep(0.001)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.bind(('10.77.0.66', 6969))  # the right words, from somebody else (B72)
                stranger.sendto(struct.pack('>IIIII', 1, transaction, 1800, 0, 1) + poison, peer)
            super().announce(transaction, peer)
    leech, spoken_to = check(box, Hostile(), ())
    assert ('tcp', '10.77.0.66', 9) not in spoken_to, spoken_to


@case
def udp_error(box):
    """UDP tracker: an error with escapes and all a datagram can hold is made printable"""
    class Hostile(UdpTracker):
        def announce(self, transaction, peer):
            self.socket.sendto(struct.pack('>II', 3, transaction) + b'\x1b]0;owned\x07\x00\xff' + b'y' * 1900, peer)
    check(box, Hostile(), (), seed_by_tracker=True)


@case
def udp_short(box):
    """UDP tracker: answers that end too early, or with half a peer"""
    class Hostile(UdpTracker):
        def announce(self, transaction, peer):
            whole = struct.pack('>IIIII', 1, transaction, 0xffffffff, 0xffffffff, 0x80000000) + compact([SEED]) + b'xxx'
            for n in range(len(whole)):
                self.socket.sendto(whole[:n], peer)
    check(box, Hostile(), (), seed_by_tracker=True)


class DhtNode(Udp):
    """Answers every question, however it likes."""
    values = []
    nodes = b''
    token = b'aa'

    def __init__(self):
        super().__init__('10.77.1.1', 6881)

    def take(self, data, peer):
        query = bdecode(data)[0]
        if query.get(b'y') == b'q':
            answer = {'id': b'h' * 20, 'nodes': self.nodes, 'token': self.token}
            if query[b'q'] == b'get_peers':
                answer['values'] = self.values
            self.socket.sendto(bencode({'t': query[b't'], 'y': 'r', 'r': answer}), peer)


def check_dht(box, hostile, **options):
    return check(box, hostile, ('dht',), '--dht-bootstrap=10.77.1.1:6881', **options)


@case
def dht_peers_nobody_can_be(box):
    """DHT: port 0, multicast, broadcast, loopback and ourselves among the peers: only the seed is dialled"""
    class Hostile(DhtNode):
        values = [compact([peer]) for peer in [*NOBODY, US, *NOBODY, SEED]] + [b'', b'short', b'x' * 7, b'y' * 500]
    check_dht(box, Hostile())


@case
def dht_nodes_nobody_can_be(box):
    """DHT: nodes that point at us, at many who never asked for it, and nowhere: nobody of those is sent a datagram"""
    class Hostile(DhtNode):
        values = [compact([SEED])]
        nodes = b''.join(bytes([n]) * 20 + compact([peer]) for n, peer in enumerate([*NOBODY, ('10.77.1.1', 6881)] * 3))
    check_dht(box, Hostile())


@case
def dht_endless_nearer(box):
    """DHT: a node that always knows a nearer one, which is itself by another name: the lookup ends"""
    class Hostile(DhtNode):
        values = [compact([SEED])]

        def take(self, data, peer):
            wanted = bytes.fromhex(self.torrent.hex)
            self.nodes = b''.join(wanted[:19] + bytes([(self.n_asked + n) % 256]) + compact([('10.77.1.1', 6881 + n)])
                                  for n in range(8))
            super().take(data, peer)
    hostile = Hostile()
    check_dht(box, hostile)
    assert hostile.n_asked < 500, '%d questions' % hostile.n_asked


@case
def dht_many_values(box):
    """DHT: as many peers as a datagram can hold, over and over: memory stays, the seed is found"""
    class Hostile(DhtNode):
        def take(self, data, peer):
            self.values = [compact([('10.77.%d.%d' % (40 + self.n_asked % 100, 1 + n), 9)]) for n in range(200)]
            self.values[100] = compact([SEED])
            super().take(data, peer)
    check_dht(box, Hostile())


@case
def http_peers_nobody_can_be(box):
    """HTTP tracker: the same list: only the seed is dialled"""
    class Hostile:
        url = 'http://10.77.0.1:6969/announce'

        def __init__(self):
            self.n_asked = 0
            Tracker('10.77.0.1', 6969, answer=self.answer)

        def answer(self, handler, query):
            self.n_asked += 1
            reply(handler, bencode({'interval': 1800, 'peers': compact([*NOBODY, US, *NOBODY, SEED])}))
    check(box, Hostile(), ())


main()
