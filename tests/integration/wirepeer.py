# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer written by hand, that can say anything: one blocking connection, and a seed that serves each connection on a
thread and whose every answer can be replaced."""
import os
import socket
import struct
import threading
import time

from harness import at_end
from torrents import bdecode, bencode

BLOCK = 16384
CHOKE, UNCHOKE, INTERESTED, NOT_INTERESTED, HAVE, BITFIELD, REQUEST, PIECE, CANCEL, PORT = range(10)
SUGGEST, HAVE_ALL, HAVE_NONE, REJECT, ALLOWED_FAST, EXTENDED = 13, 14, 15, 16, 17, 20
PROTOCOL = b'\x13BitTorrent protocol'
RESERVED = b'\0\0\0\0\0\x10\0\x04'  # extensions (BEP 10), fast (BEP 6)


class Closed(Exception):
    pass


def message(kind, body=b''):
    return struct.pack('>IB', len(body) + 1, kind) + body


def numbers(*values):
    return struct.pack('>%dI' % len(values), *values)


def handshake(info_hash, peer_id, reserved=RESERVED):
    return PROTOCOL + reserved + info_hash + peer_id


def new_peer_id():
    return b'-PY0001-' + os.urandom(6).hex().encode()


class Wire:
    """One connection after TCP's handshake."""

    def __init__(self, sock, timeout=10):
        self.sock = sock
        self.sock.settimeout(timeout)
        self.received = b''

    @classmethod
    def dial(cls, address, port, source='10.77.9.1', timeout=10):
        return cls(socket.create_connection((address, port), timeout, (source, 0) if source else None), timeout)

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Closed(str(error)) from None

    def read(self, n):
        while len(self.received) < n:
            try:
                chunk = self.sock.recv(65536)
            except socket.timeout:
                raise
            except OSError as error:
                raise Closed(str(error)) from None
            if not chunk:
                raise Closed('end of stream')
            self.received += chunk
        data, self.received = self.received[:n], self.received[n:]
        return data

    def read_message(self):
        """(kind, body); keep-alives are passed over."""
        while True:
            length, = struct.unpack('>I', self.read(4))
            if length:
                data = self.read(length)
                return data[0], data[1:]

    def greet(self, torrent, peer_id=None, reserved=RESERVED):
        """Both handshakes; returns the other's peer id."""
        self.send(handshake(torrent.info_hash, peer_id or new_peer_id(), reserved))
        return self.read_greeting()[2]

    def read_greeting(self):
        """(reserved, info-hash, peer id)"""
        data = self.read(68)
        assert data[:20] == PROTOCOL, data[:20]
        return data[20:28], data[28:48], data[48:]

    def wait_closed(self, seconds):
        """Reads on until the other end closes; returns whether it did."""
        self.sock.settimeout(seconds)
        try:
            while self.sock.recv(65536):
                pass
            return True
        except socket.timeout:
            return False
        except OSError:
            return True

    def close(self):
        self.sock.close()


def bitfield_of(torrent, missing=()):
    bits = bytearray((torrent.n_pieces + 7) // 8)
    for index in range(torrent.n_pieces):
        if index not in missing:
            bits[index >> 3] |= 0x80 >> (index & 7)
    return bytes(bits)


def download(torrent, address, port, pieces, source='10.77.9.9', timeout=20):
    """An honest download of @pieces; raises when a byte is wrong."""
    wire = Wire.dial(address, port, source, timeout)
    wire.greet(torrent)
    wire.send(message(HAVE_NONE) + message(INTERESTED))
    choked = True
    for index in pieces:
        size = torrent.piece_size(index)
        left = {at: min(BLOCK, size - at) for at in range(0, size, BLOCK)}
        data = bytearray(size)
        asked = False
        while left:
            if not choked and not asked:
                wire.send(b''.join(message(REQUEST, numbers(index, at, n)) for at, n in left.items()))
                asked = True
            kind, body = wire.read_message()
            if kind == UNCHOKE:
                choked = False
            elif kind == CHOKE:
                choked, asked = True, False
            elif kind == PIECE:
                number, at = struct.unpack('>II', body[:8])
                assert number == index and left.pop(at) == len(body) - 8, 'not what was asked'
                data[at:at + len(body) - 8] = body[8:]
        assert bytes(data) == torrent.read(index * torrent.piece_length, size), 'piece %d differs' % index
    wire.close()


class Seed:
    """Listens and serves. Subclasses replace the on_ methods; each gets the Wire."""

    def __init__(self, torrent, address, port=7000):
        self.torrent, self.address, self.port = torrent, address, port
        self.peer_id = new_peer_id()
        self.n_connections = 0
        self.n_requests = 0
        self.n_blocks = 0
        self.wires = []
        self.listener = socket.create_server((address, port), backlog=100,
                                             family=socket.AF_INET6 if ':' in address else socket.AF_INET)
        at_end(self.stop)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.n_connections += 1
            threading.Thread(target=self.serve, args=(Wire(sock, 120),), daemon=True).start()

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        except OSError:
            pass
        self.listener.close()
        for wire in self.wires:
            wire.close()

    def serve(self, wire):
        self.wires.append(wire)
        try:
            wire.read_greeting()
            self.on_greeting(wire)
            while True:
                kind, body = wire.read_message()
                self.on_message(wire, kind, body)
        except (Closed, OSError):
            pass
        finally:
            wire.close()

    def on_greeting(self, wire):
        wire.send(handshake(self.torrent.info_hash, self.peer_id) + message(HAVE_ALL))
        self.on_open(wire)

    def on_open(self, wire):
        wire.send(message(UNCHOKE))

    def on_message(self, wire, kind, body):
        if kind == REQUEST:
            self.n_requests += 1
            self.on_request(wire, *struct.unpack('>III', body))
        elif kind == EXTENDED:
            self.on_extended(wire, body[0], body[1:])

    def on_request(self, wire, index, offset, length):
        self.send_block(wire, index, offset, self.torrent.read(index * self.torrent.piece_length + offset, length))

    def on_extended(self, wire, number, body):
        pass

    def send_block(self, wire, index, offset, data):
        self.n_blocks += 1
        wire.send(message(PIECE, numbers(index, offset) + data))


class PacedSeed(Seed):
    """Gives at a steady rate, so that what it has sent has also arrived, but for a block or two."""

    rate = 1500000  # bytes per second

    def on_request(self, wire, *block):
        time.sleep(block[2] / self.rate)
        super().on_request(wire, *block)


class MetadataSeed(Seed):
    """Also serves ut_metadata (BEP 9) under our number 1."""

    metadata_size = None  # what it claims; None = the truth

    def on_open(self, wire):
        size = len(self.torrent.info_bytes) if self.metadata_size is None else self.metadata_size
        wire.send(message(EXTENDED, b'\0' + bencode({'m': {'ut_metadata': 1}, 'metadata_size': size, 'v': 'test'})))
        super().on_open(wire)

    def on_extended(self, wire, number, body):
        if number == 0:
            self.their_number = bdecode(body)[0][b'm'].get(b'ut_metadata', 0)
        elif number == 1:
            request = bdecode(body)[0]
            if request[b'msg_type'] == 0:
                self.on_metadata_request(wire, request[b'piece'])

    def metadata_piece(self, piece):
        return self.torrent.info_bytes[piece * BLOCK:(piece + 1) * BLOCK]

    def on_metadata_request(self, wire, piece):
        head = bencode({'msg_type': 1, 'piece': piece, 'total_size': len(self.torrent.info_bytes)})
        wire.send(message(EXTENDED, bytes([self.their_number]) + head + self.metadata_piece(piece)))
