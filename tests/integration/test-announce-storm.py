#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Five thousand torrents that begin at one moment, and the one tracker they all have: it is not run over."""
import collections
import hashlib
import socket
import struct
import subprocess
import threading
import time

from harness import at_end, case, main, wait_until
from instance import CCBT, OFFLINE, Instance
from localtracker import Tracker
from torrents import bencode

N_TORRENTS = 5000
# As the queue would have it they begin within a minute: here there is nothing that spreads them but what is tested.
ALL_AT_ONCE = [*OFFLINE, '--set=queue.starts_per_second=0', '--bind=10.77.0.9']


def make_torrents(box, tracker):
    """As rtorrent has them, complete: whoever takes them over need not look at the files."""
    session, data = box / 'session', box / 'data'
    session.mkdir()
    data.mkdir()
    hashes = set()
    for number in range(N_TORRENTS):
        name = 'f%04d' % number
        payload = name.encode()
        (data / name).write_bytes(payload)
        info = {'length': len(payload), 'name': name, 'piece length': 16384, 'pieces': hashlib.sha1(payload).digest()}
        hashes.add(hashlib.sha1(bencode(info)).digest())
        (session / (name + '.torrent')).write_bytes(bencode({
            'announce': tracker, 'info': info, 'rtorrent': {'directory': str(data), 'state': 1},
            'libtorrent_resume': {'bitfield': 1, 'files': [{'priority': 1}]}}))
    return session, hashes


def run(box, tracker, has_heard):
    session, hashes = make_torrents(box, tracker.url)
    instance = Instance(box, ALL_AT_ONCE)
    subprocess.run([CCBT, 'import', 'rtorrent', session, '--state-dir', instance.state], check=True, capture_output=True,
                   env={**instance.environment, 'PATH': '/usr/bin:/bin'}, timeout=120)
    assert not has_heard(), 'the tracker was told of torrents that were only taken over'
    return instance.run(), hashes


def tell_turns(instance):
    status = instance.json('status')
    print('# %d torrents; longest turn of the engine %.1f ms, %d of 8 ms or more' % (
        status['n-torrents'], status['longest-turn'] / 1000, status['slow-turns']))


class CountingTracker(Tracker):
    """Counts connections, and keeps every answer back until it is let go."""

    def __init__(self):
        self.go = threading.Event()
        self.lock = threading.Lock()
        self.n_open = self.n_most = self.n_connections = 0
        super().__init__(answer=self.hold)
        handler, tracker = self.server.RequestHandlerClass, self

        class Counting(handler):
            timeout = 60

            def setup(self):
                super().setup()
                with tracker.lock:
                    tracker.n_connections += 1
                    tracker.n_open += 1
                    tracker.n_most = max(tracker.n_most, tracker.n_open)

            def finish(self):
                with tracker.lock:
                    tracker.n_open -= 1
                super().finish()

        self.server.RequestHandlerClass = Counting

    def hold(self, handler, query):
        self.go.wait(60)
        (self.answer if 'port' in query else self.scrape)(handler, query)

    def asked(self):
        """How often each torrent has been announced."""
        return collections.Counter(query['info_hash'] for _, query in list(self.requests))


@case
def http(box):
    """HTTP: few connections, used again and again; some twenty announces a second, each torrent's once"""
    tracker = CountingTracker()
    instance, hashes = run(box, tracker, lambda: tracker.requests)
    wait_until(lambda: instance.json('status')['n-torrents'] == N_TORRENTS, 60, 'not all there')
    wait_until(lambda: len(tracker.requests) >= 8, 30, 'nobody asks')
    time.sleep(2)  # for more to come
    assert len(tracker.requests) <= 16, 'asked %d times before it has answered once' % len(tracker.requests)
    tracker.go.set()
    begin = time.monotonic()
    before = len(tracker.requests)
    wait_until(lambda: len(tracker.requests) >= 200, 60, lambda: '%d announces' % len(tracker.requests))
    n, took = len(tracker.requests) - before, time.monotonic() - begin
    asked = tracker.asked()
    assert set(asked) <= hashes and max(asked.values()) == 1, asked.most_common(3)
    assert tracker.n_most <= 16 and tracker.n_connections <= 32, (tracker.n_most, tracker.n_connections)
    assert n <= 20 * (took + 2) + 16, '%d announces in %.1f s' % (n, took)
    print('# %d announces over %d connections, %d at most at a time' % (
        len(tracker.requests), tracker.n_connections, tracker.n_most))
    tell_turns(instance)
    instance.stop()
    assert max(tracker.asked().values()) <= 2, 'more than a beginning and an end'


class UdpTracker:
    """Of BEP 15. Until it is let go it only gives connections."""

    def __init__(self, address='10.77.0.1', port=6969):
        self.url = 'udp://%s:%d' % (address, port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((address, port))
        self.n_connects = self.n_scraped = 0
        self.go = threading.Event()
        self.seen = collections.Counter()  # (info-hash, event), answered
        self.waiting = set()  # info-hashes that were not answered
        at_end(self.socket.close)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                data, peer = self.socket.recvfrom(4096)
                self.take(data, peer)
            except OSError:
                return

    def take(self, data, peer):
        action, transaction = struct.unpack('>II', data[8:16])
        if action == 0:
            self.n_connects += 1
            self.socket.sendto(struct.pack('>IIQ', 0, transaction, 0x1234567890), peer)
            return
        if action == 2:
            self.n_scraped += (len(data) - 16) // 20
            self.socket.sendto(struct.pack('>II', 2, transaction) + bytes(12 * ((len(data) - 16) // 20)), peer)
            return
        info_hash, event = data[16:36], struct.unpack('>I', data[80:84])[0]
        self.waiting.add(info_hash)
        if not self.go.is_set():
            return
        self.seen[info_hash, event] += 1
        self.socket.sendto(struct.pack('>IIIII', 1, transaction, 1800, 0, 1), peer)

    def n_started(self):
        return sum(1 for _, event in list(self.seen) if event == 2)


@case
def udp(box):
    """UDP: at most 32 wait for an answer; then all of them are announced, once, over one connection id a minute"""
    tracker = UdpTracker()
    instance, hashes = run(box, tracker, lambda: tracker.waiting)
    wait_until(lambda: len(tracker.waiting) >= 32, 60, lambda: 'only %d ask' % len(tracker.waiting))
    time.sleep(2)  # for more to come
    assert len(tracker.waiting) == 32, len(tracker.waiting)
    tracker.go.set()
    wait_until(lambda: tracker.n_started() == N_TORRENTS, 120, lambda: '%d of them' % tracker.n_started())
    assert {info_hash for info_hash, _ in tracker.seen} == hashes
    # The first ones may have been sent once more while it was silent; nobody else.
    again = [key for key, times in tracker.seen.items() if times > 1]
    assert len(again) <= 32 and max(tracker.seen.values()) <= 2, tracker.seen.most_common(3)
    assert tracker.n_connects <= 32, '%d connection ids' % tracker.n_connects
    print('# %d announces with %d connection ids' % (sum(tracker.seen.values()), tracker.n_connects))
    tell_turns(instance)


main()
