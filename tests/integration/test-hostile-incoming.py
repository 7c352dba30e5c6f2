#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strangers who dial our seed, and lie, flood and stall (threats B31-B50)."""
import os
import struct
import threading
import time

from harness import case, main, wait_until
from swarm import Ccbt
from torrents import bdecode, bencode, make_single
from wirepeer import (ALLOWED_FAST, BITFIELD, BLOCK, CANCEL, CHOKE, EXTENDED, HAVE, HAVE_NONE, INTERESTED, PIECE, PORT,
                      REJECT, REQUEST, SUGGEST, UNCHOKE, Closed, Wire, download, handshake, message, new_peer_id, numbers)

US = ('10.77.0.3', 7000)
MIB = 1024 * 1024



def seeding(box):
    torrent = make_single(box, size=2 * MIB + 1)
    return torrent, Ccbt(box, US[0]).seed(torrent, torrent.folder)


def expect_closed(title, attack, greeted=True, seconds=5):
    """After @attack (wire, torrent) we close the connection; memory stays, and an honest peer is served."""
    def run(box):
        torrent, seed = seeding(box)
        before = seed.process.memory()
        wire = Wire.dial(*US)
        if greeted:
            wire.greet(torrent)
            wire.send(message(HAVE_NONE))
        try:
            attack(wire, torrent)
        except Closed:
            pass
        assert wire.wait_closed(seconds), 'the connection stays open'
        assert seed.process.memory() - before < 24 * MIB, 'took %d MiB' % ((seed.process.memory() - before) // MIB)
        download(torrent, *US, [0])
    run.__doc__ = 'closed: ' + title
    run.__name__ = title
    case(run)


expect_closed('a length of 4 GiB (B31)', lambda w, t: w.send(b'\xff\xff\xff\xff\x07'))
expect_closed('a piece of 16 MiB (B31)', lambda w, t: w.send(struct.pack('>IB', 16 * MIB, PIECE) + bytes(MIB)))
expect_closed('a have of one byte (B32)', lambda w, t: w.send(struct.pack('>IB', 2, HAVE) + b'\0'))
expect_closed('an unknown message of 8 MiB (B33)', lambda w, t: w.send(struct.pack('>IB', 8 * MIB, 99) + bytes(MIB)))
expect_closed('a bitfield of the wrong length (B35)',
              lambda w, t: (w.greet(t), w.send(message(BITFIELD, bytes(t.n_pieces)))), greeted=False)
expect_closed('a have past the end (B36)', lambda w, t: w.send(message(HAVE, numbers(t.n_pieces))))
expect_closed('a request past the end (B36)',
              lambda w, t: w.send(message(INTERESTED) + message(REQUEST, numbers(t.n_pieces, 0, BLOCK))))
expect_closed('a request of 1 MiB (B37)',
              lambda w, t: w.send(message(INTERESTED) + message(REQUEST, numbers(0, 0, MIB)) * 5), seconds=8)
expect_closed('a request whose end wraps around (B36)',
              lambda w, t: w.send(message(REQUEST, numbers(0, 0xfffffff0, BLOCK))))
expect_closed('an extended message of 4 MiB (B49)',
              lambda w, t: w.send(struct.pack('>IB', 4 * MIB, EXTENDED) + b'\0' + bytes(MIB)))
expect_closed('a handshake for another torrent (B46)',
              lambda w, t: w.send(handshake(os.urandom(20), new_peer_id())), greeted=False)
expect_closed('HTTP on the port (B46)', lambda w, t: w.send(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), greeted=False)
expect_closed('noise (B46)', lambda w, t: w.send(os.urandom(2000)), greeted=False, seconds=20)
expect_closed('silence instead of a handshake (B44)', lambda w, t: None, greeted=False, seconds=25)


@case
def slow_handshake(box):
    """closed: a handshake of one byte a second (B44)"""
    torrent, _ = seeding(box)
    wire = Wire.dial(*US)
    data = handshake(torrent.info_hash, new_peer_id())
    begin = time.monotonic()
    try:
        for at in range(len(data)):
            wire.send(data[at:at + 1])
            wire.sock.settimeout(1)
            try:
                if wire.sock.recv(1) == b'':
                    raise Closed
            except TimeoutError:
                pass
            assert time.monotonic() - begin < 25, 'still waits after 25 s'
    except (Closed, OSError):
        pass
    download(torrent, *US, [0])


@case
def wrong_torrent_learns_nothing(box):
    """a handshake for another torrent is answered with nothing at all (B46)"""
    seeding(box)
    wire = Wire.dial(*US)
    wire.send(handshake(os.urandom(20), new_peer_id()))
    try:
        data = wire.sock.recv(1000)
    except OSError:
        data = b''
    assert data == b'', data


@case
def same_peer_id(box):
    """one connection for one peer id (B47)"""
    torrent, _ = seeding(box)
    name = new_peer_id()
    first, second = Wire.dial(*US), Wire.dial(*US, source='10.77.9.2')
    first.greet(torrent, name)
    try:
        second.greet(torrent, name)
    except Closed:
        return
    assert second.wait_closed(5) or first.wait_closed(1), 'both stay'


@case
def own_peer_id(box):
    """a peer with our own peer id is we ourselves: closed (B47)"""
    torrent, _ = seeding(box)
    ours = Wire.dial(*US).greet(torrent)
    wire = Wire.dial(*US)
    try:
        wire.greet(torrent, ours)
    except Closed:
        return
    assert wire.wait_closed(5)


def expect_survived(title, attack, seconds=30):
    """@attack (wire, torrent) may end either way; we stay small, calm and useful."""
    def run(box):
        torrent, seed = seeding(box)
        before, cpu = seed.process.memory(), seed.process.cpu_seconds()
        wire = Wire.dial(*US)
        wire.greet(torrent)
        wire.send(message(HAVE_NONE))
        try:
            attack(wire, torrent)
        except (Closed, TimeoutError):
            pass
        time.sleep(0.3)  # what is still in the socket's buffer counts too
        download(torrent, *US, [0], timeout=seconds)
        assert seed.process.memory() - before < 48 * MIB, 'took %d MiB' % ((seed.process.memory() - before) // MIB)
        assert seed.process.cpu_seconds() - cpu < 4, 'took %.1f s of CPU' % (seed.process.cpu_seconds() - cpu)
    run.__doc__ = 'survived: ' + title
    run.__name__ = title
    case(run)


def drain(wire):
    """Reads what we are sent meanwhile, so that neither side waits for the other."""
    def read():
        try:
            while wire.sock.recv(65536):
                pass
        except OSError:
            pass
    threading.Thread(target=read, daemon=True).start()


def flood(data, times):
    def attack(wire, torrent):
        drain(wire)
        for _ in range(times):
            wire.send(data)
    return attack


expect_survived('500,000 keep-alives (B34)', flood(bytes(4) * 5000, 100))
expect_survived('200,000 choke flaps (B34)', flood((message(CHOKE) + message(UNCHOKE)) * 1000, 100))
expect_survived('200,000 interested flaps (B34)', flood((message(INTERESTED) + message(3)) * 1000, 100))
expect_survived('200,000 cancels (B34)', flood(message(CANCEL, numbers(0, 0, BLOCK)) * 2000, 100))
expect_survived('200,000 haves (B34)', flood(message(HAVE, numbers(1)) * 2000, 100))
expect_survived('100,000 ports (B34)', flood(message(PORT, b'\x1a\xe1') * 1000, 100))
expect_survived('100,000 rejects of nothing (B34)', flood(message(REJECT, numbers(0, 0, BLOCK)) * 1000, 100))
expect_survived('100,000 requests while choked (B37)', flood(message(REQUEST, numbers(0, 0, BLOCK)) * 1000, 100))
expect_survived('requests that nobody reads the answers of (B37)',
                lambda w, t: w.send(message(INTERESTED) + message(REQUEST, numbers(0, 0, BLOCK)) * 20000))
expect_survived('50,000 suggests and allowed-fasts (B38)',
                flood(message(SUGGEST, numbers(1)) * 500 + message(ALLOWED_FAST, numbers(2)) * 500, 50))
expect_survived('an extended handshake of odd types (B49)', lambda w, t: [
    w.send(message(EXTENDED, b'\0' + bencode(body))) for body in (
        {'m': 7, 'v': [], 'reqq': -5, 'p': 99999999, 'metadata_size': -1, 'yourip': b'x'}, {'m': {'ut_metadata': -1}},
        {'m': {'ut_metadata': 1 << 62, 'x' * 60000: 1}}, {'v': '\x1b]0;owned\x07' * 100, 'reqq': 1 << 62}, [], 5)] and None)
expect_survived('an extended handshake that is no bencode (B49)',
                lambda w, t: w.send(message(EXTENDED, b'\0' + b'd' * 100000) + message(EXTENDED, b'\0')))
expect_survived('unknown extension numbers (B50)', flood(message(EXTENDED, b'\xc8junk') * 1000, 50))


def metadata_requests(wire, torrent):
    drain(wire)
    wire.send(message(EXTENDED, b'\0' + bencode({'m': {'ut_metadata': 3}})))
    for piece in (-1, 10 ** 9, 1 << 62, 0):
        wire.send(message(EXTENDED, b'\1' + bencode({'msg_type': 0, 'piece': piece})) * 100)
    wire.send(message(EXTENDED, b'\2' + bencode({'msg_type': 0, 'piece': 0})) * 20000)
    for number in range(1, 6):  # whatever number ut_metadata has with us
        wire.send(message(EXTENDED, bytes([number]) + bencode({'msg_type': 0, 'piece': 0})) * 2000)


expect_survived('metadata requests out of range and in a flood (B50)', metadata_requests)


@case
def many_connections(box):
    """300 half-open connections leave room for honest peers and are dropped in time (B44, C26)"""
    torrent, seed = seeding(box)
    before = seed.process.n_descriptors()
    wires = []
    for number in range(300):
        try:
            wires.append(Wire.dial(*US, source='10.77.%d.%d' % (20 + number % 3, 1 + number // 60)))
        except OSError:
            pass
    download(torrent, *US, [0])
    wait_until(lambda: seed.process.n_descriptors() <= before + 20, 30,
               lambda: '%d descriptors instead of %d' % (seed.process.n_descriptors(), before), 0.5)


@case
def few_descriptors(box):
    """with 64 descriptors and 100 connections it neither crashes nor spins (C27)"""
    torrent = make_single(box, size=2 * MIB + 1)
    seed = Ccbt(box, US[0])
    seed.start(['sh', '-c', 'ulimit -n 64; exec "$0" "$@"', *seed.arguments(torrent, torrent.folder), '--seed'])
    seed.wait_ready()
    wait_until(lambda: seed.is_done(torrent), 20, seed.process.tail)
    wires = []
    for number in range(100):
        try:
            wire = Wire.dial(*US, source='10.77.30.%d' % (1 + number % 200), timeout=2)
            wire.send(handshake(torrent.info_hash, new_peer_id()))
            wires.append(wire)
        except (OSError, Closed):
            pass
    cpu = seed.process.cpu_seconds()
    time.sleep(3)
    assert seed.process.poll() is None, seed.process.tail()
    assert seed.process.cpu_seconds() - cpu < 1.5, 'spins: %.1f s of CPU in 3 s' % (seed.process.cpu_seconds() - cpu)
    for wire in wires:
        wire.close()
    time.sleep(1)
    download(torrent, *US, [0])


@case
def metadata_to_strangers(box):
    """our seed gives its metadata piece by piece, exactly (BEP 9)"""
    torrent = make_single(box, size=4 * MIB, piece_length=4096)
    Ccbt(box, US[0]).seed(torrent, torrent.folder)
    wire = Wire.dial(*US)
    wire.greet(torrent)
    wire.send(message(EXTENDED, b'\0' + bencode({'m': {'ut_metadata': 7}})))
    number, got = None, b''
    while number is None:
        kind, body = wire.read_message()
        if kind == EXTENDED and body[0] == 0:
            theirs = bdecode(body[1:])[0]
            number = theirs[b'm'][b'ut_metadata']
    assert theirs[b'metadata_size'] == len(torrent.info_bytes), theirs
    for piece in range(2):
        wire.send(message(EXTENDED, bytes([number]) + bencode({'msg_type': 0, 'piece': piece})))
        while True:
            kind, body = wire.read_message()
            if kind == EXTENDED and body[0] == 7:
                head, end = bdecode(body[1:])
                assert (head[b'msg_type'], head[b'piece'], head[b'total_size']) == (1, piece, len(torrent.info_bytes)), head
                got += body[1 + end:]
                break
    assert got == torrent.info_bytes


main()
