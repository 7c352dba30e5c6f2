#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What our node asks of ten libtorrent nodes, and they of what it leaves with them: test-dht-items.py PROBE."""
import hashlib
import subprocess
import sys
import time
import warnings
from pathlib import Path

from harness import case, enter_namespace, main, wait_until
from swarm import Ccbt
from torrents import make_single

enter_namespace()
PROBE = Path(sys.argv[1])
try:
    import libtorrent as lt
except ImportError:
    print('1..0 # SKIP no python3-libtorrent')
    sys.exit(0)

SEED = bytes(range(32))
ADDRESSES = ['10.77.1.%d' % n for n in range(1, 11)]


def make_session(address):
    return lt.session({
        'listen_interfaces': address + ':6881', 'enable_dht': True, 'enable_lsd': False, 'enable_upnp': False,
        'enable_natpmp': False, 'dht_bootstrap_nodes': '', 'dht_restrict_routing_ips': False,
        'dht_restrict_search_ips': False, 'dht_enforce_node_id': False, 'dht_prefer_verified_node_ids': False,
        'dht_ignore_dark_internet': False, 'dht_announce_interval': 5, 'dht_sample_infohashes_interval': 0, 'dht_block_ratelimit': 100000,
        'dht_upload_rate_limit': 10000000,
        'alert_mask': int(lt.alert.category_t.dht_notification | lt.alert.category_t.dht_operation_notification
                          | lt.alert.category_t.status_notification),
    })


def count(session):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DeprecationWarning)
        return session.status().dht_nodes


class Network:
    """Made once: no case disturbs another."""
    made = None

    def __init__(self):
        self.sessions = [make_session(address) for address in ADDRESSES]

        def joined():
            for i, session in enumerate(self.sessions):
                for k in (0, (i + 1) % 10, (i + 3) % 10):
                    if k != i:
                        session.add_dht_node((ADDRESSES[k], 6881))
            time.sleep(0.3)
            return all(count(session) >= 5 for session in self.sessions)
        wait_until(joined, 60, 'libtorrent made no DHT')

    @classmethod
    def get(cls):
        cls.made = cls.made or cls()
        return cls.made

    def wait_for(self, index, kind, seconds=20):
        session = self.sessions[index]
        return wait_until(lambda: next((a for a in session.pop_alerts() if isinstance(a, kind)), None), seconds,
                          'no ' + kind.__name__)


def probe(*words, own='10.77.0.5'):
    """Lines of its answer, as lists of words."""
    run = subprocess.run([PROBE, own, ADDRESSES[0] + ':6881', *map(str, words)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    lines = [line.split(' ', 2) for line in run.stdout.splitlines()]
    assert lines and lines[-1][0] == 'done', run.stdout
    return lines


def find(lines, name):
    return [line[1:] for line in lines if line[0] == name]


def announce(network, index, info_hash, is_seed):
    """As a torrent of libtorrent does."""
    parameters = lt.parse_magnet_uri('magnet:?xt=urn:btih:' + info_hash)
    parameters.save_path = '/tmp'
    parameters.flags = (parameters.flags | lt.torrent_flags.upload_mode) & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
    handle = network.sessions[index].add_torrent(parameters)
    handle.force_dht_announce()
    return handle


@case
def finds_whom_libtorrent_announced(box):
    """peers that libtorrent announced to libtorrent are found, and counted (BEP 5, 33)"""
    network, info_hash = Network.get(), 'ab' * 20
    handle = announce(network, 3, info_hash, False)

    def found():
        lines = probe('peers', info_hash)
        peers = [line[0] for line in find(lines, 'peer')]
        return lines if '10.77.1.4:6881' in peers else None
    lines = wait_until(found, 30, 'never found')
    nodes, stored, rest = find(lines, 'done')[0][0], *find(lines, 'done')[0][1].split(' ', 1)
    assert int(nodes) >= 6 and int(stored) == 0, lines
    assert rest.split() == ['0', '1'], lines  # seeds, leechers
    network.sessions[3].remove_torrent(handle)


@case
def is_found_by_libtorrent(box):
    """whom we announce is found by libtorrent"""
    network, info_hash = Network.get(), 'cd' * 20
    lines = probe('announce', info_hash, 7123)
    assert 6 <= int(find(lines, 'done')[0][1].split()[0]) <= 8, lines
    network.sessions[6].dht_get_peers(lt.sha1_hash(bytes.fromhex(info_hash)))
    peers = network.wait_for(6, lt.dht_get_peers_reply_alert).peers()
    assert ('10.77.0.5', 7123) in [tuple(peer) for peer in peers], peers


@case
def immutable_items(box):
    """an item goes from us to libtorrent, and one from libtorrent to us (BEP 44)"""
    network = Network.get()
    lines = probe('put', 'left by us')
    assert 6 <= int(find(lines, 'done')[0][0]) <= 8, lines
    target = find(lines, 'target')[0][0]
    network.sessions[4].dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(target)))
    item = network.wait_for(4, lt.dht_immutable_item_alert).item
    assert b'left by us' in (item.values() if isinstance(item, dict) else [item]), item
    target = network.sessions[2].dht_put_immutable_item('left by libtorrent')
    network.wait_for(2, lt.dht_put_alert)
    assert find(probe('get', target), 'item') == [['0', '18:left by libtorrent']]
    assert find(probe('get', 'ee' * 20), 'done') == [['0']]


def expand(seed):
    """The form of a private key that libtorrent wants."""
    key = bytearray(hashlib.sha512(seed).digest())
    key[0] &= 248
    key[31] = key[31] & 63 | 64
    return bytes(key)


@case
def mutable_items(box):
    """a mutable item of ours is read and renewed by libtorrent, and read by us again (BEP 44)"""
    network = Network.get()
    lines = probe('put-mutable', SEED.hex(), 'salt', 1, 'first')
    assert 6 <= int(find(lines, 'done')[0][0]) <= 8, lines  # a busy node may miss its turn
    key = bytes.fromhex(find(lines, 'key')[0][0])
    network.sessions[5].dht_get_mutable_item(key, b'salt')
    alert = network.wait_for(5, lt.dht_mutable_item_alert)
    assert alert.seq == 1 and alert.key == key, (alert.seq, alert.key)
    network.sessions[7].dht_put_mutable_item(expand(SEED), key, b'second', b'salt')
    network.wait_for(7, lt.dht_put_alert)
    assert find(probe('get-mutable', key.hex(), 'salt'), 'item') == [['2', '6:second']]
    # An older one is refused by those who have the newer one: up to eight of ten.
    assert int(find(probe('put-mutable', SEED.hex(), 'salt', 1, 'first'), 'done')[0][0]) <= 4


def publish(salt, sequence, info_hash):
    """The link to a mutable torrent."""
    lines = probe('publish', SEED.hex(), salt, sequence, info_hash)
    assert 6 <= int(find(lines, 'done')[0][0]) <= 8, lines
    return 'magnet:?xs=urn:btpk:%s&s=%s' % (find(lines, 'key')[0][0], salt.encode().hex())


def leech(box, link, name):
    (box / name).mkdir()
    ccbt = MutableCcbt(box / name, '10.77.0.2')
    return ccbt.leech(link, box / name / 'arrived', '--dht-bootstrap=%s:6881' % ADDRESSES[0])


class MutableCcbt(Ccbt):
    off = ('pex', 'lsd', 'portmap')


@case
def mutable_torrents(box):
    """a link that names a key leads to the torrent that its item names, and to the next one when it is renewed (BEP 46)"""
    network, handles = Network.get(), []
    for sequence, name in ((1, 'first'), (2, 'second')):
        torrent = make_single(box, name, 200000, seed=sequence)
        parameters = lt.add_torrent_params()
        parameters.ti, parameters.save_path = lt.torrent_info(str(torrent.path)), str(torrent.folder)
        parameters.flags = (parameters.flags | lt.torrent_flags.seed_mode) & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
        handles.append(network.sessions[3].add_torrent(parameters))
        handles[-1].force_dht_announce()
        link = publish('torrents', sequence, torrent.hex)
        leech(box, link, name).wait_done(torrent, box / name / 'arrived', 90)
    for handle in handles:
        network.sessions[3].remove_torrent(handle)


@case
def mutable_torrents_that_are_none(box):
    """an item that names no torrent is said to be none; without a DHT the link is refused"""
    Network.get()
    lines = probe('put-mutable', SEED.hex(), 'none', 1, 'no torrent')
    link = 'magnet:?xs=urn:btpk:%s&s=%s' % (find(lines, 'key')[0][0], b'none'.hex())
    ccbt = leech(box, link, 'none')
    assert ccbt.process.wait(60) != 0
    assert 'names no torrent' in ccbt.process.error_text() + ccbt.process.text(), ccbt.process.tail()
    (box / 'off').mkdir()
    off = Ccbt(box / 'off', '10.77.0.2').leech(link, box / 'off' / 'arrived')
    assert off.process.wait(30) != 0
    assert 'turned off' in off.process.error_text() + off.process.text(), off.process.tail()


@case
def samples(box):
    """libtorrent tells us which torrents it knows of (BEP 51)"""
    Network.get()
    probe('announce', 'ef' * 20, 7123)
    known = [line[0] for address in ADDRESSES for line in find(probe('sample', address + ':6881'), 'sample')]
    assert 'ef' * 20 in known, known


main()
