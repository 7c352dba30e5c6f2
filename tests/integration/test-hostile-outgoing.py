#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds that our leech dials, and that corrupt, withhold and lie, also about metadata (threats B34-B51)."""
import os
import time

from harness import case, main, wait_until
from swarm import Ccbt
from torrents import bencode, make_single
from wirepeer import (ALLOWED_FAST, BITFIELD, BLOCK, CHOKE, EXTENDED, HAVE, HAVE_ALL, HAVE_NONE, PROTOCOL, REJECT, SUGGEST,
                      UNCHOKE, Closed, MetadataSeed, Seed, Wire, bitfield_of, handshake, message, numbers)

US = ('10.77.0.3', 7000)
MIB = 1024 * 1024


def leeching(box, torrent, *seeds, extra=()):
    """@seeds: Seed objects, dialled all."""
    return Ccbt(box, US[0]).leech(torrent, box / 'arrived', *extra, dial=[(s.address, s.port) for s in seeds])


def banned(leech):
    return ' '.join(str(e) for e in leech.events('peer-banned'))


class SlowSeed(Seed):
    """Honest, and slow enough that the others get their turn too."""

    def on_request(self, wire, *block):
        time.sleep(0.01)
        super().on_request(wire, *block)


class CorruptSeed(Seed):
    def send_block(self, wire, index, offset, data):
        super().send_block(wire, index, offset, bytes([data[0] ^ 1]) + data[1:])


@case
def corrupt_alone(box):
    """a sole source of bad data is banned, and not one bad piece counts (B40, B42)"""
    torrent = make_single(box)
    seed = CorruptSeed(torrent, '10.77.0.2')
    leech = leeching(box, torrent, seed)
    wait_until(lambda: banned(leech), 20, lambda: 'not banned\n' + leech.process.tail())
    assert '10.77.0.2' in banned(leech)
    n = seed.n_connections
    time.sleep(3)
    assert leech.process.poll() is None and leech.status().get('done', 0) == 0, leech.status()
    assert seed.n_connections <= n + 1, 'dials a banned peer: %d' % seed.n_connections
    wire = Wire.dial(*US, source='10.77.0.2')
    try:
        wire.greet(torrent)
        closed = wire.wait_closed(5)
    except (Closed, OSError):
        closed = True
    assert closed, 'a banned address is let in again'


@case
def corrupt_mixed(box):
    """one bad source among two good ones: banned, the good ones are not, and the bytes are right (B41)"""
    torrent = make_single(box, size=6 * MIB, piece_length=131072)

    class SometimesCorrupt(Seed):
        def send_block(self, wire, index, offset, data):
            bad = offset // BLOCK % 3 == 0
            super().send_block(wire, index, offset, bytes([data[0] ^ 1]) + data[1:] if bad else data)

    leech = leeching(box, torrent, SometimesCorrupt(torrent, '10.77.0.2'), SlowSeed(torrent, '10.77.0.4'),
                     SlowSeed(torrent, '10.77.0.5'))
    leech.wait_done(torrent, box / 'arrived', 60)
    assert '10.77.0.2' in banned(leech), 'not banned: %s' % leech.messages('event')
    assert '10.77.0.4' not in banned(leech) and '10.77.0.5' not in banned(leech), banned(leech)
    assert leech.status()['wasted'] > 0, leech.status()


class Unsolicited(Seed):
    """Sends blocks nobody asked for, of every piece, with wrong bytes."""

    def on_open(self, wire):
        super().on_open(wire)
        for index in range(self.torrent.n_pieces):
            for offset in range(0, self.torrent.piece_size(index) - BLOCK, BLOCK):
                self.send_block(wire, index, offset, bytes(BLOCK))


class Misplaced(Seed):
    def on_request(self, wire, index, offset, length):
        self.send_block(wire, (index + 1) % (self.torrent.n_pieces - 1), offset, bytes(length))


class BlackHole(Seed):
    def on_request(self, wire, *_):
        pass


class RejectAll(Seed):
    def on_request(self, wire, index, offset, length):
        wire.send(message(REJECT, numbers(index, offset, length)))


class ChokeFlap(Seed):
    def on_request(self, wire, *block):
        wire.send(message(CHOKE) + message(UNCHOKE))
        if self.n_requests % 3 == 0:
            super().on_request(wire, *block)


class ShortBlocks(Seed):
    def send_block(self, wire, index, offset, data):
        super().send_block(wire, index, offset, data[:len(data) // 2])


class LongBlocks(Seed):
    def send_block(self, wire, index, offset, data):
        super().send_block(wire, index, offset, data + data)


class OutOfRange(Seed):
    def send_block(self, wire, index, offset, data):
        super().send_block(wire, 0xffffffff, 0xffffffff, data)


class TwiceCorrupt(Seed):
    """Each block right, then once more with wrong bytes (a late twin)."""

    def send_block(self, wire, index, offset, data):
        super().send_block(wire, index, offset, data)
        super().send_block(wire, index, offset, bytes(len(data)))


class LateBitfields(Seed):
    def on_request(self, wire, *block):
        if self.n_requests % 5 == 0:
            wire.send(message(BITFIELD, bitfield_of(self.torrent, range(0, self.torrent.n_pieces, 2))))
        super().on_request(wire, *block)


class FastAbuse(Seed):
    def on_open(self, wire):
        wire.send(b''.join(message(kind, numbers(n)) for n in range(self.torrent.n_pieces) for kind in (SUGGEST, ALLOWED_FAST))
                  * 200)
        super().on_open(wire)


class FalseHaves(Seed):
    """Has nothing, says more and more, gives nothing."""

    def on_greeting(self, wire):
        wire.send(handshake(self.torrent.info_hash, self.peer_id) + message(HAVE_NONE))
        wire.send(b''.join(message(HAVE, numbers(n)) for n in range(self.torrent.n_pieces)) * 50)
        self.on_open(wire)

    def on_request(self, wire, *_):
        pass


class HangUp(Seed):
    """Closes after its first block, each time."""

    def on_request(self, wire, *block):
        super().on_request(wire, *block)
        wire.close()
        raise Closed


class WrongHash(Seed):
    def on_greeting(self, wire):
        wire.send(handshake(os.urandom(20), self.peer_id) + message(HAVE_ALL) + message(UNCHOKE))


class SilentHandshake(Seed):
    def on_greeting(self, wire):
        pass


class ReadsNothing(Seed):
    def serve(self, wire):
        self.wires.append(wire)
        wire.send(PROTOCOL)
        time.sleep(100)


def expect_completed(hostile, title, seconds=45, ban_allowed=True):
    """With an honest but slow seed beside it, the download completes with the right bytes."""
    def run(box):
        torrent = make_single(box, size=3 * MIB + 7, piece_length=65536)
        bad = hostile(torrent, '10.77.0.2')
        leech = leeching(box, torrent, bad, SlowSeed(torrent, '10.77.0.4'))
        leech.wait_done(torrent, box / 'arrived', seconds)
        assert bad.n_connections > 0, 'the hostile peer was never dialled: nothing was tested'
        assert bad.n_connections < 20, 'dialled it %d times' % bad.n_connections
        assert '10.77.0.4' not in banned(leech), 'banned the honest seed: ' + banned(leech)
        assert ban_allowed or '10.77.0.2' not in banned(leech), 'banned the innocent: ' + banned(leech)
    run.__doc__ = 'completed beside a peer that ' + title
    run.__name__ = hostile.__name__
    case(run)


expect_completed(Unsolicited, 'sends blocks nobody asked for (B39)')
expect_completed(Misplaced, 'answers with blocks of another piece (B39)')
expect_completed(BlackHole, 'never answers a request (B43)', 75)
expect_completed(RejectAll, 'rejects every request (B43)')
expect_completed(ChokeFlap, 'chokes and unchokes at every request (B34)')
expect_completed(ShortBlocks, 'sends half of each block (B39)', 75)
expect_completed(LongBlocks, 'sends twice of each block (B39)')
expect_completed(OutOfRange, 'sends blocks past the end (B36)')
expect_completed(TwiceCorrupt, 'sends each block a second time, with wrong bytes (B39)')
expect_completed(LateBitfields, 'sends bitfields in the middle (B35)')
expect_completed(FastAbuse, 'floods with suggests and allowed-fasts (B38)', ban_allowed=False)
expect_completed(FalseHaves, 'says it has what it has not (B43)', 75)
expect_completed(HangUp, 'hangs up after each block (B45)', ban_allowed=False)
expect_completed(WrongHash, 'answers for another torrent (B46)')
expect_completed(SilentHandshake, 'never answers the handshake (B44)')
expect_completed(ReadsNothing, 'reads nothing (B44)')


@case
def self_connection(box):
    """told to dial ourselves: closed, not tried again and again, and the download completes (B47)"""
    torrent = make_single(box)
    seed = SlowSeed(torrent, '10.77.0.4')
    leech = Ccbt(box, US[0]).leech(torrent, box / 'arrived', dial=[US, (seed.address, seed.port)])
    leech.wait_done(torrent, box / 'arrived', 30)
    n_self = len([e for e in leech.events('peer-connected') if US[0] in str(e)])
    assert n_self <= 2, '%d connections to itself' % n_self


@case
def endgame_twin(box):
    """the last blocks come from two peers, one of them corrupt: only right bytes are stored"""
    torrent = make_single(box, size=MIB, piece_length=262144)

    class LateTruth(Seed):
        def send_block(self, wire, index, offset, data):
            if index == self.torrent.n_pieces - 1:
                time.sleep(0.3)
            super().send_block(wire, index, offset, data)

    class LateLie(LateTruth):
        def send_block(self, wire, index, offset, data):
            super().send_block(wire, index, offset, bytes(len(data)) if index == self.torrent.n_pieces - 1 else data)

    for number in range(3):
        (box / str(number)).mkdir()
        seeds = [LateTruth(torrent, '10.77.%d.4' % number), LateLie(torrent, '10.77.%d.5' % number)]
        leech = leeching(box / str(number), torrent, *seeds)
        leech.wait_done(torrent, box / str(number) / 'arrived', 60)
        assert seeds[0].address not in banned(leech), banned(leech)


# ---------------------------------------------------------------- metadata from liars

class HugeMetadata(MetadataSeed):
    metadata_size = (1 << 31) - 1


class NegativeMetadata(MetadataSeed):
    metadata_size = -5


class WrongSizeMetadata(MetadataSeed):
    metadata_size = 40000


class WrongMetadata(MetadataSeed):
    def metadata_piece(self, piece):
        return bytes(len(super().metadata_piece(piece)))


class ShortMetadata(MetadataSeed):
    def metadata_piece(self, piece):
        return super().metadata_piece(piece)[:-1]


class RejectMetadata(MetadataSeed):
    def on_metadata_request(self, wire, piece):
        wire.send(message(EXTENDED, bytes([self.their_number]) + bencode({'msg_type': 2, 'piece': piece})))


class SilentMetadata(MetadataSeed):
    def on_metadata_request(self, wire, piece):
        pass


class ChangingMetadata(MetadataSeed):
    def on_metadata_request(self, wire, piece):
        wire.send(message(EXTENDED, b'\0' + bencode({'m': {'ut_metadata': 1}, 'metadata_size': 1 << 25})))
        super().on_metadata_request(wire, piece)


def expect_metadata(hostile, title, seconds=45):
    def run(box):
        torrent = make_single(box, size=4 * MIB + 3, piece_length=4096)  # 20 kB of metadata: two pieces
        bad, good = hostile(torrent, '10.77.0.2'), MetadataSeed(torrent, '10.77.0.4')
        leech = Ccbt(box, US[0])
        leech.leech(torrent.magnet(), box / 'arrived', dial=[(bad.address, bad.port), (good.address, good.port)])
        leech.wait_done(torrent, box / 'arrived', seconds)
        assert bad.n_connections > 0, 'never dialled: nothing was tested'
    run.__doc__ = 'metadata fetched beside a peer that ' + title
    run.__name__ = hostile.__name__
    case(run)


expect_metadata(HugeMetadata, 'claims 2 GiB (B51)')
expect_metadata(NegativeMetadata, 'claims a negative size (B51)')
expect_metadata(WrongSizeMetadata, 'claims a wrong size (B51)')
expect_metadata(WrongMetadata, 'sends wrong bytes (B51)')
expect_metadata(ShortMetadata, 'sends short pieces (B51)')
expect_metadata(RejectMetadata, 'rejects')
expect_metadata(SilentMetadata, 'never answers')
expect_metadata(ChangingMetadata, 'changes its mind about the size (B51)')


@case
def private_learned_late(box):
    """a private flag that came with the metadata is kept and shown"""
    torrent = make_single(box, private=True)
    seed = MetadataSeed(torrent, '10.77.0.2')
    leech = Ccbt(box, US[0]).leech(torrent.magnet(), box / 'arrived', dial=[(seed.address, seed.port)])
    leech.wait_done(torrent, box / 'arrived', 30)


main()
