#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and directions."""
import socket

import wirepeer
from harness import case, main, wait_until
from localtracker import Tracker
from swarm import Ccbt, LibTorrent
from torrents import make_single


def check(box, seed_address, leech_address, kind_of_seed=Ccbt, kind_of_leech=Ccbt):
    torrent = make_single(box)
    seed = kind_of_seed(box, seed_address, 7000).seed(torrent, torrent.folder)
    leech = kind_of_leech(box, leech_address, 7001)
    leech.leech(torrent, box / 'arrived', dial=[(seed.address, seed.port)])
    leech.wait_done(torrent, box / 'arrived', 30)


@case
def ipv6_loopback(box):
    """IPv6 [::1], ours to ours"""
    check(box, '::1', '::1')


@case
def ipv6_from_libtorrent(box):
    """IPv6 fd77::, libtorrent to ours"""
    check(box, 'fd77::2', 'fd77::3', LibTorrent)


@case
def ipv6_to_libtorrent(box):
    """IPv6 fd77::, ours to libtorrent"""
    check(box, 'fd77::2', 'fd77::3', Ccbt, LibTorrent)


@case
def ipv4_loopback(box):
    """127.0.0.1 when the user names the peer"""
    check(box, '127.0.0.1', '127.0.0.1')


@case
def incoming_only(box):
    """a leech that nobody told of a peer is dialled by libtorrent and completes"""
    torrent = make_single(box)
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived')
    leech.wait_ready()
    LibTorrent(box, '10.77.0.2').seed(torrent, torrent.folder, dial=[('10.77.0.3', 7000)])
    leech.wait_done(torrent, box / 'arrived', 30)


@case
def outgoing_only(box):
    """a leech whose port nobody can reach dials and completes"""
    torrent = make_single(box)
    seed = wirepeer.Seed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', dial=[('10.77.0.2', 7000)])
    leech.wait_done(torrent, box / 'arrived', 30)
    assert seed.n_connections == 1, seed.n_connections


@case
def all_outgoing_from_bound_address(box):
    """--bind: every connection, the tracker's included, comes from that address"""
    torrent = make_single(box, trackers=['http://10.77.0.1:6969/announce'])
    sources = []

    class Watching(wirepeer.Seed):
        def on_greeting(self, wire):
            sources.append(wire.sock.getpeername()[0])
            super().on_greeting(wire)

    Watching(torrent, '10.77.0.2')
    tracker = Tracker()
    tracker.add_peer(torrent, '10.77.0.2', 7000)
    leech = Ccbt(box, '10.77.0.33').leech(torrent, box / 'arrived')
    leech.wait_done(torrent, box / 'arrived', 30)
    known = [peer for peer, left in tracker.swarms[torrent.info_hash].items() if peer[0] != '10.77.0.2']
    announced = {query['port'] for _, query in tracker.requests}
    assert set(sources) == {'10.77.0.33'} and announced == {b'7000'}, (sources, announced, known)


@case
def free_port(box):
    """--port 0 takes a free port and says which"""
    torrent = make_single(box)
    leech = Ccbt(box, '10.77.0.3', 0).leech(torrent, box / 'arrived')
    first = wait_until(lambda: leech.messages('listening'), 10, lambda: leech.process.tail())[0]
    socket.create_connection(('10.77.0.3', first['port']), 5).close()


@case
def port_taken(box):
    """a port that is taken: another one, or a clear message; never silence"""
    torrent = make_single(box)
    with socket.create_server(('10.77.0.3', 7000)):
        leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived')
        wait_until(lambda: leech.process.poll() is not None or leech.messages('listening'), 10, leech.process.tail)
        if leech.process.poll() is None:
            port = leech.messages('listening')[0]['port']
            assert port not in (0, 7000), port
            socket.create_connection(('10.77.0.3', port), 5).close()
        else:
            said = leech.process.error_text() + leech.process.text()
            assert leech.process.poll() == 1 and '7000' in said, said


@case
def loopback_peer_from_elsewhere(box):
    """a tracker that is not on loopback cannot send us to 127.0.0.1; one on loopback can"""
    torrent = make_single(box, trackers=['http://10.77.0.1:6969/announce'])
    target = wirepeer.Seed(torrent, '127.0.0.1', 7005)
    far = Tracker('10.77.0.1')
    far.add_peer(torrent, '127.0.0.1', 7005)
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived')
    wait_until(lambda: far.requests, 10, 'no announce')
    # Time enough for a connection that must not come.
    wait_until(lambda: len(leech.messages('status')) >= 3, 10, leech.process.tail)
    assert target.n_connections == 0, 'dialled loopback because a remote tracker said so'
    leech.stop()
    near = Tracker('127.0.0.1')
    near.add_peer(torrent, '127.0.0.1', 7005)
    second = make_single(box, trackers=[near.url])
    other = Ccbt(box, '127.0.0.1', 7006).leech(second, box / 'arrived-2')
    other.wait_done(second, box / 'arrived-2', 30)


main()
