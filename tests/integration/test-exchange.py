#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers that are found without a tracker: by peer exchange, on the local network, through a relay; and that nothing of
it happens for private torrents."""
import os
import socket
import struct
import subprocess
import threading
import time

from capture import Capture
from harness import at_end, case, main, wait_until
from swarm import Ccbt, LibTorrent, Transmission, wait_listening
from torrents import bdecode, bencode, make_single
from wirepeer import EXTENDED, HAVE_ALL, HAVE_NONE, UNCHOKE, Closed, Seed, Wire, handshake, message, numbers

PEX, LSD = 4, 8  # libtorrent's bits
OUR_PEX, OUR_HOLEPUNCH = 7, 9  # the ids hand-written peers want
RENDEZVOUS, CONNECT, ERROR = range(3)


class Telling(Ccbt):
    """With peer exchange. Nobody has any data, so all stay connected."""
    off = ('dht', 'lsd', 'portmap')

    def sources(self):
        """Each peer that was connected, and where it was learned of."""
        return {m['address']: m['source'] for m in self.events('peer-connected')}


class Local(Telling):
    off = ('dht', 'pex', 'portmap')


class Open(Telling):
    """All of it, but for the router, which is not there."""
    off = ('portmap',)


class Neighbour(LibTorrent):
    def run(self, what, folder, *extra, dial=()):
        return super().run(what, folder, '--lsd', *extra, dial=dial)


class TellingTransmission(Transmission):
    settings = {'pex-enabled': True}


def lt_peers(client):
    """(host:port, source bits) of all its connections so far."""
    return [(words[1], int(words[2])) for line in client.process.text().split('\n')[:-1]
            if (words := line.split())[0] == 'peer']


def has_lt_peer(client, address, bit):
    return any(peer.startswith(address + ':') and source & bit for peer, source in lt_peers(client))


def wait_listening_all(*clients):
    for client in clients:
        client.wait_ready()


def wait_source(ccbt, address, source, seconds):
    wait_until(lambda: ccbt.sources().get(address) == source, seconds,
               lambda: 'no peer %s by %s: %s\n%s' % (address, source, ccbt.sources(), ccbt.process.tail()), 0.2)


# --- Peer exchange ---

@case
def libtorrent_tells_us(box):
    """libtorrent tells us of a peer, and we connect to it"""
    torrent = make_single(box)
    hub = LibTorrent(box, '10.77.0.2').leech(torrent, box / 'a').wait_ready()
    LibTorrent(box, '10.77.0.3').leech(torrent, box / 'b', dial=[('10.77.0.2', 7000)]).wait_ready()
    wait_until(lambda: lt_peers(hub), 20, 'the two have not met')
    # Both are told of each other: now and then the other is quicker.
    for n in range(4, 8):
        ours = Telling(box, '10.77.0.%d' % n).leech(torrent, box / ('c-%d' % n), dial=[('10.77.0.2', 7000)])
        wait_until(lambda: any(peer.startswith('10.77.0.3:') for peer in ours.sources()), 90,
                   lambda: 'the two have not met\n' + ours.process.tail())
        if ours.sources().get('10.77.0.3:7000') == 'pex':
            return
        ours.stop()
    raise AssertionError('it was always the other that connected')


@case
def we_tell_libtorrent(box):
    """we tell libtorrent of a peer, and it connects to it"""
    torrent = make_single(box)
    ours = Telling(box, '10.77.0.2').leech(torrent, box / 'c').wait_ready()
    first = LibTorrent(box, '10.77.0.3').leech(torrent, box / 'a', dial=[('10.77.0.2', 7000)])
    second = LibTorrent(box, '10.77.0.4').leech(torrent, box / 'b', dial=[('10.77.0.2', 7000)])
    # Told at the same moment, each may dial the other and both give up. A third is told at once, they a minute later.
    met = [lambda: has_lt_peer(first, '10.77.0.4', PEX), lambda: has_lt_peer(second, '10.77.0.3', PEX)]
    end = time.monotonic() + 12
    while time.monotonic() < end and not any(has_met() for has_met in met):
        time.sleep(0.2)
    if not any(has_met() for has_met in met):
        third = LibTorrent(box, '10.77.0.5').leech(torrent, box / 'd', dial=[('10.77.0.2', 7000)])
        met += [lambda: has_lt_peer(third, '10.77.0.3', PEX), lambda: has_lt_peer(third, '10.77.0.4', PEX)]
    wait_until(lambda: any(has_met() for has_met in met), 40,
               lambda: '%s %s\n%s' % (lt_peers(first), lt_peers(second), ours.process.tail()), 0.2)


@case
def we_tell_transmission(box):
    """we tell Transmission of a peer, and it connects to it"""
    torrent = make_single(box)
    first, second = (TellingTransmission(box, '10.77.0.%d' % n).leech(torrent, box / str(n)) for n in (3, 4))
    wait_listening_all(first, second)
    Telling(box, '10.77.0.2').leech(torrent, box / 'c', dial=[('10.77.0.3', 7000), ('10.77.0.4', 7000)])

    def by_pex():
        return sum(client.call('torrent-get', fields=['peersFrom'])['torrents'][0]['peersFrom']['fromPex']
                   for client in (first, second))
    wait_until(by_pex, 60, 'neither Transmission has a peer by exchange', 0.5)


@case
def transmission_tells_us(box):
    """Transmission tells us of a peer, and we connect to it"""
    torrent = make_single(box)
    hub = TellingTransmission(box, '10.77.0.3').leech(torrent, box / 'a')
    hub.wait_ready()
    # One that hears nothing itself, so that it is for us to dial.
    Ccbt(box, '10.77.0.4').leech(torrent, box / 'b', dial=[('10.77.0.3', 7000)]).wait_ready()
    ours = Telling(box, '10.77.0.2').leech(torrent, box / 'c', dial=[('10.77.0.3', 7000)])
    wait_source(ours, '10.77.0.4:7000', 'pex', 150)  # it says something every 90 s


# --- Peers written by hand ---

def compact(address, port):
    return socket.inet_aton(address) + struct.pack('>H', port)


class Talker:
    """A connection to ours that offers and understands extensions; messages are collected as they come."""

    extra = {}  # more names for "m"

    def __init__(self, torrent, source, listens_on=7000, offers=True, to='10.77.0.2'):
        self.torrent = torrent
        self.wire = Wire.dial(to, 7000, source, 120)
        self.messages = []  # (our id, body)
        self.names = None  # the "m" of ours
        self.wire.greet(torrent)
        names = {'ut_pex': OUR_PEX, 'ut_holepunch': OUR_HOLEPUNCH} if offers else {}
        mine = {'m': {**names, **self.extra}, 'p': listens_on, 'v': 'test', 'yourip': socket.inet_aton(to)}
        if self.extra:
            mine['metadata_size'] = len(torrent.info_bytes)
        self.wire.send(message(HAVE_NONE) + message(EXTENDED, b'\0' + bencode(mine)))
        threading.Thread(target=self.read, daemon=True).start()
        wait_until(lambda: self.names, 10, 'no extended handshake')

    def read(self):
        try:
            while True:
                kind, body = self.wire.read_message()
                if kind == EXTENDED:
                    self.messages.append((body[0], body[1:]))
                    if body[0] == 0 and self.names is None:
                        self.names = bdecode(body[1:])[0][b'm']
                    self.on_extended(body[0], body[1:])
        except (Closed, OSError):
            pass

    def on_extended(self, number, body):
        pass

    def of(self, number):
        return [body for found, body in self.messages if found == number]

    def say(self, name, body):
        self.wire.send(message(EXTENDED, bytes([self.names[name.encode()]]) + body))

    def tell(self, *contacts, flags=0):
        self.say('ut_pex', bencode({'added': b''.join(compact(*c) for c in contacts),
                                    'added.f': bytes([flags]) * len(contacts)}))

    def punch(self, kind, address, port, code=0):
        self.say('ut_holepunch', bytes([kind, 0]) + compact(address, port) + struct.pack('>I', code))


class MetadataGiver(Talker):
    """Also gives the metadata, which is one piece."""
    extra = {'ut_metadata': 3}

    def on_extended(self, number, body):
        if number == 3 and bdecode(body)[0][b'msg_type'] == 0:
            size = len(self.torrent.info_bytes)
            self.say('ut_metadata', bencode({'msg_type': 1, 'piece': 0, 'total_size': size}) + self.torrent.info_bytes)


class Target:
    """Listens, and counts who comes."""

    def __init__(self, address, port=7000):
        self.listener = socket.create_server((address, port))
        at_end(self.stop)
        self.n = 0
        self.sockets = []
        threading.Thread(target=self.accept, daemon=True).start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.listener.close()

    def accept(self):
        while True:
            try:
                self.sockets.append(self.listener.accept()[0])
            except OSError:
                return
            self.n += 1

    def is_left(self):
        """Did the other end of the first connection close it?"""
        self.sockets[0].settimeout(0.1)
        try:
            while self.sockets[0].recv(65536):
                pass
            return True
        except socket.timeout:
            return False
        except OSError:
            return True


def start_ours(box, torrent):
    ours = Telling(box, '10.77.0.2').leech(torrent, box / 'c')
    return ours.wait_ready()


@case
def a_message_a_minute(box):
    """we tell of connected peers alone, once a minute, and of their end"""
    torrent = make_single(box)
    start_ours(box, torrent)
    listener = Talker(torrent, '10.77.9.1')
    begin = time.monotonic()
    other = Talker(torrent, '10.77.9.2', 7777)
    wait_until(lambda: listener.of(OUR_PEX), 20, 'nothing was told')
    first = bdecode(listener.of(OUR_PEX)[0])[0]
    assert first == {b'added': compact('10.77.9.2', 7777), b'added.f': b'\x08'}, first
    told = time.monotonic()
    other.wire.sock.shutdown(socket.SHUT_RDWR)  # its reader lets go as well
    Talker(torrent, '10.77.9.3', 7778, offers=False)
    wait_until(lambda: len(listener.of(OUR_PEX)) > 1, 80, 'nothing more was told', 0.2)
    assert time.monotonic() - told > 59, 'told again after %.1f s' % (time.monotonic() - told)
    assert told - begin > 3, 'told at once'
    second = bdecode(listener.of(OUR_PEX)[1])[0]
    assert second == {b'added': compact('10.77.9.3', 7778), b'added.f': b'\0',
                      b'dropped': compact('10.77.9.2', 7777)}, second


@case
def what_we_do_not_believe(box):
    """loopback addresses, floods and nonsense lead nowhere (threats B52, B53)"""
    torrent = make_single(box)
    ours = start_ours(box, torrent)
    near, flooded, real = Target('127.0.0.1', 7001), Target('10.77.8.1'), Target('10.77.8.2')
    talker = Talker(torrent, '10.77.9.1')
    talker.tell(('127.0.0.1', 7001), ('10.77.0.2', 7000), ('10.77.8.2', 7000), ('10.77.8.3', 0), ('224.0.0.1', 7000))
    wait_until(lambda: real.n, 20, 'the honest address was not tried')
    talker.say('ut_pex', b'd5:added5:abcdee')
    for _ in range(30):
        talker.tell(('10.77.8.1', 7000))
    time.sleep(3)
    assert near.n == 0, 'dialled a service of this machine for a stranger'
    assert flooded.n == 0, 'listens to a flood'
    assert ours.process.poll() is None, ours.process.tail()


@case
def relaying(box):
    """we bring two peers of ours together, and say why when not (BEP 55)"""
    torrent = make_single(box)
    start_ours(box, torrent)
    initiator, target = Talker(torrent, '10.77.9.1', 7001), Talker(torrent, '10.77.9.2', 7002)
    mute, deaf = Talker(torrent, '10.77.9.3', 7003, offers=False), Talker(torrent, '10.77.9.4', 7004, offers=False)
    initiator.punch(RENDEZVOUS, '10.77.9.2', 7002)
    expected = bytes([CONNECT, 0]) + compact('10.77.9.2', 7002) + bytes(4)
    wait_until(lambda: initiator.of(OUR_HOLEPUNCH) == [expected], 10, lambda: initiator.messages)
    expected = bytes([CONNECT, 0]) + compact('10.77.9.1', 7001) + bytes(4)
    wait_until(lambda: target.of(OUR_HOLEPUNCH) == [expected], 10, lambda: target.messages)
    for address, port, code in (('10.77.9.9', 7002, 2), ('10.77.9.3', 7003, 3), ('10.77.0.2', 7000, 4),
                                ('224.0.0.1', 7000, 1), ('10.77.9.2', 0, 1)):
        initiator.messages.clear()
        initiator.punch(RENDEZVOUS, address, port)
        expected = bytes([ERROR, 0]) + compact(address, port) + struct.pack('>I', code)
        wait_until(lambda: initiator.of(OUR_HOLEPUNCH) == [expected], 10, lambda: (expected, initiator.messages))
    # Who does not offer it is not answered.
    mute.punch(RENDEZVOUS, '10.77.9.2', 7002)
    time.sleep(1)
    assert not [m for m in mute.messages if m[0] != 0] and not deaf.of(OUR_HOLEPUNCH), (mute.messages, deaf.messages)


@case
def being_relayed(box):
    """we ask the peer that told of one we cannot reach, and dial when told to"""
    torrent = make_single(box)
    ours = start_ours(box, torrent)
    talker = Talker(torrent, '10.77.9.1')
    talker.tell(('10.77.8.1', 7000), ('10.77.8.2', 7000), flags=8)  # nothing listens on either yet
    asked = {bytes([RENDEZVOUS, 0]) + compact('10.77.8.%d' % n, 7000) + bytes(4) for n in (1, 2)}
    wait_until(lambda: set(talker.of(OUR_HOLEPUNCH)) == asked, 20, lambda: talker.messages)
    opened = Target('10.77.8.1')
    talker.punch(CONNECT, '10.77.8.1', 7000)
    begin = time.monotonic()
    wait_until(lambda: opened.n, 5, 'not dialled')
    assert time.monotonic() - begin < 3, 'that was its turn, not the relay'
    near = Target('127.0.0.1', 7001)
    talker.punch(CONNECT, '127.0.0.1', 7001)
    talker.punch(CONNECT, '10.77.0.2', 7000)
    time.sleep(2)
    assert near.n == 0, 'dialled a service of this machine for a stranger'
    assert ours.process.poll() is None, ours.process.tail()


# --- Pieces that go ---

class Forgetful(Seed):
    """Has everything, and then not the first piece (BEP 54)."""

    def on_greeting(self, wire):
        self.asked_for_it = False
        wire.send(handshake(self.torrent.info_hash, self.peer_id) + message(HAVE_ALL))

    def on_extended(self, wire, number, body):
        if number == 0:
            self.names = bdecode(body)[0][b'm']
            wire.send(message(EXTENDED, bytes([self.names[b'lt_donthave']]) + numbers(0)))
            wire.send(message(EXTENDED, bytes([self.names[b'lt_donthave']]) + numbers(self.torrent.n_pieces)))
            wire.send(message(EXTENDED, bytes([self.names[b'lt_donthave']]) + b'\0'))
            wire.send(message(UNCHOKE))

    def on_request(self, wire, index, offset, length):
        self.asked_for_it |= index == 0
        super().on_request(wire, index, offset, length)


@case
def a_piece_that_is_gone(box):
    """a piece that a seed says it has no longer is asked of another (BEP 54)"""
    torrent = make_single(box)
    forgetful = Forgetful(torrent, '10.77.9.1')
    ours = Telling(box, '10.77.0.2').leech(torrent, box / 'c', dial=[('10.77.9.1', 7000)])
    wait_until(lambda: forgetful.n_requests >= 3 * (torrent.n_pieces - 1) // 2, 30, 'it asks for nothing')
    time.sleep(2)
    assert not forgetful.asked_for_it, 'asked for the piece that is gone'
    Seed(torrent, '10.77.9.2')
    ours.stop()
    Telling(box, '10.77.0.3').leech(torrent, box / 'c', dial=[('10.77.9.2', 7000)]).wait_done(torrent, box / 'c')
    assert not forgetful.asked_for_it


# --- The local network ---

def run(*argv):
    subprocess.run(argv, check=True)


def make_network():
    """One that carries multicast, where 203.0.113.31 to .33 are ours."""
    if os.path.exists('/sys/class/net/v0') or subprocess.run(['ip', 'link', 'show', 'v0'], capture_output=True).returncode == 0:
        return
    run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1')
    for n in (31, 32, 33):
        run('ip', 'address', 'add', '203.0.113.%d/24' % n, 'dev', 'v0')
    run('ip', 'link', 'set', 'v1', 'up')
    run('ip', 'link', 'set', 'v0', 'up')


def neighbours(box, torrent, ours_first):
    make_network()
    theirs = Neighbour(box, '203.0.113.31')
    ours = Local(box, '203.0.113.32')
    clients = [(ours, box / 'a'), (theirs, box / 'b')]
    for client, folder in clients if ours_first else reversed(clients):
        client.leech(torrent, folder).wait_ready()
    return ours, theirs


@case
def we_hear_a_neighbour(box):
    """libtorrent comes to our network, and we find it"""
    ours, _ = neighbours(box, make_single(box), True)
    wait_source(ours, '203.0.113.31:7000', 'lsd', 20)


@case
def a_neighbour_hears_us(box):
    """we come to libtorrent's network, and it finds us"""
    ours, theirs = neighbours(box, make_single(box), False)
    wait_until(lambda: has_lt_peer(theirs, '203.0.113.32', LSD), 20,
               lambda: '%s\n%s' % (lt_peers(theirs), ours.process.tail()))


@case
def two_of_us(box):
    """two of us on one network find each other and load"""
    make_network()
    torrent = make_single(box)
    Local(box, '203.0.113.31').seed(torrent, torrent.folder)
    leech = Local(box, '203.0.113.32').leech(torrent, box / 'a')
    leech.wait_done(torrent, box / 'a')


# --- Private torrents ---

def watch(box, torrent, seconds):
    """What one of us says of @torrent in a while: (datagrams, the names its extended handshake offers)."""
    make_network()
    capture = Capture()
    ours = Open(box, '203.0.113.32').leech(torrent, box / 'a')
    ours.wait_ready()
    talker = Talker(torrent, '203.0.113.31', to='203.0.113.32')
    if torrent.info.get('private'):
        time.sleep(seconds)
    else:
        wait_until(lambda: capture.names(torrent), seconds, 'the torrent is not named')
    return ours, capture, talker


@case
def a_public_torrent_is_announced(box):
    """a torrent that is not private is named on the network, and ut_pex offered: the next case can see"""
    torrent = make_single(box, name='public')
    _, capture, talker = watch(box, torrent, 15)
    assert any(b'BT-SEARCH' in p for p in capture.names(torrent))
    assert b'ut_pex' in talker.names and b'ut_holepunch' in talker.names, talker.names


@case
def a_private_torrent_is_not(box):
    """a private torrent is never named in a datagram, and neither ut_pex nor ut_holepunch is offered (BEP 27)"""
    torrent = make_single(box, name='private', private=True)
    ours, capture, talker = watch(box, torrent, 12)
    assert capture.packets, 'nothing was captured at all'
    assert not capture.names(torrent), capture.names(torrent)[:1]
    assert not [p for p in capture.udp() if b'BT-SEARCH' in p]
    assert b'ut_pex' not in talker.names and b'ut_holepunch' not in talker.names, talker.names
    assert b'ut_metadata' in talker.names
    # Told all the same, under the number it would have: not heard.
    told = Target('203.0.113.33')
    for number in range(1, 10):
        talker.wire.send(message(EXTENDED, bytes([number]) + bencode({'added': compact('203.0.113.33', 7000)})))
    time.sleep(3)
    assert told.n == 0 and not talker.of(OUR_PEX)
    assert ours.process.poll() is None, ours.process.tail()


@case
def a_magnet_of_a_private_torrent(box):
    """a magnet link turns out to be private: peers that came by exchange are left, and nothing more is exchanged"""
    torrent = make_single(box, private=True)
    ours = Telling(box, '10.77.0.2').leech(torrent.magnet(), box / 'c', '--seed').wait_ready()
    talker = Talker(torrent, '10.77.9.1', 7001)
    assert b'ut_pex' in talker.names  # nobody knows yet
    told = Target('10.77.8.1')
    talker.tell(('10.77.8.1', 7000))
    wait_until(lambda: told.n, 10, 'the peer was not tried')
    assert not told.is_left()
    knower = MetadataGiver(torrent, '10.77.9.3')
    wait_until(lambda: ours.events('metadata-received'), 10, lambda: ours.process.tail())
    wait_until(told.is_left, 3, 'still connected to a peer of the exchange')
    later = Talker(torrent, '10.77.9.4', 7004)
    assert b'ut_pex' not in later.names and b'ut_holepunch' not in later.names, later.names
    n = told.n
    talker.tell(('10.77.8.1', 7000))
    time.sleep(8)
    assert told.n == n and not later.of(OUR_PEX)
    knower.wire.close()


main()
