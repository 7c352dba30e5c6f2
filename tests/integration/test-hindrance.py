#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a torrent is not faster: what the program says, in situations that others make. Limits: test-limits.py."""
import wirepeer
from harness import case, main, wait_until
from instance import OFFLINE, Instance
from swarm import LibTorrent
from torrents import make_single

ADDRESS = '10.77.0.1'
SETTINGS = ['--bind=%s' % ADDRESS, '--port=7000', *OFFLINE[1:]]


def add(instance, torrent, folder, *peers):
    instance.json('add', str(torrent.path), '--folder', str(folder))
    for peer in peers:
        instance.json('peer', 'add', torrent.name, peer)


def wait_for(instance, torrent, hindrance, count=0):
    def told():
        shown = instance.json('show', torrent.name)
        return shown['hindrance'], shown['hindrance-count']
    wait_until(lambda: told() == (hindrance, count), 40, told)


@case
def nobody_is_known(box):
    """without a peer: nobody is known; when its tracker does not answer either, that is told, too"""
    instance = Instance(box, SETTINGS).run()
    alone = make_single(box, 'alone', 100000)
    dead = make_single(box, 'dead', 100000, trackers=['http://10.77.0.9:1/announce'])
    for torrent in alone, dead:
        add(instance, torrent, box / 'files')
    wait_for(instance, alone, 'no-peers')
    wait_for(instance, dead, 'no-tracker')
    instance.json('pause', alone.name)
    wait_for(instance, alone, 'none')
    text = instance.btbt('call', 'torrent.announce', "('%s',)" % dead.hex)
    assert text.returncode == 0, text


@case
def peers_do_not_answer(box):
    """known peers that cannot be connected to are counted"""
    instance = Instance(box, SETTINGS).run()
    torrent = make_single(box, 'film', 100000)
    add(instance, torrent, box / 'files', '10.77.0.8:1', '10.77.0.9:1')
    wait_for(instance, torrent, 'unreachable', 2)


@case
def everybody_chokes(box):
    """a peer that has everything and lets nobody ask is told, and no longer once it does"""
    instance = Instance(box, SETTINGS).run()
    torrent = make_single(box, 'film', 40 * 65536, piece_length=65536)
    add(instance, torrent, box / 'files')
    wire = wirepeer.Wire.dial(ADDRESS, 7000)
    wire.greet(torrent, reserved=bytes(8))
    wire.send(wirepeer.message(wirepeer.BITFIELD, wirepeer.bitfield_of(torrent)))
    wait_for(instance, torrent, 'choked')
    wire.send(wirepeer.message(wirepeer.UNCHOKE))
    wait_for(instance, torrent, 'none')
    wire.close()


@case
def nobody_has_a_piece(box):
    """a peer that has nothing is no help; the pieces nobody has are counted; then a seed comes"""
    instance = Instance(box, SETTINGS).run()
    torrent = make_single(box, 'film', 10 * 65536, piece_length=65536)
    other = LibTorrent(box, '10.77.0.2').leech(torrent, box / 'theirs')
    add(instance, torrent, box / 'files', '10.77.0.2:%d' % other.port)
    wait_for(instance, torrent, 'no-pieces', 10)
    seed = LibTorrent(box, '10.77.0.3').seed(torrent, torrent.folder)
    instance.json('peer', 'add', torrent.name, '10.77.0.3:%d' % seed.port)
    wait_until(lambda: instance.json('show', torrent.name)['complete'], 30, instance.process.tail)
    # The other one finishes as well: nobody needs anything any more.
    wait_for(instance, torrent, 'no-takers')


main()
